/* Every byte of a small log changed, one after the other: never a crash, never a wrong record, only records of that block
 * lost, and verify names the place.
 *
 * SPDX-License-Identifier: MIT */
#include "log_support.h"
#include "sanitizers.h"

enum { STEP = SANITIZED ? 13 : 1 };
enum { BLOCKS = 2, EACH = 4 };

/* Blocks of EACH records, a page each, and a footer, in segment 1; one block in segment 2. */
static void make_log(const char *directory)
{
    struct quire_log_options o = small_log(0);
    quire_log *log = open_log(directory, &o);

    for (uint64_t i = 1; i <= (BLOCKS + 1) * EACH; i++) {
        REQUIRE_OK(append_next(log, i));
        if (i % EACH == 0)
            REQUIRE_OK(quire_log_sync(log, 0));
        if (i == BLOCKS * EACH)
            REQUIRE_OK(quire_log_rotate(log));
    }
    REQUIRE_OK(quire_log_close(log));
}

/* What can still be read, with the gaps declared; each record must be the model's. */
static uint64_t read_all(const char *directory, uint64_t *lost)
{
    struct quire_reader_options options = {.size = sizeof options, .flags = QUIRE_READ_GAPS};
    struct quire_record record;
    quire_reader *reader = NULL;
    uint64_t records = 0;
    unsigned char should[700];

    *lost = 0;
    if (quire_reader_open(directory, &options, &reader) < 0)
        return 0;
    while (quire_reader_next(reader, &record) > 0) {
        if (record.kind == QUIRE_RECORD_GAP) {
            *lost += record.lost;
            continue;
        }
        record_fill(should, record.sequence);
        REQUIRE_UINT(record.length, record_length(record.sequence));
        REQUIRE(CHECK_BYTES(record.data, should, record.length));
        records++;
    }
    quire_reader_close(reader);
    return records;
}

struct seen {
    uint64_t places, segment, offset;
};

static void see_damage(void *context, const struct quire_damage *damage)
{
    struct seen *seen = context;

    seen->places++;
    seen->segment = damage->segment;
    seen->offset = damage->offset;
}

static void check_flipped(const char *directory, uint64_t at)
{
    struct seen seen = {0};
    struct quire_verify_options options = {
        .size = sizeof options, .threads = 1, .damaged = see_damage, .context = &seen};
    struct quire_verify_result result = {.size = sizeof result};
    uint64_t lost;
    uint64_t page = at / PAGE;
    uint64_t all = (BLOCKS + 1) * EACH;

    uint64_t records = read_all(directory, &lost);
    int rc = quire_verify(directory, &options, &result);
    /* The footer repeats what is known; the header page is what the blocks are bound to. */
    uint64_t expected = page == 0 ? all - BLOCKS * EACH : page <= BLOCKS ? all - EACH : all;
    if (records != expected || records + lost != all)
        FAIL("byte %" PRIu64 ": %" PRIu64 " records and %" PRIu64 " lost", at, records, lost);
    if (rc >= 0 || seen.places != 1 || seen.segment != 1 || seen.offset / PAGE != page)
        FAIL("byte %" PRIu64 ": verify says %s, %" PRIu64 " places, segment %" PRIu64 " offset %" PRIu64, at,
             quire_strerror(rc), seen.places, seen.segment, seen.offset);
}

TEST(log_flip_each_byte)
{
    const char *directory = harness_path("log");
    uint64_t lost;

    make_log(directory);
    const char *name = segment_name(directory, 1);
    REQUIRE_INT(file_size(name) >= (BLOCKS + 2) * PAGE, 1);
    CHECK_UINT(read_all(directory, &lost), (BLOCKS + 1) * EACH);
    for (uint64_t at = 0; at < (BLOCKS + 2) * PAGE; at += STEP) {
        unsigned char by = (unsigned char)(1u << at % 8);
        flip_byte(name, at, by);
        check_flipped(directory, at);
        flip_byte(name, at, by);
    }
}
