/* Power cuts by the thousand: a run is written down, and every place of it is cut in many ways, recovered from, and
 * looked at; so is the recovery itself.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TORTURE_H
#define QUIRE_TORTURE_H

#include "torture/scenario.h"

enum { TORTURE_DEPTH = 4 }; /* a run, and recoveries of what was left of a recovery */

struct torture_plan {
    uint64_t seed;      /* of everything */
    uint64_t first_run; /* runs are numbered; one of them can be had again by its number */
    uint64_t runs_most; /* 0: as many as it takes */
    uint64_t states;    /* so many are to be tried at least; 0: as runs_most says */
    uint32_t method;    /* enum quire_method; 0: any */
    /* Told of each run when it is over; other than 0 ends it all. May be NULL. */
    int (*see)(void *context, const struct torture_scenario *scenario, uint64_t states);
    void *context;
    FILE *explain; /* NULL, or where what led to the first violation is printed */
    /* NULL, or what to do instead of what the seed says, and on which disk. */
    void (*adapt)(void *context, struct torture_scenario *scenario);
    const struct torture_image *image;
};

struct torture_report {
    uint64_t runs, events, states[TORTURE_DEPTH];
    uint64_t violations;
    /* Of the first one. */
    uint64_t run;       /* its number */
    char scenario[512]; /* in words */
    char where[256];    /* where it was cut, and how */
    char why[256];
};

/* Called with the first wreck that was not recovered from as it should be: what was on the disk. */
typedef void torture_see_wreck(void *context, const struct torture_image *wreck);

/* 0, or -ENOMEM. see_wreck may be NULL. */
int torture(const struct torture_plan *plan, torture_see_wreck *see_wreck, struct torture_report *report);
uint64_t torture_report_states(const struct torture_report *report);

#endif
