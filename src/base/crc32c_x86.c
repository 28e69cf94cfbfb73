/* The Castagnoli checksum by SSE4.2's crc32, its streams joined by pclmulqdq.
 *
 * SPDX-License-Identifier: MIT */
#include "base/crc32c_engines.h"

#ifdef QUIRE__HAVE_CRC32C_X86

#include <immintrin.h>

#define QUIRE__CRC32C_TARGET __attribute__((target("sse4.2,pclmul")))

QUIRE__CRC32C_TARGET static inline uint32_t step_byte(uint32_t crc, uint8_t byte)
{
    return _mm_crc32_u8(crc, byte);
}

QUIRE__CRC32C_TARGET static inline uint32_t step_word(uint32_t crc, uint64_t word)
{
    return (uint32_t)_mm_crc32_u64(crc, word);
}

QUIRE__CRC32C_TARGET static inline uint64_t multiply(uint32_t a, uint32_t b)
{
    __m128i product = _mm_clmulepi64_si128(_mm_cvtsi64_si128(a), _mm_cvtsi64_si128(b), 0);

    return (uint64_t)_mm_cvtsi128_si64(product);
}

#include "base/crc32c_three.h"

QUIRE__CRC32C_TARGET uint32_t quire__crc32c_x86(uint32_t crc, const void *data, uint64_t length)
{
    return ~step_all(~crc, data, length);
}

#endif
