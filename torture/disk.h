/* A disk in memory, behind the seam (io/io.h), that writes down what reaches it.
 *
 * Its one directory is TORTURE_DIRECTORY. Reads see what was written, flushed or not, as the page cache has it; what a
 * power cut would leave is for walk.h to say, from the trace. A flush lasts a moment in which other threads go on, and
 * covers what was there when it began. A queued write is on its way from the moment it is queued, and ends in any order.
 * What is stored into a mapping is noticed at the next operation, page by page.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TORTURE_DISK_H
#define QUIRE_TORTURE_DISK_H

#include "io/io.h"
#include "torture/trace.h"

#define TORTURE_DIRECTORY "/torture/log"

struct torture_disk;

/* Begins as image has it, all of it durable. trace: where to write down what happens; NULL: nowhere. seed: of the order
 * in which queued writes end. NULL: no memory. */
struct torture_disk *torture_disk_new(const struct torture_image *image, struct torture_trace *trace, uint64_t seed);
/* How many handles, mappings and queues were left open. */
uint64_t torture_disk_free(struct torture_disk *disk);

struct quire__io *torture_disk_io(struct torture_disk *disk);

/* What is on it now, flushed or not, as the death of a process leaves it. arena: of what is written to the copy. */
void torture_disk_copy(struct torture_disk *disk, struct torture_image *copy, struct torture_arena *arena);

enum torture_fault { TORTURE_NO_FAULT, TORTURE_FAIL_WRITE, TORTURE_FAIL_SYNC };

/* The nth write or flush from here on (1: the next) fails with code: of the write, some sectors get there or none; what
 * the flush was to cover is never covered by another (the kernel takes it for clean), and may be there or not. */
void torture_disk_fail(struct torture_disk *disk, enum torture_fault fault, uint64_t nth, int code);
/* Is that still to come? */
bool torture_disk_has_fault(const struct torture_disk *disk);

/* Writes down what the caller was told: acknowledged as durable up to here; and nothing behind begun was appended yet.
 * Any thread. */
void torture_disk_mark(struct torture_disk *disk, uint64_t durable, uint64_t begun);

/* What was asked of it that it cannot do, or should not have been asked; NULL: nothing. */
const char *torture_disk_complaint(struct torture_disk *disk);
/* More files were asked for than there is room for. */
bool torture_disk_is_full(const struct torture_disk *disk);

#endif
