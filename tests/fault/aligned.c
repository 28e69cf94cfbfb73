/* What reaches the kernel: how many writes, from which memory, to which offsets; and each byte once.
 *
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "fault.h"

enum { RECORD = 100, BUFFER = 4 * PAGE };

static struct quire_writer_options small(uint32_t method)
{
    struct quire_writer_options o = options_for(method);
    set_buffers(&o, BUFFER, 3);
    return o;
}

static int by_offset(const void *a, const void *b)
{
    const struct fault_write *x = a, *y = b;
    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* The writes, in any order, are [begin, end) without a hole and without a byte twice. */
static void check_each_byte_once(struct fault *fault, uint64_t begin, uint64_t end)
{
    uint64_t count = 0, at = begin;
    const struct fault_write *writes = fault_writes(fault, &count);
    struct fault_write *sorted = calloc(count + 1, sizeof *sorted);
    REQUIRE(sorted != NULL);
    for (uint64_t i = 0; i < count; i++)
        sorted[i] = writes[i];
    qsort(sorted, count, sizeof *sorted, by_offset);
    for (uint64_t i = 0; i < count; i++) {
        REQUIRE_UINT(sorted[i].offset, at);
        at += sorted[i].length;
    }
    CHECK_UINT(at, end);
    free(sorted);
}

static bool whole_pages(const struct fault_write *write)
{
    return write->memory % PAGE == 0 && write->offset % PAGE == 0 && write->length % PAGE == 0;
}

static void append_bytes(quire_writer *w, uint64_t bytes)
{
    static uint8_t record[RECORD];
    fill(record, sizeof record, 1);
    for (uint64_t at = 0; at < bytes; at += RECORD)
        REQUIRE_OK(quire_writer_append(w, record, bytes - at < RECORD ? bytes - at : RECORD, NULL));
}

struct expectation {
    const char *name;
    uint32_t method;
    uint64_t begin, bytes;
    uint64_t whole, parts; /* writes of whole pages and others */
};

/* Without a flush: whole buffers in one write each; then at close the rest, which uring cuts at the last page. */
static const struct expectation expectations[] = {
    {"paged_from_0", QUIRE_METHOD_PAGED, 0, 10 * BUFFER, 10, 0},
    {"paged_tail", QUIRE_METHOD_PAGED, 0, 10 * BUFFER + 2 * PAGE + 5, 10, 1},
    {"paged_from_page", QUIRE_METHOD_PAGED, PAGE, 10 * BUFFER, 11, 0},
    {"paged_from_5000", QUIRE_METHOD_PAGED, 5000, 10 * BUFFER, 9, 2},
    {"uring_from_0", QUIRE_METHOD_URING, 0, 10 * BUFFER, 10, 0},
    {"uring_tail", QUIRE_METHOD_URING, 0, 10 * BUFFER + 2 * PAGE + 5, 11, 1},
    {"uring_from_page", QUIRE_METHOD_URING, PAGE, 10 * BUFFER, 11, 0},
    {"uring_from_5000", QUIRE_METHOD_URING, 5000, 10 * BUFFER, 11, 2},
};

TEST_EACH(aligned_writes, struct expectation, expectations)
{
    struct fault *fault = fault_new((struct fault_setup){.align = 4096});
    struct quire_writer_options o = small(it->method);
    struct bytes before = {0};
    const char *path = harness_path("file");
    bytes_add_filled(&before, it->begin, 1);
    write_file(path, before.data, before.length);
    bytes_free(&before);
    quire_writer *w = fault_open_writer(fault, path, &o);
    append_bytes(w, it->bytes);
    uint64_t early = 0, count = 0, whole = 0, parts = 0;
    fault_writes(fault, &early);
    REQUIRE_OK(quire_writer_close(w));
    const struct fault_write *writes = fault_writes(fault, &count);
    for (uint64_t i = 0; i < count; i++) {
        *(whole_pages(&writes[i]) ? &whole : &parts) += 1;
        /* Before anybody flushed, every write ended where a page does, and began at one but for the very first. */
        if (i < early)
            CHECK((writes[i].offset + writes[i].length) % PAGE == 0 &&
                  (writes[i].offset % PAGE == 0 || writes[i].offset == it->begin));
        CHECK_UINT(writes[i].memory % PAGE, writes[i].offset % PAGE);
        CHECK_INT(writes[i].queued, it->method == QUIRE_METHOD_URING && whole_pages(&writes[i]));
    }
    CHECK_UINT(whole, it->whole);
    CHECK_UINT(parts, it->parts);
    check_each_byte_once(fault, it->begin, it->begin + it->bytes);
    fault_free(fault);
}

static const struct method writing[] = {{"write", QUIRE_METHOD_WRITE},
                                        {"stdio", QUIRE_METHOD_STDIO},
                                        {"paged", QUIRE_METHOD_PAGED},
                                        {"uring", QUIRE_METHOD_URING}};

/* With flushes at any length in between; a flush of nothing new writes nothing. */
TEST_EACH(aligned_each_byte_once, struct method, writing)
{
    struct fault *fault = fault_new((struct fault_setup){.align = 512, .order = FAULT_SHUFFLED});
    struct quire_writer_options o = small(it->method);
    quire_writer *w = fault_open_writer(fault, harness_path("file"), &o);
    uint64_t end = 0;
    for (int i = 0; i < 200; i++) {
        uint64_t bytes = harness_below(i % 10 ? 3000 : 4 * BUFFER), before = 0, after = 0;
        append_bytes(w, bytes);
        end += bytes;
        REQUIRE_OK(quire_writer_flush(w));
        fault_writes(fault, &before);
        REQUIRE_OK(quire_writer_flush(w));
        fault_writes(fault, &after);
        CHECK_UINT(after, before);
        if (i % 50 == 10)
            REQUIRE_OK(quire_writer_sync(w));
    }
    struct quire_writer_stats s = stats_of(w);
    uint64_t count = 0;
    fault_writes(fault, &count);
    CHECK_UINT(s.writes, count);
    CHECK_UINT(s.write_bytes, end);
    REQUIRE_OK(quire_writer_close(w));
    check_each_byte_once(fault, 0, end);
    fault_free(fault);
}

/* One write(2) per append, of its very bytes. */
TEST(aligned_write_holds_nothing_back)
{
    struct fault *fault = fault_new((struct fault_setup){.align = 512});
    struct quire_writer_options o = small(QUIRE_METHOD_WRITE);
    quire_writer *w = fault_open_writer(fault, harness_path("file"), &o);
    uint8_t data[300] = {1};
    struct iovec pieces[] = {{data, 100}, {data + 100, 150}, {data + 250, 50}};
    struct quire_claim claim;
    for (uint64_t i = 1; i <= 20; i++) {
        REQUIRE_OK(quire_writer_append(w, data, 7, NULL));
        CHECK_UINT(fault_calls(fault, FAULT_WRITE), 3 * i - 2);
        CHECK_UINT(watermarks_of(w).written, (i - 1) * 407 + 7);
        REQUIRE_OK(quire_writer_appendv(w, pieces, 3, NULL));
        CHECK_UINT(fault_calls(fault, FAULT_WRITE), 3 * i - 1);
        REQUIRE_OK(quire_writer_claim(w, 100, &claim));
        fill(claim.memory, 100, i);
        REQUIRE_OK(quire_writer_publish(w, &claim));
        CHECK_UINT(fault_calls(fault, FAULT_WRITE), 3 * i);
        CHECK_UINT(watermarks_of(w).written, i * 407);
    }
    REQUIRE_OK(quire_writer_close(w));
    CHECK_UINT(fault_calls(fault, FAULT_WRITE), 60);
    fault_free(fault);
}

/* mmap gives nothing to write(2), and maps one window after the other. */
TEST(aligned_mmap_does_not_write)
{
    struct fault *fault = fault_new((struct fault_setup){.align = 512});
    struct quire_writer_options o = small(QUIRE_METHOD_MMAP);
    quire_writer *w = fault_open_writer(fault, harness_path("file"), &o);
    append_bytes(w, 10 * BUFFER);
    REQUIRE_OK(quire_writer_sync(w));
    CHECK_UINT(fault_calls(fault, FAULT_WRITE), 0);
    /* A record does not lie in two windows, so the next one begins a page early. */
    CHECK(fault_calls(fault, FAULT_MAP) >= 10 && fault_calls(fault, FAULT_MAP) <= 10 * 4 / 3 + 1);
    CHECK_UINT(fault_calls(fault, FAULT_ALLOCATE), 1);
    CHECK_UINT(stats_of(w).allocations, 1);
    REQUIRE_OK(quire_writer_close(w));
    CHECK_UINT(fault_calls(fault, FAULT_MAP), fault_calls(fault, FAULT_UNMAP));
    CHECK_INT(file_size(harness_path("file")), 10 * BUFFER);
    fault_free(fault);
}

/* Several writes are under way at once, and are counted. */
TEST(aligned_uring_in_flight)
{
    struct fault *fault = fault_new((struct fault_setup){.align = 512, .lazy = true, .order = FAULT_LAST_FIRST});
    struct quire_writer_options o = small(QUIRE_METHOD_URING);
    quire_writer *w = fault_open_writer(fault, harness_path("file"), &o);
    append_bytes(w, 20 * BUFFER);
    REQUIRE_OK(quire_writer_flush(w));
    CHECK(stats_of(w).in_flight_most >= 2 && stats_of(w).in_flight_most <= 3);
    REQUIRE_OK(quire_writer_close(w));
    check_each_byte_once(fault, 0, 20 * BUFFER);
    fault_free(fault);
}
