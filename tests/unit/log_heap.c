/* Appending to a log allocates nothing, whatever happens on the way: full blocks, compression, rotation, recycling, syncs.
 *
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "heap_count.h"
#include "log_support.h"

#ifdef CANNOT_COUNT

TEST(log_heap)
{
    SKIP("the allocator is the sanitizer's (or not glibc's), and cannot be counted");
}

#else

enum { APPENDS = 20000, RECORD = 128 };

struct kind {
    const char *name;
    uint32_t method, flags, codec, prepare;
    bool chatty; /* syncs and claims on the way */
};

static const struct kind kinds[] = {
    {.name = "paged", .method = QUIRE_METHOD_PAGED},
    {.name = "mmap", .method = QUIRE_METHOD_MMAP},
    {.name = "uring", .method = QUIRE_METHOD_URING},
    {.name = "times", .flags = QUIRE_LOG_RECORD_TIMES, .chatty = true},
    {.name = "zstd", .codec = QUIRE_CODEC_ZSTD},
    {.name = "lz4", .codec = QUIRE_CODEC_LZ4, .chatty = true},
    {.name = "chain", .flags = QUIRE_LOG_CHAIN},
    {.name = "recycled", .prepare = QUIRE_LOG_PREPARE_WRITTEN},
    {.name = "continue", .flags = QUIRE_LOG_CONTINUE, .chatty = true},
};

/* The sequence, and text that compresses. */
static void append_some(quire_log *log, quire_log_lane *lane, bool chatty)
{
    static char record[RECORD] = "GET /index.html HTTP/1.1";

    for (int i = 0; i < APPENDS; i++) {
        struct quire_log_claim claim;
        record[RECORD - 1 - i % 40] = (char)i;
        if (i % 3 == 0)
            REQUIRE_OK(quire_log_lane_append(lane, record, sizeof record));
        else
            REQUIRE_OK(quire_log_append(log, record, sizeof record, NULL));
        if (!chatty || i % 500)
            continue;
        REQUIRE_OK(quire_log_claim(log, 10, &claim));
        memset(claim.memory, 'c', 10);
        REQUIRE_OK(quire_log_publish(log, &claim));
        REQUIRE_OK(quire_log_sync(log, 0));
    }
    REQUIRE_OK(quire_log_sync(log, 0));
}

TEST_EACH(log_heap, struct kind, kinds)
{
    struct quire_log_options o = small_log(it->method);
    quire_log_lane *lane = NULL;
    quire_log *log = NULL;

    o.flags = it->flags;
    o.codec = it->codec;
    o.prepare = it->prepare;
    o.keep_segments = 3;
    int rc = quire_log_open(harness_path("log"), &o, &log);
    if (rc == QUIRE_E_NO_CODEC || rc == QUIRE_E_NO_CHAIN || rc == QUIRE_E_NO_DIRECT || rc == QUIRE_E_NO_URING)
        SKIP("%s", quire_strerror(rc));
    REQUIRE_OK(rc);
    REQUIRE_OK(quire_log_lane_open(log, &lane));
    struct counts before = counts_now();
    append_some(log, lane, it->chatty);
    struct counts now = counts_now();
    CHECK_UINT(now.heap - before.heap, 0);
    CHECK_UINT(now.others - before.others, 0);
    struct quire_log_stats stats = log_stats(log);
    CHECK(stats.rotations > 3 || it->codec);
    CHECK(stats.trimmed > 0 || it->codec);
    CHECK(it->prepare != QUIRE_LOG_PREPARE_WRITTEN || stats.recycled > 0);
    /* What was set at open, and the lane. */
    uint64_t buffers = o.block_count + (it->codec ? 1 : 0);
    CHECK_UINT(stats.memory_bytes, buffers * o.block_bytes + o.block_bytes - 96 + 2 * PAGE);
    REQUIRE_OK(quire_log_close(log));
}

#endif
