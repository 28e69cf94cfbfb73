/* Memory for buffers: whole pages, present from the start, so that appending meets no page fault.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_MEMORY_H
#define QUIRE_MEMORY_H

#include <stdint.h>

/* bytes of memory that stand twice back to back: what is stored at [i] is read at [i + bytes], so that a piece that
 * wraps around the end is contiguous all the same. bytes is whole pages. -ENOMEM and what memfd_create gives. */
int quire__memory_open_ring(uint64_t bytes, void **memory);
void quire__memory_close_ring(void *memory, uint64_t bytes);

/* Plain pages, zeroed. */
int quire__memory_open(uint64_t bytes, void **memory);
void quire__memory_close(void *memory, uint64_t bytes);

#endif
