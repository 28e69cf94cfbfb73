/* Recovers a log and compares it with what is known of it. See check.h.
 *
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "record.h"

struct checker {
    const char *directory;
    const struct disk_profile *profile;
    uint32_t method;
    const struct disk_expectation *expectation;
    uint64_t afterwards; /* records behind this one are what was appended here */
    struct disk_findings *findings;
};

__attribute__((format(printf, 2, 3))) static bool wrong(struct checker *c, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(c->findings->why, sizeof c->findings->why, format, arguments);
    va_end(arguments);
    return false;
}

static bool may_be_lost(const struct disk_expectation *expectation, uint64_t sequence)
{
    for (uint64_t i = 0; i < expectation->lost_count; i++)
        if (expectation->lost[i] == sequence)
            return true;
    return false;
}

static bool check_gap(struct checker *c, const struct quire_record *record)
{
    for (uint64_t i = 0; i < record->lost; i++)
        if (record->reason != QUIRE_GAP_CLAIM || !may_be_lost(c->expectation, record->sequence + i))
            return wrong(c, "sequence %" PRIu64 " is declared lost", record->sequence + i);
    return true;
}

static bool check_record(struct checker *c, const struct quire_record *record)
{
    unsigned char expected[DISK_RECORD_MOST];
    uint64_t sequence = record->sequence;
    uint64_t generation = sequence > c->afterwards ? DISK_AFTERWARDS : disk_generation(c->expectation, sequence);
    uint64_t length = disk_record_length(c->expectation->seed, sequence);

    if (record->kind == QUIRE_RECORD_GAP)
        return check_gap(c, record);
    disk_record_fill(expected, c->expectation->seed, sequence, generation);
    if (record->length != length || memcmp(record->data, expected, length) != 0)
        return wrong(c, "record %" PRIu64 " is not the one that was appended", sequence);
    return true;
}

static bool check_order(struct checker *c, const struct quire_record *record, uint64_t *next)
{
    /* What was appended here may have let retention take more. */
    bool recovered = c->afterwards == UINT64_MAX && c->expectation->durable > 0;

    if (*next == 0 && recovered && record->sequence > c->expectation->first_most)
        return wrong(c, "the log begins with %" PRIu64 ", and %" PRIu64 " must be there", record->sequence,
                     c->expectation->first_most);
    if (*next != 0 && record->sequence != *next)
        return wrong(c, "record %" PRIu64 " comes where %" PRIu64 " was due", record->sequence, *next);
    *next = record->sequence + (record->kind == QUIRE_RECORD_GAP ? record->lost : 1);
    return true;
}

/* The log is open here, and its retention may take the first segments before they are read: then it begins later. */
static int read_next(quire_reader *reader, bool is_first, struct quire_record *record)
{
    int rc = quire_reader_next(reader, record);

    while (rc == QUIRE_E_TRIMMED && is_first) {
        rc = quire_reader_seek_begin(reader);
        if (rc == 0)
            rc = quire_reader_next(reader, record);
    }
    return rc;
}

/* Reads everything. *last: the last sequence, 0 if there is none. */
static bool read_all(struct checker *c, uint64_t *last)
{
    quire_reader *reader;
    struct quire_record record;
    uint64_t next = 0;
    bool right = true;
    int rc = quire_reader_open(c->directory, NULL, &reader);

    if (rc < 0)
        return wrong(c, "cannot be read: %s", quire_strerror(rc));
    while (right && (rc = read_next(reader, next == 0, &record)) > 0)
        right = check_order(c, &record, &next) && check_record(c, &record);
    quire_reader_close(reader);
    if (right && rc < 0)
        return wrong(c, "cannot be read behind %" PRIu64 ": %s", next ? next - 1 : 0, quire_strerror(rc));
    *last = next ? next - 1 : 0;
    return right;
}

static bool open_log(struct checker *c, quire_log **log, struct quire_recovery *found)
{
    struct quire_damage damage = {0};
    struct quire_log_options options = disk_profile_options(c->profile, c->method);

    options.recovery = found;
    options.damage = &damage;
    int rc = quire_log_open(c->directory, &options, log);
    if (rc < 0)
        return wrong(c, "cannot be opened: %s (segment %" PRIu64 ", offset %" PRIu64 "); acknowledged %" PRIu64,
                     quire_strerror(rc), damage.segment, damage.offset, c->expectation->durable);
    return true;
}

static bool check_recovered(struct checker *c, const struct quire_recovery *found)
{
    const struct disk_expectation *e = c->expectation;
    uint64_t last = 0;

    c->findings->last = found->last_sequence;
    c->findings->torn_bytes = found->torn_bytes;
    if (found->last_sequence < e->durable)
        return wrong(c, "records %" PRIu64 " to %" PRIu64 " were acknowledged and are lost", found->last_sequence + 1,
                     e->durable);
    if (found->last_sequence > e->begun)
        return wrong(c, "records up to %" PRIu64 " were recovered, and only %" PRIu64 " appended", found->last_sequence,
                     e->begun);
    if (!read_all(c, &last))
        return false;
    if (last != found->last_sequence)
        return wrong(c, "recovery says %" PRIu64 " records, and %" PRIu64 " can be read", found->last_sequence, last);
    return true;
}

static bool append_some(struct checker *c, quire_log *log)
{
    unsigned char memory[DISK_RECORD_MOST];
    uint64_t seed = c->expectation->seed;

    for (uint64_t i = 1; i <= DISK_APPENDED; i++) {
        uint64_t sequence = c->findings->last + i;
        uint64_t given = 0;
        disk_record_fill(memory, seed, sequence, DISK_AFTERWARDS);
        int rc = quire_log_append(log, memory, disk_record_length(seed, sequence), &given);
        if (rc < 0 || given != sequence)
            return wrong(c, "cannot be appended to: %s (sequence %" PRIu64 ")", quire_strerror(rc), given);
    }
    int rc = quire_log_sync(log, 0);
    return rc < 0 ? wrong(c, "cannot be synced: %s", quire_strerror(rc)) : true;
}

static bool check_again(struct checker *c)
{
    struct quire_recovery found = {.size = sizeof found};
    struct quire_verify_options options = {.size = sizeof options, .threads = 1};
    struct quire_verify_result result = {.size = sizeof result};
    quire_log *log;
    uint64_t last = 0;

    if (!open_log(c, &log, &found))
        return false;
    bool right = read_all(c, &last);
    int rc = quire_log_close(log);
    if (right && (rc < 0 || last != c->afterwards + DISK_APPENDED))
        return wrong(c, "opened again: %s, last record %" PRIu64, quire_strerror(rc), last);
    rc = right ? quire_verify(c->directory, &options, &result) : 0;
    return rc < 0 ? wrong(c, "verify says: %s", quire_strerror(rc)) : right;
}

bool disk_check(const char *directory, const struct disk_profile *profile, uint32_t method,
                const struct disk_expectation *expectation, struct disk_findings *findings)
{
    struct quire_recovery found = {.size = sizeof found};
    struct checker checker = {.directory = directory,
                              .profile = profile,
                              .method = method,
                              .expectation = expectation,
                              .afterwards = UINT64_MAX,
                              .findings = findings};
    quire_log *log;

    *findings = (struct disk_findings){0};
    if (!open_log(&checker, &log, &found))
        return false;
    bool right = check_recovered(&checker, &found);
    checker.afterwards = findings->last;
    right = right && append_some(&checker, log);
    int rc = quire_log_close(log);
    if (right && rc < 0)
        return wrong(&checker, "cannot be closed: %s", quire_strerror(rc));
    return right && check_again(&checker);
}
