/* A segment as a file: its name, its first page, and which of them a directory holds.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_SEGMENT_H
#define QUIRE_SEGMENT_H

#include <limits.h>
#include <stdbool.h>

#include <quire/error.h>

#include "io/io.h"
#include "log/block.h"

/* Blocks begin behind the header page. */
#define QUIRE__SEGMENT_BEGIN ((uint64_t)QUIRE__PAGE)

/* Names in a log's directory. Anything else there is not the log's, and left alone. */
#define QUIRE__SEGMENT_DIGITS 16
#define QUIRE__SEGMENT_NAME "%016" PRIu64 ".quire" /* the number of the segment */
#define QUIRE__NEXT_NAME "next.quire"              /* a segment being made ready */
#define QUIRE__SPARE_NAME "spare.quire"            /* one that retention freed, to be used again */
#define QUIRE__RESERVE_NAME "reserve.quire"        /* space to give up when the disk is full */
#define QUIRE__LIVE_NAME "live.quire"              /* watermarks for readers of other processes */
/* What was taken out of a segment, from which offset; and what was taken out of the same place later. */
#define QUIRE__TORN_NAME "%016" PRIu64 "-%" PRIu64 ".torn"
#define QUIRE__TORN_AGAIN_NAME "%016" PRIu64 "-%" PRIu64 "-%" PRIu32 ".torn"

/* A code that speaks of the bytes in a file, not of the system: -EIO, -EMFILE, ... may be gone a moment later, and
 * nothing is given up for them. */
static inline bool quire__is_damage(int code)
{
    return code == 0 || (code <= -4096 && code != QUIRE_E_VERSION);
}

/* A path within the log's directory. */
struct quire__path {
    char text[PATH_MAX];
};

/* directory/name. -ENAMETOOLONG. */
int quire__path_join(const char *directory, const char *name, struct quire__path *path);
int quire__segment_path(const char *directory, uint64_t number, struct quire__path *path);
/* The first of that name, or with again > 0 one for what was taken out of the same place later. */
int quire__torn_path(const char *directory, uint64_t number, uint64_t offset, uint32_t again, struct quire__path *path);

/* The number in the name of a segment, from 1: exactly as many digits as are written. False for any other name. */
bool quire__segment_parse_name(const char *name, uint64_t *number);

/* What is known from a segment's first page. */
struct quire__segment_header {
    struct quire__identity identity;
    uint64_t number, created, segment_bytes;
};

/* Fills a page. */
void quire__segment_encode(const struct quire__segment_header *header, void *page);
/* QUIRE_E_DAMAGED: not a header, or not whole. QUIRE_E_VERSION: of a later format. */
int quire__segment_decode(const void *page, struct quire__segment_header *header);

/* Opens the file of segment number; how: enum quire__io_open. */
int quire__segment_open_file(struct quire__io *io, const char *directory, uint64_t number, unsigned how, int *file);

/* Opens segment number for reading and decodes its header. QUIRE_E_FOREIGN: it is named like another number; or
 * log_id (unless NULL) is another log's. *file_bytes is its length. */
int quire__segment_open(struct quire__io *io, const char *directory, uint64_t number, const unsigned char *log_id,
                        int *file, struct quire__segment_header *header, uint64_t *file_bytes);

/* Was its header page never written? Its name came to be durable before its content, or it was cut to nothing.
 * An error, and *unborn false: it cannot be opened, or read. */
int quire__segment_is_unborn(struct quire__io *io, const char *directory, uint64_t number, bool *unborn);

/* Reads the page at offset and looks at it. QUIRE__LOOK_ZERO also for the end of the file. */
int quire__segment_look(struct quire__io *io, int file, const struct quire__identity *identity, uint64_t offset,
                        enum quire__block_look *look, struct quire__disk_block *header);

/* Reads live.quire as it is now. *found false: there is none, or only a part. */
int quire__live_load(struct quire__io *io, const char *directory, struct quire__disk_live *live, bool *found);

/* The numbers of the segments in a directory, in order. */
struct quire__segment_list {
    uint64_t *numbers;
    uint64_t count, room;
    uint64_t torn_files;
};

/* -ENOENT, -ENOTDIR, -ENOMEM. The list is to be freed whatever is returned. */
int quire__segment_list_read(struct quire__io *io, const char *directory, struct quire__segment_list *list);

/* Makes the names in the directory durable, and the removal of others. Of a writer that was killed, a name that it made
 * may not be durable yet, and one that it removed not be gone: what is appended to the one would be lost with it, and the
 * other come back beside what is changed from here on. */
int quire__names_settle(struct quire__io *io, const char *directory);
void quire__segment_list_free(struct quire__segment_list *list);

#endif
