/* A log, appended to and recovered. See subject.h.
 *
 * SPDX-License-Identifier: MIT */
#include "torture/run.h"
#include "torture/subject.h"

static void run(void *state, const struct torture_plan *plan, uint64_t seed, struct torture_trace *trace,
                struct torture_beginning *beginning, struct torture_verdict *verdict)
{
    static const struct torture_image empty;
    struct torture_scenario *scenario = state;

    torture_scenario_draw(seed, plan->method, &plan->given, scenario);
    scenario->rules.base = plan->base;
    scenario->rules.options = &scenario->options;
    beginning->image = plan->base ? &plan->base->image : &empty;
    beginning->stale = scenario->stale;
    torture_run(scenario, beginning->image, trace, verdict);
}

static void check(void *state, const struct torture_cut *cut, struct torture_verdict *verdict)
{
    const struct torture_scenario *scenario = state;

    torture_check(&scenario->rules, cut->image, cut->acknowledged, cut->begun, cut->trace, verdict);
}

static void print(const void *state, char *line, uint64_t room)
{
    torture_scenario_print(state, line, room);
}

static void free_nothing(void *state)
{
    (void)state;
}

const struct torture_subject torture_subject_log = {
    .bytes = sizeof(struct torture_scenario), .run = run, .check = check, .print = print, .free = free_nothing};
