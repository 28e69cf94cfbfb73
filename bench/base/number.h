/* Numbers as people write them: sizes in units of 1024, counts in units of 1000, and back to text.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_NUMBER_H
#define BENCH_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    BENCH_NUMBER_TEXT = 32,   /* room for any text made here */
    BENCH_WORKLOADS_MOST = 16 /* how many SIZExCOUNT one run takes */
};

/* What one workload is: records of one size, so many of them. */
struct bench_size {
    uint64_t record_bytes;
    uint64_t records;
};

/* "128", "4K", "1M", "2G", upper or lower case: bytes, K = 1024. False, and *bytes untouched, for anything else. */
bool bench_parse_size(const char *text, uint64_t *bytes);

/* "1000", "100K", "1M": a count, K = 1000. False, and *count untouched, for anything else. */
bool bench_parse_count(const char *text, uint64_t *count);

/* "128x100K,1Kx50K": a list of SIZExCOUNT, at most `most` of them. Every size is 1 byte to 16 MiB, every count at least
 * 1, every product at most 1 TiB. False, and *count untouched, for anything else. */
bool bench_parse_workloads(const char *text, struct bench_size *sizes, size_t most, size_t *count);

/* 1048576 -> "1M", 4096 -> "4K", 1000 -> "1000". As the names of rows have it. */
const char *bench_size_name(uint64_t bytes, char text[BENCH_NUMBER_TEXT]);

/* 1048576 -> "1 MiB", 128 -> "128 B". As sentences have it. */
const char *bench_size_text(uint64_t bytes, char text[BENCH_NUMBER_TEXT]);

/* 100000 -> "100K", 1500 -> "1500", 2000000 -> "2M". */
const char *bench_count_text(uint64_t count, char text[BENCH_NUMBER_TEXT]);

/* 1966755.4 -> "1,966,755". */
const char *bench_grouped(double value, char text[BENCH_NUMBER_TEXT]);

/* "250ns", "50us", "2.5ms", "1s": seconds. False, and *seconds untouched, for anything else: a unit is required. */
bool bench_parse_duration(const char *text, double *seconds);

/* Three digits and a unit: 0.00721 -> "7.21 ms", 25e-9 -> "25.0 ns", 123 -> "123 s". */
const char *bench_duration_text(double seconds, char text[BENCH_NUMBER_TEXT]);

#endif
