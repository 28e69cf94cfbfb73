/* When the power goes. See moment.h.
 *
 * SPDX-License-Identifier: MIT */
#include "moment.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "record.h"

/* Of eight cuts one while the file system is mounted, two while the log is opened, the others while it is written. */
enum { MOUNTING = 1, OPENING = 2, ALL = 8 };
enum { MOUNTING_US = 100 * 1000, OPENING_US = 150 * 1000, WORKING_US = 3000 };
enum { ROWS_FEW = 30, ROWS_MANY = 400 };

static void choose_working(uint64_t *state, struct vm_moment *moment)
{
    moment->kind = VM_MOMENT_WORKING;
    moment->rows = 1 + disk_below(state, disk_below(state, 2) ? ROWS_FEW : ROWS_MANY);
    moment->answered = disk_below(state, 2);
    moment->delay_us = disk_below(state, 3) ? disk_below(state, WORKING_US) : 0;
}

void vm_moment_choose(uint64_t *state, struct vm_moment *moment)
{
    uint64_t chance = disk_below(state, ALL);

    if (chance >= MOUNTING + OPENING) {
        choose_working(state, moment);
        return;
    }
    bool mounting = chance < MOUNTING;
    moment->kind = mounting ? VM_MOMENT_MOUNTING : VM_MOMENT_OPENING;
    moment->answered = true;
    moment->delay_us = disk_below(state, mounting ? MOUNTING_US : OPENING_US);
}

void vm_heard_add(struct vm_heard *heard, const struct vm_line *line)
{
    heard->up |= line->kind == VM_LINE_UP;
    heard->mounting |= line->kind == VM_LINE_MOUNT;
    heard->opening |= line->kind == VM_LINE_OPEN;
    heard->rows += line->kind == VM_LINE_ROW;
}

bool vm_moment_is_now(const struct vm_moment *moment, const struct vm_heard *heard, const struct vm_line *line)
{
    switch (moment->kind) {
    case VM_MOMENT_MOUNTING:
        return line->kind == VM_LINE_MOUNT;
    case VM_MOMENT_OPENING:
        return line->kind == VM_LINE_OPEN;
    default:
        return line->kind == VM_LINE_ROW && heard->rows == moment->rows;
    }
}

void vm_moment_wait(const struct vm_moment *moment)
{
    struct timespec left = {.tv_nsec = (long)(moment->delay_us * 1000)};

    nanosleep(&left, NULL); /* a signal ends it early, and the run */
}

void vm_moment_say(const struct vm_moment *moment, char *text)
{
    static const char *const what[] = {[VM_MOMENT_MOUNTING] = "it mounts", [VM_MOMENT_OPENING] = "it opens the log"};

    if (moment->kind == VM_MOMENT_WORKING)
        snprintf(text, VM_MOMENT_TEXT, "%" PRIu64 " us after row %" PRIu64 "%s", moment->delay_us, moment->rows,
                 moment->answered ? "" : ", which waits");
    else
        snprintf(text, VM_MOMENT_TEXT, "%" PRIu64 " us after %s", moment->delay_us, what[moment->kind]);
}
