/* A machine whose random numbers come again: one that is started, and started again, from the same saved memory. What an
 * old use of a file left there must not be taken for the new one.
 *
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "log_support.h"

static bool repeats;
static uint64_t step, drawn;

/* In the place of libc's, for libquire.so too. */
ssize_t getrandom(void *to, size_t length, unsigned flags)
{
    if (!repeats)
        return (ssize_t)syscall(SYS_getrandom, to, length, flags);
    memset(to, (int)(drawn & 0xFF), length);
    drawn += step;
    return (ssize_t)length;
}

static void begin_life(uint64_t each)
{
    repeats = true;
    step = each;
    drawn = 7;
}

/* So many segments with five records each; the oldest files become the newest. */
static uint64_t live(const char *directory, uint64_t next, uint64_t segments)
{
    struct quire_log_options o = small_log(0);

    o.prepare = QUIRE_LOG_PREPARE_WRITTEN;
    o.keep_segments = 3;
    quire_log *log = open_log(directory, &o);
    CHECK_UINT(log_marks(log).appended, next - 1);
    for (uint64_t i = 0; i < segments; i++, next += 5) {
        append_many(log, next, next + 4);
        CHECK_OK(quire_log_sync(log, 0));
        CHECK_OK(quire_log_rotate(log));
    }
    CHECK_OK(quire_log_rotate(log)); /* also waits for the keeper */
    CHECK_OK(quire_log_close(log));
    return next;
}

struct machine {
    const char *name;
    uint64_t step;
};
static const struct machine machines[] = {{.name = "each_life", .step = 1}, {.name = "each_number", .step = 0}};

TEST_EACH(log_random_repeats_with, struct machine, machines)
{
    for (uint64_t before = 1; before <= 4; before++)
        for (uint64_t after = 1; after <= 6; after++) {
            char name[40];
            snprintf(name, sizeof name, "log-%d-%d", (int)before, (int)after);
            const char *directory = harness_path(name);
            begin_life(it->step);
            uint64_t next = live(directory, 1, before);
            begin_life(it->step);
            next = live(directory, next, after);
            uint64_t records = 0, lost = 0, last = 0;
            CHECK_INT(count_log(directory, &records, &lost, &last), 0);
            CHECK_UINT(last, next - 1);
            CHECK_LOG(directory, last - records + 1, last);
            begin_life(it->step);
            live(directory, next, 0);
        }
    repeats = false;
}
