/* A piece of a file in page-aligned memory that moves along as it is read. Never a mapping: a file that is cut while it
 * is read ends early, where a mapping would end the process.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_READER_WINDOW_H
#define QUIRE_READER_WINDOW_H

#include "base/at_once.h"
#include "io/io.h"

#define QUIRE__WINDOW_STREAM QUIRE__AT_ONCE
/* Read at once when looking here and there. */
#define QUIRE__WINDOW_PROBE (QUIRE__AT_ONCE / 8)

struct quire__window {
    unsigned char *memory;
    uint64_t room;
    uint64_t begin, length; /* what of the file is in it */
    uint64_t unreadable;    /* where the pages begin, and end, that the device refused; UINT64_MAX: none */
    uint64_t unreadable_end;
    uint64_t ahead; /* read at least so many bytes at once */
};

/* -ENOMEM. */
int quire__window_open(struct quire__window *window);
void quire__window_close(struct quire__window *window);

/* What is in it is old. */
void quire__window_forget(struct quire__window *window);

/* Gives *at, the bytes at offset, and how many there are: length or more, or fewer at the end of the file. Good
 * until the next call. The window grows for it, so length must have been checked. A page that the device cannot read
 * is bytes of 0xFF. -ENOMEM, or why the file cannot be read. */
int quire__window_need(struct quire__window *window, struct quire__io *io, int file, uint64_t offset, uint64_t length,
                       const unsigned char **at, uint64_t *have);

#endif
