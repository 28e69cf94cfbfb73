/* Numbers from a seed (SplitMix64).
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TORTURE_RANDOM_H
#define QUIRE_TORTURE_RANDOM_H

#include <stdint.h>

/* As good as random, and the same for the same number. */
static inline uint64_t torture_mix(uint64_t z)
{
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static inline uint64_t torture_random(uint64_t *state)
{
    return torture_mix(*state += UINT64_C(0x9e3779b97f4a7c15));
}

#endif
