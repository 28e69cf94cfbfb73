/* Repair, trim and truncate. See subject.h.
 *
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>

#include "torture/mend.h"

static void run(void *state, const struct torture_plan *plan, uint64_t seed, struct torture_trace *trace,
                struct torture_beginning *beginning, struct torture_verdict *verdict)
{
    struct torture_mend *mend = state;

    (void)plan;
    if (torture_mend_prepare(seed, mend, verdict))
        torture_mend_run(mend, trace, verdict);
    beginning->image = &mend->image;
}

static void check(void *state, const struct torture_cut *cut, struct torture_verdict *verdict)
{
    torture_mend_check(state, cut, verdict);
}

static void print(const void *state, char *line, uint64_t room)
{
    static const char *const words[] = {"repair", "trim", "truncate"};
    const struct torture_mend *mend = state;

    int length =
        snprintf(line, room, "%s%s %" PRIu64 " of records %" PRIu64 " to %" PRIu64 "%s%s; ", words[mend->mending],
                 torture_mend_cuts(mend) ? " within" : "", mend->mending == TORTURE_REPAIR ? 0 : mend->sequence,
                 mend->before.first, mend->before.last, mend->crashed ? ", after a cut" : "", mend->damage);
    if (length > 0 && (uint64_t)length < room)
        torture_scenario_print(&mend->scenario, line + length, room - (uint64_t)length);
}

static void free_mend(void *state)
{
    struct torture_mend *mend = state;

    torture_walk_end(&mend->walk);
    torture_arena_free(&mend->arena);
    torture_trace_free(&mend->made);
}

const struct torture_subject torture_subject_mend = {
    .bytes = sizeof(struct torture_mend), .run = run, .check = check, .print = print, .free = free_mend};
