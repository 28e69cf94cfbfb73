/* The plain writer, appended to and opened again. See subject.h.
 *
 * SPDX-License-Identifier: MIT */
#include "torture/plain.h"
#include "torture/subject.h"

static void run(void *state, const struct torture_plan *plan, uint64_t seed, struct torture_trace *trace,
                struct torture_beginning *beginning, struct torture_verdict *verdict)
{
    struct torture_plain *plain = state;

    torture_plain_draw(seed, plan->method, plain);
    torture_plain_run(plain, trace, verdict);
    beginning->image = &plain->image;
}

static void check(void *state, const struct torture_cut *cut, struct torture_verdict *verdict)
{
    torture_plain_check(state, cut, verdict);
}

static void print(const void *state, char *line, uint64_t room)
{
    torture_plain_print(state, line, room);
}

static void free_plain(void *state)
{
    struct torture_plain *plain = state;

    torture_arena_free(&plain->arena);
    for (int i = 0; i <= TORTURE_DEPTH; i++)
        torture_bytes_free(&plain->known[i]);
}

const struct torture_subject torture_subject_writer = {
    .bytes = sizeof(struct torture_plain), .run = run, .check = check, .print = print, .free = free_plain};
