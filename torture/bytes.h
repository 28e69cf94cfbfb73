/* All bytes that were ever given to one file, each at its place; none of them is 0.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TORTURE_BYTES_H
#define QUIRE_TORTURE_BYTES_H

#include "torture/trace.h"

struct torture_bytes {
    struct torture_arena arena;
    unsigned char **page; /* NULL among them: zeros */
    uint64_t pages, room;
};

void torture_bytes_reset(struct torture_bytes *bytes);
void torture_bytes_free(struct torture_bytes *bytes);

/* What is no zero goes over what was there. False: no memory. */
bool torture_bytes_add(struct torture_bytes *bytes, uint64_t offset, uint64_t length, const unsigned char *data);
/* What a file holds, up to its end. */
bool torture_bytes_add_file(struct torture_bytes *bytes, const struct torture_file *file);
/* What a trace wrote to file number `file`. */
bool torture_bytes_add_trace(struct torture_bytes *bytes, const struct torture_trace *trace, uint32_t file);

/* Page number i, of zeros where there is none. */
const unsigned char *torture_bytes_page(const struct torture_bytes *bytes, uint64_t i);
const unsigned char *torture_file_page(const struct torture_file *file, uint64_t i);

#endif
