/* Opening files that are anything for appending: what could be read up to the first damage can be read afterwards, what is
 * appended then is there too, and where opening is refused because of damage no segment was changed.
 *
 * Input: a script (script.h). flags: 1 goes on past damage, 2 keeps record times, 4 reads come short, 8 the method write,
 * 16 appends more than a segment holds.
 *
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include <quire/error.h>

#include "fuzz.h"
#include "kernel.h"
#include "log/log.h"
#include "reading.h"
#include "script.h"

enum { PAST = 1, TIMES = 2, WRITE = 8, MANY = 16, FEW_RECORDS = 3, MANY_RECORDS = 13, RECORD = 3000 };

static const struct quire_log_options common = {
    .size = sizeof common,
    .block_bytes = 2 * QUIRE__PAGE,
    .block_count = 3,
    .segment_bytes = 8 * QUIRE__PAGE,
    .sync_policy = QUIRE_SYNC_REQUEST,
    .prepare = QUIRE_LOG_PREPARE_ALLOCATED,
    .reserve_bytes = QUIRE__PAGE,
};

static struct quire_log_options options_of(const struct script *script, struct quire_damage *damage,
                                           struct quire_recovery *recovery)
{
    struct quire_log_options options = common;

    options.method = script->head.flags & WRITE ? QUIRE_METHOD_WRITE : QUIRE_METHOD_PAGED;
    options.flags = QUIRE_LOG_EXISTING | (script->head.flags & PAST ? QUIRE_LOG_READ_PAST_DAMAGE : 0) |
                    (script->head.flags & TIMES ? QUIRE_LOG_RECORD_TIMES : 0);
    options.damage = damage;
    options.recovery = recovery;
    return options;
}

static void fill_record(unsigned char *record, uint64_t n)
{
    memset(record, (int)('a' + n % 26), RECORD);
    memcpy(record, &n, sizeof n);
}

/* *first is the sequence of the first. What open or an append said; names and handles of the directory in memory may end,
 * and sequences. */
static int append(struct memory_io *memory, const struct script *script, uint64_t count, uint64_t *first,
                  struct quire_recovery *recovery)
{
    struct quire_damage damage = {0};
    struct quire_log_options options = options_of(script, &damage, recovery);
    unsigned char record[RECORD];
    quire_log *log = NULL;
    uint64_t sequence = 0;

    int rc = quire__log_open_on(&memory->io, MEMORY_DIRECTORY, &options, &log);
    FUZZ_CHECK(rc != QUIRE_E_DAMAGED || damage.code != 0, "damage is said to be somewhere");
    if (rc < 0)
        return rc;
    for (uint64_t n = 0; n < count && rc == 0; n++) {
        fill_record(record, n);
        rc = quire_log_append(log, record, RECORD - n * 7 % RECORD, &sequence);
        if (n == 0)
            *first = sequence;
        if (rc == 0)
            FUZZ_CHECK(sequence == *first + n, "sequence %" PRIu64 " is given", sequence);
    }
    if (rc == 0)
        rc = quire_log_sync(log, 0);
    int closed = quire_log_close(log);
    return rc < 0 ? rc : closed;
}

/* They are there, whatever the damage was. */
static void check_appended(struct memory_io *memory, uint64_t first, uint64_t count)
{
    unsigned char should[RECORD];
    struct quire_record record;
    quire_reader *reader = reading_open(memory, 0, NULL);

    FUZZ_CHECK(reader, "a log that was just written can be read");
    int rc = quire_reader_seek_sequence(reader, first);
    FUZZ_CHECK(rc == 0, "record %" PRIu64 " is found: %s", first, quire_strerror(rc));
    for (uint64_t n = 0; n < count; n++) {
        fill_record(should, n);
        rc = quire_reader_next(reader, &record);
        FUZZ_CHECK(rc == 1, "record %" PRIu64 " is read: %s", first + n, quire_strerror(rc));
        FUZZ_CHECK(record.sequence == first + n && record.length == RECORD - n * 7 % RECORD &&
                       memcmp(record.data, should, record.length) == 0,
                   "record %" PRIu64 " is what was appended, not %" PRIu64 " of %" PRIu64 " bytes, kind %u", first + n,
                   record.sequence, record.length, record.kind);
    }
    FUZZ_CHECK(quire_reader_next(reader, &record) == 0, "nothing is behind the last that was appended");
    quire_reader_close(reader);
}

static void read_log(struct memory_io *memory, struct reading *reading)
{
    quire_reader *reader = reading_open(memory, 0, NULL);

    *reading = (struct reading){0};
    if (!reader)
        return;
    reading_forward(reader, memory, false, reading);
    quire_reader_close(reader);
}

static bool is_refusal(int rc)
{
    return rc == QUIRE_E_DAMAGED || rc == QUIRE_E_FOREIGN || rc == QUIRE_E_VERSION || rc == QUIRE_E_MISSING;
}

/* Refused: every segment is as it was. */
static void check_unchanged(struct memory_io *memory, const struct memory_io *before)
{
    for (int i = 0; i < MEMORY_FILES; i++) {
        const struct memory_file *was = &before->files[i];
        if (!was->used || strcmp(was->name, "live.quire") == 0 || strncmp(was->name, "0", 1) != 0)
            continue;
        const struct memory_file *is = memory_io_find(memory, was->name);
        FUZZ_CHECK(is && is->size == was->size && (was->size == 0 || memcmp(is->bytes, was->bytes, was->size) == 0),
                   "%s was not changed", was->name);
    }
}

/* What opening took away was not known to be durable, and is kept aside; of a lawful log that is whole it is nothing. */
static void check_kept(const struct reading *old, const struct reading *now, const struct quire_recovery *recovery,
                       const struct script *script)
{
    uint64_t last = script->tidy && !script->damaged ? UINT64_MAX : recovery->last_sequence;

    FUZZ_CHECK(recovery->last_sequence >= recovery->durable_mark, "record %" PRIu64 " was durable, and is there",
               recovery->durable_mark);
    FUZZ_CHECK(reading_holds(now, old, last, true), "what was read before is read");
    for (uint64_t i = 0; i < old->count; i++)
        FUZZ_CHECK(old->records[i].sequence <= recovery->last_sequence || recovery->torn_bytes > 0,
                   "record %" PRIu64 " is kept aside", old->records[i].sequence);
}

static void recover(struct memory_io *memory, const struct script *script, bool is_lawful)
{
    struct quire_recovery recovery = {.size = sizeof recovery};
    struct quire_recovery later = {.size = sizeof later};
    static struct memory_io before;
    struct reading old, now;
    uint64_t count = script->head.flags & MANY ? MANY_RECORDS : FEW_RECORDS;
    uint64_t first = 0;
    uint64_t again = 0;

    read_log(memory, &old);
    memory_io_copy(&before, memory);
    memory->has_threads = true; /* the keeper's */
    memory->calls = memory->bytes_read = 0;
    int rc = append(memory, script, count, &first, &recovery);
    reading_check_budget(memory, 4);
    if (rc == 0) {
        /* Where first sequences fall from one segment to a later one, no writer was at work, and no order is the right one. */
        if (is_lawful)
            check_appended(memory, first, count);
        if (append(memory, script, 1, &again, &later) == 0)
            FUZZ_CHECK(again == first + count, "record %" PRIu64 " is next, not %" PRIu64, first + count, again);
        read_log(memory, &now);
        if (is_lawful)
            check_kept(&old, &now, &recovery, script);
        reading_free(&now);
    } else if (is_refusal(rc)) {
        check_unchanged(memory, &before);
    }
    reading_free(&old);
    memory_io_close(&before);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct memory_io memory;
    static struct script script;

    kernel_begin();
    bool is_lawful = reading_lay_out(&script, &memory, data, size);
    recover(&memory, &script, is_lawful);
    FUZZ_CHECK(memory_io_close(&memory) == 0, "everything is closed");
    return 0;
}
