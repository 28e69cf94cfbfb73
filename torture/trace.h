/* What reached a disk, in order.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TORTURE_TRACE_H
#define QUIRE_TORTURE_TRACE_H

#include <stdio.h>

#include "torture/image.h"

enum torture_kind {
    /* These stay pending until a flush covers them: a power cut keeps any of them, and loses any. */
    TORTURE_WRITE,
    TORTURE_SIZE, /* before the write that made it */
    TORTURE_BIND, /* a name for a new file */
    TORTURE_RENAME,
    TORTURE_UNLINK,
    TORTURE_MAKE_DIRECTORY,
    /* These are flushes, of what was pending when they began. */
    TORTURE_SYNC,           /* of a file */
    TORTURE_SYNC_WRITE,     /* of one write, and what is needed to find it */
    TORTURE_SYNC_DIRECTORY, /* of the names in the directory */
    TORTURE_SYNC_PARENT,    /* of the directory's own name */
    TORTURE_SYNC_FAILED,    /* of a file: what it was to cover no flush covers any more */
    /* This is what somebody was told. */
    TORTURE_MARK
};

struct torture_event {
    enum torture_kind kind;
    uint32_t file;
    uint64_t offset, length;   /* of a write; a size is in length */
    const unsigned char *data; /* of a write */
    uint64_t done;             /* of a write: it had come to its end before this event; UINT64_MAX: not yet */
    uint64_t until;            /* of a flush: what was done before this event is covered; SYNC_WRITE: this event */
    uint64_t durable, begun;   /* of a mark: acknowledged up to here; nothing behind this was appended yet */
    char name[TORTURE_NAME_MOST], to[TORTURE_NAME_MOST];
};

struct torture_trace {
    struct torture_arena arena; /* of the events' data */
    struct torture_event *events;
    uint64_t count, room;
    bool overflowed; /* no memory: the rest is missing */
};

/* The next event, to be filled in. */
struct torture_event *torture_trace_add(struct torture_trace *trace, enum torture_kind kind, uint32_t file);
/* A copy of data that lives as long as the trace. NULL: no memory. */
const unsigned char *torture_trace_keep(struct torture_trace *trace, const void *data, uint64_t length);
void torture_trace_reset(struct torture_trace *trace);
void torture_trace_free(struct torture_trace *trace);

/* The last of those before event number `until`, a line each. */
void torture_trace_print(const struct torture_trace *trace, uint64_t until, uint64_t most, FILE *to);

/* Does it change what is on the disk, all of it or (a write) those sectors? False: no memory, or too many names. */
bool torture_trace_apply(const struct torture_event *event, uint64_t sectors, struct torture_image *image);

#endif
