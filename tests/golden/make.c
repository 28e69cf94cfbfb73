/* Writes the logs of tests/golden/v1, and what is in them as NAME.txt. Not run by the tests: the files in the tree were
 * written once, and what comes later must read them.
 *
 *     build/tests/golden/make-golden DIRECTORY an empty directory
 *
 * What the library gives back is compared with what was appended before it becomes a manifest.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "manifest.h"

enum { RECORDS_MOST = 1000, RECORD_MOST = 20000 };

/* What was appended. */
static struct {
    uint64_t length;
    uint32_t checksum;
    bool lost;
} model[RECORDS_MOST];

static unsigned char memory[RECORD_MOST];

__attribute__((format(printf, 1, 2))) _Noreturn static void give_up(const char *format, ...)
{
    va_list values;

    va_start(values, format);
    fprintf(stderr, "make: ");
    vfprintf(stderr, format, values);
    fprintf(stderr, "\n");
    va_end(values);
    exit(1);
}

static void need(int rc, const char *what)
{
    if (rc < 0)
        give_up("%s: %s", what, quire_strerror(rc));
}

static void note(uint64_t sequence, const void *data, uint64_t length)
{
    if (sequence >= RECORDS_MOST)
        give_up("more records than expected");
    model[sequence].length = length;
    model[sequence].checksum = manifest_crc32c(0, data, length);
    model[sequence].lost = false;
}

static int append(quire_log *log, uint64_t tag, uint64_t length)
{
    uint64_t sequence = 0;

    for (uint64_t i = 0; i < length; i++)
        memory[i] = (unsigned char)(tag * 131 + i * (2 * tag + 1) + (i >> 3));
    int rc = quire_log_append(log, memory, length, &sequence);
    if (rc == 0)
        note(sequence, memory, length);
    return rc;
}

/* Lines that a codec makes smaller. */
static void append_text(quire_log *log, uint64_t number)
{
    uint64_t sequence;
    int length = snprintf((char *)memory, sizeof memory, "line %" PRIu64 ": the same words again and again, %" PRIu64,
                          number, number * number);

    need(quire_log_append(log, memory, (uint64_t)length, &sequence), "append");
    note(sequence, memory, (uint64_t)length);
}

static void write_plain(quire_log *log)
{
    for (uint64_t i = 1; i <= 40; i++) {
        need(append(log, i, i % 10 == 0 ? 0 : i * 37 % 400), "append");
        if (i % 8 == 0)
            need(quire_log_sync(log, 0), "sync");
    }
}

static void write_times(quire_log *log)
{
    for (uint64_t i = 1; i <= 40; i++) {
        need(append(log, i, i * 53 % 300), "append");
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        if (i % 16 == 0)
            need(quire_log_flush(log), "flush");
    }
}

static void write_text(quire_log *log)
{
    for (uint64_t i = 1; i <= 400; i++)
        append_text(log, i);
    /* Nothing to save here: the block stays as it is. */
    need(quire_log_sync(log, 0), "sync");
    need(append(log, 7, 20), "append");
}

static void write_segments(quire_log *log)
{
    for (uint64_t i = 1; i <= 30; i++) {
        need(append(log, i, 900 + i), "append");
        if (i % 7 == 0)
            need(quire_log_sync(log, 0), "sync");
    }
}

/* A claim keeps the first buffer from being written, so all of them fill up, and what comes then is dropped. */
static void write_dropped(quire_log *log)
{
    struct quire_log_claim claim;
    int dropped = 0;

    need(append(log, 1, 100), "append");
    need(quire_log_claim(log, 10, &claim), "claim");
    for (uint64_t i = 3; dropped < 5; i++) {
        int rc = append(log, i, 500);
        dropped += rc == QUIRE_E_DROPPED;
        if (rc < 0 && rc != QUIRE_E_DROPPED)
            need(rc, "append");
    }
    memcpy(claim.memory, "ten bytes.", 10);
    need(quire_log_publish(log, &claim), "publish");
    note(claim.sequence, "ten bytes.", 10);
    int rc;
    for (int i = 0; i < 10000 && (rc = append(log, 99, 30)) == QUIRE_E_DROPPED; i++)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    need(rc, "append behind the gap");
}

static void write_void(quire_log *log)
{
    struct quire_log_claim claim;

    for (uint64_t i = 1; i <= 3; i++)
        need(append(log, i, 50 * i), "append");
    need(quire_log_claim(log, 77, &claim), "claim");
    model[claim.sequence].lost = true;
    for (uint64_t i = 5; i <= 7; i++)
        need(append(log, i, 50 * i), "append");
}

static void write_large(quire_log *log)
{
    need(append(log, 1, 10), "append");
    need(append(log, 2, 10000), "append");
    need(append(log, 3, 4096 - 96 - 4), "append");
    need(append(log, 4, 4096 - 96 - 3), "append");
    need(append(log, 5, 0), "append");
}

struct golden {
    const char *name;
    void (*write)(quire_log *log);
    struct quire_log_options options;
    int close_code;
};

/* The smallest blocks and segments there are, and for the codecs some that they can make smaller. */
#define SIZES(block, segment) \
    .size = sizeof(struct quire_log_options), .block_bytes = (block), .segment_bytes = (segment)
#define SMALL SIZES(4096, 20480)

static const struct golden goldens[] = {
    {"plain", write_plain, {SMALL}, 0},
    {"times", write_times, {SMALL, .flags = QUIRE_LOG_RECORD_TIMES}, 0},
    {"zstd", write_text, {SIZES(16384, 65536), .codec = QUIRE_CODEC_ZSTD}, 0},
    {"lz4", write_text, {SIZES(16384, 65536), .codec = QUIRE_CODEC_LZ4}, 0},
    {"segments", write_segments, {SMALL}, 0},
    {"chain", write_segments, {SMALL, .flags = QUIRE_LOG_CHAIN}, 0},
    {"reused", write_segments, {SMALL, .prepare = QUIRE_LOG_PREPARE_WRITTEN, .keep_segments = 2}, 0},
    {"dropped", write_dropped, {SMALL, .block_count = 3, .on_full = QUIRE_FULL_DROP}, 0},
    {"void", write_void, {SMALL, .claim_timeout_ms = 10}, QUIRE_E_CLAIM_OPEN},
    {"large", write_large, {SIZES(4096, 32768)}, 0},
};

/* Space for later is no part of what is kept. */
static void remove_spare(const char *name)
{
    static const char *const spares[] = {"reserve.quire", "spare.quire", "next.quire"};
    char path[64];

    for (size_t i = 0; i < sizeof spares / sizeof spares[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", name, spares[i]);
        unlink(path); /* whether there was one or not */
    }
}

static void compare(const struct quire_record *record)
{
    if (record->kind == QUIRE_RECORD_GAP) {
        if (record->reason == QUIRE_GAP_CLAIM && !model[record->sequence].lost)
            give_up("a gap at %" PRIu64 " that was a record", record->sequence);
        return;
    }
    if (record->length != model[record->sequence].length ||
        manifest_crc32c(0, record->data, record->length) != model[record->sequence].checksum)
        give_up("record %" PRIu64 " is not what was appended", record->sequence);
}

static void write_chain(const char *name, FILE *to)
{
    struct quire_verify_options options = {.size = sizeof options, .flags = QUIRE_VERIFY_CHAIN};
    struct quire_verify_result result = {.size = sizeof result};

    need(quire_verify(name, &options, &result), "verify");
    fprintf(to, "%s\n", manifest_chain(result.chain).text);
}

static void write_manifest(const char *name, bool chained)
{
    struct quire_record record;
    quire_reader *reader;
    char path[64];
    int rc;

    snprintf(path, sizeof path, "%s.txt", name);
    FILE *to = fopen(path, "wx");
    if (!to)
        give_up("%s cannot be made", path);
    need(quire_reader_open(name, NULL, &reader), "reader_open");
    while ((rc = quire_reader_next(reader, &record)) > 0) {
        compare(&record);
        fprintf(to, "%s\n", manifest_line(&record).text);
    }
    need(rc, "reader_next");
    need(quire_reader_close(reader), "reader_close");
    if (chained)
        write_chain(name, to);
    if (fclose(to) != 0)
        give_up("%s cannot be written", path);
}

int main(int count, char **arguments)
{
    quire_log *log;

    if (count != 2) {
        fprintf(stderr, "usage: make DIRECTORY\n");
        return 2;
    }
    if (chdir(arguments[1]) < 0)
        give_up("%s: %s", arguments[1], strerror(errno));
    for (size_t i = 0; i < sizeof goldens / sizeof goldens[0]; i++) {
        const struct golden *it = &goldens[i];
        need(quire_log_open(it->name, &it->options, &log), it->name);
        it->write(log);
        int rc = quire_log_close(log);
        if (rc != it->close_code)
            give_up("%s: close: %s", it->name, quire_strerror(rc));
        remove_spare(it->name);
        write_manifest(it->name, it->options.flags & QUIRE_LOG_CHAIN);
    }
    return 0;
}
