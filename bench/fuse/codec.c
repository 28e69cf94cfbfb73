/* What a codec does by itself. See codec.h.
 *
 * SPDX-License-Identifier: MIT */
#include "fuse/codec.h"

#include <stdlib.h>

#ifdef BENCH_HAVE_LZ4
#include <lz4.h>
#endif
#ifdef BENCH_HAVE_ZSTD
#include <zstd.h>
#endif

#include "base/cost.h"

enum { PASSES = 3, ROOM = 2 * BENCH_FUSE_CODEC_BLOCK }; /* more than either codec may need for a block */
static const uint64_t sample_bytes = 16 << 20;

/* The compressed length of a block, 0 if there is no such codec. As quire does it by default: zstd's level 1, lz4 without
 * an acceleration. */
static uint64_t compress_block(enum bench_fuse_mode mode, void *state, const char *from, uint64_t length, char *to)
{
#ifdef BENCH_HAVE_LZ4
    if (mode == BENCH_FUSE_LOG_LZ4)
        return (uint64_t)LZ4_compress_default(from, to, (int)length, ROOM);
#endif
#ifdef BENCH_HAVE_ZSTD
    if (mode == BENCH_FUSE_LOG_ZSTD) {
        size_t stored = ZSTD_compressCCtx(state, to, ROOM, from, length, 1);
        return ZSTD_isError(stored) ? 0 : stored;
    }
#endif
    (void)state, (void)mode, (void)from, (void)length, (void)to;
    return 0;
}

/* One pass over the sample. False: there is no such codec. */
static bool pass(enum bench_fuse_mode mode, void *state, const struct bench_fuse_pool *pool, char *to,
                 struct bench_fuse_codec *codec)
{
    uint64_t bytes = pool->bytes < sample_bytes ? pool->bytes : sample_bytes, stored = 0;
    double began = bench_now();
    for (uint64_t at = 0; at < bytes; at += BENCH_FUSE_CODEC_BLOCK) {
        uint64_t length = bytes - at < BENCH_FUSE_CODEC_BLOCK ? bytes - at : BENCH_FUSE_CODEC_BLOCK;
        uint64_t block = compress_block(mode, state, pool->memory + at, length, to);
        if (block == 0)
            return false;
        stored += block;
    }
    double speed = (double)bytes / (bench_now() - began);
    codec->ratio = (double)bytes / (double)stored;
    codec->bytes_per_s = speed > codec->bytes_per_s ? speed : codec->bytes_per_s;
    return true;
}

void bench_fuse_codec_measure(enum bench_fuse_mode mode, const struct bench_fuse_pool *pool,
                              struct bench_fuse_codec *codec)
{
    struct bench_fuse_codec c = {.known = true};
    void *state = NULL;
    char *to = malloc(ROOM);
#ifdef BENCH_HAVE_ZSTD
    state = ZSTD_createCCtx();
    c.known = state != NULL;
#endif
    c.known = c.known && to;
    for (unsigned i = 0; i < PASSES && c.known; i++)
        c.known = pass(mode, state, pool, to, &c);
#ifdef BENCH_HAVE_ZSTD
    ZSTD_freeCCtx(state);
#endif
    free(to);
    *codec = c;
}
