/* What the kernel has counted. See counters.h.
 *
 * SPDX-License-Identifier: MIT */
#include "machine/counters.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SECTOR = 512 };

/* The number behind a label at the beginning of a line. */
static bool find(const char *text, const char *label, uint64_t *value)
{
    size_t length = strlen(label);
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, label, length) == 0) {
            *value = strtoull(line + length, NULL, 10);
            return true;
        }
    }
    return false;
}

bool bench_counters_parse_io(const char *text, struct bench_counters *counters)
{
    uint64_t calls, bytes, cancelled;
    if (!find(text, "syscw: ", &calls) || !find(text, "write_bytes: ", &bytes) ||
        !find(text, "cancelled_write_bytes: ", &cancelled))
        return false;
    counters->io_known = true;
    counters->write_calls = calls;
    counters->write_bytes = bytes;
    counters->cancelled_bytes = cancelled;
    return true;
}

/* Fields, by their place: 4 of reads, 4 of writes (requests, merges, sectors, ms), under way, busy ms, queue ms; since
 * Linux 4.18 4 of discards; since 5.5 flushes and their ms. */
bool bench_counters_parse_device(const char *text, struct bench_counters *counters)
{
    enum { WRITES = 4, SECTORS = 6, UNDER_WAY = 8, BUSY = 9, QUEUE = 10, FLUSHES = 15, LEAST = 11, MOST = 17 };
    uint64_t field[MOST];
    unsigned count = 0;
    for (char *end; count < MOST; text = end, count++) {
        field[count] = strtoull(text, &end, 10);
        if (end == text)
            break;
    }
    if (count < LEAST)
        return false;
    counters->device_known = true;
    counters->device_writes = field[WRITES];
    counters->device_write_bytes = field[SECTORS] * SECTOR;
    counters->device_under_way = field[UNDER_WAY];
    counters->device_busy_seconds = (double)field[BUSY] * 1e-3;
    counters->device_queue_seconds = (double)field[QUEUE] * 1e-3;
    counters->flushes_known = count > FLUSHES;
    counters->device_flushes = count > FLUSHES ? field[FLUSHES] : 0;
    return true;
}

static bool read_text(const char *path, char text[1024])
{
    FILE *file = *path ? fopen(path, "re") : NULL;
    if (!file)
        return false;
    size_t length = fread(text, 1, 1023, file);
    text[length] = '\0';
    fclose(file);
    return length > 0;
}

void bench_counters_read(const char *path, struct bench_counters *counters)
{
    char text[1024];
    *counters = (struct bench_counters){.io_known = false};
    if (read_text("/proc/self/io", text))
        bench_counters_parse_io(text, counters);
    if (read_text(path, text))
        bench_counters_parse_device(text, counters);
}

struct bench_counters bench_counters_difference(const struct bench_counters *from, const struct bench_counters *to)
{
    struct bench_counters d = *to;
    d.io_known = from->io_known && to->io_known;
    d.device_known = from->device_known && to->device_known;
    d.flushes_known = from->flushes_known && to->flushes_known;
    d.write_calls -= from->write_calls;
    d.write_bytes -= from->write_bytes;
    d.cancelled_bytes -= from->cancelled_bytes;
    d.device_writes -= from->device_writes;
    d.device_write_bytes -= from->device_write_bytes;
    d.device_flushes -= from->device_flushes;
    d.device_busy_seconds -= from->device_busy_seconds;
    d.device_queue_seconds -= from->device_queue_seconds;
    return d;
}
