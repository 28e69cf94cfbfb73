/* Power cuts on a disk in memory: every method, a seed for everything.
 *
 * STATES=n: how many are tried. RUN=n: that run alone, of the SEED that is printed, and what led to a
 * violation; WRECK=directory: what was on the disk then is put there.
 *
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "support.h"
#include "torture/torture.h"

ONE_THREAD;

#if defined(__SANITIZE_ADDRESS__)
#define STATES 8000
#else
#define STATES 250000
#endif

struct way {
    const char *name;
    uint32_t method;
};

static const struct way ways[] = {
    {"write", QUIRE_METHOD_WRITE},
    {"paged", QUIRE_METHOD_PAGED},
    {"mmap", QUIRE_METHOD_MMAP},
    {"uring", QUIRE_METHOD_URING},
};

static uint64_t number(const char *name, uint64_t otherwise)
{
    const char *given = getenv(name);

    return given ? strtoull(given, NULL, 0) : otherwise;
}

TEST_EACH(crash, struct way, ways)
{
    struct torture_plan plan = {
        .seed = harness_random(),
        .method = it->method,
        .states = number("STATES", STATES),
        .first_run = number("RUN", 0),
        .runs_most = getenv("RUN") ? 1 : 0,
        .explain = getenv("RUN") ? stderr : NULL,
        .wreck = getenv("WRECK"),
    };
    struct torture_report report;

    REQUIRE_OK(torture(&plan, &report));
    printf("# %s: %" PRIu64 " runs, %" PRIu64 " events, states %" PRIu64 " + %" PRIu64 " + %" PRIu64 " + %" PRIu64
           ", violations %" PRIu64 "\n",
           it->name, report.runs, report.events, report.states[0], report.states[1], report.states[2], report.states[3],
           report.violations);
    if (report.violations > 0)
        /* With the SEED of this program. */
        FAIL("RUN=%" PRIu64 ": %s; %s: %s", report.run, report.scenario, report.where, report.why);
}
