/* Power cuts by the thousand: a run is written down, and every place of it is cut in many ways, recovered from, and
 * looked at; so is the recovery itself.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TORTURE_H
#define QUIRE_TORTURE_H

#include "torture/scenario.h"

enum { TORTURE_DEPTH = 4 }; /* a run, and recoveries of what was left of a recovery */

struct torture_report;
struct torture_subject;

struct torture_plan {
    const struct torture_subject *subject; /* NULL: a log; base and given are for that alone */
    uint64_t seed;                         /* of everything */
    uint64_t first_run;                    /* runs are numbered; one of them can be had again by its number */
    uint64_t runs_most;                    /* 0: as many as it takes */
    uint64_t states;                       /* so many are to be tried at least; 0: as runs_most says */
    uint32_t method;                       /* enum quire_method; 0: any */
    const struct torture_base *base;       /* NULL, or what every run begins with */
    struct torture_given given;            /* what every run has alike */
    bool only_at_end;  /* cut each run there alone: many runs, for what the order of threads may do */
    FILE *explain;     /* NULL, or where what led to the first violation is printed */
    const char *wreck; /* NULL, or a directory to be made, for what was on the disk then */
    /* NULL, or asked now and then, with what was tried so far: false ends it. */
    bool (*go_on)(void *context, const struct torture_report *report);
    void *context;
};

struct torture_report {
    uint64_t runs, events, states[TORTURE_DEPTH];
    uint64_t violations;
    /* Of the first one. */
    uint64_t run;       /* its number */
    char scenario[512]; /* in words */
    char where[256];    /* where it was cut, and how */
    char why[256];
    bool has_wreck; /* what was on the disk is in plan->wreck */
};

/* Would the library take these options, with blocks that fit where none were asked for? 0, or what it says of them.
 * method: enum quire_method. */
int torture_try_options(uint32_t method, const struct quire_log_options *options);

/* 0, or -ENOMEM, or why the wreck could not be saved. A run that go_on ended counts. */
int torture(const struct torture_plan *plan, struct torture_report *report);
uint64_t torture_report_states(const struct torture_report *report);

#endif
