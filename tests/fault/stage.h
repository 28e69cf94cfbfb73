/* One injection: a piece of work on a faulty file system, and what it leaves, judged.
 *
 * An act prepares a directory on a file system that works, does its work on one that fails where it was told to, and
 * then judges what lies there by itself, by opening it again, and by going on. What a call says counts: an error that
 * came out of any of them is a report; without one everything must be there.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TESTS_STAGE_H
#define QUIRE_TESTS_STAGE_H

#include "fault_log.h"

enum { STAGE_ATTEMPTS = 512 };

struct act;

struct stage {
    const struct act *act;
    struct fault *fault; /* that fails; the rule is armed already */
    const char *directory;
    int told; /* the first error that a call returned; 0: none did */
    bool told_seen;
    uint64_t durable_when_told;       /* just after that */
    uint64_t durable;                 /* sequences, or bytes of a writer, that a call said were durable */
    uint64_t accepted;                /* sequences that were given out */
    uint64_t attempt;                 /* appends so far, refused ones included */
    uint64_t content[STAGE_ATTEMPTS]; /* which attempt each sequence holds */
    struct bytes model;               /* of a writer */
    const char *silent;               /* NULL, or what is wrong although nobody was told */
};

struct act {
    const char *name;
    bool first;         /* one of the few that are always done */
    bool every;         /* ... with each call, since it makes few */
    enum fault_op only; /* ... and then, unless it is the first, only with this operation */
    uint32_t method, flags, sync_policy, codec;
    bool keeps; /* retention, and segments that are used again */
    uint32_t on_full;
    uint64_t wound; /* of those who mend: which */
    void (*prepare)(struct stage *stage);
    void (*work)(struct stage *stage);
    void (*judge)(struct stage *stage);
};

/* Keeps the first error; gives rc back. */
int stage_note(struct stage *stage, int rc);

/* The same log, on a file system that works and whose device is quick. */
quire_log *stage_open_well(const char *directory, const struct quire_log_options *options, struct fault **fault);

/* Removes everything in a directory, and the directory. */
void stage_clear(const char *directory);

/* The acts of a log's writer are in stage_log.c, those of a plain writer in stage_writer.c, those of who reads or mends a
 * log in stage_mend.c. */
extern const struct act stage_log_acts[], stage_writer_acts[], stage_read_acts[], stage_mend_acts[];
extern const size_t stage_log_act_count, stage_writer_act_count, stage_read_act_count, stage_mend_act_count;

#endif
