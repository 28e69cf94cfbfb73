/* Opening logs and checking what is in them. See log_support.h.
 *
 * SPDX-License-Identifier: MIT */
#include "log_support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct method log_methods[LOG_METHODS] = {{"paged", QUIRE_METHOD_PAGED},
                                                {"write", QUIRE_METHOD_WRITE},
                                                {"mmap", QUIRE_METHOD_MMAP},
                                                {"uring", QUIRE_METHOD_URING}};

struct quire_log_options small_log(uint32_t method)
{
    return (struct quire_log_options){.size = sizeof(struct quire_log_options),
                                      .method = method,
                                      .block_bytes = 4 * PAGE,
                                      .block_count = 4,
                                      .segment_bytes = 64 * PAGE,
                                      .claim_timeout_ms = 100};
}

quire_log *open_log(const char *directory, const struct quire_log_options *options)
{
    quire_log *log = NULL;
    int rc = quire_log_open(directory, options, &log);
    if (rc == QUIRE_E_NO_DIRECT || rc == QUIRE_E_NO_URING)
        SKIP("%s", quire_strerror(rc));
    REQUIRE_OK(rc);
    return log;
}

void skip_without_codec(uint32_t codec)
{
    const char *name = codec == QUIRE_CODEC_LZ4 ? "lz4" : codec == QUIRE_CODEC_ZSTD ? "zstd" : "";

    if (!strstr(quire_features(), name))
        SKIP("this build has no %s", name);
}

struct quire_watermarks log_marks(quire_log *log)
{
    struct quire_watermarks marks = {0};
    REQUIRE_OK(quire_log_watermarks(log, &marks));
    return marks;
}

struct quire_log_stats log_stats(quire_log *log)
{
    struct quire_log_stats stats = {.size = sizeof stats};
    REQUIRE_OK(quire_log_stats(log, &stats));
    return stats;
}

uint64_t record_length(uint64_t sequence)
{
    uint64_t mixed = sequence * UINT64_C(0x9E3779B97F4A7C15);

    return sequence % 50 == 0 ? 0 : (mixed >> 40) % 700;
}

void record_fill(void *memory, uint64_t sequence)
{
    fill(memory, record_length(sequence), sequence);
}

int append_next(quire_log *log, uint64_t sequence)
{
    unsigned char record[700];
    uint64_t given = 0;

    record_fill(record, sequence);
    int rc = quire_log_append(log, record, record_length(sequence), &given);
    if (rc == 0)
        CHECK_UINT(given, sequence);
    return rc;
}

void append_many(quire_log *log, uint64_t from, uint64_t to)
{
    for (uint64_t i = from; i <= to; i++)
        REQUIRE_OK(append_next(log, i));
}

static bool is_record(const struct quire_record *record, uint64_t sequence, const char *file, int line)
{
    unsigned char should[700];
    uint64_t length = record_length(sequence);

    record_fill(should, sequence);
    if (record->kind == QUIRE_RECORD_DATA && record->sequence == sequence && record->length == length &&
        (length == 0 || memcmp(record->data, should, length) == 0))
        return true;
    harness_fail(file, line,
                 "record %" PRIu64 " is kind %u, sequence %" PRIu64 ", length %" PRIu64 " (should be %" PRIu64 ")",
                 sequence, record->kind, record->sequence, record->length, length);
    return false;
}

bool check_log(const char *directory, uint64_t first, uint64_t last, const char *file, int line)
{
    struct quire_damage damage = {0};
    struct quire_reader_options options = {.size = sizeof options, .damage = &damage};
    struct quire_record record;
    quire_reader *reader = NULL;
    uint64_t sequence = first;

    REQUIRE_OK(quire_reader_open(directory, &options, &reader));
    int rc;
    while ((rc = quire_reader_next(reader, &record)) > 0 && sequence <= last &&
           is_record(&record, sequence, file, line))
        sequence++;
    quire_reader_close(reader);
    if (rc == 0 && sequence == last + 1)
        return true;
    harness_fail(file, line,
                 "read %" PRIu64 " to %" PRIu64 " of %" PRIu64 ", then %s (segment %" PRIu64 " offset %" PRIu64 ")",
                 first, sequence - 1, last,
                 rc < 0   ? quire_strerror(rc)
                 : rc > 0 ? "more"
                          : "the end",
                 damage.segment, damage.offset);
    return false;
}

int count_log(const char *directory, uint64_t *records, uint64_t *lost, uint64_t *last)
{
    struct quire_record record;
    quire_reader *reader = NULL;

    *records = *lost = *last = 0;
    int rc = quire_reader_open(directory, NULL, &reader);
    if (rc < 0)
        return rc;
    while ((rc = quire_reader_next(reader, &record)) > 0) {
        if (record.kind == QUIRE_RECORD_GAP) {
            *lost += record.lost;
            *last = record.sequence + record.lost - 1;
        } else {
            *records += 1;
            *last = record.sequence;
        }
    }
    quire_reader_close(reader);
    return rc;
}

const char *segment_name(const char *directory, uint64_t number)
{
    static char name[128];

    snprintf(name, sizeof name, "%s/%016" PRIu64 ".quire", directory, number);
    return name;
}
