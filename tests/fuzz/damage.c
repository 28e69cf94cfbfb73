/* The logs of tests/golden/v1 with one thing wrong in them: a bit of any byte, a sector or a page that is zeros, ones, its
 * neighbour's bytes, or has changed places with its neighbour. No wrong record is read, every block that was not touched is,
 * backwards as well, verify finds the damage or it costs nothing, and all of it within what the size of the files allows.
 * Every bit of every header with EVERY=1 in the environment (two minutes), else one in 61.
 *
 * SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <quire/check.h>

#include "harness.h"
#include "log/segment.h"
#include "reader/whole.h"
#include "reading.h"
#include "sanitizers.h"
#include "support.h"

enum { STEP = SANITIZED ? 1201 : 61 };
enum {
    NUMBERS = 144 /* bytes of a page that hold header, footer or first words: all bits of them */,
    FILE_MOST = 1 << 16
};

struct kind {
    const char *name;
    const char *feature; /* without which it cannot be read; NULL: none */
};

static const struct kind kinds[] = {{"plain", NULL},    {"times", NULL}, {"zstd", "zstd"},  {"lz4", "lz4"},
                                    {"segments", NULL}, {"chain", NULL}, {"dropped", NULL}, {"void", NULL},
                                    {"large", NULL},    {"reused", NULL}};

/* A log in memory, what is in it, and the file that is being damaged. */
struct subject {
    struct memory_io memory;
    struct reading model;
    const struct memory_file *file;
    uint64_t number;     /* of the segment */
    uint64_t begin, end; /* the bytes that are damaged now */
    bool is_reused;
    bool is_blank;             /* nothing is left there that could be told from space made ready: the segment ends */
    uint64_t damages, costing; /* counted: how many were tried, and which cost a record */
};

static void load_file(struct memory_io *memory, const char *folder, const char *name)
{
    char path[1024];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    struct bytes bytes = read_file(path);
    struct memory_file *file = memory_io_put(memory, name, bytes.length);
    REQUIRE(file);
    memcpy(file->bytes, bytes.data, bytes.length);
    bytes_free(&bytes);
}

static void read_forward(struct subject *subject, struct reading *reading)
{
    quire_reader *reader = reading_open(&subject->memory, QUIRE_READ_GAPS, NULL);

    *reading = (struct reading){0};
    if (!reader)
        return;
    reading_forward(reader, &subject->memory, true, reading);
    quire_reader_close(reader);
}

static void read_backward(struct subject *subject, struct reading *reading)
{
    quire_reader *reader = reading_open(&subject->memory, QUIRE_READ_GAPS, NULL);

    *reading = (struct reading){0};
    if (!reader)
        return;
    REQUIRE_OK(quire_reader_seek_end(reader));
    reading_backward(reader, &subject->memory, true, reading);
    quire_reader_close(reader);
}

static void load(struct subject *subject, const struct kind *kind)
{
    char folder[512];
    const char *root = getenv("GOLDEN");

    REQUIRE(root != NULL);
    if (kind->feature && !strstr(quire_features(), kind->feature))
        SKIP("this build is without %s", kind->feature);
    snprintf(folder, sizeof folder, "%s/%s", root, kind->name);
    memory_io_open(&subject->memory);
    DIR *names = opendir(folder);
    REQUIRE(names != NULL);
    for (struct dirent *entry; (entry = readdir(names)) != NULL;)
        if (entry->d_name[0] != '.')
            load_file(&subject->memory, folder, entry->d_name);
    closedir(names);
    read_forward(subject, &subject->model);
    subject->is_reused = strcmp(kind->name, "reused") == 0;
    REQUIRE(subject->model.count > 0 && subject->model.errors == 0);
}

static void unload(struct subject *subject)
{
    printf("# %" PRIu64 " damages, %" PRIu64 " of them cost a record\n", subject->damages, subject->costing);
    CHECK(subject->costing > 0);
    reading_free(&subject->model);
    CHECK_UINT(memory_io_close(&subject->memory), 0);
}

/* Pages of the block that holds the record, by its header as it was. */
static bool is_touched(const struct subject *subject, const struct read_record *record, uint64_t block_end)
{
    if (record->segment != subject->number)
        return false;
    return subject->begin < QUIRE__PAGE || (subject->begin < block_end && record->offset < subject->end);
}

/* Where the block of record i ends: where the next one of its segment begins, or at the footer's or file's end. */
static uint64_t block_end(const struct subject *subject, uint64_t i)
{
    const struct reading *model = &subject->model;
    uint64_t offset = model->records[i].offset;

    for (uint64_t n = i; n < model->count && model->records[n].segment == model->records[i].segment; n++)
        if (model->records[n].offset != offset)
            return model->records[n].offset;
    return UINT64_MAX;
}

/* Every record that was not touched was read. Behind a page that is blank nothing is looked for in its segment. */
static uint64_t missing(const struct subject *subject, const struct reading *reading)
{
    uint64_t count = 0;
    uint64_t at = 0;

    for (uint64_t i = 0; i < subject->model.count; i++) {
        const struct read_record *should = &subject->model.records[i];
        if (should->kind != QUIRE_RECORD_DATA || is_touched(subject, should, block_end(subject, i)))
            continue;
        if (subject->is_blank && should->segment == subject->number && should->offset > subject->begin)
            continue;
        while (at < reading->count &&
               (reading->records[at].sequence < should->sequence || reading->records[at].kind != QUIRE_RECORD_DATA))
            at++;
        count += at == reading->count || reading->records[at].sequence != should->sequence;
    }
    return count;
}

static uint64_t count_data(const struct reading *reading)
{
    uint64_t count = 0;

    for (uint64_t i = 0; i < reading->count; i++)
        count += reading->records[i].kind == QUIRE_RECORD_DATA;
    return count;
}

static void check_damaged(struct subject *subject)
{
    struct reading forwards, backwards;
    struct quire_verify_options options = {.size = sizeof options, .threads = 1};
    struct quire_verify_result result = {.size = sizeof result};

    subject->memory.calls = subject->memory.bytes_read = 0;
    read_forward(subject, &forwards);
    if (!reading_holds(&subject->model, &forwards, UINT64_MAX, true))
        FAIL("segment %" PRIu64 ", %" PRIu64 " to %" PRIu64 ": a record that was never there", subject->number,
             subject->begin, subject->end);
    uint64_t lost = missing(subject, &forwards);
    if (lost > 0)
        FAIL("segment %" PRIu64 ", %" PRIu64 " to %" PRIu64 ": %" PRIu64 " records of other blocks are missing",
             subject->number, subject->begin, subject->end, lost);
    read_backward(subject, &backwards);
    if (count_data(&forwards) != count_data(&backwards) && !subject->is_blank)
        FAIL("segment %" PRIu64 ", %" PRIu64 " to %" PRIu64 ": %" PRIu64 " records forwards, %" PRIu64 " backwards",
             subject->number, subject->begin, subject->end, count_data(&forwards), count_data(&backwards));
    int rc = quire__verify_on(&subject->memory.io, MEMORY_DIRECTORY, &options, &result);
    bool is_less = count_data(&forwards) < count_data(&subject->model);
    if (is_less && rc == 0 && result.torn_bytes == 0 && !subject->is_blank)
        FAIL("segment %" PRIu64 ", %" PRIu64 " to %" PRIu64 ": verify finds nothing", subject->number, subject->begin,
             subject->end);
    reading_check_budget(&subject->memory, 4);
    subject->damages++;
    subject->costing += is_less;
    reading_free(&forwards);
    reading_free(&backwards);
}

/* Calls damage for each segment of the log in turn. */
static void each_segment(struct subject *subject, void (*damage)(struct subject *subject))
{
    for (subject->number = 1; subject->number <= MEMORY_FILES; subject->number++) {
        subject->file = memory_io_segment(&subject->memory, subject->number);
        if (subject->file && subject->file->size > 0)
            damage(subject);
    }
}

/* In a file that is used again a header that is not whole is that of an old block. */
static bool hides(const struct subject *subject, uint64_t at)
{
    return subject->is_reused && at >= QUIRE__PAGE && at % QUIRE__PAGE < QUIRE__BLOCK_HEADER;
}

static void flip_bits(struct subject *subject)
{
    unsigned char *bytes = subject->file->bytes;

    uint64_t step = getenv("EVERY") ? 1 : STEP;

    for (uint64_t at = 0; at < subject->file->size; at++) {
        bool is_number = at % QUIRE__PAGE < NUMBERS;
        for (unsigned bit = 0; bit < 8; bit++) {
            /* Deep in a payload one bit is as good as another: the checksum is of all of them. */
            if (step > 1 && ((at * 8 + bit) % step != 0 || (!is_number && at % 16 != 0)))
                continue;
            if (!is_number && (at % 16 != 0 || bit != at / 16 % 8))
                continue;
            subject->begin = at;
            subject->end = at + 1;
            subject->is_blank = hides(subject, at);
            bytes[at] ^= (unsigned char)(1u << bit);
            check_damaged(subject);
            bytes[at] ^= (unsigned char)(1u << bit);
        }
    }
}

TEST_EACH(damage_bits, struct kind, kinds)
{
    static struct subject subject;

    load(&subject, it);
    each_segment(&subject, flip_bits);
    unload(&subject);
}

enum way { ZEROS, ONES, NEIGHBOUR, SWAPPED, WAYS };

/* False: there is no neighbour, or nothing would change. */
static bool spoil(unsigned char *bytes, uint64_t at, uint64_t size, uint64_t sector, enum way way)
{
    unsigned char old[QUIRE__PAGE];
    bool has_neighbour = at + 2 * sector <= size;

    memcpy(old, bytes + at, sector);
    if (way == ZEROS || way == ONES)
        memset(bytes + at, way == ZEROS ? 0 : 0xFF, sector);
    else if (has_neighbour)
        memcpy(bytes + at, bytes + at + sector, sector);
    if (way == SWAPPED && has_neighbour)
        memcpy(bytes + at + sector, old, sector);
    return memcmp(bytes + at, old, sector) != 0;
}

static void spoil_sectors(struct subject *subject)
{
    static unsigned char whole[FILE_MOST];
    uint64_t size = subject->file->size;
    unsigned char *bytes = subject->file->bytes;

    REQUIRE(size <= sizeof whole);
    memcpy(whole, bytes, size);
    for (uint64_t sector = 512; sector <= QUIRE__PAGE; sector *= 8)
        for (uint64_t at = 0; at + sector <= size; at += sector)
            for (enum way way = ZEROS; way < WAYS; way++) {
                subject->begin = at;
                subject->end = at + sector * (way == SWAPPED ? 2 : 1);
                if (spoil(bytes, at, size, sector, way)) {
                    uint64_t last = subject->end - sector;
                    subject->is_blank = hides(subject, at) || hides(subject, last) ||
                                        quire__page_is_zero(bytes + quire__round_down(at, QUIRE__PAGE)) ||
                                        quire__page_is_zero(bytes + quire__round_down(last, QUIRE__PAGE));
                    check_damaged(subject);
                }
                memcpy(bytes, whole, size);
            }
}

TEST_EACH(damage_sectors, struct kind, kinds)
{
    static struct subject subject;

    load(&subject, it);
    each_segment(&subject, spoil_sectors);
    unload(&subject);
}
