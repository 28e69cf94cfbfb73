/* Reads the whole of a log in memory, keeps what was read, and holds every record against the oracle; within bounds of
 * memory, bytes and operations that the size of the files gives.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TESTS_FUZZ_READING_H
#define QUIRE_TESTS_FUZZ_READING_H

#include <quire/reader.h>

#include "memory_io.h"
#include "oracle.h"
#include "script.h"

/* Blocks and payloads that a reader takes; what is asked of memory stays near it. */
#define READING_BLOCK_MOST (UINT64_C(1) << 20)

enum { READING_MOST = 1 << 16 };

struct read_record {
    uint64_t sequence, lost, length, time, segment, offset;
    uint32_t kind, reason, sum;
};

struct reading {
    struct read_record *records;
    uint64_t count, room;
    uint64_t errors; /* places that were skipped */
    int code;        /* 0, or why it ended early */
    bool is_cut;     /* there were more than READING_MOST */
};

quire_reader *reading_open(struct memory_io *memory, uint32_t flags, struct quire_damage *damage);

/* From the beginning to the end, or backwards. With skips: past what cannot be read, else up to there. */
void reading_forward(quire_reader *reader, struct memory_io *memory, bool skips, struct reading *reading);
void reading_backward(quire_reader *reader, struct memory_io *memory, bool skips, struct reading *reading);
void reading_free(struct reading *reading);

/* The record as it is kept. */
struct read_record reading_note(const struct quire_record *record);

/* Is each record of data in a, up to that sequence, also in b? */
bool reading_holds(const struct reading *b, const struct reading *a, uint64_t last, bool with_places);

/* A flag of a script's head, beside those of each target: reads give less than was asked for. */
#define READING_SHORT 4u

/* Opens memory, and lays out in it what the script says. Were all its blocks whole before the damage, and one behind the
 * other, as a writer leaves them? */
bool reading_lay_out(struct script *script, struct memory_io *memory, const uint8_t *data, size_t size);

/* For whoever looks at what was found: on standard error. */
void reading_say(const char *what, const struct reading *reading);

/* Ends the program if more was read than these files can ask for, by so many readings of them. */
void reading_check_budget(const struct memory_io *memory, uint64_t readings);

#endif
