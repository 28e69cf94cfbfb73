/* The records that the programs of this room append: a length and bytes that a seed, a sequence and a generation give,
 * so that whoever reads them back knows which they are without having kept them.
 *
 * A generation counts the lives of a log: a sequence that was lost in a crash is given again in the next life, and the
 * record that has it must not be the one of the life before.
 *
 * SPDX-License-Identifier: MIT */
#ifndef DISK_RECORD_H
#define DISK_RECORD_H

#include <stdint.h>

enum { DISK_RECORD_LEAST = 16, DISK_RECORD_MOST = 20 * 1024 };

/* A pseudo-random number of a place, and a sequence of them: splitmix64. */
uint64_t disk_mix(uint64_t value);
uint64_t disk_random(uint64_t *state);
uint64_t disk_below(uint64_t *state, uint64_t limit); /* 0 to limit - 1; limit is not 0 */

/* DISK_RECORD_LEAST to DISK_RECORD_MOST. */
uint64_t disk_record_length(uint64_t seed, uint64_t sequence);

/* Fills disk_record_length bytes. The first 16 are the sequence and the generation; half of the rest compresses. */
void disk_record_fill(unsigned char *memory, uint64_t seed, uint64_t sequence, uint64_t generation);

#endif
