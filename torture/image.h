/* What is on a disk: files of pages, and names. One directory.
 *
 * Pages are never changed: a write puts others in their place. So a copy of an image shares all that is not written
 * anew, and a thousand disks after a thousand power cuts cost little more than what differs.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TORTURE_IMAGE_H
#define QUIRE_TORTURE_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "torture/arena.h"

enum { TORTURE_PAGE = 4096, TORTURE_SECTOR = 512, TORTURE_FILES = 192, TORTURE_NAMES = 96, TORTURE_NAME_MOST = 64 };
enum { TORTURE_NO_FILE = UINT32_MAX };

struct torture_file {
    uint64_t size;              /* bytes */
    uint64_t pages;             /* that page has room for */
    const unsigned char **page; /* NULL among them: zeros */
    bool owned;                 /* page is this image's own, to be written to */
};

struct torture_name {
    char text[TORTURE_NAME_MOST];
    uint32_t file; /* TORTURE_NO_FILE: the name is free */
};

struct torture_image {
    struct torture_arena *arena; /* of pages and lists made from now on */
    struct torture_file files[TORTURE_FILES];
    uint32_t file_count; /* a number is never used again */
    struct torture_name names[TORTURE_NAMES];
    uint32_t name_count;
    bool directory; /* it is there */
};

/* A copy that may be written to without changing the other, as long as both live. */
void torture_image_copy(struct torture_image *copy, const struct torture_image *image, struct torture_arena *arena);

/* Which sectors of a write get there: bit n % 64 of the mask for the n-th that it touches. */
#define TORTURE_ALL UINT64_MAX

/* Does not change the size: what lies behind it cannot be read. False: no memory. Data of whole pages is not copied. */
bool torture_image_write(struct torture_image *image, uint32_t number, uint64_t offset, uint64_t length,
                         const unsigned char *data, uint64_t sectors);
/* What lay behind the new size, or between the old and the new, reads as zeros from then on. */
bool torture_image_resize(struct torture_image *image, uint32_t number, uint64_t size);
uint64_t torture_image_read(const struct torture_image *image, uint32_t number, uint64_t offset, uint64_t length,
                            unsigned char *to);

/* TORTURE_NO_FILE: nothing has that name. */
uint32_t torture_image_find(const struct torture_image *image, const char *name);
/* Gives a name to a file, whatever had it before. False: too many names. */
bool torture_image_bind(struct torture_image *image, const char *name, uint32_t file);
void torture_image_unbind(struct torture_image *image, const char *name);
uint32_t torture_image_new_file(struct torture_image *image);

#endif
