/* Where the build has no zstd. See compress.h.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>

#include "compress.h"

bool export_compress_available(void)
{
    return false;
}

int export_compress_level_most(void)
{
    return 0;
}

struct export_compressor *export_compressor_open(int level)
{
    (void)level;
    return NULL;
}

void export_compressor_close(struct export_compressor *compressor)
{
    (void)compressor;
}

int64_t export_compress(struct export_compressor *compressor, const void *data, size_t length,
                        const unsigned char **out)
{
    (void)compressor;
    (void)out;
    (void)data;
    (void)length;
    return -ENOTSUP;
}
