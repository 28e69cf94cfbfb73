/* The micro-benchmarks there are.
 *
 * SPDX-License-Identifier: MIT */
#include <quire/writer.h>

#include "micro/files.h"

#define KIB(n) ((uint64_t)(n) << 10)

#define WRITER(name_, record_, method_, ...)                                                                    \
    {                                                                                                           \
        .name = (name_), .run = bench_micro_writer, .record_bytes = (record_), .method = (method_), __VA_ARGS__ \
    }
#define LANE(name_, method_, ...)                                                                          \
    {                                                                                                      \
        .name = (name_), .run = bench_micro_lane, .record_bytes = KIB(1), .method = (method_), __VA_ARGS__ \
    }

/* A record size, written at once and through buffers. */
#define RECORDS(name_, record_)                                              \
    WRITER(name_ "/DirectWrite", record_, QUIRE_METHOD_WRITE, .threads = 1), \
        WRITER(name_ "/PageAligned16K", record_, QUIRE_METHOD_PAGED, .threads = 1, .buffer_bytes = KIB(16))

#define SHARED_THREADS(n) WRITER("SharedThreads/" #n, KIB(1), QUIRE_METHOD_PAGED, .threads = (n))
#define LANE_THREADS(n) LANE("LaneThreads/" #n, QUIRE_METHOD_PAGED, .threads = (n))
#define DURABLE(name_, method_, ...) \
    WRITER("DurableAppend/" name_, KIB(1), method_, .threads = 1, .durable = true, __VA_ARGS__)

const struct bench_micro bench_micro_table[] = {
    WRITER("DirectWrite", KIB(1), QUIRE_METHOD_WRITE, .threads = 1),
    WRITER("PageAligned4K", KIB(1), QUIRE_METHOD_PAGED, .threads = 1, .buffer_bytes = KIB(4)),
    WRITER("PageAligned16K", KIB(1), QUIRE_METHOD_PAGED, .threads = 1, .buffer_bytes = KIB(16)),
    WRITER("PageAligned64K", KIB(1), QUIRE_METHOD_PAGED, .threads = 1, .buffer_bytes = KIB(64)),
    WRITER("MemoryMapped", KIB(1), QUIRE_METHOD_MMAP, .threads = 1),
    RECORDS("SmallRecords", 128),
    RECORDS("MediumRecords", KIB(1)),
    RECORDS("LargeRecords", KIB(8)),
    WRITER("ConcurrentWrites", KIB(1), QUIRE_METHOD_PAGED, .threads = 0),
    WRITER("Buffered64K", KIB(1), QUIRE_METHOD_STDIO, .threads = 1, .buffer_bytes = KIB(64)),
    LANE("Lane", QUIRE_METHOD_PAGED, .threads = 1),
    LANE("LaneDirect", QUIRE_METHOD_URING, .threads = 1),
    WRITER("Uring", KIB(1), QUIRE_METHOD_URING, .threads = 1),
    WRITER("ClaimPublish", KIB(1), QUIRE_METHOD_PAGED, .threads = 1, .way = BENCH_MICRO_CLAIM),
    LANE("LaneClaimPublish", QUIRE_METHOD_PAGED, .threads = 1, .way = BENCH_MICRO_LANE_CLAIM),
    WRITER("AppendV", KIB(1), QUIRE_METHOD_PAGED, .threads = 1, .way = BENCH_MICRO_APPENDV),
    SHARED_THREADS(1),
    SHARED_THREADS(2),
    SHARED_THREADS(4),
    SHARED_THREADS(8),
    SHARED_THREADS(16),
    LANE_THREADS(1),
    LANE_THREADS(2),
    LANE_THREADS(4),
    LANE_THREADS(8),
    LANE_THREADS(16),
    {.name = "Memcpy", .run = bench_micro_memcpy, .record_bytes = KIB(1), .buffer_bytes = KIB(256), .threads = 1},
    {.name = "Fwrite", .run = bench_micro_libc, .record_bytes = KIB(1), .buffer_bytes = KIB(64), .threads = 1},
    {.name = "FwriteUnlocked",
     .run = bench_micro_libc,
     .record_bytes = KIB(1),
     .buffer_bytes = KIB(64),
     .threads = 1,
     .unlocked = true},
    DURABLE("DirectWrite", QUIRE_METHOD_WRITE, .buffer_bytes = 0),
    DURABLE("PageAligned", QUIRE_METHOD_PAGED, .buffer_bytes = 0),
    DURABLE("Uring", QUIRE_METHOD_URING, .buffer_bytes = 0),
};

const size_t bench_micro_table_count = sizeof bench_micro_table / sizeof bench_micro_table[0];
