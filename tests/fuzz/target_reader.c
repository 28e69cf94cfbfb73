/* A reader over files that are anything: forwards, backwards, from a sequence, a time and a cursor.
 *
 * Whatever it gives lies where it says, in a block that is whole. Backwards it gives what it gave forwards, and where only
 * single bytes of a lawful log were changed, every block that is still whole is read.
 *
 * Input: a script (script.h). flags: 1 and 2 are QUIRE_READ_DURABLE and _GAPS, 4 reads come short.
 *
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include <quire/error.h>

#include "fuzz.h"
#include "reader/reader.h"
#include "reading.h"
#include "script.h"

enum { FLAGS = QUIRE_READ_DURABLE | QUIRE_READ_GAPS, SEEKS = 4 };

/* Every whole block's records were read: bytes that were changed cost no other block's. */
static void check_complete(const struct script *script, struct memory_io *memory, const struct reading *reading)
{
    struct oracle oracle;
    uint64_t at = 0;

    oracle_open(&oracle, memory, READING_BLOCK_MOST);
    for (uint32_t i = 0; i < script->block_count && !reading->is_cut; i++) {
        const struct script_block *block = &script->blocks[i];
        if (!oracle_is_whole(&oracle, block->number, block->offset) || oracle.block.header.type != QUIRE__BLOCK_DATA)
            continue;
        uint64_t records = oracle.block.header.records;
        while (at < reading->count &&
               (reading->records[at].segment != block->number || reading->records[at].offset != block->offset ||
                reading->records[at].reason == 3))
            at++;
        for (uint64_t n = 0; n < records; n++, at++)
            FUZZ_CHECK(at < reading->count && reading->records[at].offset == block->offset &&
                           reading->records[at].sequence == oracle.block.header.first_sequence + n,
                       "the whole block at %" PRIu64 " of segment %" PRIu64 " is read", block->offset, block->number);
    }
    oracle_close(&oracle);
}

static void check_backwards(const struct reading *forwards, const struct reading *backwards)
{
    uint64_t at = backwards->count;

    if (forwards->is_cut || backwards->is_cut)
        return;
    for (uint64_t i = 0; i < forwards->count; i++) {
        const struct read_record *a = &forwards->records[i];
        if (a->kind != QUIRE_RECORD_DATA)
            continue;
        while (at > 0 && backwards->records[at - 1].kind != QUIRE_RECORD_DATA)
            at--;
        if (at == 0 && getenv("SAY")) {
            reading_say("forwards", forwards);
            reading_say("backwards", backwards);
        }
        FUZZ_CHECK(at > 0, "record %" PRIu64 " is read backwards", a->sequence);
        const struct read_record *b = &backwards->records[--at];
        FUZZ_CHECK(a->sequence == b->sequence && a->sum == b->sum && a->segment == b->segment && a->offset == b->offset,
                   "record %" PRIu64 " is record %" PRIu64 " backwards", a->sequence, b->sequence);
    }
    while (at > 0 && backwards->records[at - 1].kind != QUIRE_RECORD_DATA)
        at--;
    FUZZ_CHECK(at == 0, "record %" PRIu64 " is read backwards only", backwards->records[at - 1].sequence);
}

/* The next record, past what cannot be read. False: the end. */
static bool take_next(quire_reader *reader, struct oracle *oracle, struct quire_record *record)
{
    for (int i = 0; i < MEMORY_FILES; i++) {
        int rc = quire_reader_next(reader, record);
        if (rc > 0)
            oracle_check(oracle, record);
        if (rc >= 0)
            return rc > 0;
        if (quire_reader_skip(reader) < 0)
            return false;
    }
    return false;
}

static void seek(quire_reader *reader, struct oracle *oracle, uint64_t target, bool lawful)
{
    struct quire_record record;

    int rc = quire_reader_seek_sequence(reader, target);
    if (rc == 0 && take_next(reader, oracle, &record) && lawful)
        FUZZ_CHECK(record.sequence <= target && target < record.sequence + (record.lost > 1 ? record.lost : 1),
                   "record %" PRIu64 " behind a seek to %" PRIu64, record.sequence, target);
    rc = quire_reader_seek_time(reader, target);
    if (rc == 0 && take_next(reader, oracle, &record) && lawful && record.kind == QUIRE_RECORD_DATA)
        FUZZ_CHECK(record.time >= target, "time %" PRIu64 " behind a seek to %" PRIu64, record.time, target);
}

/* What a cursor says is where the reader stood. */
static void resume(quire_reader *reader, struct oracle *oracle, const struct script *script, bool lawful)
{
    struct quire_cursor cursor;
    struct quire_record record;

    if (quire_reader_tell(reader, &cursor) == 0) {
        int first = quire_reader_next(reader, &record);
        struct read_record was = first > 0 ? reading_note(&record) : (struct read_record){0};
        int rc = quire_reader_resume(reader, &cursor);
        if (rc == 0 && first > 0 && was.kind == QUIRE_RECORD_DATA && lawful) {
            FUZZ_CHECK(quire_reader_next(reader, &record) == 1, "there is a record behind the cursor");
            FUZZ_CHECK(record.sequence == was.sequence, "record %" PRIu64 " behind the cursor to %" PRIu64,
                       record.sequence, was.sequence);
        }
    }
    /* And one that somebody made up. */
    memcpy(cursor.bytes + script->head.choice[0] % 41, &script->head.target, 8);
    if (quire_reader_resume(reader, &cursor) == 0)
        take_next(reader, oracle, &record);
}

static void read_everywhere(struct script *script, struct memory_io *memory, bool lawful)
{
    struct quire_damage damage = {0};
    struct quire_watermarks marks;
    struct reading forwards, backwards;
    struct oracle oracle;
    uint32_t flags = script->head.flags & FLAGS;
    quire_reader *reader = reading_open(memory, flags, &damage);

    if (!reader)
        return;
    reading_forward(reader, memory, true, &forwards);
    reading_check_budget(memory, 1);
    if (lawful && script->tidy && !script->moved && !(flags & QUIRE_READ_DURABLE))
        check_complete(script, memory, &forwards);
    quire_reader_seek_end(reader);
    reading_backward(reader, memory, true, &backwards);
    reading_check_budget(memory, 2);
    /* How far the durable go is learnt on the way, where the last block cannot say it. */
    bool is_known = !(flags & QUIRE_READ_DURABLE) || (!script->damaged && script->tidy);
    if (lawful && is_known && forwards.code == 0 && backwards.code == 0)
        check_backwards(&forwards, &backwards);
    oracle_open(&oracle, memory, READING_BLOCK_MOST);
    for (uint64_t i = 0; i < SEEKS; i++) {
        seek(reader, &oracle, forwards.count ? forwards.records[i * forwards.count / SEEKS].sequence : i, false);
        resume(reader, &oracle, script, lawful && !script->damaged);
    }
    seek(reader, &oracle, script->head.target, lawful && !script->damaged);
    quire_reader_watermarks(reader, &marks);
    oracle_close(&oracle);
    FUZZ_CHECK(quire_reader_close(reader) == 0, "closed");
    reading_free(&forwards);
    reading_free(&backwards);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct memory_io memory;
    static struct script script;

    bool lawful = reading_lay_out(&script, &memory, data, size);
    read_everywhere(&script, &memory, lawful);
    FUZZ_CHECK(memory_io_close(&memory) == 0, "everything is closed");
    return 0;
}
