/* The lines of a file of bytes that a log keeps in pieces (bytes/piece.h).
 *
 * A line may go over any number of pieces: it counts to the one in which it begins.
 *
 * SPDX-License-Identifier: MIT */
#ifndef EXPORT_LINES_H
#define EXPORT_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes.h"

/* A line that is longer comes as several: it has to be held in memory. */
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
enum { LINE_MOST = 100 };
#else
enum { LINE_MOST = 64 << 20 };
#endif

/* Where a line begins. */
struct line_place {
    uint64_t sequence, time; /* of the piece */
    uint64_t offset;         /* in the file */
};

/* A line without its newline. 0, or other than that stops and is returned. */
typedef int export_see_line(void *context, const struct line_place *place, const void *data, size_t length);

struct export_lines {
    export_see_line *see;
    void *context;
    uint64_t last_sequence, last_time; /* lines that begin in a piece behind these are not wanted */
    bool within;         /* what comes first is the rest of a line that began earlier: passed over, up to its newline */
    uint64_t lost_bytes; /* holes between pieces */
    uint64_t cut;        /* lines that came as several */
    /* Its own. */
    bool is_begun;
    uint64_t end; /* of the last piece */
    bool in_line;
    struct line_place line_place;
    struct export_bytes line; /* of a line whose end has not come yet */
};

void export_lines_free(struct export_lines *lines);

/* The next piece. 0; 1: all lines that are wanted were given; QUIRE_E_DAMAGED: it begins before the last one
 * ends, which no writer does; or a code. */
int export_lines_piece(struct export_lines *lines, const struct line_place *place, const void *data, size_t length);

/* There are no more pieces: a last line without a newline is one too. 0 or a code. */
int export_lines_end(struct export_lines *lines);

/* Is there a line whose end has not come yet? */
bool export_lines_open(const struct export_lines *lines);

#endif
