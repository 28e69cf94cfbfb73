/* The least and the greatest value of a page or a column chunk, for readers that pass over what cannot match.
 *
 * Numbers are exact. Of bytes at most the first 64 are kept: a prefix is below what it was cut from, so it bounds from
 * below, and from above when its last byte is raised by one. Of text it is the last character, so that it stays text.
 *
 * SPDX-License-Identifier: MIT */
#ifndef EXPORT_BOUNDS_H
#define EXPORT_BOUNDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BOUND_BYTES = 64, BOUND_ROOM = BOUND_BYTES + 1 /* a raised character can be longer by a byte */ };

struct bound {
    unsigned char data[BOUND_ROOM];
    uint32_t length;
    bool cut; /* the value goes on */
};

struct bounds {
    bool any;     /* a value was seen */
    bool unknown; /* one that has no place in the order: there are no bounds */
    union bounded {
        int64_t integer; /* of booleans too */
        double real;
        struct bound bytes;
    } least, most;
};

void bounds_integer(struct bounds *bounds, int64_t value);
void bounds_real(struct bounds *bounds, double value);
void bounds_bytes(struct bounds *bounds, const void *data, size_t length, bool text);

/* bounds then has what either has: by kind of value. */
void bounds_merge_integers(struct bounds *bounds, const struct bounds *other);
void bounds_merge_reals(struct bounds *bounds, const struct bounds *other);
void bounds_merge_bytes(struct bounds *bounds, const struct bounds *other);

/* A bound from above: the bytes themselves, or raised if they were cut. False: nothing is above them. */
bool bounds_above(const struct bounds *bounds, bool text, struct bound *above);

#endif
