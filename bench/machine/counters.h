/* What the kernel has counted: of this process in /proc/self/io, of the device in /sys/dev/block/MAJOR:MINOR/stat.
 *
 * The device's counters are of everybody who uses it. A partition's are its own, but flushes are counted for the whole
 * disk only, and so are unknown for a partition. A write that carries its own flush (FUA) is no flush here.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_COUNTERS_H
#define BENCH_COUNTERS_H

#include <stdbool.h>
#include <stdint.h>

struct bench_counters {
    bool io_known;               /* this process */
    uint64_t write_calls;        /* write(2) and its kin; io_uring's writes are not among them */
    uint64_t write_bytes;        /* that it made dirty or sent past the page cache */
    uint64_t cancelled_bytes;    /* of those, dropped before they were written: the file was removed */
    bool device_known;           /* the device */
    uint64_t device_writes;      /* write requests completed */
    uint64_t device_write_bytes; /* by those */
    bool flushes_known;          /* since Linux 5.5 */
    uint64_t device_flushes;     /* completed */
    double device_busy_seconds;  /* with at least one request under way */
    double device_queue_seconds; /* of all requests together, from being asked for to completion */
    uint64_t device_under_way;   /* now; a difference keeps the later one */
};

/* Reads both; path "" for a device without counters. What cannot be read is not known. */
void bench_counters_read(const char *path, struct bench_counters *counters);

struct bench_counters bench_counters_difference(const struct bench_counters *from, const struct bench_counters *to);

/* From the text of such a file. False, and counters untouched, if it is none. */
bool bench_counters_parse_io(const char *text, struct bench_counters *counters);
bool bench_counters_parse_device(const char *text, struct bench_counters *counters);

#endif
