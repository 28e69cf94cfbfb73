/* What a power cut left of the file, and opening it again. See plain.h.
 *
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "torture/disk_internal.h"
#include "torture/plain.h"
#include "torture/random.h"
#include "torture/schedule.h"
#include "writer/writer.h"

enum { GOES_ON = 3, GOES_ON_MOST = 3000 };

struct check {
    struct torture_plain *plain;
    const struct torture_cut *cut;
    struct torture_disk *disk;
    struct torture_verdict *verdict;
    quire_writer *writer;
    uint64_t begin, end; /* of what this appends */
};

#define OBJECT(check, ...) torture_object((check)->verdict, __VA_ARGS__)

/* Every record of a thread behind those before it, whole or with parts that never got to the file. */
static bool are_named(const struct torture_plain *p, struct torture_verdict *verdict)
{
    const struct torture_bytes *known = &p->known[0];
    unsigned char record[TORTURE_PLAIN_RECORD] = {0}, should[TORTURE_PLAIN_RECORD];
    uint32_t thread, number, seen[TORTURE_PLAIN_THREADS] = {0};

    for (uint64_t at = 0; at < known->pages * TORTURE_PAGE; at += p->length_most) {
        for (uint64_t i = 0; i < p->length_most; i++)
            record[i] = torture_bytes_page(known, (at + i) / TORTURE_PAGE)[(at + i) % TORTURE_PAGE];
        /* A write failed, and what begins the record was in it, or some of that: a buffer may end there. */
        if (p->fault != TORTURE_NO_FAULT && memchr(record, 0, TORTURE_PLAIN_HEAD))
            continue;
        if (record[0] == 0)
            break;
        if (!torture_plain_parse(record, &thread, &number))
            return torture_object(verdict, "at byte %" PRIu64 " there is no record", at);
        if (number <= seen[thread] || (number != seen[thread] + 1 && p->fault == TORTURE_NO_FAULT))
            return torture_object(
                verdict, "at byte %" PRIu64 " there is record %" PRIu32 " of thread %" PRIu32 ", behind %" PRIu32, at,
                number, thread, seen[thread]);
        seen[thread] = number;
        torture_plain_name(p, thread, number, should);
        for (uint64_t i = 0; i < p->length_most; i++)
            if (record[i] != should[i] && (record[i] != 0 || p->fault == TORTURE_NO_FAULT))
                return torture_object(verdict, "byte %" PRIu64 " was not appended", at + i);
        for (uint32_t i = 0; i < p->promise_count; i++)
            if (p->promises[i].thread == thread && p->promises[i].number == number && p->promises[i].end > 0 &&
                at + p->length_most > p->promises[i].end)
                return torture_object(verdict,
                                      "record %" PRIu32 " of thread %" PRIu32 " lies behind byte %" PRIu64
                                      ", up to which it was to be durable",
                                      number, thread, p->promises[i].end);
    }
    return true;
}

static bool are_placed(const struct torture_plain *p, struct torture_verdict *verdict)
{
    unsigned char should[TORTURE_PAGE];

    for (uint64_t i = 0; i < p->known[0].pages; i++) {
        const unsigned char *is = torture_bytes_page(&p->known[0], i);
        torture_plain_fill(p, i * TORTURE_PAGE, TORTURE_PAGE, should);
        for (uint64_t n = 0; n < TORTURE_PAGE; n++)
            if (is[n] != 0 && is[n] != should[n])
                return torture_object(verdict, "byte %" PRIu64 " was not appended", i * TORTURE_PAGE + n);
    }
    return true;
}

bool torture_plain_is_true(struct torture_plain *plain, const struct torture_trace *trace,
                           struct torture_verdict *verdict)
{
    struct torture_bytes *known = &plain->known[0];
    uint32_t file = plain->file;

    torture_bytes_reset(known);
    if (file == TORTURE_NO_FILE)
        return true;
    if ((file < plain->image.file_count && !torture_bytes_add_file(known, &plain->image.files[file])) ||
        !torture_bytes_add_trace(known, trace, file))
        return torture_object(verdict, "no memory");
    return plain->named ? are_named(plain, verdict) : are_placed(plain, verdict);
}

/* The byte is not there. */
static bool may_be_missing(const struct check *check, uint64_t at, uint64_t solid)
{
    const struct torture_plain *p = check->plain;

    return at >= solid || (at >= p->doubt_from && at < p->doubt_end);
}

static bool are_bytes_right(struct check *check, uint64_t at, const unsigned char *is, const unsigned char *should,
                            uint64_t length, uint64_t solid)
{
    for (uint64_t n = 0; n < length; n++) {
        if (is[n] == should[n])
            continue;
        if (is[n] != 0)
            return OBJECT(check, "byte %" PRIu64 " is one that was never appended there", at + n);
        if (!may_be_missing(check, at + n, solid))
            return OBJECT(check, "byte %" PRIu64 " is not there, of %" PRIu64 " acknowledged", at + n, solid);
    }
    return true;
}

/* A sector at a time: most got there as a whole, or not at all. */
static bool is_page_right(struct check *check, uint64_t i, const unsigned char *is, const unsigned char *should,
                          uint64_t length, uint64_t solid)
{
    static const unsigned char zeros[TORTURE_SECTOR];

    for (uint64_t n = 0, part; n < length; n += part) {
        uint64_t at = i * TORTURE_PAGE + n;
        part = length - n < TORTURE_SECTOR ? length - n : TORTURE_SECTOR;
        bool is_all = memcmp(is + n, should + n, part) == 0;
        bool is_none = at >= solid && memcmp(is + n, zeros, part) == 0;
        if (!is_all && !is_none && !are_bytes_right(check, at, is + n, should + n, part, solid))
            return false;
    }
    return true;
}

/* Up to solid all is there, and behind that nothing that was never given to the file. */
static bool is_right(struct check *check, const struct torture_file *file, const struct torture_bytes *known,
                     uint64_t solid)
{
    const struct torture_plain *p = check->plain;
    uint64_t least = solid > p->doubt_end || solid < p->doubt_from ? solid : p->doubt_from;

    if (file->size < least)
        return OBJECT(check, "%" PRIu64 " bytes are there, of %" PRIu64 " acknowledged", file->size, solid);
    uint64_t pages = file->pages > known->pages ? file->pages : known->pages;
    for (uint64_t i = 0; i < pages && i * TORTURE_PAGE < file->size; i++) {
        const unsigned char *is = torture_file_page(file, i), *should = torture_bytes_page(known, i);
        uint64_t left = file->size - i * TORTURE_PAGE, length = left < TORTURE_PAGE ? left : TORTURE_PAGE;
        if (is != should && memcmp(is, should, length) != 0 && !is_page_right(check, i, is, should, length, solid))
            return false;
    }
    return true;
}

/* By any method; what is there stays, and what is appended goes behind it. */
static int go_on(struct check *check)
{
    unsigned char record[GOES_ON_MOST];
    uint64_t offset = 0;
    int rc = 0;

    for (int i = 0; i < GOES_ON && rc == 0; i++) {
        uint64_t length = 1 + torture_schedule_random() % GOES_ON_MOST;
        torture_plain_fill(check->plain, check->end, length, record);
        rc = quire_writer_append(check->writer, record, length, &offset);
        if (rc == 0 && offset != check->end)
            OBJECT(check, "an append behind byte %" PRIu64 " went to %" PRIu64, check->end, offset);
        check->end += length;
    }
    if (rc == 0)
        rc = quire_writer_sync(check->writer);
    if (rc == 0)
        torture_disk_mark(check->disk, check->end + 1, 0);
    return rc;
}

static bool open_again(struct check *check)
{
    struct quire_writer_options options = {.size = sizeof options, .buffer_bytes = 4096, .buffer_count = 3};
    struct quire_watermarks marks = {0};

    torture_plain_fit(&options, QUIRE_METHOD_WRITE + (uint32_t)(torture_schedule_random() % QUIRE_METHOD_URING));
    int rc = quire__writer_open_on(torture_disk_io(check->disk), TORTURE_PLAIN_PATH, &options, &check->writer);
    if (rc < 0)
        return OBJECT(check, "cannot be opened: %s", quire_strerror(rc));
    quire_writer_watermarks(check->writer, &marks); /* of an open writer: cannot fail */
    if (marks.appended != check->begin)
        OBJECT(check, "opened behind %" PRIu64 " bytes, of %" PRIu64, marks.appended, check->begin);
    torture_disk_mark(check->disk, 1, 0);
    rc = go_on(check);
    int end = quire_writer_close(check->writer);
    rc = rc < 0 ? rc : end;
    if (rc == 0)
        torture_disk_mark(check->disk, check->end + 1, check->end + 1);
    return rc == 0 || OBJECT(check, "going on behind byte %" PRIu64 ": %s", check->begin, quire_strerror(rc));
}

static void body(void *argument)
{
    struct check *check = argument;

    open_again(check);
}

/* What this has appended is known, beside what was there. */
static bool note_appended(const struct check *check, struct torture_bytes *known)
{
    unsigned char bytes[GOES_ON * GOES_ON_MOST];
    uint64_t length = check->end - check->begin;

    torture_plain_fill(check->plain, check->begin, length, bytes);
    return torture_bytes_add(known, check->begin, length, bytes);
}

static void recover(struct check *check, uint32_t file, uint64_t told)
{
    struct torture_bytes *known = &check->plain->known[check->cut->depth + 1];

    torture_bytes_reset(known);
    if (file != TORTURE_NO_FILE) {
        check->begin = check->end = check->cut->image->files[file].size;
        if (!torture_bytes_add_file(known, &check->cut->image->files[file])) {
            OBJECT(check, "no memory");
            return;
        }
    }
    torture_disk_mark(check->disk, told, 0);
    const char *why = torture_schedule_run(check->cut->seed, body, check);
    if (why)
        OBJECT(check, "%s", why);
    if (torture_disk_complaint(check->disk))
        OBJECT(check, "%s", torture_disk_complaint(check->disk));
    if (check->verdict->why[0] != '\0')
        return;
    if (!note_appended(check, known)) {
        OBJECT(check, "no memory");
        return;
    }
    file = torture_image_find(&check->disk->image, TORTURE_PLAIN_NAME);
    if (file == TORTURE_NO_FILE || check->disk->image.files[file].size != check->end)
        OBJECT(check, "closed behind byte %" PRIu64 ", and the file does not end there", check->end);
    else
        is_right(check, &check->disk->image.files[file], known, check->end);
}

/* What was acknowledged of the file that is there. One whose name was not promised may not be, or be one of before. */
static uint64_t told_of(const struct torture_plain *plain, const struct torture_cut *cut, uint32_t file)
{
    bool is_promised = plain->has_name || cut->depth > 0 || file == plain->file;

    return is_promised ? cut->acknowledged : 0;
}

void torture_plain_check(struct torture_plain *plain, const struct torture_cut *cut, struct torture_verdict *verdict)
{
    struct check check = {.plain = plain, .cut = cut, .verdict = verdict};
    uint32_t file = torture_image_find(cut->image, TORTURE_PLAIN_NAME);
    uint64_t told = told_of(plain, cut, file);

    if (file == TORTURE_NO_FILE && told > 0) {
        OBJECT(&check, "the file is not there, of which %" PRIu64 " bytes were acknowledged", told - 1);
        return;
    }
    if (file != TORTURE_NO_FILE)
        is_right(&check, &cut->image->files[file], &plain->known[cut->depth], told > 0 ? told - 1 : 0);
    if (told > 0 && cut->begun > 0 && cut->image->files[file].size != cut->begun - 1)
        OBJECT(&check, "%" PRIu64 " bytes are there after a close, of %" PRIu64, cut->image->files[file].size,
               cut->begun - 1);
    if (verdict->why[0] != '\0')
        return;
    check.disk = torture_disk_new(cut->image, cut->trace, cut->seed);
    if (!check.disk) {
        OBJECT(&check, "no memory");
        return;
    }
    recover(&check, file, told);
    if (torture_disk_free(check.disk) > 0)
        OBJECT(&check, "a handle, a mapping or a queue was left open");
}
