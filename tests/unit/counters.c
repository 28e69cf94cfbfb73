/* What the kernel counts, read from texts of old and new kernels.
 *
 * SPDX-License-Identifier: MIT */
#include "machine/counters.h"
#include "harness.h"
#include "machine/page_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static const char io[] = "rchar: 3980\nwchar: 77\nsyscr: 9\nsyscw: 13\nread_bytes: 4096\nwrite_bytes: 1048576\n"
                         "cancelled_write_bytes: 8192\n";

TEST(counters_of_a_process)
{
    struct bench_counters c = {.io_known = false};
    CHECK(bench_counters_parse_io(io, &c));
    CHECK(c.io_known);
    CHECK_UINT(c.write_calls, 13);
    CHECK_UINT(c.write_bytes, 1048576);
    CHECK_UINT(c.cancelled_bytes, 8192);
    struct bench_counters untouched = {.write_calls = 5};
    CHECK(!bench_counters_parse_io("", &untouched));
    CHECK(!bench_counters_parse_io("syscw: 13\nwrite_bytes: 4\n", &untouched));
    CHECK(!untouched.io_known);
    CHECK_UINT(untouched.write_calls, 5);
}

TEST(counters_of_a_device)
{
    static const struct {
        const char *name, *text;
        bool good, flushes;
    } cases[] = {
        {"before 4.18", "  100 2 800 40 200 5 4096 90 3 120 130\n", true, false},
        {"4.18", "  100 2 800 40 200 5 4096 90 3 120 130 1 0 8 2\n", true, false},
        {"5.5", "  100 2 800 40 200 5 4096 90 3 120 130 1 0 8 2 17 60\n", true, true},
        {"more than is known", "100 2 800 40 200 5 4096 90 3 120 130 1 0 8 2 17 60 1 2 3\n", true, true},
        {"a partition of old", "100 800 200 4096\n", false, false},
        {"nothing", "", false, false},
        {"words", "no such device\n", false, false},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench_counters c = {.device_writes = 5};
        if (bench_counters_parse_device(cases[i].text, &c) != cases[i].good)
            FAIL("%s: %s", cases[i].name, cases[i].good ? "not understood" : "understood");
        CHECK_INT(c.device_known, cases[i].good);
        CHECK_INT(c.flushes_known, cases[i].flushes);
        CHECK_UINT(c.device_writes, cases[i].good ? 200 : 5);
        if (!cases[i].good)
            continue;
        CHECK_UINT(c.device_write_bytes, 4096 * 512);
        CHECK_UINT(c.device_under_way, 3);
        CHECK_INT(c.device_busy_seconds * 1000 + 0.5, 120);
        CHECK_INT(c.device_queue_seconds * 1000 + 0.5, 130);
        CHECK_UINT(c.device_flushes, cases[i].flushes ? 17 : 0);
    }
}

TEST(counters_difference)
{
    struct bench_counters from = {.io_known = true,
                                  .write_calls = 3,
                                  .device_known = true,
                                  .device_writes = 10,
                                  .device_write_bytes = 100,
                                  .device_under_way = 9};
    struct bench_counters to = {.io_known = true,
                                .write_calls = 8,
                                .device_known = true,
                                .flushes_known = true,
                                .device_writes = 30,
                                .device_write_bytes = 400,
                                .device_flushes = 4,
                                .device_under_way = 2};
    struct bench_counters d = bench_counters_difference(&from, &to);
    CHECK(d.io_known && d.device_known && !d.flushes_known);
    CHECK_UINT(d.write_calls, 5);
    CHECK_UINT(d.device_writes, 20);
    CHECK_UINT(d.device_write_bytes, 300);
    CHECK_UINT(d.device_under_way, 2);
}

/* This process's own writes are counted by the kernel it runs on. */
TEST(counters_move)
{
    struct bench_counters before, after;
    bench_counters_read("", &before);
    CHECK(!before.device_known);
    if (!before.io_known)
        SKIP("this kernel does not count what a process writes");
    int fd = open(harness_path("data"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    REQUIRE(fd >= 0);
    for (int i = 0; i < 10; i++)
        CHECK_INT(write(fd, "12345678", 8), 8);
    close(fd);
    bench_counters_read("/nonexistent", &after);
    CHECK(!after.device_known);
    CHECK_UINT(bench_counters_difference(&before, &after).write_calls, 10);
}

TEST(page_cache)
{
    enum { BYTES = 40960 };
    char data[BYTES] = {1};
    struct bench_page_cache cache = {.cached_bytes = 77};
    int fd = open(harness_path("data"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    REQUIRE(fd >= 0);
    CHECK_INT(write(fd, data, BYTES), BYTES);
    int rc = bench_page_cache_read(harness_path("data"), &cache);
    close(fd);
    if (rc == -ENOSYS || rc == -EPERM)
        SKIP("this kernel has no cachestat");
    CHECK_INT(rc, 0);
    CHECK(cache.cached_bytes >= BYTES);
    CHECK(cache.dirty_bytes + cache.writeback_bytes <= cache.cached_bytes);
    CHECK_INT(bench_page_cache_read(harness_path("nothing"), &cache), -ENOENT);
}
