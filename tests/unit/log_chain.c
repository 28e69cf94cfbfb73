/* The hash chain over a log's segments: that it holds, and what breaks it.
 *
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include <unistd.h>

#include "log/segment.h"
#include "log_support.h"

static int verify_chain(const char *directory, struct quire_verify_result *result)
{
    struct quire_verify_options options = {.size = sizeof options, .flags = QUIRE_VERIFY_CHAIN};

    *result = (struct quire_verify_result){.size = sizeof *result};
    return quire_verify(directory, &options, result);
}

/* Nothing can be taken out of a chained log: not a segment, not with another put in its place. */
TEST(log_chain)
{
    struct quire_log_options o = small_log(0);
    struct quire_verify_result result;
    const char *directory = harness_path("log");
    const char *other = harness_path("other");
    quire_log *log = NULL;
    uint64_t next = 1;

    o.flags = QUIRE_LOG_CHAIN;
    int rc = quire_log_open(directory, &o, &log);
    if (rc == QUIRE_E_NO_CHAIN)
        SKIP("%s", quire_strerror(rc));
    REQUIRE_OK(rc);
    for (int i = 0; i < 6; i++) {
        append_many(log, next, next + 39);
        next += 40;
        REQUIRE_OK(quire_log_rotate(log));
        /* Taken up again, in the middle of a segment and behind one. */
        if (i % 2 == 1)
            append_many(log, next, next + 4), next += 5;
        REQUIRE_OK(quire_log_close(log));
        log = open_log(directory, &o);
    }
    append_many(log, next, next + 4);
    REQUIRE_OK(quire_log_close(log));
    REQUIRE_OK(verify_chain(directory, &result));
    unsigned char digest[32];
    memcpy(digest, result.chain, sizeof digest);

    /* The log as it was before it was chained differently: the same records, and another digest. */
    log = open_log(other,
                   &(struct quire_log_options){.size = sizeof o, .segment_bytes = 64 * PAGE, .block_bytes = 4 * PAGE});
    REQUIRE_OK(append_next(log, 1));
    REQUIRE_OK(quire_log_rotate(log));
    REQUIRE_OK(quire_log_close(log));
    CHECK_CODE(verify_chain(other, &result), QUIRE_E_NO_CHAIN);

    uint64_t steps = 0;
    REQUIRE(unlink(segment_name(directory, 3)) == 0);
    REQUIRE_OK(quire_repair(directory, 1, NULL, NULL, &steps));
    struct quire_verify_result plain = {.size = sizeof plain};
    CHECK_OK(quire_verify(directory, NULL, &plain));
    CHECK_CODE(verify_chain(directory, &result), QUIRE_E_DAMAGED);
    CHECK(result.damaged >= 1);
    CHECK_BYTES(result.chain, digest, sizeof digest);
}

static int note_end(void *context, const struct quire_segment_info *segment)
{
    uint64_t *ends = context;

    ends[segment->number] = segment->data_bytes;
    return 0;
}

enum { SEGMENTS = 5, RENUMBERED = SEGMENTS + 2 };

static struct quire__disk_footer footer_of(const char *directory, uint64_t number)
{
    struct quire_log_info info = {.size = sizeof info};
    struct quire__disk_footer footer;
    uint64_t ends[RENUMBERED + 2] = {0};

    REQUIRE_OK(quire_inspect(directory, note_end, ends, &info));
    struct bytes bytes = read_file(segment_name(directory, number));
    REQUIRE(ends[number] >= 2 * PAGE && bytes.length >= ends[number]);
    memcpy(&footer, bytes.data + ends[number] - PAGE + QUIRE__BLOCK_HEADER, sizeof footer);
    bytes_free(&bytes);
    return footer;
}

/* Footers become durable after the blocks behind them, so a crash may take some. */
static void cut_footers(const char *directory, uint64_t first, uint64_t last)
{
    struct quire_log_info info = {.size = sizeof info};
    uint64_t ends[RENUMBERED + 2] = {0};

    REQUIRE_OK(quire_inspect(directory, note_end, ends, &info));
    for (uint64_t i = first; i <= last; i++)
        REQUIRE_INT(truncate(segment_name(directory, i), (off_t)(ends[i] - PAGE)), 0);
}

/* As recovery leaves numbers out where it takes segments away. */
static void renumber(const char *directory, uint64_t from, uint64_t to)
{
    struct bytes bytes = read_file(segment_name(directory, from));
    struct quire__segment_header header;

    REQUIRE_OK(quire__segment_decode(bytes.data, &header));
    header.number = to;
    quire__segment_encode(&header, bytes.data);
    REQUIRE_INT(unlink(segment_name(directory, from)), 0);
    write_file(segment_name(directory, to), bytes.data, bytes.length);
    bytes_free(&bytes);
}

/* Another time in the header of a segment's first block, with a checksum that fits: only the chain can tell. */
static void forge(const char *directory, uint64_t number)
{
    struct bytes bytes = read_file(segment_name(directory, number));
    struct quire__segment_header header;
    struct quire__disk_block block;

    REQUIRE(bytes.length >= 2 * PAGE);
    REQUIRE_OK(quire__segment_decode(bytes.data, &header));
    memcpy(&block, bytes.data + PAGE, sizeof block);
    block.last_time++;
    quire__block_seal(&block, &header.identity, PAGE, bytes.data + PAGE);
    write_file(segment_name(directory, number), bytes.data, bytes.length);
    bytes_free(&bytes);
}

/* The chain goes through segments that lost their footer, and over numbers that are missing. */
TEST(log_chain_over_lost_footers)
{
    static const unsigned char zeros[32];
    struct quire_log_options o = small_log(0);
    struct quire_verify_result result;
    const char *directory = harness_path("log");
    quire_log *log = NULL;

    o.flags = QUIRE_LOG_CHAIN;
    int rc = quire_log_open(directory, &o, &log);
    if (rc == QUIRE_E_NO_CHAIN)
        SKIP("%s", quire_strerror(rc));
    REQUIRE_OK(rc);
    for (uint64_t i = 1; i < SEGMENTS; i++) {
        append_many(log, 10 * i - 9, 10 * i);
        REQUIRE_OK(quire_log_rotate(log));
    }
    append_many(log, 10 * SEGMENTS - 9, 10 * SEGMENTS);
    REQUIRE_OK(quire_log_close(log));
    struct quire__disk_footer said = footer_of(directory, SEGMENTS - 1);
    cut_footers(directory, SEGMENTS - 2, SEGMENTS - 1);
    renumber(directory, SEGMENTS, RENUMBERED);
    CHECK_OK(verify_chain(directory, &result));

    log = open_log(directory, &o);
    append_many(log, 10 * SEGMENTS + 1, 10 * SEGMENTS + 1);
    REQUIRE_OK(quire_log_rotate(log));
    append_many(log, 10 * SEGMENTS + 2, 10 * SEGMENTS + 2);
    REQUIRE_OK(quire_log_close(log));
    struct quire__disk_footer last = footer_of(directory, RENUMBERED);
    CHECK_BYTES(last.previous, said.digest, sizeof said.digest);
    CHECK(memcmp(last.previous, zeros, sizeof zeros) != 0);
    CHECK_OK(verify_chain(directory, &result));
    CHECK_BYTES(result.chain, last.digest, sizeof last.digest);
    CHECK_LOG(directory, 1, 10 * SEGMENTS + 2);

    /* One that lost its footer is covered all the same. */
    forge(directory, SEGMENTS - 1);
    struct quire_verify_result plain = {.size = sizeof plain};
    CHECK_OK(quire_verify(directory, NULL, &plain));
    CHECK_CODE(verify_chain(directory, &result), QUIRE_E_DAMAGED);
}
