/* How far a segment is whole, and what the place is where it is not.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_LOG_TAIL_H
#define QUIRE_LOG_TAIL_H

#include "log/segment.h"

/* What a segment turned out to be. */
struct quire__tail {
    uint64_t end;           /* of the whole blocks, one after the other from the beginning */
    uint64_t next_sequence; /* after the last of them; 0: there is none */
    uint64_t last_time;
    uint32_t previous_pages;
    bool sealed;                    /* the last of them is a footer */
    struct quire__disk_footer sums; /* of them, the footer not included */
    uint64_t mark;                  /* the highest sequence that any block here says was durable */

    /* What lies at end. */
    bool header;           /* a header of ours, whose payload is not whole, or that does not follow; */
    uint64_t header_first; /* its first sequence */
    bool blank;            /* nothing: zeros, blocks of an earlier writing, or the end of the file */
    /* Behind it. */
    bool later;           /* there is a whole block of ours */
    uint64_t later_first; /* its first sequence, of the first one; 0: there is none */
    uint64_t last_seen;   /* the highest sequence in a whole block, before it or behind; 0: none */
    uint64_t junk_end;    /* the end of whatever was written there, as far as can be told */
    uint64_t junk_blocks, junk_records;
};

/* Reads a segment from its first block on. file_bytes is the file's length. */
int quire__tail_read(struct quire__io *io, int file, const struct quire__identity *identity, uint64_t file_bytes,
                     struct quire__tail *tail);

/* What is to be done about the place where a log's last segment stops being whole. */
enum quire__tail_verdict {
    QUIRE__TAIL_END,    /* the log ends here */
    QUIRE__TAIL_TORN,   /* it ends here, and what lies behind goes: none of it was ever durable */
    QUIRE__TAIL_DAMAGED /* what had been durable is not there */
};

/* The table of docs/format.md:
 *
 *     durable  later  header  blank    verdict
 *     yes      -      -       -        DAMAGED  a sequence that is missing here is known to have been durable
 *     no       yes    -       -        TORN     later blocks reached the device first; the hole makes them worthless
 *     no       no     yes     -        TORN     the payload did not get there
 *     no       no     no      no       TORN     neither did the header
 *     no       no     no      yes      END
 */
enum quire__tail_verdict quire__tail_judge(bool durable, bool later, bool header, bool blank);

#endif
