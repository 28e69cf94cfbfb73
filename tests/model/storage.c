/* Where the log lies: a disk in memory that remembers what was flushed, or a directory. See world.h.
 *
 * After a fall the disk holds what was left, and only files that have a name. What earlier disks knew is kept to the end,
 * for their pages are shared.
 *
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "model/world.h"
#include "torture/disk.h"
#include "torture/walk.h"

enum { LIVES = 64 };

struct life {
    struct torture_trace trace;
    struct torture_walk walk;
    struct torture_arena arena; /* of what was left */
    bool walked;
};

struct storage {
    uint64_t killed_at;    /* events of the trace up to a kill; 0: it was a power cut */
    const char *directory; /* NULL: the disk */
    uint64_t seed;
    struct torture_disk *disk;
    struct torture_image begun_with, left, renumbered;
    struct life *lives[LIVES];
    uint32_t count;
    bool is_full;
};

static bool begin_life(struct storage *s)
{
    if (s->count == LIVES)
        return false;
    struct life *life = calloc(1, sizeof *life);
    if (!life)
        return false;
    s->lives[s->count++] = life;
    s->disk = torture_disk_new(&s->begun_with, &life->trace, s->seed);
    return s->disk != NULL;
}

struct storage *storage_new(const char *directory, uint64_t seed)
{
    struct storage *s = calloc(1, sizeof *s);
    bool was_full;

    if (!s)
        return NULL;
    s->directory = directory;
    s->seed = seed;
    if (!directory && !begin_life(s)) {
        storage_free(s, &was_full);
        return NULL;
    }
    return s;
}

void storage_attach(struct storage *s, struct world *world)
{
    world->io = s->directory ? quire__io_system() : torture_disk_io(s->disk);
    world->directory = s->directory ? s->directory : TORTURE_DIRECTORY;
}

bool storage_can_crash(const struct storage *s)
{
    return s->directory == NULL && s->count < LIVES;
}

bool storage_cut(struct storage *s, uint64_t state, bool stale)
{
    struct life *life = s->lives[s->count - 1];

    s->killed_at = 0;
    if (state == UINT64_MAX) {
        torture_disk_copy(s->disk, &s->left, &life->trace.arena);
        s->killed_at = life->trace.count;
        return true;
    }
    torture_walk_begin(&life->walk, &s->begun_with, &life->trace);
    life->walked = true;
    while (torture_walk_on(&life->walk))
        ;
    uint32_t states = torture_walk_states(&life->walk, 64);
    return !life->walk.failed &&
           torture_walk_wreck(&life->walk, (uint32_t)(state % states), s->seed, stale, &life->arena, &s->left);
}

/* Numbers of files are given once on a disk; a new one begins to count anew. */
static void renumber(const struct torture_image *image, struct torture_image *to)
{
    to->directory = image->directory;
    to->file_count = to->name_count = 0;
    to->arena = image->arena;
    for (uint32_t i = 0; i < image->name_count; i++) {
        if (image->names[i].file == TORTURE_NO_FILE)
            continue;
        to->files[to->file_count] = image->files[image->names[i].file];
        to->names[to->name_count] = image->names[i];
        to->names[to->name_count++].file = to->file_count++;
    }
}

static const char *end_disk(struct storage *s)
{
    const char *complaint = s->disk ? torture_disk_complaint(s->disk) : NULL;
    s->is_full |= s->disk && torture_disk_is_full(s->disk);
    uint64_t left = s->disk ? torture_disk_free(s->disk) : 0;

    s->disk = NULL;
    return complaint ? complaint : left > 0 ? "a handle, a mapping or a queue was left open" : NULL;
}

/* The disk lives on, with all that it still owes. What was under way when the process died comes to its end. */
static bool go_on_with_disk(struct storage *s)
{
    struct torture_trace *trace = &s->lives[s->count - 1]->trace;

    trace->count = s->killed_at;
    for (uint64_t i = 0; i < trace->count; i++)
        if (trace->events[i].kind == TORTURE_WRITE && trace->events[i].done > trace->count)
            trace->events[i].done = trace->count;
    s->disk = torture_disk_new(&s->left, trace, s->seed);
    return s->disk != NULL;
}

static bool begin_with_what_is_left(struct storage *s)
{
    renumber(&s->left, &s->renumbered);
    s->begun_with = s->renumbered;
    return begin_life(s);
}

const char *storage_fall(struct storage *s, struct world *world)
{
    const char *why = end_disk(s);

    if (s->killed_at ? !go_on_with_disk(s) : !begin_with_what_is_left(s))
        return why ? why : "no memory";
    storage_attach(s, world);
    return why;
}

const char *storage_free(struct storage *s, bool *was_full)
{
    const char *why = end_disk(s);

    *was_full = s->is_full;
    for (uint32_t i = 0; i < s->count; i++) {
        if (s->lives[i]->walked)
            torture_walk_end(&s->lives[i]->walk);
        torture_arena_free(&s->lives[i]->arena);
        torture_trace_free(&s->lives[i]->trace);
        free(s->lives[i]);
    }
    free(s);
    return why;
}
