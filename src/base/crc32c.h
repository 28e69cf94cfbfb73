/* The Castagnoli checksum (CRC-32C, RFC 3720), which finds what storage damaged.
 *
 * Measured: one core of a Zen 3 (AMD EPYC, no AVX-512), gcc 12 -O2, ISA-L 2.30, aligned data in its caches, 21 rounds
 * that take turns, medians of ns:
 *
 *                   32 B   128 B   192 B   1 KiB   4 KiB   256 KiB               1 MiB
 *     sse4.2           5      16      14      47     172     10672  24.6 GB/s    43013
 *     isa-l            8      16      23      47     171     10710  24.5 GB/s    43960
 *     portable        17      68     100     529    2090    133899   2.0 GB/s   540904
 *
 * So ISA-L has what only AVX-512 gives it: there, and from 1 KiB on, it is used. That case was not measured.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_CRC32C_H
#define QUIRE_CRC32C_H

#include <stdint.h>

/* The checksum of what crc is the checksum of, followed by length bytes of data; of nothing, it is 0. Any alignment,
 * any thread. */
uint32_t quire__crc32c(uint32_t crc, const void *data, uint64_t length);

/* What computes it on this processor: "isa-l", "sse4.2", "armv8" or "portable". */
const char *quire__crc32c_engine(void);

#endif
