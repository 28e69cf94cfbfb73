/* What the kernel counted: what this process asked to have written, and what the device was made to do.
 *
 * The process's figures are those of /proc/self/io, threads and io_uring's workers included. The device's are those of
 * its stat file in /sys, whoever caused them: the difference of two readings says what one stretch of work cost only if
 * nobody else wrote meanwhile.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_COUNTERS_H
#define BENCH_COUNTERS_H

#include <stdbool.h>
#include <stdint.h>

struct bench_counters {
    bool process_known; /* false: the six below are 0 */
    uint64_t read_calls, write_calls;
    uint64_t read_chars, write_chars; /* bytes of those calls */
    uint64_t write_bytes;             /* made dirty in the page cache, a large folio as a whole; or written past it */
    uint64_t cancelled_write_bytes;   /* made dirty, and dropped before they were written */

    bool device_known; /* false where there is no device with counters: tmpfs, overlayfs, btrfs. Then all below are 0 */
    uint64_t writes;   /* requests completed; an empty one that carries a flush is counted too */
    uint64_t written_bytes;
    uint64_t in_flight; /* now; a difference has that of its end */
    uint64_t busy_ms;   /* with a request under way */
    uint64_t queue_ms;  /* the same, each request counted by itself */

    bool flushes_known; /* Linux 5.5 and later */
    uint64_t flushes;   /* of the write cache. A write with FUA is none, and where a flush is needless none is sent */
    uint64_t flush_ms;
};

/* Reads both. stat_path is place->counters, "" for none. What cannot be read is not known: that is no failure. Flushes
 * of a partition are those of its disk, since the kernel counts them nowhere else. */
void bench_counters_read(const char *stat_path, struct bench_counters *counters);

/* What was counted between two readings. Known is what both know. */
struct bench_counters bench_counters_difference(const struct bench_counters *from, const struct bench_counters *to);

/* The texts of those files, for the two above and for tests. False, and nothing changed, for what is none. A device's
 * has 11 numbers, 15 since Linux 4.18, 17 since 5.5; more are ignored. */
bool bench_counters_parse_process(const char *text, struct bench_counters *counters);
bool bench_counters_parse_device(const char *text, struct bench_counters *counters);

/* How the kernel treats the write cache of the device. */
struct bench_queue {
    bool known;
    bool write_back; /* volatile: what is durable needs a flush, or FUA */
    bool fua;        /* a single write may ask to be durable by itself; flushes then do not show it */
};
void bench_queue_read(const char *stat_path, struct bench_queue *queue);

#endif
