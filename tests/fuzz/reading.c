/* Reading a log in memory and keeping what was read. See reading.h.
 *
 * SPDX-License-Identifier: MIT */
#include "reading.h"

#include <inttypes.h>
#include <stdlib.h>

#include <quire/error.h>

#include "fuzz.h"
#include "log/segment.h"
#include "reader/reader.h"

quire_reader *reading_open(struct memory_io *memory, uint32_t flags, struct quire_damage *damage)
{
    struct quire_reader_options options = {
        .size = sizeof options, .flags = flags, .block_most = READING_BLOCK_MOST, .damage = damage};
    quire_reader *reader = NULL;

    return quire__reader_open_on(&memory->io, MEMORY_DIRECTORY, &options, &reader) == 0 ? reader : NULL;
}

struct read_record reading_note(const struct quire_record *record)
{
    return (struct read_record){
        .sequence = record->sequence,
        .lost = record->lost,
        .length = record->length,
        .time = record->time,
        .segment = record->segment,
        .offset = record->offset,
        .kind = record->kind,
        .reason = record->reason,
        .sum = record->length ? oracle_crc32c(0, record->data, record->length) : 0,
    };
}

static bool keep(struct reading *reading, const struct quire_record *record)
{
    if (reading->count == READING_MOST) {
        reading->is_cut = true;
        return false;
    }
    if (reading->count == reading->room) {
        reading->room = reading->room ? 2 * reading->room : 64;
        reading->records = realloc(reading->records, reading->room * sizeof *reading->records);
        if (!reading->records)
            abort();
    }
    reading->records[reading->count++] = reading_note(record);
    return true;
}

typedef int step(quire_reader *reader, struct quire_record *record);

static void read_all(quire_reader *reader, struct memory_io *memory, step *take, bool skips, struct reading *reading)
{
    /* A place that cannot be read is a page at least. */
    uint64_t places = memory_io_bytes(memory) / QUIRE__PAGE + 4 * MEMORY_FILES;
    struct quire_record record;
    struct oracle oracle;
    int rc = 0;

    *reading = (struct reading){0};
    oracle_open(&oracle, memory, READING_BLOCK_MOST);
    while ((rc = take(reader, &record)) != 0) {
        if (rc > 0) {
            oracle_check(&oracle, &record);
            if (!keep(reading, &record))
                break;
            continue;
        }
        struct quire_record again;
        FUZZ_CHECK(take(reader, &again) == rc, "asked again, the same error: %s", quire_strerror(rc));
        if (!skips || quire_reader_skip(reader) < 0)
            break;
        FUZZ_CHECK(++reading->errors <= places, "%" PRIu64 " places that cannot be read", reading->errors);
    }
    reading->code = rc < 0 ? rc : 0;
    oracle_close(&oracle);
}

void reading_forward(quire_reader *reader, struct memory_io *memory, bool skips, struct reading *reading)
{
    read_all(reader, memory, quire_reader_next, skips, reading);
}

void reading_backward(quire_reader *reader, struct memory_io *memory, bool skips, struct reading *reading)
{
    read_all(reader, memory, quire_reader_previous, skips, reading);
}

void reading_free(struct reading *reading)
{
    free(reading->records);
}

static bool is_lawful(const struct script *script, struct memory_io *memory)
{
    struct oracle oracle;
    bool lawful = script->lawful && script->block_count > 0 && !script->reused;
    uint64_t sealed = 0;

    oracle_open(&oracle, memory, READING_BLOCK_MOST);
    for (uint32_t i = 0; i < script->block_count && lawful; i++) {
        const struct script_block *block = &script->blocks[i];
        lawful = block->number != sealed && oracle_is_whole(&oracle, block->number, block->offset);
        if (lawful && oracle.block.header.type == QUIRE__BLOCK_FOOTER)
            sealed = block->number;
    }
    oracle_close(&oracle);
    return lawful;
}

static bool is_same(const struct read_record *a, const struct read_record *b, bool with_places)
{
    return a->sequence == b->sequence && a->length == b->length && a->time == b->time && a->sum == b->sum &&
           a->kind == b->kind && (!with_places || (a->segment == b->segment && a->offset == b->offset));
}

bool reading_holds(const struct reading *b, const struct reading *a, uint64_t last, bool with_places)
{
    uint64_t at = 0;

    if (a->is_cut || b->is_cut)
        return true;
    for (uint64_t i = 0; i < a->count; i++) {
        if (a->records[i].kind != QUIRE_RECORD_DATA || a->records[i].sequence > last)
            continue;
        while (at < b->count && !is_same(&b->records[at], &a->records[i], with_places))
            at++;
        if (at == b->count) {
            fprintf(stderr, "record %" PRIu64 " of segment %" PRIu64 ", offset %" PRIu64 " is not there\n",
                    a->records[i].sequence, a->records[i].segment, a->records[i].offset);
            if (getenv("SAY")) {
                reading_say("before", a);
                reading_say("now", b);
            }
            return false;
        }
    }
    return true;
}

bool reading_lay_out(struct script *script, struct memory_io *memory, const uint8_t *data, size_t size)
{
    memory_io_open(memory);
    script_build(script, data, size, memory);
    bool is = is_lawful(script, memory);
    script_damage(script, data, size);
    memory->short_reads = script->head.flags & READING_SHORT;
    return is;
}

void reading_check_budget(const struct memory_io *memory, uint64_t readings)
{
    uint64_t size = memory_io_bytes(memory);
    uint64_t files = (uint64_t)memory->file_end;

    /* Segments are opened again and again, a page each, and those that cannot be are looked at some twenty times. */
    FUZZ_CHECK(memory->bytes_read <= 64 * readings * (size + (UINT64_C(64) << 10) + QUIRE__PAGE * files),
               "%" PRIu64 " bytes read of %" PRIu64 " by %" PRIu64 " readings", memory->bytes_read, size, readings);
    FUZZ_CHECK(memory->calls <= readings * (64 * (size / QUIRE__PAGE) + 4096 + 512 * files),
               "%" PRIu64 " operations on %" PRIu64 " bytes by %" PRIu64 " readings", memory->calls, size, readings);
}

void reading_say(const char *what, const struct reading *reading)
{
    fprintf(stderr, "%s: %" PRIu64 " places passed over, %s\n", what, reading->errors,
            reading->code ? quire_strerror(reading->code) : "to the end");
    for (uint64_t i = 0; i < reading->count; i++) {
        const struct read_record *r = &reading->records[i];
        fprintf(stderr,
                "  sequence %" PRIu64 " kind %u reason %u lost %" PRIu64 " length %" PRIu64 " time %" PRIu64
                " segment %" PRIu64 " offset %" PRIu64 "\n",
                r->sequence, r->kind, r->reason, r->lost, r->length, r->time, r->segment, r->offset);
    }
}
