/* Memory that cannot be had: the n-th allocation fails, for n = 1, 2, ... until none does.
 *
 * Every malloc, calloc, realloc, ... and every anonymous mapping of this process is one. Whatever fails, an error comes
 * out or everything is right, what was allocated is given back, and the log is as whole as it was.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "heap_hooks.h"
#include "log_support.h"

#ifdef NO_HEAP_HOOKS

TEST(memory)
{
    SKIP("the allocator is the sanitizer's (or not glibc's), and cannot be made to fail");
}

#else

/* How many allocations until one is refused: 0: none is. And what is held. */
static _Atomic int64_t until_refusal;
static _Atomic int64_t refused, held;

extern void __libc_free(void *memory);

static bool heap_refuses(void)
{
    if (atomic_load(&until_refusal) <= 0 || atomic_fetch_sub(&until_refusal, 1) != 1)
        return false;
    atomic_fetch_add(&refused, 1);
    return true;
}

static void heap_gave(const void *old, const void *now)
{
    atomic_fetch_add(&held, !old && now);
}

void free(void *memory)
{
    atomic_fetch_sub(&held, memory != NULL);
    __libc_free(memory);
}

void *mmap(void *at, size_t length, int protection, int flags, int fd, off_t offset)
{
    if (fd < 0 && heap_refuses()) {
        errno = ENOMEM;
        return MAP_FAILED;
    }
    long mapped = syscall(SYS_mmap, at, length, protection, flags, fd, offset);
    return (void *)mapped;
}

enum { RECORDS = 60, SEGMENT_RECORDS = 20, MOST_REFUSALS = 2000 };

struct work {
    const char *name;
    int (*run)(const struct work *work); /* the first error, or 0 and all is done */
    uint32_t method, flags, codec, on_full;
    bool needs_log, large;
};

static int first_of(int a, int b)
{
    return a < 0 ? a : b;
}

static int write_plain(const struct work *work)
{
    struct quire_writer_options o = options_for(work->method);
    quire_writer *writer = NULL;
    quire_lane *lane = NULL;
    char record[100] = "record";

    set_buffers(&o, PAGE, 3);
    int rc = quire_writer_open(harness_path("file"), &o, &writer);
    if (rc < 0)
        return rc;
    rc = quire_lane_open(writer, &lane);
    for (int i = 0; i < RECORDS && rc == 0; i++)
        rc = i % 2 ? quire_lane_append(lane, record, sizeof record)
                   : quire_writer_append(writer, record, sizeof record, NULL);
    if (lane)
        rc = first_of(rc, quire_lane_close(lane));
    rc = first_of(rc, quire_writer_close(writer));
    if (rc == 0)
        CHECK_INT(file_size(harness_path("file")), RECORDS * (int64_t)sizeof record);
    unlink(harness_path("file"));
    return rc;
}

/* Appends to a log that is there. Records behind it may be more than before. */
static int append_to_log(const struct work *work)
{
    struct quire_log_options o = small_log(work->method);
    quire_log *log = NULL;
    quire_log_lane *lane = NULL;

    o.flags = work->flags;
    o.codec = work->codec;
    o.on_full = work->on_full;
    o.sync_policy = work->on_full ? QUIRE_SYNC_INTERVAL : QUIRE_SYNC_NONE;
    int rc = quire_log_open(harness_path("log"), &o, &log);
    if (rc < 0)
        return rc;
    rc = quire_log_lane_open(log, &lane);
    uint64_t next = log_marks(log).appended + 1;
    for (uint64_t i = next; i < next + 3 && rc == 0; i++)
        rc = append_next(log, i);
    if (lane)
        rc = first_of(rc, quire_log_lane_close(lane));
    return first_of(rc, quire_log_close(log));
}

static int read_log(const struct work *work)
{
    struct quire_record record;
    quire_reader *reader = NULL;
    uint64_t forward = 0;
    uint64_t back = 0;

    (void)work;
    int rc = quire_reader_open(harness_path("log"), NULL, &reader);
    if (rc < 0)
        return rc;
    while ((rc = quire_reader_next(reader, &record)) > 0)
        forward++;
    while (rc >= 0 && (rc = quire_reader_previous(reader, &record)) > 0)
        back++;
    if (rc == 0)
        rc = quire_reader_seek_sequence(reader, 30);
    if (rc == 0)
        rc = quire_reader_wait(reader, 0);
    quire_reader_close(reader);
    if (rc >= 0)
        CHECK(forward == RECORDS && back == RECORDS);
    return rc < 0 ? rc : 0;
}

enum { LARGE = 600000, LARGE_RECORDS = 3 };

/* Blocks larger than what is read at once, and if they are compressed, larger still. */
static void make_large_log(uint32_t codec)
{
    static char record[LARGE];
    struct quire_log_options o = small_log(0);
    quire_log *log = NULL;

    o.codec = codec;
    o.block_bytes = (uint64_t)256 * PAGE;
    o.segment_bytes = (uint64_t)2048 * PAGE;
    int rc = quire_log_open(harness_path("log"), &o, &log);
    if (rc == QUIRE_E_NO_CODEC)
        SKIP("%s", quire_strerror(rc));
    REQUIRE_OK(rc);
    for (int i = 0; i < LARGE_RECORDS; i++) {
        for (size_t at = 0; at < sizeof record; at++)
            record[at] = (char)(codec ? i : (int)at * 7919 + i);
        REQUIRE_OK(quire_log_append(log, record, sizeof record, NULL));
    }
    REQUIRE_OK(quire_log_close(log));
}

static int read_large(const struct work *work)
{
    struct quire_record record;
    quire_reader *reader = NULL;
    uint64_t seen = 0;

    (void)work;
    int rc = quire_reader_open(harness_path("log"), NULL, &reader);
    if (rc < 0)
        return rc;
    while ((rc = quire_reader_next(reader, &record)) > 0)
        seen += record.length == LARGE;
    if (rc == 0)
        rc = quire_reader_previous(reader, &record);
    quire_reader_close(reader);
    CHECK(rc < 0 || seen == LARGE_RECORDS);
    return rc < 0 ? rc : 0;
}

static int see_one(void *context, uint32_t thread, const struct quire_record *record)
{
    (void)thread;
    (void)record;
    atomic_fetch_add((_Atomic uint64_t *)context, 1);
    return 0;
}

static int scan_log(const struct work *work)
{
    _Atomic uint64_t seen = 0;

    (void)work;
    int rc = quire_scan(harness_path("log"), NULL, 3, see_one, &seen);
    CHECK(rc < 0 || seen == RECORDS);
    return rc;
}

static int check_whole(const struct work *work)
{
    struct quire_verify_options o = {.size = sizeof o, .threads = 2, .flags = work->flags ? QUIRE_VERIFY_CHAIN : 0};
    struct quire_verify_result result = {.size = sizeof result};
    struct quire_log_info info = {.size = sizeof info};

    int rc = quire_verify(harness_path("log"), &o, &result);
    CHECK(rc < 0 || result.records == RECORDS);
    return rc < 0 ? rc : quire_inspect(harness_path("log"), NULL, NULL, &info);
}

/* A log with a hole is made anew each time. */
static int repair_log(const struct work *work)
{
    uint64_t steps = 0;

    (void)work;
    flip_byte(segment_name(harness_path("log"), 1), 2 * PAGE + 100, 1);
    int rc = quire_repair(harness_path("log"), 0, NULL, NULL, &steps);
    CHECK(rc < 0 || steps > 0);
    flip_byte(segment_name(harness_path("log"), 1), 2 * PAGE + 100, 1);
    return rc;
}

static int trim_log(const struct work *work)
{
    (void)work;
    return quire_trim(harness_path("log"), 1, NULL);
}

static int truncate_log(const struct work *work)
{
    (void)work;
    return quire_truncate(harness_path("log"), RECORDS, NULL);
}

static void make_log(uint32_t flags)
{
    struct quire_log_options o = small_log(0);

    o.flags = flags;
    o.sync_policy = QUIRE_SYNC_NONE;
    quire_log *log = open_log(harness_path("log"), &o);
    for (uint64_t i = 1; i <= RECORDS; i++) {
        REQUIRE_OK(append_next(log, i));
        if (i % 5 == 0)
            REQUIRE_OK(quire_log_flush(log));
        if (i % SEGMENT_RECORDS == 0 && i < RECORDS)
            REQUIRE_OK(quire_log_rotate(log));
    }
    REQUIRE_OK(quire_log_close(log));
}

static const struct work works[] = {
    {"writer_paged", write_plain, .method = QUIRE_METHOD_PAGED},
    {"writer_stdio", write_plain, .method = QUIRE_METHOD_STDIO},
    {"writer_write", write_plain, .method = QUIRE_METHOD_WRITE},
    {"writer_mmap", write_plain, .method = QUIRE_METHOD_MMAP},
    {"writer_uring", write_plain, .method = QUIRE_METHOD_URING},
    {"log_paged", append_to_log, .method = QUIRE_METHOD_PAGED, .needs_log = true},
    {"log_write", append_to_log, .method = QUIRE_METHOD_WRITE, .needs_log = true},
    {"log_mmap", append_to_log, .method = QUIRE_METHOD_MMAP, .needs_log = true},
    {"log_uring", append_to_log, .method = QUIRE_METHOD_URING, .needs_log = true},
    {"log_zstd", append_to_log, .codec = QUIRE_CODEC_ZSTD, .needs_log = true},
    {"log_lz4", append_to_log, .codec = QUIRE_CODEC_LZ4, .needs_log = true},
    {"log_chain", append_to_log, .flags = QUIRE_LOG_CHAIN, .needs_log = true},
    {"log_threads", append_to_log, .on_full = QUIRE_FULL_DROP, .needs_log = true},
    {"reader", read_log, .needs_log = true},
    {"reader_large", read_large, .large = true},
    {"reader_zstd", read_large, .codec = QUIRE_CODEC_ZSTD, .large = true},
    {"reader_lz4", read_large, .codec = QUIRE_CODEC_LZ4, .large = true},
    {"scan", scan_log, .needs_log = true},
    {"verify", check_whole, .needs_log = true},
    {"verify_chain", check_whole, .flags = QUIRE_LOG_CHAIN, .needs_log = true},
    {"repair", repair_log, .needs_log = true},
    {"trim", trim_log, .needs_log = true},
    {"truncate", truncate_log, .needs_log = true},
};

TEST_EACH(memory, struct work, works)
{
    int64_t reported = 0;
    int64_t handled = 0;
    int64_t n = 1;

    if (it->needs_log)
        make_log(it->flags);
    if (it->large)
        make_large_log(it->codec);
    /* Once with all the memory there is: libc keeps what threads and streams needed. */
    int rc = it->run(it);
    if (rc == QUIRE_E_NO_DIRECT || rc == QUIRE_E_NO_URING || rc == QUIRE_E_NO_CODEC || rc == QUIRE_E_NO_CHAIN)
        SKIP("%s", quire_strerror(rc));
    REQUIRE_OK(rc);
    for (; n < MOST_REFUSALS; n++) {
        int64_t before = atomic_load(&held);
        alarm(20);
        atomic_store(&refused, 0);
        atomic_store(&until_refusal, n);
        rc = it->run(it);
        atomic_store(&until_refusal, 0);
        if (atomic_load(&refused) == 0)
            break;
        *(rc < 0 ? &reported : &handled) += 1;
        if (atomic_load(&held) > before)
            FAIL("allocation %" PRId64 " refused: %" PRId64 " are not given back", n, atomic_load(&held) - before);
    }
    alarm(0);
    CHECK(n > 1 && n < MOST_REFUSALS);
    CHECK_OK(rc);
    printf("# memory/%s: %" PRId64 " refused, %" PRId64 " reported, %" PRId64 " handled\n", it->name, n - 1, reported,
           handled);
}

#endif
