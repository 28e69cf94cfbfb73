/* Power cuts on a disk in memory: every method, a seed for everything.
 *
 * STATES=n: how many are tried; RUNS=n: in how many runs, where the order of threads is what matters. RUN=n: that run
 * alone, of the SEED that is printed, and what led to a violation; WRECK=directory: what was on the disk then is put
 * there.
 *
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "sanitizers.h"
#include "support.h"
#include "torture/subject.h"

ONE_THREAD;

enum {
    STATES = SANITIZED ? 1500 : 160000,
    STATES_WRITER = SANITIZED ? 1000 : 40000,
    STATES_MEND = SANITIZED ? 1500 : 75000,
    RUNS = SANITIZED ? 60 : 2500
};

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

static void run(struct torture_plan plan, const char *name)
{
    struct torture_report report;

    plan.seed = harness_random();
    plan.explain = getenv("RUN") ? stderr : NULL;
    plan.wreck = getenv("WRECK");
    REQUIRE_OK(torture(&plan, &report));
    printf("# %s: %" PRIu64 " runs, %" PRIu64 " events, states %" PRIu64 " + %" PRIu64 " + %" PRIu64 " + %" PRIu64
           ", violations %" PRIu64 "\n",
           name, report.runs, report.events, report.states[0], report.states[1], report.states[2], report.states[3],
           report.violations);
    /* With the SEED of this program. */
    if (report.violations > 0)
        FAIL("RUN=%" PRIu64 ": %s; %s: %s", report.run, report.scenario, report.where, report.why);
}

TEST_EACH(crash, struct way, ways)
{
    run((struct torture_plan){.method = it->method,
                              .states = number("STATES", STATES),
                              .first_run = number("RUN", 0),
                              .runs_most = getenv("RUN") ? 1 : 0},
        it->name);
}

/* Thousands of runs, each cut at its end alone: threads go on in as many orders. */
TEST_EACH(schedules, struct way, ways)
{
    run((struct torture_plan){.method = it->method,
                              .only_at_end = true,
                              .first_run = number("RUN", 0),
                              .runs_most = getenv("RUN") ? 1 : number("RUNS", RUNS)},
        it->name);
}

/* The plain writer: one file. methods: support.h. */
TEST_EACH(writer, struct method, methods)
{
    run((struct torture_plan){.subject = &torture_subject_writer,
                              .method = it->method,
                              .states = number("STATES", STATES_WRITER),
                              .first_run = number("RUN", 0),
                              .runs_most = getenv("RUN") ? 1 : 0},
        it->name);
}

/* Repair of what was damaged, trim, truncate: from outside. */
TEST(mend)
{
    run((struct torture_plan){.subject = &torture_subject_mend,
                              .states = number("STATES", STATES_MEND),
                              .first_run = number("RUN", 0),
                              .runs_most = getenv("RUN") ? 1 : 0},
        "mend");
}
