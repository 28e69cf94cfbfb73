/* A disk as it was at a place of a block log, or may be after the power went there.
 *
 * Memory holds what the log says; a file, under a loop device, what a file system and a check made of it. Going on in
 * the log, taking a subset and taking it back again change only the pages concerned, and making the file equal to the
 * memory writes only the pages that differ: nothing is copied as a whole.
 *
 * SPDX-License-Identifier: MIT */
#ifndef DISK_IMAGE_H
#define DISK_IMAGE_H

#include "entries.h"
#include "plan.h"

enum { DISK_PAGE = 4096 };

struct disk_image {
    uint64_t bytes;        /* whole pages */
    unsigned char *memory; /* the disk */
    unsigned char *known;  /* a byte for each page: 1: something was written to it */
    int file;              /* beneath the loop device; -1: none */
    uint64_t position;     /* memory is that of so many entries, whole */

    unsigned char *undo; /* what was there, of each piece taken since: an undo log */
    uint64_t undo_bytes, undo_room;
};

/* A disk of zeros. file is the caller's, of the same length, zeros too. 0 or -errno. */
int disk_image_open(uint64_t bytes, int file, struct disk_image *image);
void disk_image_close(struct disk_image *image);

/* The disk is what file, of its length, holds, and no entry has been replayed: whatever it was before. 0 or -errno. */
int disk_image_load(struct disk_image *image, int file);

/* Goes on to position, which lies at or behind image->position. -EINVAL: an entry lies outside of the disk. */
int disk_image_advance(struct disk_image *image, const struct disk_entries *entries, uint64_t position);

/* From the place where the plan's window begins: what the plan keeps of the window. 0 or -errno. */
int disk_image_take(struct disk_image *image, const struct disk_entries *entries, const struct disk_plan *plan);
/* Takes it back. */
void disk_image_restore(struct disk_image *image);
/* Keeps it: the disk as it is now is that with which another block log begins. */
void disk_image_settle(struct disk_image *image);

/* Makes the file equal to the memory. *pages (unless NULL): how many differed. 0 or -errno. */
int disk_image_put(struct disk_image *image, uint64_t *pages);

#endif
