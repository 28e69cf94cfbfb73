/* What is tortured: how a run of it is made, and what must be left of it after a cut.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TORTURE_SUBJECT_H
#define QUIRE_TORTURE_SUBJECT_H

#include "torture/torture.h"

/* What a run began with, all of it durable. */
struct torture_beginning {
    const struct torture_image *image; /* the subject's */
    bool stale;                        /* as torture_walk_wreck has it */
};

/* What the power cut left. */
struct torture_cut {
    const struct torture_image *image;
    uint64_t acknowledged, begun; /* by the marks; what they count is the subject's affair */
    uint64_t seed;                /* of what the check does */
    int depth;                    /* 0: of a run; 1: of what a check at depth 0 did; ... */
    struct torture_trace *trace;  /* NULL, or what the check does to the disk: that is cut next, at depth + 1 */
};

struct torture_subject {
    uint64_t bytes; /* of its state: zeros at first, kept from run to run */
    /* Draws a run from seed, and makes it; verdict: what was wrong already without any power cut. */
    void (*run)(void *state, const struct torture_plan *plan, uint64_t seed, struct torture_trace *trace,
                struct torture_beginning *beginning, struct torture_verdict *verdict);
    void (*check)(void *state, const struct torture_cut *cut, struct torture_verdict *verdict);
    /* The run in one line. */
    void (*print)(const void *state, char *line, uint64_t room);
    void (*free)(void *state); /* what it points at */
};

extern const struct torture_subject torture_subject_log;
extern const struct torture_subject torture_subject_writer; /* one file, quire/writer.h */
extern const struct torture_subject torture_subject_mend;   /* repair, trim and truncate, quire/check.h */

#endif
