/* What was measured, apart from how: filled by the measuring, computed from and printed here.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_FUSE_REPORT_H
#define BENCH_FUSE_REPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/statistics.h"
#include "fuse/codec.h"
#include "fuse/job.h"
#include "fuse/matrix.h"
#include "fuse/mount.h"
#include "machine/environment.h"

enum {
    BENCH_FUSE_ROUNDS_MOST = 25,
    /* Of the matrix, and of the curve: no limit is one of its limits. */
    BENCH_FUSE_CELLS = BENCH_FUSE_MODES * BENCH_FUSE_PAYLOADS * (BENCH_FUSE_SIZES_MOST + BENCH_FUSE_LIMITS_MOST + 1),
    BENCH_FUSE_LINES_MOST = 24
};

/* One way to append, one payload, one size; in the matrix, or on the curve, whose disk has a limit. */
struct bench_fuse_cell {
    enum bench_fuse_mode mode;
    enum bench_fuse_payload payload;
    uint64_t append_bytes;
    bool curve;
    uint64_t limit;  /* bytes a second; 0: none */
    uint64_t bytes;  /* of each file */
    unsigned rounds; /* 0: it could not be had */
    struct bench_fuse_cost round[BENCH_FUSE_ROUNDS_MOST];
};

struct bench_fuse_report {
    struct bench_environment environment;
    struct bench_fuse_choice choice;
    unsigned rounds;
    char missing[BENCH_FUSE_MODES][BENCH_FUSE_WHY_ROOM]; /* why a mode cannot be had here; "" */
    char no_curve[BENCH_FUSE_WHY_ROOM];                  /* why a curve that was asked for cannot be had; "" */
    unsigned escaped; /* files of the curve that were written faster than their limit, and so were measured again */
    unsigned kept_escaped; /* the same, again and again: they are in the figures */
    struct bench_fuse_codec codec[BENCH_FUSE_PAYLOADS][BENCH_FUSE_MODES];
    size_t count;
    struct bench_fuse_cell cell[BENCH_FUSE_CELLS];
};

enum bench_fuse_figure {
    BENCH_FUSE_SPEED,      /* bytes a second until the fsync had returned */
    BENCH_FUSE_APPENDING,  /* bytes a second until the last append had */
    BENCH_FUSE_WRITES,     /* WRITE requests for each MiB */
    BENCH_FUSE_STORED,     /* bytes by bytes given to the file system below: the ratio of compression */
    BENCH_FUSE_DAEMON_CPU, /* milliseconds for each MiB */
    BENCH_FUSE_OWN_CPU,    /* the same of the process that appends */
    BENCH_FUSE_FIGURES
};

/* Median and spread over the rounds. False where it was not measured, or there is no daemon to count it. */
bool bench_fuse_figure_of(const struct bench_fuse_cell *cell, enum bench_fuse_figure figure,
                          struct bench_spread *value);

/* The cell with this mode beside another; NULL if there is none with rounds. */
const struct bench_fuse_cell *bench_fuse_beside(const struct bench_fuse_report *report,
                                                const struct bench_fuse_cell *cell, enum bench_fuse_mode mode);

/* How many times the speed of another mode beside it the cell has, taken within each round. False: one of them has no
 * rounds. */
bool bench_fuse_ratio(const struct bench_fuse_report *report, const struct bench_fuse_cell *cell,
                      enum bench_fuse_mode to, struct bench_spread *ratio);

/* The cell of the matrix, or of the curve; NULL if it has no rounds. */
const struct bench_fuse_cell *bench_fuse_find(const struct bench_fuse_report *report, enum bench_fuse_mode mode,
                                              enum bench_fuse_payload payload, uint64_t append_bytes);
const struct bench_fuse_cell *bench_fuse_find_limited(const struct bench_fuse_report *report, enum bench_fuse_mode mode,
                                                      enum bench_fuse_payload payload, uint64_t limit);

/* What a mode that compresses can reach on a disk of that speed: ratio times the disk, or the codec if that is slower.
 * False: nothing is known of the codec. */
bool bench_fuse_predict(const struct bench_fuse_report *report, enum bench_fuse_mode mode,
                        enum bench_fuse_payload payload, double disk_bytes_per_s, double *bytes_per_s);

/* Where compression stops to pay, along the curve. */
enum bench_fuse_turn {
    BENCH_FUSE_NO_TURN,     /* fewer than two points */
    BENCH_FUSE_ALWAYS_PAYS, /* faster than native at every point; at is the fastest native speed */
    BENCH_FUSE_NEVER_PAYS,  /* slower at every point; at is the slowest */
    BENCH_FUSE_TURNS,       /* at is the native speed where both are equal, between two points */
};
enum bench_fuse_turn bench_fuse_turn_of(const struct bench_fuse_report *report, enum bench_fuse_mode mode,
                                        enum bench_fuse_payload payload, double *at);

/* What follows from the figures, in sentences. */
struct bench_fuse_summary {
    unsigned count;
    char line[BENCH_FUSE_LINES_MOST][480];
};
void bench_fuse_summarize(const struct bench_fuse_report *report, struct bench_fuse_summary *summary);

/* For people, at most 100 columns; for spreadsheets, one line a cell (RFC 4180); for programs, schema 1. JSON: 0 or
 * -errno, -ENOSYS in a build without it. Errors of writing the others are in the stream. */
void bench_fuse_text(FILE *out, const struct bench_fuse_report *report);
void bench_fuse_csv(FILE *out, const struct bench_fuse_report *report);
int bench_fuse_json(FILE *out, const struct bench_fuse_report *report);

/* The part of the text that is about the curve. */
struct bench_paper;
void bench_fuse_text_curve(const struct bench_paper *paper, const struct bench_fuse_report *report);

/* The curve as a picture, SVG. 0; -ENODATA: nothing to draw; or as bench_gnuplot_run has it. */
int bench_fuse_plot(FILE *out, const struct bench_fuse_report *report);

#endif
