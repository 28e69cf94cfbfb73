/* The kernel's counters: texts of old and new kernels, and what this one says.
 *
 * SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"
#include "machine/counters.h"
#include "machine/place.h"

static const char process[] = "rchar: 1948\nwchar: 11\nsyscr: 7\nsyscw: 3\nread_bytes: 4096\nwrite_bytes: 8192\n"
                              "cancelled_write_bytes: 512\n";

TEST(counters_of_a_process)
{
    struct bench_counters c = {.device_known = true};
    REQUIRE(bench_counters_parse_process(process, &c));
    CHECK(c.process_known);
    CHECK(c.device_known);
    CHECK_UINT(c.read_chars, 1948);
    CHECK_UINT(c.write_chars, 11);
    CHECK_UINT(c.read_calls, 7);
    CHECK_UINT(c.write_calls, 3);
    CHECK_UINT(c.write_bytes, 8192);
    CHECK_UINT(c.cancelled_write_bytes, 512);
}

TEST(counters_of_no_process)
{
    static const char *const bad[] = {"", "rchar: 1948\n", "wchar: x\n", "rchar 1\nwchar 1\n",
                                      "rchar: 1\nwchar: 1\nsyscr: 1\nsyscw: 1\ncancelled_write_bytes: 1\n"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct bench_counters c = {.write_bytes = 77};
        CHECK(!bench_counters_parse_process(bad[i], &c));
        CHECK_UINT(c.write_bytes, 77);
        CHECK(!c.process_known);
    }
}

#define FIELDS_11 "  300 1 2400 20  500 6 70 80  9 100 110"
#define FIELDS_15 FIELDS_11 " 12 13 14 15"

static const struct kernel {
    const char *name, *text;
    bool flushes_known;
    uint64_t flushes, flush_ms;
} kernels[] = {
    {"before 4.18", FIELDS_11 "\n", false, 0, 0},
    {"4.18", FIELDS_15 "\n", false, 0, 0},
    {"5.5", FIELDS_15 "      160      170\n", true, 160, 170},
    {"some later one", FIELDS_15 " 160 170 18 19\n", true, 160, 170},
};

TEST_EACH(counters_of_a_device, struct kernel, kernels)
{
    struct bench_counters c = {.process_known = true};
    REQUIRE(bench_counters_parse_device(it->text, &c));
    CHECK(c.process_known && c.device_known);
    CHECK_UINT(c.writes, 500);
    CHECK_UINT(c.written_bytes, 70 * 512);
    CHECK_UINT(c.in_flight, 9);
    CHECK_UINT(c.busy_ms, 100);
    CHECK_UINT(c.queue_ms, 110);
    CHECK_INT(c.flushes_known, it->flushes_known);
    CHECK_UINT(c.flushes, it->flushes);
    CHECK_UINT(c.flush_ms, it->flush_ms);
}

TEST(counters_of_no_device)
{
    static const char *const bad[] = {"", "\n", "1 2 3 4 5 6 7 8 9 10\n", "1 2 3 4 five 6 7 8 9 10 11\n"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct bench_counters c = {.writes = 77};
        CHECK(!bench_counters_parse_device(bad[i], &c));
        CHECK(!c.device_known);
        CHECK_UINT(c.writes, 77);
    }
}

TEST(counters_difference)
{
    struct bench_counters a = {.process_known = false}, b = a;
    bench_counters_parse_process(process, &a);
    bench_counters_parse_process("rchar: 2948\nwchar: 22\nsyscr: 8\nsyscw: 5\nwrite_bytes: 12288\n"
                                 "cancelled_write_bytes: 1024\n",
                                 &b);
    bench_counters_parse_device("0 0 0 0 10 0 100 0 1 5 6 0 0 0 0 7 8", &a);
    bench_counters_parse_device("0 0 0 0 13 0 108 0 2 9 11 0 0 0 0 9 11", &b);
    struct bench_counters d = bench_counters_difference(&a, &b);
    CHECK(d.process_known && d.device_known && d.flushes_known);
    CHECK_UINT(d.read_chars, 1000);
    CHECK_UINT(d.write_chars, 11);
    CHECK_UINT(d.read_calls, 1);
    CHECK_UINT(d.write_calls, 2);
    CHECK_UINT(d.write_bytes, 4096);
    CHECK_UINT(d.cancelled_write_bytes, 512);
    CHECK_UINT(d.writes, 3);
    CHECK_UINT(d.written_bytes, 4096);
    CHECK_UINT(d.in_flight, 2);
    CHECK_UINT(d.busy_ms, 4);
    CHECK_UINT(d.queue_ms, 5);
    CHECK_UINT(d.flushes, 2);
    CHECK_UINT(d.flush_ms, 3);
}

TEST(counters_difference_knows_what_both_know)
{
    struct bench_counters old = {.process_known = false}, new = old, none = old;
    bench_counters_parse_device(FIELDS_11, &old);
    bench_counters_parse_device(FIELDS_15 " 160 170", &new);
    struct bench_counters d = bench_counters_difference(&old, &new);
    CHECK(d.device_known && !d.flushes_known && !d.process_known);
    CHECK_UINT(d.flushes, 0);
    d = bench_counters_difference(&none, &new);
    CHECK(!d.device_known && !d.flushes_known);
    CHECK_UINT(d.writes, 0);
    /* Backwards is nothing, not an enormous number. */
    d = bench_counters_difference(&new, &new);
    CHECK_UINT(d.writes, 0);
    old.writes = 501;
    d = bench_counters_difference(&old, &new);
    CHECK_UINT(d.writes, 0);
}

TEST(counters_here)
{
    struct bench_place place;
    REQUIRE_INT(bench_place_make(&place, harness_directory()), 0);
    struct bench_counters before, after;
    bench_counters_read(place.counters, &before);
    int fd = open(place.file, O_WRONLY | O_CREAT, 0600);
    char page[4096] = {1};
    CHECK(pwrite(fd, page, sizeof page, 0) == (ssize_t)sizeof page && fdatasync(fd) == 0);
    close(fd);
    bench_counters_read(place.counters, &after);
    struct bench_counters d = bench_counters_difference(&before, &after);
    CHECK_INT(after.device_known, *place.counters != '\0');
    if (d.process_known)
        CHECK(d.write_calls >= 1 && d.write_chars >= sizeof page);
    /* Other processes may add to it, none can take from it. */
    if (d.device_known)
        CHECK(d.writes >= 1 && d.written_bytes >= sizeof page);
    bench_place_remove(&place);
}

TEST(counters_of_nothing)
{
    struct bench_counters c;
    struct bench_queue queue;
    bench_counters_read("", &c);
    CHECK(!c.device_known && !c.flushes_known);
    bench_counters_read(harness_path("missing"), &c);
    CHECK(!c.device_known && !c.flushes_known);
    bench_queue_read("", &queue);
    CHECK(!queue.known);
    bench_queue_read(harness_path("missing"), &queue);
    CHECK(!queue.known);
}

static void put(const char *name, const char *text)
{
    FILE *file = fopen(harness_path(name), "w");
    REQUIRE(file != NULL);
    CHECK(fputs(text, file) >= 0);
    CHECK(fclose(file) == 0);
}

/* Folders as /sys has them: the disk has its queue and the flushes, the partition has the writes. */
TEST(counters_of_a_partition)
{
    REQUIRE(mkdir(harness_path("disk"), 0700) == 0 && mkdir(harness_path("disk/queue"), 0700) == 0);
    REQUIRE(mkdir(harness_path("disk/part"), 0700) == 0);
    put("disk/stat", "0 0 0 0 13 0 108 0 2 9 11 0 0 0 0 9 11\n");
    put("disk/part/stat", "0 0 0 0 5 0 8 0 2 9 11 0 0 0 0 0 0\n");
    put("disk/part/partition", "1\n");
    put("disk/queue/write_cache", "write back\n");
    put("disk/queue/fua", "1\n");
    struct bench_counters c;
    bench_counters_read(harness_path("disk/part/stat"), &c);
    CHECK(c.device_known && c.flushes_known);
    CHECK_UINT(c.writes, 5);
    CHECK_UINT(c.flushes, 9);
    struct bench_queue queue;
    bench_queue_read(harness_path("disk/part/stat"), &queue);
    CHECK(queue.known && queue.write_back && queue.fua);
    put("disk/queue/write_cache", "write through\n");
    put("disk/queue/fua", "0\n");
    bench_queue_read(harness_path("disk/stat"), &queue);
    CHECK(queue.known && !queue.write_back && !queue.fua);
}
