/* Compressing by zstd. See compress.h.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <zstd.h>

#include "bytes.h"
#include "compress.h"

/* Memory for a usual page is kept for the next one. */
enum { KEEP_BYTES = 4 << 20 };

struct export_compressor {
    ZSTD_CCtx *context;
    struct export_bytes packed;
};

bool export_compress_available(void)
{
    return true;
}

int export_compress_level_most(void)
{
    return ZSTD_maxCLevel();
}

struct export_compressor *export_compressor_open(int level)
{
    struct export_compressor *compressor = calloc(1, sizeof *compressor);
    if (!compressor)
        return NULL;
    compressor->context = ZSTD_createCCtx();
    if (compressor->context &&
        !ZSTD_isError(ZSTD_CCtx_setParameter(compressor->context, ZSTD_c_compressionLevel, level)))
        return compressor;
    export_compressor_close(compressor);
    return NULL;
}

void export_compressor_close(struct export_compressor *compressor)
{
    if (!compressor)
        return;
    ZSTD_freeCCtx(compressor->context);
    export_bytes_free(&compressor->packed);
    free(compressor);
}

int64_t export_compress(struct export_compressor *compressor, const void *data, size_t length,
                        const unsigned char **out)
{
    struct export_bytes *packed = &compressor->packed;
    export_bytes_clear(packed, KEEP_BYTES);
    size_t most = ZSTD_compressBound(length);
    if (export_bytes_reserve(packed, most) < 0)
        return packed->code;
    size_t made = ZSTD_compress2(compressor->context, packed->data, most, data, length);
    if (ZSTD_isError(made))
        return -ENOMEM; /* the one thing that can be missing */
    *out = packed->data;
    return (int64_t)made;
}
