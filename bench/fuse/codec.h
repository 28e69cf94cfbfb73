/* What a codec does with a payload by itself: the ratio, and the speed of one processor. What a compressing mount can
 * reach at most follows from these two and the disk.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_FUSE_CODEC_H
#define BENCH_FUSE_CODEC_H

#include <stdbool.h>
#include <stdint.h>

#include "fuse/matrix.h"

enum { BENCH_FUSE_CODEC_BLOCK = 64 << 10 }; /* compressed by itself, as a block of a log is by default */

struct bench_fuse_codec {
    bool known;         /* false: not in this build, or no memory */
    double ratio;       /* bytes by bytes compressed */
    double bytes_per_s; /* of input, by one processor: the best of a few passes */
};

/* For a mode that compresses; for any other nothing is known. */
void bench_fuse_codec_measure(enum bench_fuse_mode mode, const struct bench_fuse_pool *pool,
                              struct bench_fuse_codec *codec);

#endif
