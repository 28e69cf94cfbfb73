/* The engines of the Castagnoli checksum. All give the same answer; quire__crc32c() chooses.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_CRC32C_ENGINES_H
#define QUIRE_CRC32C_ENGINES_H

#include <stdbool.h>
#include <stdint.h>

#if defined(__aarch64__) && defined(__linux__)
#define QUIRE__HAVE_CRC32C_ARM
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif
#ifdef __x86_64__
#define QUIRE__HAVE_CRC32C_X86
#endif

/* Tables, eight bytes at a step. */
uint32_t quire__crc32c_portable(uint32_t crc, const void *data, uint64_t length);

#ifdef QUIRE__HAVE_CRC32C_X86
/* The instructions crc32 and pclmulqdq. Only where it runs. */
static inline bool quire__crc32c_x86_runs(void)
{
    return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul");
}

uint32_t quire__crc32c_x86(uint32_t crc, const void *data, uint64_t length);
#endif

#ifdef QUIRE__HAVE_CRC32C_ARM
/* The instructions crc32cx and pmull. Only where it runs. */
static inline bool quire__crc32c_arm_runs(void)
{
    unsigned long needed = HWCAP_CRC32 | HWCAP_PMULL;

    return (getauxval(AT_HWCAP) & needed) == needed;
}

uint32_t quire__crc32c_arm(uint32_t crc, const void *data, uint64_t length);
#endif

#ifdef QUIRE__HAVE_ISAL
/* The library ISA-L, which itself looks for what the processor has. Where that is all of AVX-512 that came with Ice
 * Lake and Zen 4, it folds 256 bytes at a step, in registers of 64. Elsewhere it does what the engine above does. */
static inline bool quire__crc32c_isal_folds(void)
{
    return __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vbmi2") &&
           __builtin_cpu_supports("vpclmulqdq");
}

uint32_t quire__crc32c_isal(uint32_t crc, const void *data, uint64_t length);
#endif

#endif
