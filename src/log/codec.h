/* Compression of a block's payload, where this build has the libraries: zstd and lz4.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_CODEC_H
#define QUIRE_CODEC_H

#include <stdbool.h>
#include <stdint.h>

/* Can this build compress and expand with it? QUIRE_CODEC_NONE: yes. */
bool quire__codec_is_known(uint32_t codec);

/* Expands length bytes to exactly expected bytes at to, which has room for no more. Survives any input.
 * QUIRE_E_NO_CODEC. QUIRE_E_DAMAGED: they do not expand to that. zstd allocates: -ENOMEM. */
int quire__codec_expand(uint32_t codec, const void *from, uint64_t length, void *to, uint64_t expected);

/* What compressing needs, allocated once. One thread at a time. */
struct quire__compressor;

/* level: zstd 1 to 19, lz4 an acceleration of at least 1; 0 is 1 for both. QUIRE_E_NO_CODEC, QUIRE_E_OPTIONS,
 * -ENOMEM. */
int quire__compressor_open(uint32_t codec, int level, struct quire__compressor **compressor);
void quire__compressor_close(struct quire__compressor *compressor);

/* Room with which compressing length bytes cannot fail; 0: length is more than the codec can take. */
uint64_t quire__compressor_bound(const struct quire__compressor *compressor, uint64_t length);

/* Compresses length bytes into at most room. *stored is their number then, or 0: room does not hold them. Less room
 * than the bound is fine. Allocates nothing. QUIRE_E_TOO_LARGE: more than the codec can take. */
int quire__compress(struct quire__compressor *compressor, const void *from, uint64_t length, void *to, uint64_t room,
                    uint64_t *stored);

#endif
