/* The faulty file system itself: does it fail the call it was told to, and does it know what a power cut would leave?
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>

#include "fault.h"

static int open_file(struct fault *fault, unsigned how)
{
    int file = -1;
    struct quire__io *io = fault_io(fault);
    REQUIRE_INT(io->ops->open(io, harness_path("file"), QUIRE__IO_CREATE | QUIRE__IO_READ | how, 0600, &file), 0);
    return file;
}

static void close_file(struct fault *fault, int file)
{
    struct quire__io *io = fault_io(fault);
    CHECK_INT(io->ops->close(io, file), 0);
    fault_free(fault);
}

static int write_at(struct fault *fault, int file, const char *text, uint64_t length, uint64_t offset,
                    uint64_t *written)
{
    struct quire__io *io = fault_io(fault);
    *written = 77;
    return io->ops->write(io, file, text, length, offset, written);
}

TEST(selftest_the_nth_call)
{
    struct fault *fault = fault_new((struct fault_setup){0});
    int file = open_file(fault, 0);
    uint64_t written;
    fault_once(fault, FAULT_WRITE, 3, -EIO);
    for (int i = 1; i <= 5; i++) {
        int rc = write_at(fault, file, "abcd", 4, 0, &written);
        CHECK_INT(rc, i == 3 ? -EIO : 0);
        CHECK_UINT(written, i == 3 ? 77 : 4);
    }
    CHECK_UINT(fault_calls(fault, FAULT_WRITE), 5);
    CHECK_UINT(fault_hits(fault), 1);
    fault_ever(fault, FAULT_WRITE, 2, -ENOSPC);
    CHECK_INT(write_at(fault, file, "abcd", 4, 0, &written), 0);
    CHECK_INT(write_at(fault, file, "abcd", 4, 0, &written), -ENOSPC);
    CHECK_INT(write_at(fault, file, "abcd", 4, 0, &written), -ENOSPC);
    fault_clear(fault);
    CHECK_INT(write_at(fault, file, "abcd", 4, 0, &written), 0);
    close_file(fault, file);
}

TEST(selftest_short_and_by_offset)
{
    struct fault *fault = fault_new((struct fault_setup){0});
    int file = open_file(fault, 0);
    uint64_t written;
    fault_add(fault,
              (struct fault_rule){.op = FAULT_WRITE, .kind = FAULT_SHORT, .from_offset = 100, .times = UINT64_MAX});
    CHECK_INT(write_at(fault, file, "abcdefgh", 8, 0, &written), 0);
    CHECK_UINT(written, 8);
    CHECK_INT(write_at(fault, file, "abcdefgh", 8, 96, &written), 0);
    CHECK_UINT(written, 4);
    CHECK_INT(write_at(fault, file, "a", 1, 100, &written), 0);
    CHECK_UINT(written, 1); /* at least a byte */
    CHECK_INT(file_size(harness_path("file")), 101);
    close_file(fault, file);
}

TEST(selftest_power_cut)
{
    struct fault *fault = fault_new((struct fault_setup){.watch_durable = 4096});
    int file = open_file(fault, 0);
    struct quire__io *io = fault_io(fault);
    uint64_t written;
    CHECK_INT(write_at(fault, file, "one", 3, 0, &written), 0);
    struct bytes left = fault_durable(fault);
    CHECK_UINT(left.length, 0);
    bytes_free(&left);
    CHECK_INT(io->ops->sync(io, file), 0);
    CHECK_INT(write_at(fault, file, "two", 3, 3, &written), 0);
    fault_once(fault, FAULT_SYNC, 1, -EIO);
    CHECK_INT(io->ops->sync(io, file), -EIO);
    left = fault_durable(fault);
    CHECK_UINT(left.length, 3);
    bytes_free(&left);
    CHECK(!fault_name_durable(fault));
    CHECK_INT(io->ops->sync_directory(io, harness_path("file")), 0);
    CHECK(fault_name_durable(fault));
    close_file(fault, file);
}

/* A queued write reads its memory when it is reaped, not before: a buffer used again too early shows. */
TEST(selftest_queue_is_late)
{
    static _Alignas(PAGE) char memory[2 * PAGE];
    struct fault *fault = fault_new((struct fault_setup){.align = 512, .order = FAULT_LAST_FIRST});
    int file = open_file(fault, QUIRE__IO_DIRECT);
    struct quire__io *io = fault_io(fault);
    struct quire__queue *queue;
    struct quire__completion done[4];
    uint32_t count = 0;
    REQUIRE_INT(io->ops->queue_open(io, 2, memory, PAGE, 2, &queue), 0);
    fault_once(fault, FAULT_COMPLETION, 2, -EIO);
    memory[0] = 'a';
    CHECK_INT(queue->ops->write(queue, file, 0, memory, PAGE, 0, 7), 0);
    CHECK_INT(queue->ops->write(queue, file, 1, memory + PAGE, PAGE, PAGE, 8), 0);
    CHECK_INT(queue->ops->write(queue, file, 1, memory + PAGE, PAGE, 2 * PAGE, 9), -EBUSY);
    memory[0] = 'b';
    CHECK_INT(queue->ops->reap(queue, true, done, 4, &count), 0);
    REQUIRE_UINT(count, 2);
    CHECK_UINT(done[0].tag, 8);
    CHECK_INT(done[0].result, PAGE);
    CHECK_UINT(done[1].tag, 7);
    CHECK_INT(done[1].result, -EIO);
    CHECK_INT(queue->ops->write(queue, file, 0, memory, PAGE, 0, 7), 0);
    CHECK_INT(queue->ops->reap(queue, true, done, 4, &count), 0);
    queue->ops->close(queue);
    struct bytes is = read_file(harness_path("file"));
    CHECK_UINT(is.length, 2 * PAGE);
    CHECK(is.data[0] == 'b');
    bytes_free(&is);
    close_file(fault, file);
}

static void write_or_release(void *argument, uint32_t number)
{
    struct fault *fault = argument;
    uint64_t written;
    if (number == 0) {
        int file = open_file(fault, 0);
        CHECK_INT(write_at(fault, file, "abc", 3, 0, &written), 0);
        struct quire__io *io = fault_io(fault);
        CHECK_INT(io->ops->close(io, file), 0);
        return;
    }
    fault_await(fault, FAULT_WRITE, 1);
    CHECK_INT(file_size(harness_path("file")), 0); /* it has not been done yet */
    fault_release(fault, FAULT_WRITE);
}

TEST(selftest_held)
{
    struct fault *fault = fault_new((struct fault_setup){0});
    harness_path("file"); /* named before the threads ask for it */
    fault_hold(fault, FAULT_WRITE);
    in_threads(2, write_or_release, fault);
    CHECK_INT(file_size(harness_path("file")), 3);
    fault_free(fault);
}
