/* The part of this room that needs neither root nor a machine: what goes over the serial line, what a log must hold
 * over several lives, and when the power goes.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "harness.h"
#include "history.h"
#include "line.h"
#include "moment.h"

static struct vm_line read_line(const char *text)
{
    struct vm_line line;

    REQUIRE_INT(vm_line_read(text, &line), 0);
    return line;
}

TEST(rows_as_lines)
{
    static const struct disk_row rows[] = {
        {.kind = DISK_ROW_BEGIN, .sequence = 1, .segment = 2},
        {.kind = DISK_ROW_DURABLE, .sequence = UINT64_MAX, .segment = UINT64_MAX},
        {.kind = DISK_ROW_LOST, .sequence = 7},
        {.kind = DISK_ROW_TRIM, .sequence = 8, .segment = 9},
        {.kind = DISK_ROW_END, .sequence = 10, .segment = 11},
    };
    char text[VM_LINE_MOST];

    vm_line_of_row(&rows[1], text);
    CHECK_STR(text, "ack 18446744073709551615 18446744073709551615\n");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        vm_line_of_row(&rows[i], text);
        text[strcspn(text, "\n")] = '\0';
        struct vm_line line = read_line(text);
        CHECK_INT(line.kind, VM_LINE_ROW);
        CHECK(memcmp(&line.row, &rows[i], sizeof rows[i]) == 0);
    }
}

TEST(other_lines)
{
    static const char *const none[] = {"",         "ack",           "ack 1",   "ack 1 2 3",
                                       "ack 1 2x", "beginning 1 2", "mounted", "failed"};
    struct vm_line line = {.kind = VM_LINE_UP};

    CHECK_INT(read_line("up").kind, VM_LINE_UP);
    CHECK_INT(read_line("mount").kind, VM_LINE_MOUNT);
    CHECK_INT(read_line("open").kind, VM_LINE_OPEN);
    struct vm_line failure = read_line("failed for a reason");
    CHECK_STR(failure.why, "for a reason");
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        CHECK_INT(vm_line_read(none[i], &line), -EINVAL);
    CHECK_INT(line.kind, VM_LINE_UP);
}

static void add(struct vm_history *history, uint64_t kind, uint64_t position, uint64_t sequence)
{
    struct disk_row row = {.kind = kind, .position = position, .sequence = sequence, .segment = 1};

    REQUIRE_INT(vm_history_add(history, &row), 0);
}

/* Records 1 to 3 acknowledged in the first life, up to 5 begun. */
static void live_once(struct vm_history *history)
{
    vm_history_begin_life(history, 1);
    add(history, DISK_ROW_BEGIN, 10, 3);
    add(history, DISK_ROW_DURABLE, 20, 3);
    add(history, DISK_ROW_BEGIN, 25, 5);
}

static struct disk_expectation expect_at(struct vm_history *history, uint64_t position)
{
    struct disk_expectation expectation = {.seed = 4};

    vm_history_expect(history, position, 0, &expectation);
    CHECK_UINT(expectation.seed, 4);
    return expectation;
}

TEST(one_life)
{
    struct vm_history history = {.room = 0};

    live_once(&history);
    CHECK_UINT(expect_at(&history, 9).begun, 0);
    CHECK_UINT(expect_at(&history, 19).durable, 0);
    CHECK_UINT(expect_at(&history, 19).begun, 3);
    CHECK_UINT(expect_at(&history, 20).durable, 3);
    struct disk_expectation last = expect_at(&history, 100);
    CHECK_UINT(last.begun, 5);
    CHECK_UINT(disk_generation(&last, 5), 1);
    vm_history_free(&history);
}

TEST(next_life)
{
    struct vm_history history = {.room = 0};

    live_once(&history);
    vm_history_begin_life(&history, 2);
    struct disk_expectation before = expect_at(&history, 0);
    CHECK_UINT(before.durable, 3);
    CHECK_UINT(before.begun, 5);
    CHECK_UINT(disk_generation(&before, 5), 1);
    /* Four of the five were there. */
    add(&history, DISK_ROW_DURABLE, 7, 4);
    add(&history, DISK_ROW_BEGIN, 8, 6);
    CHECK_UINT(expect_at(&history, 6).durable, 3);
    before = expect_at(&history, 6);
    CHECK_UINT(disk_generation(&before, 5), 1);
    struct disk_expectation after = expect_at(&history, 8);
    CHECK_UINT(after.durable, 4);
    CHECK_UINT(after.begun, 6);
    CHECK_UINT(disk_generation(&after, 3), 1);
    CHECK_UINT(disk_generation(&after, 4), 1);
    CHECK_UINT(disk_generation(&after, 5), 2);
    vm_history_free(&history);
}

/* A life in which nothing was recovered takes the place of all before; one of which nothing was heard leaves no
 * trace. */
TEST(lives_without_a_word)
{
    struct vm_history history = {.room = 0};

    vm_history_begin_life(&history, 1);
    add(&history, DISK_ROW_BEGIN, 10, 5);
    vm_history_begin_life(&history, 2);
    vm_history_begin_life(&history, 3);
    struct disk_expectation silent = expect_at(&history, 50);
    CHECK_UINT(silent.begun, 5);
    CHECK_UINT(disk_generation(&silent, 1), 1);
    add(&history, DISK_ROW_BEGIN, 60, 1);
    struct disk_expectation anew = expect_at(&history, 60);
    CHECK_UINT(anew.durable, 0);
    CHECK_UINT(disk_generation(&anew, 1), 3);
    vm_history_free(&history);
}

TEST(moments)
{
    uint64_t kinds[3] = {0};
    uint64_t state = harness_random();

    for (int i = 0; i < 200; i++) {
        struct vm_moment moment;
        struct vm_heard heard = {.up = true};
        vm_moment_choose(&state, &moment);
        kinds[moment.kind]++;
        struct vm_line lines[] = {{.kind = VM_LINE_MOUNT}, {.kind = VM_LINE_OPEN}, {.kind = VM_LINE_ROW}};
        vm_heard_add(&heard, &lines[0]);
        CHECK_INT(vm_moment_is_now(&moment, &heard, &lines[0]), moment.kind == VM_MOMENT_MOUNTING);
        vm_heard_add(&heard, &lines[1]);
        CHECK_INT(vm_moment_is_now(&moment, &heard, &lines[1]), moment.kind == VM_MOMENT_OPENING);
        if (moment.kind != VM_MOMENT_WORKING)
            continue;
        heard.rows = moment.rows - 1;
        CHECK(!vm_moment_is_now(&moment, &heard, &lines[2]));
        vm_heard_add(&heard, &lines[2]);
        CHECK(vm_moment_is_now(&moment, &heard, &lines[2]));
    }
    CHECK(kinds[VM_MOMENT_MOUNTING] > 0 && kinds[VM_MOMENT_OPENING] > 0 && kinds[VM_MOMENT_WORKING] > 0);
}

TEST(moments_in_words)
{
    struct vm_moment moment = {.kind = VM_MOMENT_OPENING, .answered = true, .delay_us = 20};
    char text[VM_MOMENT_TEXT];

    vm_moment_say(&moment, text);
    CHECK_STR(text, "20 us after it opens the log");
    moment = (struct vm_moment){.kind = VM_MOMENT_WORKING, .rows = 7};
    vm_moment_say(&moment, text);
    CHECK_STR(text, "0 us after row 7, which waits");
}
