/* zstd and lz4 behind one face. See codec.h; without the libraries every codec but none is unknown.
 *
 * SPDX-License-Identifier: MIT */
#include "log/codec.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <quire/error.h>
#include <quire/log.h>

#include "base/align.h"

#ifdef QUIRE__HAVE_ZSTD
/* For contexts in memory of our own: a context that zstd allocates itself is made anew when the sizes of blocks
 * change. */
#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>
#include <zstd_errors.h>
#endif
#ifdef QUIRE__HAVE_LZ4
#include <lz4.h>
#endif

struct quire__compressor {
    uint32_t codec;
    int level;
#ifdef QUIRE__HAVE_ZSTD
    ZSTD_CCtx *zstd; /* lies in memory */
#endif
    max_align_t memory[];
};

#ifdef QUIRE__HAVE_ZSTD
static int zstd_expand(const void *from, uint64_t length, void *to, uint64_t expected)
{
    size_t got = ZSTD_decompress(to, expected, from, length);

    if (ZSTD_isError(got))
        return ZSTD_getErrorCode(got) == ZSTD_error_memory_allocation ? -ENOMEM : QUIRE_E_DAMAGED;
    return got == expected ? 0 : QUIRE_E_DAMAGED;
}

static bool zstd_prepare(struct quire__compressor *c, uint64_t bytes)
{
    c->zstd = ZSTD_initStaticCCtx(c->memory, bytes);
    return c->zstd && !ZSTD_isError(ZSTD_CCtx_setParameter(c->zstd, ZSTD_c_compressionLevel, c->level));
}

static int zstd_compress(struct quire__compressor *c, const void *from, uint64_t length, void *to, uint64_t room,
                         uint64_t *stored)
{
    size_t got = ZSTD_compress2(c->zstd, to, room, from, length);

    if (!ZSTD_isError(got)) {
        *stored = got;
        return 0;
    }
    if (ZSTD_getErrorCode(got) != ZSTD_error_dstSize_tooSmall)
        return -ENOMEM;
    *stored = 0;
    return 0;
}
#endif

#ifdef QUIRE__HAVE_LZ4
static int lz4_expand(const void *from, uint64_t length, void *to, uint64_t expected)
{
    if (length > INT_MAX || expected > INT_MAX)
        return QUIRE_E_DAMAGED;
    int got = LZ4_decompress_safe(from, to, (int)length, (int)expected);
    return got >= 0 && (uint64_t)got == expected ? 0 : QUIRE_E_DAMAGED;
}

static int lz4_compress(struct quire__compressor *c, const void *from, uint64_t length, void *to, uint64_t room,
                        uint64_t *stored)
{
    if (length > LZ4_MAX_INPUT_SIZE)
        return QUIRE_E_TOO_LARGE;
    int got = LZ4_compress_fast_extState(c->memory, from, to, (int)length, (int)quire__min(room, INT_MAX), c->level);
    *stored = got > 0 ? (uint64_t)got : 0;
    return 0;
}
#endif

bool quire__codec_is_known(uint32_t codec)
{
#ifdef QUIRE__HAVE_ZSTD
    if (codec == QUIRE_CODEC_ZSTD)
        return true;
#endif
#ifdef QUIRE__HAVE_LZ4
    if (codec == QUIRE_CODEC_LZ4)
        return true;
#endif
    return codec == QUIRE_CODEC_NONE;
}

int quire__codec_expand(uint32_t codec, const void *from, uint64_t length, void *to, uint64_t expected)
{
    switch (codec) {
    case QUIRE_CODEC_NONE:
        if (length != expected)
            return QUIRE_E_DAMAGED;
        memcpy(to, from, length);
        return 0;
#ifdef QUIRE__HAVE_ZSTD
    case QUIRE_CODEC_ZSTD:
        return zstd_expand(from, length, to, expected);
#endif
#ifdef QUIRE__HAVE_LZ4
    case QUIRE_CODEC_LZ4:
        return lz4_expand(from, length, to, expected);
#endif
    default:
        return QUIRE_E_NO_CODEC;
    }
}

static bool level_is_possible(uint32_t codec, int level)
{
    return level >= 1 && (codec != QUIRE_CODEC_ZSTD || level <= 19);
}

/* What the codec works in. Of zstd's, compressing small blocks touches a small part. */
static uint64_t memory_bytes(uint32_t codec, int level)
{
#ifdef QUIRE__HAVE_ZSTD
    if (codec == QUIRE_CODEC_ZSTD)
        return ZSTD_estimateCCtxSize(level);
#endif
#ifdef QUIRE__HAVE_LZ4
    if (codec == QUIRE_CODEC_LZ4)
        return (uint64_t)LZ4_sizeofState();
#endif
    (void)codec;
    (void)level;
    return 0;
}

int quire__compressor_open(uint32_t codec, int level, struct quire__compressor **compressor)
{
    if (!quire__codec_is_known(codec))
        return QUIRE_E_NO_CODEC;
    level = level == 0 ? 1 : level;
    if (!level_is_possible(codec, level))
        return QUIRE_E_OPTIONS;
    uint64_t bytes = memory_bytes(codec, level);
    struct quire__compressor *c = malloc(sizeof *c + bytes);
    if (!c)
        return -ENOMEM;
    c->codec = codec;
    c->level = level;
#ifdef QUIRE__HAVE_ZSTD
    if (codec == QUIRE_CODEC_ZSTD && !zstd_prepare(c, bytes)) {
        free(c);
        return -ENOMEM;
    }
#endif
    *compressor = c;
    return 0;
}

void quire__compressor_close(struct quire__compressor *compressor)
{
    free(compressor);
}

uint64_t quire__compressor_bound(const struct quire__compressor *compressor, uint64_t length)
{
    switch (compressor->codec) {
#ifdef QUIRE__HAVE_ZSTD
    case QUIRE_CODEC_ZSTD: {
        size_t bound = ZSTD_compressBound(length);
        return ZSTD_isError(bound) ? 0 : bound;
    }
#endif
#ifdef QUIRE__HAVE_LZ4
    case QUIRE_CODEC_LZ4:
        return length > LZ4_MAX_INPUT_SIZE ? 0 : (uint64_t)LZ4_compressBound((int)length);
#endif
    default:
        return length;
    }
}

int quire__compress(struct quire__compressor *compressor, const void *from, uint64_t length, void *to, uint64_t room,
                    uint64_t *stored)
{
    switch (compressor->codec) {
#ifdef QUIRE__HAVE_ZSTD
    case QUIRE_CODEC_ZSTD:
        return zstd_compress(compressor, from, length, to, room, stored);
#endif
#ifdef QUIRE__HAVE_LZ4
    case QUIRE_CODEC_LZ4:
        return lz4_compress(compressor, from, length, to, room, stored);
#endif
    default:
        *stored = length <= room ? length : 0;
        if (length <= room)
            memcpy(to, from, length);
        return 0;
    }
}
