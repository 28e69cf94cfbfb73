/* The Castagnoli checksum by ARMv8's crc32c instructions, its streams joined by pmull.
 *
 * In assembler: whether arm_acle.h and arm_neon.h have these for one function alone, and what the attribute is called,
 * depends on the compiler and on its version.
 *
 * SPDX-License-Identifier: MIT */
#include "base/crc32c_engines.h"

#ifdef QUIRE__HAVE_CRC32C_ARM

#define QUIRE__CRC32C_TARGET

static inline uint32_t step_byte(uint32_t crc, uint8_t byte)
{
    __asm__(".arch_extension crc\n\tcrc32cb %w0, %w0, %w1" : "+r"(crc) : "r"(byte));
    return crc;
}

static inline uint32_t step_word(uint32_t crc, uint64_t word)
{
    __asm__(".arch_extension crc\n\tcrc32cx %w0, %w0, %x1" : "+r"(crc) : "r"(word));
    return crc;
}

static inline uint64_t multiply(uint32_t a, uint32_t b)
{
    typedef uint64_t pair __attribute__((vector_size(16)));
    pair factors[2] = {{a}, {b}}, product;

    __asm__(".arch_extension aes\n\tpmull %0.1q, %1.1d, %2.1d" : "=w"(product) : "w"(factors[0]), "w"(factors[1]));
    return product[0];
}

#include "base/crc32c_three.h"

uint32_t quire__crc32c_arm(uint32_t crc, const void *data, uint64_t length)
{
    return ~step_all(~crc, data, length);
}

#endif
