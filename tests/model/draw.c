/* Drawing steps from a seed: a log is opened, worked with, closed or cut off, and opened again. See ops.h.
 *
 * SPDX-License-Identifier: MIT */
#include "model/ops.h"
#include "torture/random.h"

struct drawing {
    uint64_t random;
    bool open;
};

static uint64_t below(struct drawing *d, uint64_t limit)
{
    return torture_random(&d->random) % limit;
}

static bool one_in(struct drawing *d, uint64_t count)
{
    return below(d, count) == 0;
}

/* From nothing to more than a block; mostly little. */
static uint64_t draw_bytes(struct drawing *d)
{
    switch (below(d, 8)) {
    case 0:
        return 0;
    case 1:
        return 4000 + below(d, 200); /* about a page */
    case 2:
        return below(d, 30000);
    case 3:
        return below(d, 3000);
    default:
        return below(d, 300);
    }
}

static void draw_open(struct drawing *d, uint64_t *a)
{
    a[OPEN_METHOD] = below(d, 4);
    a[OPEN_SYNC] = one_in(d, 2) ? 0 : below(d, 4);
    a[OPEN_BLOCK] = below(d, 4);
    a[OPEN_COUNT] = below(d, 4);
    a[OPEN_EXTRA] = one_in(d, 3) ? below(d, 40) : below(d, 6);
    a[OPEN_CODEC] = one_in(d, 3) ? 1 + below(d, 2) : 0;
    a[OPEN_KEEP] = one_in(d, 4) ? 2 + below(d, 3) : 0;
    a[OPEN_PREPARE] = below(d, a[OPEN_METHOD] < 2 ? 4 : 3);
    a[OPEN_FULL] = one_in(d, 5) ? 1 + below(d, 2) : 0;
    a[OPEN_ROTATE] = one_in(d, 8) ? 1 + below(d, 20) : 0;
    a[OPEN_CHAIN] = one_in(d, 5);
    a[OPEN_TIMES] = one_in(d, 4);
    a[OPEN_QUIET] = one_in(d, 6);
    a[OPEN_CONTINUE] = one_in(d, 6);
    a[OPEN_BACKGROUND] = !a[OPEN_CONTINUE] && one_in(d, 4);
}

/* What is done while it is open, and how often; what is done while it is closed. */
static const struct {
    enum op_kind kind;
    uint32_t open, closed;
} weights[] = {
    {OP_APPEND, 26, 0},     {OP_BATCH, 8, 0},      {OP_CLAIM, 4, 0},      {OP_PUBLISH, 6, 0},    {OP_LANE_OPEN, 4, 0},
    {OP_LANE_APPEND, 8, 0}, {OP_LANE_CLAIM, 3, 0}, {OP_LANE_FLUSH, 2, 0}, {OP_LANE_CLOSE, 1, 0}, {OP_FLUSH, 4, 0},
    {OP_SYNC, 8, 0},        {OP_WAIT, 2, 0},       {OP_ROTATE, 4, 0},     {OP_TRIM, 2, 4},       {OP_TRUNCATE, 0, 8},
    {OP_REPAIR, 0, 4},      {OP_CLOSE, 4, 0},      {OP_CRASH, 4, 3},      {OP_KILL, 1, 1},       {OP_PAUSE, 3, 0},
    {OP_STATS, 2, 0},       {OP_READ, 4, 4},       {OP_BACKWARDS, 3, 3},  {OP_SEEK, 3, 3},       {OP_SEEK_TIME, 3, 3},
    {OP_FOLLOW, 5, 3},      {OP_RESUME, 2, 1},     {OP_SCAN, 1, 2},       {OP_VERIFY, 2, 4},     {OP_INSPECT, 2, 3},
    {OP_OPEN, 0, 40},
};

static enum op_kind draw_kind(struct drawing *d)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < sizeof weights / sizeof weights[0]; i++)
        sum += d->open ? weights[i].open : weights[i].closed;
    uint64_t at = below(d, sum);
    for (size_t i = 0;; i++) {
        uint64_t weight = d->open ? weights[i].open : weights[i].closed;
        if (at < weight)
            return weights[i].kind;
        at -= weight;
    }
}

static void draw_arguments(struct drawing *d, struct op *op)
{
    uint64_t *a = op->arguments;

    switch (op->kind) {
    case OP_OPEN:
        draw_open(d, a);
        break;
    case OP_APPEND:
        a[0] = draw_bytes(d);
        a[1] = one_in(d, 4) ? below(d, 40) : 0;
        a[2] = one_in(d, 3) ? 1 + below(d, 4) : 0;
        break;
    case OP_BATCH:
        a[0] = draw_bytes(d) / 4;
        a[1] = below(d, 8);
        break;
    case OP_LANE_APPEND:
        a[0] = below(d, 3);
        a[1] = draw_bytes(d) / 2;
        a[2] = one_in(d, 2) ? below(d, 20) : 0;
        a[3] = one_in(d, 3) ? 1 + below(d, 4) : 0;
        break;
    case OP_LANE_CLAIM:
        a[0] = below(d, 3);
        a[1] = below(d, 1000);
        a[2] = one_in(d, 2) ? below(d, 100) : 0;
        a[3] = one_in(d, 4);
        break;
    case OP_CLAIM:
        a[0] = draw_bytes(d);
        break;
    case OP_CRASH:
        a[0] = below(d, 64);
        a[1] = one_in(d, 4);
        break;
    case OP_READ:
    case OP_FOLLOW:
        a[0] = one_in(d, 4);
        break;
    default:
        /* A place some way back, which, or how long. */
        for (uint32_t i = 0; i < op_arguments(op->kind); i++)
            a[i] = one_in(d, 3) ? below(d, 4) : below(d, 60);
        break;
    }
}

uint32_t ops_draw(uint64_t seed, uint32_t most, struct op *ops)
{
    struct drawing d = {.random = seed};
    uint32_t count = most / 4 + (uint32_t)below(&d, most - most / 4) + 1;

    for (uint32_t i = 0; i < count; i++) {
        ops[i] = (struct op){.kind = i == 0 ? OP_OPEN : draw_kind(&d)};
        draw_arguments(&d, &ops[i]);
        if (ops[i].kind == OP_OPEN)
            d.open = true;
        if (ops[i].kind == OP_CLOSE || ops[i].kind == OP_CRASH || ops[i].kind == OP_KILL)
            d.open = false;
    }
    return count;
}
