/* Opening, reading and going on. See check.h.
 *
 * SPDX-License-Identifier: MIT */
#include "torture/check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <quire/reader.h>

#include "log/log.h"
#include "reader/reader.h"
#include "torture/disk_internal.h"
#include "torture/random.h"
#include "torture/schedule.h"

enum { GOES_ON = 3, RECORD_MOST = 64 * 1024, ALL_ONE_IN = 256 /* so often all of a base is read */ };

struct check {
    const struct torture_rules *rules;
    uint64_t seen[TORTURE_LANES]; /* the last record of each lane */
    uint64_t acknowledged, begun;
    struct torture_disk *disk;
    struct torture_verdict *verdict;
    uint32_t trimmed; /* how often retention overtook the reader */
};

#define OBJECT(check, ...) torture_object((check)->verdict, __VA_ARGS__)

bool torture_object(struct torture_verdict *verdict, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    if (verdict->why[0] == '\0')
        vsnprintf(verdict->why, sizeof verdict->why, format, arguments);
    va_end(arguments);
    return false;
}

uint64_t torture_rules_index(const struct torture_rules *rules, uint64_t sequence)
{
    uint64_t last = torture_base_last(rules->base);

    return sequence > last && sequence - last < TORTURE_SEQUENCES ? sequence - last : 0;
}

uint64_t torture_record_of_lane(uint32_t lane, uint64_t number)
{
    return (uint64_t)(lane + 1) << 32 | number;
}

uint64_t torture_record_length(const struct torture_rules *rules, uint64_t name)
{
    uint64_t least = rules->lanes ? sizeof name : 0;

    return rules->fixed_length ? rules->length_most
                               : least + torture_mix(rules->seed + name * 7) % (rules->length_most + 1 - least);
}

void torture_record_fill(const struct torture_rules *rules, uint64_t name, unsigned char *to)
{
    uint64_t length = torture_record_length(rules, name);
    uint64_t word = rules->lanes ? name : torture_mix(rules->seed ^ name << 20);

    for (; length >= sizeof word; length -= sizeof word, to += sizeof word) {
        memcpy(to, &word, sizeof word);
        word += UINT64_C(0x9e3779b97f4a7c15);
    }
    memcpy(to, &word, length);
}

/* What a record of a lane calls itself, if that is what comes next. Retention takes whatever was before the first. */
static bool is_next_of_lane(struct check *check, const struct quire_record *record, uint64_t *name)
{
    uint64_t says = 0;

    memcpy(&says, record->data, record->length < sizeof says ? record->length : sizeof says);
    uint64_t lane = (says >> 32) - 1, number = (uint32_t)says;
    if (lane >= TORTURE_LANES)
        return OBJECT(check, "record %" PRIu64 " is none that was appended", record->sequence);
    bool is_first = check->seen[lane] == 0 && check->rules->may_trim;
    if (number != check->seen[lane] + 1 && !is_first && !check->rules->may_lose)
        return OBJECT(check, "record %" PRIu64 " is number %" PRIu64 " of lane %" PRIu64 ", behind number %" PRIu64,
                      record->sequence, number, lane, check->seen[lane]);
    check->seen[lane] = number;
    *name = says;
    return true;
}

static bool is_right(struct check *check, const struct quire_record *record)
{
    unsigned char should[RECORD_MOST];
    uint64_t name = record->sequence;

    if (check->rules->lanes && !is_next_of_lane(check, record, &name))
        return false;
    uint64_t length = torture_record_length(check->rules, name);
    if (record->length != length)
        return OBJECT(check, "record %" PRIu64 " has %" PRIu64 " bytes, should have %" PRIu64, record->sequence,
                      record->length, length);
    torture_record_fill(check->rules, name, should);
    if (memcmp(record->data, should, length) != 0)
        return OBJECT(check, "record %" PRIu64 " has other bytes than were appended", record->sequence);
    return true;
}

/* May these records be declared lost? */
static bool may_be_lost(struct check *check, const struct quire_record *record)
{
    const struct torture_rules *rules = check->rules;

    for (uint64_t i = record->sequence; i < record->sequence + record->lost; i++)
        if (!rules->may_lose || (i <= check->acknowledged && rules->stored[torture_rules_index(rules, i)]))
            return OBJECT(check, "record %" PRIu64 " is declared lost", i);
    return true;
}

/* Of the records that a run began with. */
static bool is_as_before(struct check *check, const struct quire_record *record)
{
    const char *why = torture_base_object(check->rules->base, record);

    if (!why)
        return true;
    return OBJECT(check, "record %" PRIu64 ", one of those that the log in the directory holds, %s", record->sequence,
                  why);
}

static bool is_allowed(struct check *check, const struct quire_record *record)
{
    if (record->sequence <= torture_base_last(check->rules->base))
        return is_as_before(check, record);
    return record->kind == QUIRE_RECORD_DATA ? is_right(check, record) : may_be_lost(check, record);
}

/* From where the reader stands, before expected, in order, without a hole, up to last. */
static bool read_all(struct check *check, quire_reader *reader, uint64_t expected, uint64_t last)
{
    const uint64_t first = torture_base_first(check->rules->base);
    struct quire_record record;
    int rc;

    memset(check->seen, 0, sizeof check->seen);
    while ((rc = quire_reader_next(reader, &record)) > 0) {
        if (expected == first && check->rules->may_trim)
            expected = record.sequence;
        if (record.sequence != expected)
            return OBJECT(check, "record %" PRIu64 " follows on %" PRIu64, record.sequence, expected - 1);
        if (!is_allowed(check, &record))
            return false;
        expected += record.kind == QUIRE_RECORD_DATA ? 1 : record.lost;
    }
    /* Retention may come between, for as often as the log has segments. */
    if (rc == QUIRE_E_TRIMMED && check->rules->may_trim && check->trimmed++ < TORTURE_NAMES) {
        quire_reader_seek_begin(reader);
        return read_all(check, reader, first, last);
    }
    if (rc < 0)
        return OBJECT(check, "reading behind record %" PRIu64 ": %s", expected - 1, quire_strerror(rc));
    if (expected != last + 1)
        return OBJECT(check, "%" PRIu64 " is the last record that can be read, of %" PRIu64, expected - 1, last);
    return true;
}

/* Records of a base that lie where they lay, on the same pages, need not be looked at again each time. */
static uint64_t begin_at(const struct check *check)
{
    const struct torture_rules *rules = check->rules;
    uint64_t first = torture_base_first(rules->base);

    if (torture_base_last(rules->base) < first ||
        torture_mix(rules->seed ^ check->acknowledged << 32 ^ check->begun) % ALL_ONE_IN == 0)
        return first;
    uint64_t sequence = torture_base_unchanged(rules->base, &check->disk->image, rules->may_trim);
    /* Within a gap there is no place to stand. */
    return torture_base_find(rules->base, sequence)->sequence;
}

static bool read_log(struct check *check, uint64_t last)
{
    uint64_t first = begin_at(check);
    quire_reader *reader;
    int rc = quire__reader_open_on(torture_disk_io(check->disk), TORTURE_DIRECTORY, NULL, &reader);

    if (rc < 0)
        return OBJECT(check, "cannot be opened for reading: %s", quire_strerror(rc));
    if (first > torture_base_first(check->rules->base))
        rc = quire_reader_seek_sequence(reader, first);
    /* Retention was quicker than this. */
    if (rc == QUIRE_E_TRIMMED && check->rules->may_trim) {
        first = torture_base_first(check->rules->base);
        quire_reader_seek_begin(reader);
        rc = 0;
    }
    if (rc < 0)
        OBJECT(check, "record %" PRIu64 " cannot be found: %s", first, quire_strerror(rc));
    bool is_well = rc == 0 && read_all(check, reader, first, last);
    quire_reader_close(reader);
    return is_well;
}

static bool go_on(struct check *check, quire_log *log, uint64_t last)
{
    unsigned char record[RECORD_MOST];
    uint64_t sequence = 0;
    int rc = 0;

    for (uint64_t i = 1; i <= GOES_ON && rc == 0; i++) {
        torture_disk_mark(check->disk, last, last + GOES_ON);
        uint64_t name = check->rules->lanes ? torture_record_of_lane(0, check->seen[0] + i) : last + i;
        torture_record_fill(check->rules, name, record);
        rc = quire_log_append(log, record, torture_record_length(check->rules, name), &sequence);
        if (rc == 0 && sequence != last + i)
            return OBJECT(check, "an append behind record %" PRIu64 " got sequence %" PRIu64, last + i - 1, sequence);
    }
    if (rc == 0)
        rc = quire_log_sync(log, 0);
    if (rc < 0)
        return OBJECT(check, "going on behind record %" PRIu64 ": %s", last, quire_strerror(rc));
    torture_disk_mark(check->disk, last + GOES_ON, last + GOES_ON);
    return true;
}

static bool recover(struct check *check)
{
    uint64_t acknowledged = check->acknowledged, begun = check->begun;
    struct quire_log_options options = *check->rules->options;
    struct quire_damage damage = {.code = 0};
    struct quire_watermarks marks = {0};
    quire_log *log;

    options.damage = &damage;
    options.on_full = QUIRE_FULL_BLOCK;
    /* Who does not care about power cuts is not told what one did. */
    if (options.sync_policy == QUIRE_SYNC_NONE)
        options.sync_policy = QUIRE_SYNC_REQUEST;
    int rc = quire__log_open_on(torture_disk_io(check->disk), TORTURE_DIRECTORY, &options, &log);
    if (rc < 0)
        return OBJECT(check,
                      "cannot be opened: %s (segment %" PRIu64 ", offset %" PRIu64 "), acknowledged up to %" PRIu64,
                      quire_strerror(rc), damage.segment, damage.offset, acknowledged);
    quire_log_watermarks(log, &marks); /* of an open log: cannot fail */
    bool is_well = true;
    if (marks.appended < acknowledged || marks.appended > begun)
        is_well = OBJECT(check, "recovered up to %" PRIu64 ": %" PRIu64 " were acknowledged, %" PRIu64 " begun",
                         marks.appended, acknowledged, begun);
    /* Opening has made durable what it found. */
    torture_disk_mark(check->disk, marks.appended, marks.appended);
    is_well = is_well && read_log(check, marks.appended) && go_on(check, log, marks.appended);
    rc = quire_log_close(log);
    if (is_well && rc < 0)
        is_well = OBJECT(check, "closing: %s", quire_strerror(rc));
    return is_well && read_log(check, marks.appended + GOES_ON);
}

static void body(void *argument)
{
    struct check *check = argument;

    torture_schedule_repeat(check->rules->repeats);
    recover(check);
}

void torture_check(const struct torture_rules *rules, const struct torture_image *image, uint64_t acknowledged,
                   uint64_t begun, struct torture_trace *trace, struct torture_verdict *verdict)
{
    struct check check = {.rules = rules, .acknowledged = acknowledged, .begun = begun, .verdict = verdict};

    verdict->why[0] = '\0';
    check.disk = torture_disk_new(image, trace, rules->seed);
    if (!check.disk) {
        OBJECT(&check, "no memory");
        return;
    }
    torture_disk_mark(check.disk, acknowledged, begun);
    const char *why = torture_schedule_run(rules->seed ^ acknowledged, body, &check);
    if (why)
        OBJECT(&check, "%s", why);
    if (torture_disk_complaint(check.disk))
        OBJECT(&check, "%s", torture_disk_complaint(check.disk));
    uint64_t left = torture_disk_free(check.disk);
    if (left > 0 && !why)
        OBJECT(&check, "a handle, a mapping or a queue was left open");
}
