/* The end of a byte file, which is what `quire mount --mode log` keeps: by lines, as tail(1) has it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_TAIL_BYTES_H
#define TOOLS_TAIL_BYTES_H

#include <stdbool.h>
#include <stdint.h>

struct tail_bytes {
    const char *command, *directory; /* who complains, and where the log is */
    uint64_t lines;
    bool follow; /* then what comes, until a signal */
};

/* An exit code. */
int tail_bytes_print(const struct tail_bytes *tail);

#endif
