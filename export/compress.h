/* Compressing a page.
 *
 * SPDX-License-Identifier: MIT */
#ifndef EXPORT_COMPRESS_H
#define EXPORT_COMPRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Does this build have zstd, and its highest level. */
bool export_compress_available(void);
int export_compress_level_most(void);

struct export_compressor;

/* NULL: no memory, or no zstd. */
struct export_compressor *export_compressor_open(int level);
void export_compressor_close(struct export_compressor *compressor);

/* data compressed by zstd: *out, the compressor's until the next call. Its length, or a negative code. */
int64_t export_compress(struct export_compressor *compressor, const void *data, size_t length,
                        const unsigned char **out);

#endif
