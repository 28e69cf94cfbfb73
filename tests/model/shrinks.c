/* Steps as text, drawing them, and shrinking: a made-up failure must come down to the least that it needs.
 *
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "model/shrink.h"
#include "support.h"

enum { MOST = 120, TEXT = 64 * 1024, ENOUGH = 100000 };

static struct op ops[OPS_MOST], others[OPS_MOST];
static char text[TEXT], again[TEXT];

static uint32_t count_kind(const struct op *list, uint32_t count, enum op_kind kind)
{
    uint32_t found = 0;

    for (uint32_t i = 0; i < count; i++)
        found += list[i].kind == kind;
    return found;
}

TEST(text_both_ways)
{
    const char *wrong = NULL;

    for (int i = 0; i < 200; i++) {
        uint32_t count = ops_draw(harness_random(), MOST, ops);
        ops_print(ops, count, text, sizeof text);
        REQUIRE_INT(ops_parse(text, others, OPS_MOST, &wrong), count);
        ops_print(others, count, again, sizeof again);
        REQUIRE(strcmp(text, again) == 0);
        for (uint32_t k = 0; k < count; k++) {
            REQUIRE_INT(ops[k].kind, others[k].kind);
            REQUIRE(memcmp(ops[k].arguments, others[k].arguments, sizeof ops[k].arguments) == 0);
        }
    }
}

TEST(text_is_readable)
{
    const char *wrong = NULL;

    REQUIRE_INT(ops_parse("open method=mmap sync=each; append bytes=300\n\n read;", ops, OPS_MOST, &wrong), 3);
    CHECK_INT(ops[0].kind, OP_OPEN);
    CHECK_UINT(ops[0].arguments[OPEN_METHOD], 2);
    CHECK_UINT(ops[1].arguments[0], 300);
    ops_print(ops, 3, text, sizeof text);
    CHECK_STR(text, "open method=mmap sync=each\nappend bytes=300\nread\n");
}

TEST(text_not_understood)
{
    static const char *const bad[] = {
        "opens", "open method=tape", "append bytes", "append bytes=", "append 300", "append bytes=3x", "read; sink"};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const char *wrong = NULL;
        CHECK_INT(ops_parse(bad[i], ops, OPS_MOST, &wrong), -1);
        CHECK(wrong >= bad[i] && wrong < bad[i] + strlen(bad[i]));
    }
    const char *wrong = NULL;
    CHECK_INT(ops_parse("read;read;read", ops, 2, &wrong), -1);
}

TEST(draw_repeats_and_has_everything)
{
    uint32_t seen[OP_KINDS] = {0};

    for (int i = 0; i < 200; i++) {
        uint64_t seed = harness_random();
        uint32_t count = ops_draw(seed, MOST, ops);
        REQUIRE(count > 0 && count <= MOST);
        REQUIRE_UINT(ops_draw(seed, MOST, others), count);
        REQUIRE(memcmp(ops, others, count * sizeof ops[0]) == 0);
        for (int kind = 0; kind < OP_KINDS; kind++)
            seen[kind] += count_kind(ops, count, (enum op_kind)kind);
    }
    for (int kind = 0; kind < OP_KINDS; kind++)
        if (seen[kind] == 0)
            FAIL("kind %d was never drawn", kind);
}

/* An append of 77 bytes or more, and then, not at once, a crash; the open in front has compression. */
static bool needs_three(void *context, const struct op *list, uint32_t count)
{
    uint32_t stage = 0;

    ++*(uint32_t *)context;
    for (uint32_t i = 0; i < count; i++) {
        const struct op *op = &list[i];
        if (stage == 0 && op->kind == OP_OPEN && op->arguments[OPEN_CODEC] > 0)
            stage = 1;
        else if (stage == 1 && op->kind == OP_APPEND && op->arguments[0] >= 77)
            stage = 2;
        else if (stage == 2 && op->kind == OP_CRASH)
            return true;
    }
    return false;
}

TEST(shrink_to_the_least)
{
    uint32_t tried = 0, asked = 0;

    for (int i = 0; i < 50; i++) {
        uint32_t calls = 0;
        uint32_t count = ops_draw(harness_random(), MOST, ops);
        if (!needs_three(&calls, ops, count))
            continue;
        calls = 0;
        uint32_t left = shrink(ops, count, needs_three, &calls, ENOUGH, &asked);
        ops_print(ops, left, text, sizeof text);
        REQUIRE_UINT(calls, asked);
        REQUIRE(asked < 1000);
        CHECK_STR(text, "open codec=zstd\nappend bytes=77\ncrash\n");
        tried++;
    }
    CHECK(tried > 5);
}

/* As many steps of two kinds as of a third: no single one can be left out. */
static bool needs_pairs(void *context, const struct op *list, uint32_t count)
{
    (void)context;
    return count_kind(list, count, OP_APPEND) >= 4 && count_kind(list, count, OP_SYNC) >= 2 &&
           count_kind(list, count, OP_READ) >= 1;
}

TEST(shrink_where_order_does_not_matter)
{
    uint32_t asked = 0, left = 0;

    do
        left = ops_draw(harness_random(), MOST, ops);
    while (!needs_pairs(NULL, ops, left));
    left = shrink(ops, left, needs_pairs, NULL, ENOUGH, &asked);
    CHECK_UINT(left, 7);
    CHECK(needs_pairs(NULL, ops, left));
}

static bool always(void *context, const struct op *list, uint32_t count)
{
    (void)context;
    (void)list;
    (void)count;
    return true;
}

static bool never(void *context, const struct op *list, uint32_t count)
{
    (void)context;
    (void)list;
    (void)count;
    return false;
}

TEST(shrink_stops)
{
    uint32_t asked = 0;
    uint32_t count = ops_draw(harness_random(), MOST, ops);

    CHECK_UINT(shrink(ops, count, always, NULL, ENOUGH, &asked), 0);
    do
        count = ops_draw(harness_random(), MOST, ops);
    while (count < MOST / 2);
    CHECK_UINT(shrink(ops, count, never, NULL, 3, &asked), count);
    CHECK_UINT(asked, 3);
}
