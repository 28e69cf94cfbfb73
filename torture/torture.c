/* Runs, cuts, and cuts of what came of cuts. See torture.h.
 *
 * SPDX-License-Identifier: MIT */
#include "torture/torture.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "torture/random.h"
#include "torture/store.h"
#include "torture/subject.h"
#include "torture/walk.h"

/* So many states at each place of a run; and of its recovery, of the recovery of that, ... */
static const uint32_t states_at[TORTURE_DEPTH] = {16, 2, 2, 2};
/* One of so many recoveries is cut in its turn. */
static const uint32_t nest_one_in[TORTURE_DEPTH] = {250, 250, 250, UINT32_MAX};

enum { EXPLAINED = 1000 }; /* events */

struct level {
    struct torture_walk walk;
    struct torture_image wreck;
    struct torture_arena arena; /* of the wreck */
    struct torture_trace trace;
};

struct torture {
    const struct torture_plan *plan;
    struct torture_report *report;
    const struct torture_subject *subject;
    void *state; /* the subject's */
    struct torture_beginning beginning;
    struct level levels[TORTURE_DEPTH];
    uint64_t random;
    bool stopped; /* by go_on */
    int failed;   /* -ENOMEM, or why a wreck could not be saved */
};

uint64_t torture_report_states(const struct torture_report *report)
{
    uint64_t sum = 0;

    for (int i = 0; i < TORTURE_DEPTH; i++)
        sum += report->states[i];
    return sum;
}

/* wreck: NULL if nothing was cut. */
static void violation(struct torture *t, const char *where, const char *why, const struct torture_image *wreck)
{
    struct torture_report *report = t->report;

    if (report->violations++ > 0)
        return;
    report->run = t->plan->first_run + report->runs;
    t->subject->print(t->state, report->scenario, sizeof report->scenario);
    snprintf(report->where, sizeof report->where, "%s", where);
    snprintf(report->why, sizeof report->why, "%s", why);
    if (wreck && t->plan->wreck) {
        t->failed = torture_image_save(wreck, t->plan->wreck);
        report->has_wreck = t->failed == 0;
    }
}

static void cut_all(struct torture *t, int depth, const struct torture_image *from);

static void cut_one(struct torture *t, int depth, uint32_t state)
{
    struct level *level = &t->levels[depth];
    bool is_nested = depth + 1 < TORTURE_DEPTH && torture_random(&t->random) % nest_one_in[depth] == 0;
    struct torture_trace *trace = is_nested ? &t->levels[depth + 1].trace : NULL;
    struct torture_cut cut = {
        .image = &level->wreck, .seed = torture_mix(t->random ^ state), .depth = depth, .trace = trace};
    struct torture_verdict verdict = {""};

    torture_arena_reset(&level->arena);
    if (!torture_walk_wreck(&level->walk, state, t->random, t->beginning.stale, &level->arena, &level->wreck)) {
        t->failed = -ENOMEM;
        return;
    }
    if (trace)
        torture_trace_reset(trace);
    cut.acknowledged = level->walk.acknowledged;
    cut.begun = level->walk.begun;
    t->subject->check(t->state, &cut, &verdict);
    t->report->states[depth]++;
    if (verdict.why[0] != '\0') {
        char where[200];
        snprintf(where, sizeof where,
                 "depth %d, behind event %" PRIu64 ", state %" PRIu32 " of what %" PRIu32 " pending events left", depth,
                 level->walk.next, state, level->walk.pending_count);
        if (t->plan->explain && t->report->violations == 0)
            torture_trace_print(&level->trace, level->walk.next, EXPLAINED, t->plan->explain);
        violation(t, where, verdict.why, &level->wreck);
    } else if (trace) {
        cut_all(t, depth + 1, &level->wreck);
    }
}

static bool has_to_stop(struct torture *t)
{
    if (!t->stopped && t->plan->go_on)
        t->stopped = !t->plan->go_on(t->plan->context, t->report);
    return t->stopped;
}

/* At every place of the trace, or at its end. */
static void cut_all(struct torture *t, int depth, const struct torture_image *from)
{
    struct level *level = &t->levels[depth];
    bool only_at_end = depth == 0 && t->plan->only_at_end;

    torture_walk_begin(&level->walk, from, &level->trace);
    while (torture_walk_on(&level->walk) && !t->failed && !t->stopped && t->report->violations == 0) {
        if (only_at_end && level->walk.next < level->trace.count)
            continue;
        uint32_t states = torture_walk_states(&level->walk, depth == 0 ? states_at[0] : 64);
        uint32_t tried = states < states_at[depth] ? states : states_at[depth];
        for (uint32_t i = 0; i < tried && !t->failed && !has_to_stop(t); i++)
            cut_one(t, depth, depth == 0 ? i : (uint32_t)(torture_random(&t->random) % 64));
    }
    if (level->walk.failed)
        violation(t, "", "the trace has more pending events than there is room for, or there is no memory", NULL);
    torture_walk_end(&level->walk);
}

static uint64_t seed_of(const struct torture_plan *plan, uint64_t run)
{
    uint64_t state = plan->seed + run;

    return torture_random(&state);
}

static void torture_one(struct torture *t, uint64_t run)
{
    struct torture_trace *trace = &t->levels[0].trace;
    struct torture_verdict verdict = {""};

    t->random = seed_of(t->plan, run);
    torture_trace_reset(trace);
    t->beginning = (struct torture_beginning){.image = NULL};
    t->subject->run(t->state, t->plan, t->random, trace, &t->beginning, &verdict);
    t->report->events += trace->count;
    if (verdict.why[0] != '\0')
        violation(t, "before any power cut", verdict.why, NULL);
    else
        cut_all(t, 0, t->beginning.image);
}

static void torture_free(struct torture *t)
{
    for (int i = 0; i < TORTURE_DEPTH; i++) {
        torture_arena_free(&t->levels[i].arena);
        torture_trace_free(&t->levels[i].trace);
    }
    if (t->state)
        t->subject->free(t->state);
    free(t->state);
    free(t);
}

static bool is_enough(const struct torture_plan *plan, const struct torture_report *report)
{
    if (report->violations > 0)
        return true;
    if (plan->runs_most && report->runs == plan->runs_most)
        return true;
    return plan->states && torture_report_states(report) >= plan->states;
}

int torture(const struct torture_plan *plan, struct torture_report *report)
{
    struct torture *t = calloc(1, sizeof *t);

    *report = (struct torture_report){.runs = 0};
    if (!t)
        return -ENOMEM;
    t->plan = plan;
    t->report = report;
    t->subject = plan->subject ? plan->subject : &torture_subject_log;
    t->state = calloc(1, t->subject->bytes);
    t->failed = t->state ? 0 : -ENOMEM;
    while (!is_enough(plan, report) && t->failed == 0 && !has_to_stop(t)) {
        torture_one(t, plan->first_run + report->runs);
        report->runs += report->violations == 0;
    }
    int rc = t->failed;
    torture_free(t);
    return rc;
}
