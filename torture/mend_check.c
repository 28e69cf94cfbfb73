/* A log whose mending a power cut ended: nothing is lost that was to stay, and mending again ends as it would have. See
 * mend.h.
 *
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "log/log.h"
#include "reader/whole.h"
#include "torture/disk_internal.h"
#include "torture/mend.h"
#include "torture/schedule.h"

enum { GOES_ON = 3, RECORD = 100, CLOSELY_ONE_IN = 4 /* so often it is verified, and gone on with: that takes long */ };

struct check {
    struct torture_mend *mend;
    const struct torture_cut *cut;
    struct torture_disk *disk;
    struct torture_verdict *verdict;
    bool closely;
};

#define OBJECT(check, ...) torture_object((check)->verdict, __VA_ARGS__)

static bool is_same(uint32_t file, const struct torture_image *image, uint64_t at, uint32_t original,
                    const struct torture_image *before, uint64_t offset, uint64_t bytes)
{
    unsigned char is[TORTURE_PAGE], was[TORTURE_PAGE];

    for (uint64_t done = 0, part; done < bytes; done += part) {
        part = bytes - done < TORTURE_PAGE ? bytes - done : TORTURE_PAGE;
        if (torture_image_read(before, original, offset + done, part, was) != part ||
            torture_image_read(image, file, at + done, part, is) != part || memcmp(is, was, part) != 0)
            return false;
    }
    return true;
}

/* What a step took out lies where it lay, or in a file beside it. */
static bool is_step_kept(struct check *check, const struct quire_repair_step *step)
{
    const struct torture_image *image = check->cut->image, *before = &check->mend->image;
    char name[TORTURE_NAME_MOST], aside[TORTURE_NAME_MOST];
    bool is_whole = step->kind == QUIRE_REPAIR_SET_ASIDE;

    snprintf(name, sizeof name, QUIRE__SEGMENT_NAME, step->segment);
    int length = snprintf(aside, sizeof aside, "%016" PRIu64 "-%" PRIu64, step->segment, step->offset);
    uint32_t original = torture_image_find(before, name), file = torture_image_find(image, name);
    if (original == TORTURE_NO_FILE)
        return true;
    uint64_t bytes = is_whole ? before->files[original].size : step->bytes;
    if (file != TORTURE_NO_FILE && is_same(file, image, step->offset, original, before, step->offset, bytes))
        return true;
    for (uint32_t i = 0; i < image->name_count; i++) {
        const struct torture_name *n = &image->names[i];
        bool is_aside = n->file != TORTURE_NO_FILE && strncmp(n->text, aside, (size_t)length) == 0 &&
                        (n->text[length] == '.' || n->text[length] == '-');
        if (is_aside && is_same(n->file, image, 0, original, before, step->offset, bytes))
            return true;
    }
    return OBJECT(check, "the %" PRIu64 " bytes that repair takes out of %s at %" PRIu64 " are nowhere", bytes, name,
                  step->offset);
}

/* As before, as after, or in between: from one of the records that may go to one that may. */
static bool is_between(struct check *check, const struct torture_listing *now)
{
    const struct torture_mend *mend = check->mend;
    const struct torture_listing *before = &mend->before, *after = &mend->after;
    bool is_repair = mend->mending == TORTURE_REPAIR;

    if (!is_repair && (now->first < before->first || now->first > after->first || now->last < after->last ||
                       now->last > before->last))
        return OBJECT(check, "records %" PRIu64 " to %" PRIu64 " can be read", now->first, now->last);
    uint64_t differs;
    if (is_repair && after->first < before->first)
        /* Segments that damage had hidden come back, and reading may end at their next wound until that is mended. */
        differs = torture_listing_differs(now, after, now->first, now->last, false);
    else if (is_repair)
        differs = torture_listing_differs(before, now, before->first, before->last, false);
    else
        differs = torture_listing_differs(before, now, now->first, now->last, true);
    /* Truncate may have cut the last one that stays. */
    if (differs == after->last && differs == now->last && torture_mend_cuts(mend))
        differs = torture_listing_differs(after, now, differs, differs, true);
    return differs == 0 || OBJECT(check, "record %" PRIu64 " is not what it was", differs);
}

static bool is_after(struct check *check, const char *when)
{
    const struct torture_listing *after = &check->mend->after;
    struct torture_listing now;
    struct quire_verify_options options = {.size = sizeof options, .threads = 1};
    struct quire_verify_result result = {.size = sizeof result};

    int rc = torture_listing_read(check->disk, false, &now);
    if (rc < 0)
        return OBJECT(check, "reading %s: %s", when, quire_strerror(rc));
    if (now.first != after->first || now.last != after->last)
        return OBJECT(check, "%s records %" PRIu64 " to %" PRIu64 " are there, not %" PRIu64 " to %" PRIu64, when,
                      now.first, now.last, after->first, after->last);
    uint64_t differs = torture_listing_differs(after, &now, after->first, after->last, true);
    if (differs > 0)
        return OBJECT(check, "%s record %" PRIu64 " is not what it is without a cut", when, differs);
    if (!check->closely)
        return true;
    rc = quire__verify_on(torture_disk_io(check->disk), TORTURE_DIRECTORY, &options, &result);
    return rc == 0 || OBJECT(check, "verify %s: %s", when, quire_strerror(rc));
}

static int append_some(struct check *check, quire_log *log)
{
    unsigned char record[RECORD] = {0};
    uint64_t sequence = 0;
    int rc = 0;

    for (uint64_t i = 1; i <= GOES_ON && rc == 0; i++) {
        rc = quire_log_append(log, record, sizeof record, &sequence);
        if (rc == 0 && sequence != check->mend->after.last + i)
            OBJECT(check, "an append behind record %" PRIu64 " got sequence %" PRIu64, check->mend->after.last + i - 1,
                   sequence);
    }
    return rc < 0 ? rc : quire_log_sync(log, 0);
}

/* The next append follows on the last record. */
static bool go_on(struct check *check)
{
    struct quire_log_options options = check->mend->scenario.options;
    struct torture_listing now;
    quire_log *log;

    options.on_full = QUIRE_FULL_BLOCK;
    options.sync_policy = QUIRE_SYNC_REQUEST;
    options.sync_interval_ms = 0;
    int rc = quire__log_open_on(torture_disk_io(check->disk), TORTURE_DIRECTORY, &options, &log);
    if (rc != 0)
        return OBJECT(check, "cannot be opened: %s", quire_strerror(rc));
    rc = append_some(check, log);
    int closed = quire_log_close(log);
    rc = rc < 0 ? rc : closed;
    if (rc == 0)
        rc = torture_listing_read(check->disk, false, &now);
    if (rc != 0)
        return OBJECT(check, "going on: %s", quire_strerror(rc));
    return now.last == check->mend->after.last + GOES_ON ||
           OBJECT(check, "record %" PRIu64 " is the last one", now.last);
}

static void body(void *argument)
{
    struct check *check = argument;
    struct torture_listing now;
    int rc = torture_listing_read(check->disk, true, &now);

    if (rc < 0) {
        OBJECT(check, "cannot be read: %s", quire_strerror(rc));
        return;
    }
    if (!is_between(check, &now) || (check->cut->acknowledged > 0 && !is_after(check, "once it had returned")))
        return;
    for (uint32_t i = 0; i < check->mend->step_count; i++)
        if (!is_step_kept(check, &check->mend->steps[i]))
            return;
    rc = torture_mend_once(check->disk, check->mend, NULL, NULL);
    torture_disk_mark(check->disk, 1, 0);
    if (rc < 0)
        OBJECT(check, "cannot be mended again: %s", quire_strerror(rc));
    else if (is_after(check, "mended again,") && check->closely && !check->cut->trace)
        go_on(check);
}

void torture_mend_check(struct torture_mend *mend, const struct torture_cut *cut, struct torture_verdict *verdict)
{
    struct check check = {.mend = mend, .cut = cut, .verdict = verdict, .closely = cut->seed % CLOSELY_ONE_IN == 0};

    check.disk = torture_disk_new(cut->image, cut->trace, cut->seed);
    if (!check.disk) {
        OBJECT(&check, "no memory");
        return;
    }
    torture_disk_mark(check.disk, cut->acknowledged, 0);
    const char *why = torture_schedule_run(cut->seed, body, &check);
    if (why)
        OBJECT(&check, "%s", why);
    if (torture_disk_complaint(check.disk))
        OBJECT(&check, "%s", torture_disk_complaint(check.disk));
    if (torture_disk_free(check.disk) > 0 && !why)
        OBJECT(&check, "a handle, a mapping or a queue was left open");
}
