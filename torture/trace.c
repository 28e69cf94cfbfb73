/* A list that grows. See trace.h.
 *
 * SPDX-License-Identifier: MIT */
#include "torture/trace.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct torture_event *torture_trace_add(struct torture_trace *trace, enum torture_kind kind, uint32_t file)
{
    static struct torture_event nowhere;

    if (trace->count == trace->room) {
        uint64_t room = trace->room ? 2 * trace->room : 256;
        struct torture_event *events = realloc(trace->events, room * sizeof *events);
        if (!events) {
            trace->overflowed = true;
            return &nowhere;
        }
        trace->events = events;
        trace->room = room;
    }
    struct torture_event *event = &trace->events[trace->count++];
    *event = (struct torture_event){.kind = kind, .file = file};
    return event;
}

const unsigned char *torture_trace_keep(struct torture_trace *trace, const void *data, uint64_t length)
{
    unsigned char *copy = torture_arena_take(&trace->arena, length);

    if (copy)
        memcpy(copy, data, length);
    else
        trace->overflowed = true;
    return copy;
}

void torture_trace_reset(struct torture_trace *trace)
{
    torture_arena_reset(&trace->arena);
    trace->count = 0;
    trace->overflowed = false;
}

void torture_trace_free(struct torture_trace *trace)
{
    torture_arena_free(&trace->arena);
    free(trace->events);
    *trace = (struct torture_trace){.count = 0};
}

static void print_event(const struct torture_event *e, FILE *to)
{
    static const char *const words[] = {
        [TORTURE_WRITE] = "write",
        [TORTURE_SIZE] = "size",
        [TORTURE_BIND] = "create",
        [TORTURE_RENAME] = "rename",
        [TORTURE_UNLINK] = "unlink",
        [TORTURE_MAKE_DIRECTORY] = "mkdir",
        [TORTURE_SYNC] = "flush",
        [TORTURE_SYNC_WRITE] = "flush of a write",
        [TORTURE_SYNC_DIRECTORY] = "flush of names",
        [TORTURE_SYNC_PARENT] = "flush of the directory's name",
        [TORTURE_SYNC_FAILED] = "flush that fails",
        [TORTURE_MARK] = "mark",
    };

    fprintf(to, "%s", words[e->kind]);
    if (e->file != TORTURE_NO_FILE)
        fprintf(to, " file %" PRIu32, e->file);
    if (e->kind == TORTURE_WRITE)
        fprintf(to, " %" PRIu64 " + %" PRIu64 "%s", e->offset, e->length,
                e->done == UINT64_MAX ? " (never ended)" : "");
    else if (e->kind == TORTURE_SIZE)
        fprintf(to, " %" PRIu64, e->length);
    else if (e->kind == TORTURE_MARK)
        fprintf(to, " durable %" PRIu64 ", begun %" PRIu64, e->durable, e->begun);
    else if (e->until)
        fprintf(to, " of what was before %" PRIu64, e->until);
    fprintf(to, "%s%s%s%s\n", e->name[0] ? " " : "", e->name, e->to[0] ? " to " : "", e->to);
}

void torture_trace_print(const struct torture_trace *trace, uint64_t until, uint64_t most, FILE *to)
{
    for (uint64_t i = until > most ? until - most : 0; i < until; i++) {
        fprintf(to, "%6" PRIu64 "  ", i);
        print_event(&trace->events[i], to);
    }
}

static bool rename_in(struct torture_image *image, const struct torture_event *event)
{
    /* Where the name of before never got there, or went to another file, it stays with that one. */
    if (torture_image_find(image, event->name) == event->file)
        torture_image_unbind(image, event->name);
    return torture_image_bind(image, event->to, event->file);
}

bool torture_trace_apply(const struct torture_event *event, uint64_t sectors, struct torture_image *image)
{
    switch (event->kind) {
    case TORTURE_WRITE:
        return torture_image_write(image, event->file, event->offset, event->length, event->data, sectors);
    case TORTURE_SIZE:
        return torture_image_resize(image, event->file, event->length);
    case TORTURE_BIND:
        return torture_image_bind(image, event->name, event->file);
    case TORTURE_RENAME:
        return rename_in(image, event);
    case TORTURE_UNLINK:
        if (torture_image_find(image, event->name) == event->file)
            torture_image_unbind(image, event->name);
        return true;
    case TORTURE_MAKE_DIRECTORY:
        image->directory = true;
        return true;
    case TORTURE_SYNC:
    case TORTURE_SYNC_WRITE:
    case TORTURE_SYNC_DIRECTORY:
    case TORTURE_SYNC_PARENT:
    case TORTURE_SYNC_FAILED:
    case TORTURE_MARK:
        return true;
    }
    return true;
}
