/* A log's directory, locked against writers, for whoever changes a log from outside.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_MEND_FOLDER_H
#define QUIRE_MEND_FOLDER_H

#include <quire/check.h>

#include "log/segment.h"

struct quire__folder {
    struct quire__io *io;
    const char *directory;
    int file;
    struct quire__segment_list list;
    unsigned char log_id[16];
};

/* Locks the directory, lists its segments, learns from them which log it is, as a reader does, and makes their names
 * durable.
 * QUIRE_E_LOCKED, QUIRE_E_NOT_A_LOG, -ENOENT, ... */
int quire__folder_open(struct quire__folder *folder, struct quire__io *io, const char *directory);
void quire__folder_close(struct quire__folder *folder);

/* Removes segment number, durably. */
int quire__folder_remove(struct quire__folder *folder, uint64_t number);

/* Forgets how far the log was said to be: before what was durable is taken away on purpose. */
int quire__folder_forget_live(struct quire__folder *folder);

/* A new segment of blocks: begun under a name of its own, which becomes its number's when it is durable. */
struct quire__draft {
    struct quire__folder *folder;
    struct quire__segment_header header;
    int file;
    uint64_t end;
    uint32_t previous_pages;
    struct quire__disk_footer sums;
};

int quire__draft_begin(struct quire__draft *draft, struct quire__folder *folder, uint64_t number);
/* Adds a block: header with type, flags, records, sequences and times filled in; its payload is plain. */
int quire__draft_add(struct quire__draft *draft, struct quire__disk_block *header, const void *payload);
/* Adds the footer. */
int quire__draft_seal(struct quire__draft *draft, uint64_t next_sequence);
/* Gives it its name, in place of any other, and closes it; everything is durable then. */
int quire__draft_finish(struct quire__draft *draft);
void quire__draft_abandon(struct quire__draft *draft);

/* Writes a block of length bytes, whole pages, to an open segment: header as for quire__draft_add, payload of
 * payload_bytes, the rest zeros. Not synced. */
int quire__put_block(struct quire__io *io, int file, const struct quire__identity *identity, uint64_t offset,
                     uint64_t length, struct quire__disk_block *header, const void *payload, uint64_t payload_bytes);

#endif
