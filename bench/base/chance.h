/* Pseudo-random words: the same ones for the same start.
 *
 * splitmix64 by Sebastiano Vigna, public domain: one multiplication chain per 8 bytes, no state but a counter.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_CHANCE_H
#define BENCH_CHANCE_H

#include <stdint.h>

static inline uint64_t bench_chance(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

#endif
