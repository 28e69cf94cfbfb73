/* Records out of the bytes of standard input: where one ends and the next begins.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_APPEND_INPUT_H
#define TOOLS_APPEND_INPUT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

enum input_framing { INPUT_LINES, INPUT_NULL, INPUT_PREFIXED, INPUT_CHUNKS };

struct input {
    enum input_framing framing;
    uint64_t chunk;       /* of INPUT_CHUNKS */
    uint64_t record_most; /* a longer record is refused */
    unsigned char *bytes; /* capacity of them; those from begin to end were read and are in no record yet */
    uint64_t begin, end, capacity;
    uint64_t searched; /* so many from begin on hold no end of a record */
    uint64_t consumed; /* bytes of the input that are in records */
    bool ended;        /* nothing comes any more */
};

enum input_status {
    INPUT_FINE,
    INPUT_TOO_LARGE, /* a record is longer than record_most */
    INPUT_INCOMPLETE /* the input ended within a record of INPUT_PREFIXED */
};

/* Makes a pipe on standard input as large as is allowed, so that its writer and this command take turns less often. */
void input_widen_pipe(void);

/* Reads once from standard input, 256 KiB or more at a time. 0, also if it was the end, or -errno. */
int input_read(struct input *input);

/* Takes up to `most` whole records, and about bytes_most bytes: the pieces point into the input, until the next read.
 * *raw are the bytes they came from, with what marks their ends. What is left at the end of the input is a record too.
 * 0: there is no whole record, and *status says if there can be one. */
int input_take(struct input *input, struct iovec *records, int most, uint64_t bytes_most, struct iovec *raw,
               enum input_status *status);

/* Bytes that were read and are in no record. */
static inline uint64_t input_rest(const struct input *input)
{
    return input->end - input->begin;
}

void input_free(struct input *input);

#endif
