/* What is pending, and choosing from it. See walk.h.
 *
 * SPDX-License-Identifier: MIT */
#include "torture/walk.h"

#include <string.h>

#include "torture/random.h"

enum { EXHAUSTIVE = 4 }; /* so many pending events are tried in every combination */

static bool is_name(enum torture_kind kind)
{
    return kind == TORTURE_BIND || kind == TORTURE_RENAME || kind == TORTURE_UNLINK;
}

static bool is_pending(enum torture_kind kind)
{
    return kind == TORTURE_WRITE || kind == TORTURE_SIZE || kind == TORTURE_MAKE_DIRECTORY || is_name(kind);
}

void torture_walk_begin(struct torture_walk *walk, const struct torture_image *image, const struct torture_trace *trace)
{
    walk->trace = trace;
    walk->arena = (struct torture_arena){NULL, NULL};
    walk->next = 0;
    walk->pending_count = walk->live_count = 0;
    walk->acknowledged = walk->begun = 0;
    walk->failed = trace->overflowed;
    torture_image_copy(&walk->durable, image, &walk->arena);
}

void torture_walk_end(struct torture_walk *walk)
{
    torture_arena_free(&walk->arena);
}

static bool overlap(const struct torture_event *a, const struct torture_event *b)
{
    return a->offset < b->offset + b->length && b->offset < a->offset + a->length;
}

static bool covers(const struct torture_walk *walk, const struct torture_event *flush, uint64_t number)
{
    const struct torture_event *event = &walk->trace->events[number];
    const struct torture_event *write;

    switch (flush->kind) {
    case TORTURE_SYNC:
        return event->file == flush->file && number < flush->until &&
               (event->kind == TORTURE_SIZE || (event->kind == TORTURE_WRITE && event->done <= flush->until));
    case TORTURE_SYNC_WRITE:
        write = &walk->trace->events[flush->until];
        return event->file == flush->file && number <= flush->until &&
               (event->kind == TORTURE_SIZE || (event->kind == TORTURE_WRITE && overlap(event, write)));
    case TORTURE_SYNC_DIRECTORY:
        return is_name(event->kind) && number < flush->until;
    case TORTURE_SYNC_PARENT:
        return event->kind == TORTURE_MAKE_DIRECTORY && number < flush->until;
    default:
        return false;
    }
}

/* The kernel takes for clean what it could not write. */
static void doom(struct torture_walk *walk, const struct torture_event *failed)
{
    for (uint32_t i = 0; i < walk->pending_count; i++) {
        const struct torture_event *event = &walk->trace->events[walk->pending[i].event];
        walk->pending[i].doomed |= event->file == failed->file && walk->pending[i].event < failed->until &&
                                   (event->kind == TORTURE_WRITE || event->kind == TORTURE_SIZE);
    }
}

static bool replaces(const struct torture_event *later, const struct torture_event *event)
{
    return later->kind == event->kind && later->file == event->file &&
           (event->kind == TORTURE_SIZE || (event->kind == TORTURE_WRITE && overlap(later, event)));
}

/* What is written anew in its place is durable with this flush, or another size is: that it was lost is certain now. */
static bool is_past(const struct torture_walk *walk, const struct torture_event *flush, uint32_t number)
{
    const struct torture_event *event = &walk->trace->events[walk->pending[number].event];

    for (uint32_t i = number + 1; i < walk->pending_count && walk->pending[number].doomed; i++) {
        const struct torture_event *later = &walk->trace->events[walk->pending[i].event];
        if (!walk->pending[i].doomed && replaces(later, event) && covers(walk, flush, walk->pending[i].event))
            return true;
    }
    return false;
}

static void flush(struct torture_walk *walk, const struct torture_event *event)
{
    uint32_t left = 0;

    /* First these: what replaces them is still in the list. */
    for (uint32_t i = 0; i < walk->pending_count; i++)
        if (!is_past(walk, event, i))
            walk->pending[left++] = walk->pending[i];
        else
            walk->live_count -= walk->pending[i].replaced_by == 0;
    walk->pending_count = left;
    left = 0;
    for (uint32_t i = 0; i < walk->pending_count; i++) {
        struct torture_pending pending = walk->pending[i];
        if (pending.doomed || !covers(walk, event, pending.event)) {
            walk->pending[left++] = pending;
            continue;
        }
        walk->failed |= !torture_trace_apply(&walk->trace->events[pending.event], TORTURE_ALL, &walk->durable);
        walk->live_count -= pending.replaced_by == 0;
    }
    walk->pending_count = left;
}

static void add_pending(struct torture_walk *walk, const struct torture_event *event)
{
    for (uint32_t i = 0; i < walk->pending_count && event->kind == TORTURE_WRITE; i++) {
        struct torture_pending *pending = &walk->pending[i];
        const struct torture_event *before = &walk->trace->events[pending->event];
        if (before->kind != TORTURE_WRITE || before->file != event->file || pending->replaced_by ||
            before->offset < event->offset || before->offset + before->length > event->offset + event->length)
            continue;
        pending->replaced_by = walk->next;
        walk->live_count--;
    }
    if (walk->pending_count == TORTURE_PENDING) {
        walk->failed = true;
        return;
    }
    walk->pending[walk->pending_count++] = (struct torture_pending){.event = walk->next};
    walk->live_count++;
}

static void happen(struct torture_walk *walk, const struct torture_event *event)
{
    /* Files get their numbers in the order in which they are made. */
    if (event->kind == TORTURE_BIND)
        while (walk->durable.file_count <= event->file)
            if (torture_image_new_file(&walk->durable) == TORTURE_NO_FILE)
                break;
    if (is_pending(event->kind)) {
        add_pending(walk, event);
    } else if (event->kind == TORTURE_MARK) {
        walk->acknowledged = event->durable > walk->acknowledged ? event->durable : walk->acknowledged;
        walk->begun = event->begun > walk->begun ? event->begun : walk->begun;
    } else if (event->kind == TORTURE_SYNC_FAILED) {
        doom(walk, event);
    } else {
        flush(walk, event);
    }
    walk->next++;
}

bool torture_walk_on(struct torture_walk *walk)
{
    const struct torture_trace *trace = walk->trace;

    if (walk->failed || walk->next == trace->count)
        return false;
    happen(walk, &trace->events[walk->next]);
    while (walk->next < trace->count && !is_pending(trace->events[walk->next].kind))
        happen(walk, &trace->events[walk->next]);
    return !walk->failed;
}

uint32_t torture_walk_states(const struct torture_walk *walk, uint32_t most)
{
    uint32_t all = walk->live_count <= EXHAUSTIVE ? UINT32_C(1) << walk->live_count : most;

    return all < most ? all : most;
}

enum way { NONE, ALL, PREFIX, ALL_BUT_ONE, ONLY_ONE, NO_NAMES, NO_SIZES, ONE_TORN, RANDOM, WAYS };

struct choice {
    enum way way;
    uint64_t random;
    uint32_t at;     /* the one */
    uint64_t chance; /* of 256 that something gets there */
};

static struct choice choose(const struct torture_walk *walk, uint32_t state, uint64_t seed)
{
    struct choice choice = {.random = seed ^ walk->next << 20 ^ state};
    uint64_t random = torture_random(&choice.random);

    choice.way = state < WAYS ? (enum way)state : random % 4 == 0 ? (enum way)(random >> 8) % WAYS : RANDOM;
    choice.at = walk->pending_count ? (uint32_t)(random >> 32) % walk->pending_count : 0;
    choice.chance = 16 + (random >> 16) % 224;
    return choice;
}

/* By sectors, by pages, or up to somewhere. */
static uint64_t tear(struct choice *choice)
{
    uint64_t random = torture_random(&choice->random);
    uint64_t pages = 0;

    switch (random >> 62) {
    case 0:
        return (UINT64_C(1) << random % 64) - 1;
    case 1:
        for (uint32_t i = 0; i < 8; i++)
            if (random >> i & 1)
                pages |= UINT64_C(0xff) << 8 * i;
        return pages;
    default:
        return torture_random(&choice->random);
    }
}

/* The sectors of a write that get there; anything but 0 for the rest. */
static uint64_t what_gets_there(struct choice *choice, uint32_t i, const struct torture_event *event)
{
    switch (choice->way) {
    case NONE:
        return 0;
    case ALL:
        return TORTURE_ALL;
    case PREFIX:
        return i < choice->at ? TORTURE_ALL : 0;
    case ALL_BUT_ONE:
        return i != choice->at ? TORTURE_ALL : 0;
    case ONLY_ONE:
        return i == choice->at ? TORTURE_ALL : 0;
    case NO_NAMES:
        return event->kind == TORTURE_WRITE || event->kind == TORTURE_SIZE ? TORTURE_ALL : 0;
    case NO_SIZES:
        return event->kind != TORTURE_SIZE ? TORTURE_ALL : 0;
    case ONE_TORN:
        return i == choice->at ? tear(choice) : TORTURE_ALL;
    case RANDOM:
    case WAYS:
        break;
    }
    uint64_t random = torture_random(&choice->random);
    if (random % 256 >= choice->chance)
        return 0;
    return (random >> 8) % 4 == 0 ? tear(choice) : TORTURE_ALL;
}

/* What an earlier file had where this write was lost: pages of another write of the run, or noise. Only where nothing
 * was before: a file system that allocates a block may leave what was there, but changes no other. */
static bool leave_stale(const struct torture_walk *walk, const struct torture_event *lost, struct choice *choice,
                        struct torture_image *wreck)
{
    const struct torture_file *file = &wreck->files[lost->file];
    uint64_t first = (lost->offset + TORTURE_PAGE - 1) / TORTURE_PAGE;
    uint64_t end = (lost->offset + lost->length) / TORTURE_PAGE;
    const struct torture_event *other = &walk->trace->events[torture_random(&choice->random) % walk->next];
    bool done = true;

    for (uint64_t i = first; i < end && done; i++) {
        if (i < file->pages && file->page[i])
            continue;
        unsigned char *page = torture_arena_take(wreck->arena, TORTURE_PAGE);
        if (!page)
            return false;
        for (uint64_t at = 0; at < TORTURE_PAGE; at += 8) {
            uint64_t noise = torture_random(&choice->random);
            memcpy(page + at, &noise, 8);
        }
        uint64_t from = (i - first) * TORTURE_PAGE;
        if (other->kind == TORTURE_WRITE && from + TORTURE_PAGE <= other->length)
            memcpy(page, other->data + from, TORTURE_PAGE);
        done = torture_image_write(wreck, lost->file, i * TORTURE_PAGE, TORTURE_PAGE, page, TORTURE_ALL);
    }
    return done;
}

bool torture_walk_wreck(const struct torture_walk *walk, uint32_t state, uint64_t seed, bool stale,
                        struct torture_arena *arena, struct torture_image *wreck)
{
    bool is_every_one = walk->live_count <= EXHAUSTIVE && state < UINT32_C(1) << walk->live_count;
    struct choice choice = choose(walk, state, seed);
    uint32_t bit = 0;
    bool done = true;

    torture_image_copy(wreck, &walk->durable, arena);
    for (uint32_t i = 0; i < walk->pending_count && done; i++) {
        const struct torture_event *event = &walk->trace->events[walk->pending[i].event];
        bool is_counted = is_every_one && walk->pending[i].replaced_by == 0;
        uint64_t sectors = is_counted ? (state >> bit & 1 ? TORTURE_ALL : 0) : what_gets_there(&choice, i, event);
        bit += is_counted;
        if (sectors != 0)
            done = torture_trace_apply(event, sectors, wreck);
        else if (stale && event->kind == TORTURE_WRITE)
            done = leave_stale(walk, event, &choice, wreck);
    }
    return done;
}
