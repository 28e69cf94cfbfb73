/* Delta debugging. See shrink.h.
 *
 * SPDX-License-Identifier: MIT */
#include "model/shrink.h"

#include <string.h>

struct shrinking {
    struct op *ops;
    uint32_t count;
    shrink_fails *fails;
    void *context;
    uint32_t asked, most;
};

static bool still_fails(struct shrinking *s, const struct op *ops, uint32_t count)
{
    if (s->asked == s->most)
        return false;
    s->asked++;
    return s->fails(s->context, ops, count);
}

/* Without `length` steps from `from` on. */
static bool leave_out(struct shrinking *s, uint32_t from, uint32_t length)
{
    struct op fewer[OPS_MOST];
    uint32_t behind = s->count - from - length;

    memcpy(fewer, s->ops, from * sizeof fewer[0]);
    memcpy(fewer + from, s->ops + from + length, behind * sizeof fewer[0]);
    if (!still_fails(s, fewer, from + behind))
        return false;
    s->count = from + behind;
    memcpy(s->ops, fewer, s->count * sizeof fewer[0]);
    return true;
}

/* From the end on: what comes last is needed least. */
static bool leave_out_parts(struct shrinking *s, uint32_t length)
{
    bool did = false;
    uint32_t end = s->count;

    while (end > 0) {
        uint32_t from = end > length ? end - length : 0;
        did |= leave_out(s, from, end - from);
        end = from < s->count ? from : s->count;
    }
    return did;
}

static bool fewer_steps(struct shrinking *s)
{
    bool did = false;

    for (uint32_t length = s->count / 2 > 0 ? s->count / 2 : 1; length > 0; length /= 2)
        did |= leave_out_parts(s, length);
    return did;
}

static bool try_argument(struct shrinking *s, uint32_t step, uint32_t argument, uint64_t value)
{
    uint64_t *place = &s->ops[step].arguments[argument];
    uint64_t before = *place;

    *place = value;
    if (still_fails(s, s->ops, s->count))
        return true;
    *place = before;
    return false;
}

/* 0, or by bisection the smallest that still fails, as far as smaller is simpler. */
static bool simpler_argument(struct shrinking *s, uint32_t step, uint32_t argument)
{
    uint64_t value = s->ops[step].arguments[argument];

    if (value == 0)
        return false;
    if (try_argument(s, step, argument, 0))
        return true;
    bool did = false;
    uint64_t passes = 0;
    while (s->ops[step].arguments[argument] - passes > 1) {
        uint64_t middle = passes + (s->ops[step].arguments[argument] - passes) / 2;
        if (try_argument(s, step, argument, middle))
            did = true;
        else
            passes = middle;
    }
    return did;
}

static bool simpler_arguments(struct shrinking *s)
{
    bool did = false;

    for (uint32_t i = 0; i < s->count; i++)
        for (uint32_t k = 0; k < op_arguments(s->ops[i].kind); k++)
            did |= simpler_argument(s, i, k);
    return did;
}

uint32_t shrink(struct op *ops, uint32_t count, shrink_fails *fails, void *context, uint32_t most, uint32_t *asked)
{
    struct shrinking s = {.ops = ops, .count = count, .fails = fails, .context = context, .most = most};
    bool did = true;

    while (did && s.asked < s.most) {
        did = fewer_steps(&s);
        did |= simpler_arguments(&s);
    }
    if (asked)
        *asked = s.asked;
    return s.count;
}
