/* The log that is to be mended: made, perhaps left by a power cut, damaged. See mend.h.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "log/log.h"
#include "log/segment.h"
#include "torture/mend.h"
#include "torture/random.h"
#include "torture/run.h"
#include "torture/schedule.h"
#include "torture/walk.h"

enum { ALL = 1 /* state number of walk.h: everything gets there */ };

static uint32_t below(uint64_t *state, uint64_t count)
{
    return (uint32_t)(torture_random(state) % count);
}

struct reading {
    struct torture_mend *mend;
    struct torture_disk *disk;
    int rc;
};

/* A log of some segments, by whatever options. Retention and trim are tried elsewhere, and so is what fails. */
static void draw(uint64_t *r, struct torture_mend *mend)
{
    static const struct torture_given nothing;
    struct torture_scenario *s = &mend->scenario;

    torture_scenario_draw(torture_random(r), 0, &nothing, s);
    s->options.keep_segments = 0;
    s->trim_every = 0;
    s->rules.may_trim = false;
    s->fault = TORTURE_NO_FAULT;
    s->rules.options = &s->options;
    mend->mending = (enum torture_mending)below(r, TORTURE_MENDINGS + 1);
    if (mend->mending == TORTURE_MENDINGS)
        mend->mending = TORTURE_REPAIR;
    mend->length = mend->seed % 2 ? QUIRE__WHOLE : mend->seed / 2 % 200;
    /* Without any care for power cuts one may leave a log whose beginning is missing: the next open decides. */
    mend->crashed = below(r, 3) == 0 && s->options.sync_policy != QUIRE_SYNC_NONE;
}

/* What is on the disk when the run has made so many events, and the power goes. */
static bool leave(struct torture_mend *mend, uint64_t until, uint32_t state)
{
    static const struct torture_image empty;
    struct torture_walk *walk = &mend->walk;

    torture_walk_end(walk);
    torture_walk_begin(walk, &empty, &mend->made);
    while (torture_walk_on(walk) && walk->next < until)
        continue;
    if (state == ALL && walk->live_count <= 4)
        state = (UINT32_C(1) << walk->live_count) - 1;
    torture_arena_reset(&mend->arena);
    return !walk->failed && torture_walk_wreck(walk, state, mend->seed, false, &mend->arena, &mend->image);
}

static void read_whole(void *argument)
{
    struct reading *reading = argument;

    reading->rc = torture_listing_read(reading->disk, false, &reading->mend->whole);
}

static bool is_whole(struct torture_mend *mend, struct torture_verdict *verdict)
{
    struct reading reading = {.mend = mend, .disk = torture_disk_new(&mend->image, NULL, 1), .rc = -ENOMEM};

    if (reading.disk) {
        torture_schedule_run(mend->seed, read_whole, &reading);
        torture_disk_free(reading.disk);
    }
    return reading.rc == 0 || torture_object(verdict, "reading what is to be mended: %s", quire_strerror(reading.rc));
}

/* Trim and truncate are for a log that can be appended to: after a power cut it is opened first. */
static void open_and_close(void *argument)
{
    struct reading *reading = argument;
    struct quire_log_options options = reading->mend->scenario.options;
    quire_log *log;

    reading->rc = quire__log_open_on(torture_disk_io(reading->disk), TORTURE_DIRECTORY, &options, &log);
    if (reading->rc == 0)
        reading->rc = quire_log_close(log);
}

static bool recover(struct torture_mend *mend, struct torture_verdict *verdict)
{
    /* The trace keeps the pages. */
    struct reading reading = {.mend = mend, .disk = torture_disk_new(&mend->image, &mend->made, 1), .rc = -ENOMEM};

    if (reading.disk) {
        torture_schedule_run(mend->seed, open_and_close, &reading);
        torture_disk_copy(reading.disk, &mend->image, &mend->arena);
        torture_disk_free(reading.disk);
    }
    return reading.rc == 0 || torture_object(verdict, "opening what is to be mended: %s", quire_strerror(reading.rc));
}

static bool flip(uint64_t *r, struct torture_image *image, uint32_t file, uint64_t offset)
{
    unsigned char byte = 0;

    torture_image_read(image, file, offset, 1, &byte);
    byte ^= (unsigned char)(1U << below(r, 8));
    return torture_image_write(image, file, offset, 1, &byte, TORTURE_ALL);
}

static bool zero(struct torture_image *image, uint32_t file, uint64_t offset)
{
    static const unsigned char zeros[TORTURE_SECTOR];

    return torture_image_write(image, file, offset / TORTURE_SECTOR * TORTURE_SECTOR, TORTURE_SECTOR, zeros,
                               TORTURE_ALL);
}

/* A place in what was written of a file: nothing is damaged in space that is only made ready. */
static uint64_t draw_place(uint64_t *r, const struct torture_file *file)
{
    uint64_t used = 0;

    for (uint64_t i = 0; i < file->pages && i * TORTURE_PAGE < file->size; i++)
        if (file->page[i])
            used = (i + 1) * TORTURE_PAGE < file->size ? (i + 1) * TORTURE_PAGE : file->size;
    return used ? torture_random(r) % used : 0;
}

/* One of the segments; TORTURE_NAMES: there is none. */
static uint32_t draw_segment(uint64_t *r, const struct torture_image *image)
{
    uint32_t segments[TORTURE_NAMES], count = 0;
    uint64_t number;

    for (uint32_t i = 0; i < image->name_count; i++)
        if (image->names[i].file != TORTURE_NO_FILE && quire__segment_parse_name(image->names[i].text, &number))
            segments[count++] = i;
    return count ? segments[below(r, count)] : TORTURE_NAMES;
}

static bool damage_one(uint64_t *r, struct torture_mend *mend)
{
    struct torture_image *image = &mend->image;
    uint32_t name = draw_segment(r, image), way = below(r, 10);
    size_t length = strlen(mend->damage);
    bool done = true;

    if (name == TORTURE_NAMES)
        return true;
    uint32_t file = image->names[name].file;
    uint64_t place = draw_place(r, &image->files[file]);
    if (way < 4)
        done = flip(r, image, file, place);
    else if (way < 7)
        done = zero(image, file, place);
    else if (way < 9)
        done = torture_image_resize(image, file, place);
    else
        torture_image_unbind(image, image->names[name].text);
    snprintf(mend->damage + length, sizeof mend->damage - length, ", %s %s at %" PRIu64,
             way < 4   ? "a bit of"
             : way < 7 ? "a sector of"
             : way < 9 ? "the end of"
                       : "all of",
             image->names[name].text, place);
    return done;
}

bool torture_mend_prepare(uint64_t seed, struct torture_mend *mend, struct torture_verdict *verdict)
{
    static const struct torture_image empty;
    uint64_t r = seed;
    bool done;

    mend->seed = seed;
    mend->damage[0] = '\0';
    draw(&r, mend);
    torture_trace_reset(&mend->made);
    torture_run(&mend->scenario, &empty, &mend->made, verdict);
    if (verdict->why[0] != '\0')
        return false;
    done = leave(mend, UINT64_MAX, ALL);
    if (done && !is_whole(mend, verdict))
        return false;
    if (done && mend->crashed)
        done = leave(mend, mend->made.count / 4 + below(&r, mend->made.count + 1), below(&r, 64));
    if (done && mend->crashed && mend->mending != TORTURE_REPAIR && !recover(mend, verdict))
        return false;
    uint32_t damages = mend->mending == TORTURE_REPAIR ? 1 + below(&r, TORTURE_DAMAGES) : 0;
    for (uint32_t i = 0; i < damages && done; i++)
        done = damage_one(&r, mend);
    mend->sequence = torture_random(&r);
    return done || torture_object(verdict, "no memory");
}
