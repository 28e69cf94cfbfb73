/* What `quire bench log` measured, apart from how: filled by the measuring, printed here.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_LOG_REPORT_H
#define BENCH_LOG_REPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/statistics.h"
#include "machine/environment.h"
#include "workload/workload.h"

enum { BENCH_LOG_ROUNDS_LEAST = 3, BENCH_LOG_ROUNDS_MOST = 25, BENCH_LOG_RATIOS = 6 };

/* What is measured together, and what --only chooses. */
enum bench_log_subject {
    BENCH_LOG_READING,   /* everything, from the page cache */
    BENCH_LOG_OPENING,   /* for appending */
    BENCH_LOG_FOLLOWING, /* by a reader in another process */
    BENCH_LOG_ROTATING,  /* what single appends take while segments are sealed and begun */
    BENCH_LOG_SUBJECTS
};

/* One number in each round. */
enum bench_log_figure {
    BENCH_LOG_READ,       /* bytes of records a second, by quire_reader_next */
    BENCH_LOG_VERIFY,     /* the same, by quire_verify with one thread */
    BENCH_LOG_VERIFY_ALL, /* and with one thread per processor */
    BENCH_LOG_PLAIN,      /* and by read(2) of the same files, which looks at nothing */
    BENCH_LOG_OPEN_FEW,   /* seconds until quire_log_open has returned */
    BENCH_LOG_OPEN_MANY,
    BENCH_LOG_FOLLOW_P50, /* seconds from just before quire_log_flush until quire_reader_next has returned the record */
    BENCH_LOG_FOLLOW_P99,
    BENCH_LOG_BEHIND_P50, /* the same from when quire_log_flush had returned; 0: it was there before */
    BENCH_LOG_BEHIND_P99,
    BENCH_LOG_STEADY_P50, /* seconds from when an append was due until it had returned, in one segment */
    BENCH_LOG_STEADY_P999,
    BENCH_LOG_STEADY_MAX,
    BENCH_LOG_ROTATE_P50, /* the same through many segments */
    BENCH_LOG_ROTATE_P999,
    BENCH_LOG_ROTATE_MAX,
    BENCH_LOG_FIGURES
};

struct bench_log_report {
    struct bench_environment environment;
    struct bench_size size;  /* of the log that is read */
    uint64_t data_bytes;     /* of its files, as far as they hold blocks */
    unsigned rounds;         /* done */
    unsigned segments;       /* of the log of many */
    uint64_t follows;        /* records followed in a round */
    uint64_t paced;          /* appends in a round of one segment or of many */
    double rate;             /* of those, a second */
    uint64_t rotations;      /* in the last round: of the log with many segments */
    uint64_t rotation_waits; /* of those: the next segment was not ready */
    bool measured[BENCH_LOG_SUBJECTS];
    double value[BENCH_LOG_FIGURES][BENCH_LOG_ROUNDS_MOST];
};

/* "read", "open", "follow", "rotate", and in a few words what each is. */
const char *bench_log_subject_name(enum bench_log_subject subject);
const char *bench_log_subject_text(enum bench_log_subject subject);

enum bench_log_subject bench_log_subject_of(enum bench_log_figure figure);

/* For programs ("follow_p99"), and for people. */
const char *bench_log_figure_name(enum bench_log_figure figure);
const char *bench_log_figure_text(const struct bench_log_report *report, enum bench_log_figure figure, char text[120]);

/* Bytes a second; else seconds. */
bool bench_log_figure_is_rate(enum bench_log_figure figure);

/* Whether one of so many values of a round has such a percentile at all: p99.9 needs 1,000. */
bool bench_log_figure_shown(const struct bench_log_report *report, enum bench_log_figure figure);

/* Median and spread over the rounds. */
struct bench_spread bench_log_spread(const struct bench_log_report *report, enum bench_log_figure figure);

/* A figure, or a ratio of two, beside what is wanted of it. */
struct bench_log_aim {
    enum { BENCH_LOG_NO_AIM, BENCH_LOG_AT_LEAST, BENCH_LOG_AT_MOST } kind;
    double value;
};
struct bench_log_aim bench_log_aim_of(const struct bench_log_report *report, enum bench_log_figure figure);

struct bench_log_ratio {
    enum bench_log_figure above, below;
    struct bench_log_aim aim;
    const char *text;
};

/* Ratio `number`, if both its figures were measured; false beyond the last. value is taken within each round. */
bool bench_log_ratio_at(const struct bench_log_report *report, unsigned number, struct bench_log_ratio *ratio,
                        struct bench_spread *value);

/* "holds", "misses", "open"; "" without an aim. */
const char *bench_log_verdict(struct bench_spread value, struct bench_log_aim aim);

/* For people, at most 118 columns; for programs, schema 1: 0 or -errno, -ENOSYS in a build without JSON. Errors of
 * writing the text are in the stream. */
void bench_log_text(FILE *out, const struct bench_log_report *report);
int bench_log_json(FILE *out, const struct bench_log_report *report);

#endif
