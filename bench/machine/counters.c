/* What the kernel counted. See counters.h.
 *
 * SPDX-License-Identifier: MIT */
#include "machine/counters.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_ROOM = 1024 };

static bool read_text(const char *path, char text[TEXT_ROOM])
{
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    size_t n = fread(text, 1, TEXT_ROOM - 1, file);
    bool good = !ferror(file);
    fclose(file);
    text[n] = '\0';
    return good;
}

/* The number behind a name that begins a line. */
static bool find_number(const char *text, const char *name, uint64_t *number)
{
    size_t length = strlen(name);
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, name, length) == 0 && line[length] == ':')
            return sscanf(line + length + 1, "%" SCNu64, number) == 1;
    }
    return false;
}

bool bench_counters_parse_process(const char *text, struct bench_counters *counters)
{
    struct bench_counters c = *counters;
    if (!find_number(text, "rchar", &c.read_chars) || !find_number(text, "wchar", &c.write_chars) ||
        !find_number(text, "syscr", &c.read_calls) || !find_number(text, "syscw", &c.write_calls) ||
        !find_number(text, "write_bytes", &c.write_bytes) ||
        !find_number(text, "cancelled_write_bytes", &c.cancelled_write_bytes))
        return false;
    c.process_known = true;
    *counters = c;
    return true;
}

bool bench_counters_parse_device(const char *text, struct bench_counters *counters)
{
    enum { WRITES = 4, SECTORS = 6, IN_FLIGHT = 8, BUSY, QUEUE, LEAST, FLUSHES = 15, FLUSH_MS, MOST };
    uint64_t field[MOST];
    int count = 0, length = 0;
    while (count < MOST && sscanf(text, "%" SCNu64 "%n", &field[count], &length) == 1) {
        text += length;
        count++;
    }
    if (count < LEAST)
        return false;
    counters->device_known = true;
    counters->writes = field[WRITES];
    counters->written_bytes = field[SECTORS] * 512; /* a sector is 512 here, whatever the device's own is */
    counters->in_flight = field[IN_FLIGHT];
    counters->busy_ms = field[BUSY];
    counters->queue_ms = field[QUEUE];
    counters->flushes_known = count == MOST;
    counters->flushes = count == MOST ? field[FLUSHES] : 0;
    counters->flush_ms = count == MOST ? field[FLUSH_MS] : 0;
    return true;
}

/* The directory of the disk itself in /sys, for the stat file of a disk or of a partition of it. */
static bool find_disk(const char *stat_path, char disk[PATH_MAX], bool *is_partition)
{
    char path[PATH_MAX + 16];
    if (!*stat_path || !realpath(stat_path, disk))
        return false;
    *strrchr(disk, '/') = '\0';
    snprintf(path, sizeof path, "%s/partition", disk);
    *is_partition = access(path, F_OK) == 0;
    if (*is_partition)
        *strrchr(disk, '/') = '\0';
    return true;
}

static void take_flushes_of_disk(const char *stat_path, struct bench_counters *counters)
{
    struct bench_counters of_disk = {.device_known = false};
    char disk[PATH_MAX], path[PATH_MAX + 16], text[TEXT_ROOM];
    bool is_partition;
    if (!find_disk(stat_path, disk, &is_partition) || !is_partition)
        return;
    snprintf(path, sizeof path, "%s/stat", disk);
    if (read_text(path, text))
        bench_counters_parse_device(text, &of_disk);
    counters->flushes_known = of_disk.flushes_known;
    counters->flushes = of_disk.flushes;
    counters->flush_ms = of_disk.flush_ms;
}

void bench_counters_read(const char *stat_path, struct bench_counters *counters)
{
    char text[TEXT_ROOM];
    *counters = (struct bench_counters){.device_known = false};
    if (read_text("/proc/self/io", text))
        bench_counters_parse_process(text, counters);
    if (*stat_path && read_text(stat_path, text) && bench_counters_parse_device(text, counters))
        take_flushes_of_disk(stat_path, counters);
}

/* Some kernels keep these in 32 bits: one that went back says nothing. */
static uint64_t since(uint64_t from, uint64_t to)
{
    return to >= from ? to - from : 0;
}

struct bench_counters bench_counters_difference(const struct bench_counters *from, const struct bench_counters *to)
{
    struct bench_counters d = {
        .process_known = from->process_known && to->process_known,
        .device_known = from->device_known && to->device_known,
        .flushes_known = from->flushes_known && to->flushes_known,
    };
    if (d.process_known) {
        d.read_calls = since(from->read_calls, to->read_calls);
        d.write_calls = since(from->write_calls, to->write_calls);
        d.read_chars = since(from->read_chars, to->read_chars);
        d.write_chars = since(from->write_chars, to->write_chars);
        d.write_bytes = since(from->write_bytes, to->write_bytes);
        d.cancelled_write_bytes = since(from->cancelled_write_bytes, to->cancelled_write_bytes);
    }
    if (d.device_known) {
        d.writes = since(from->writes, to->writes);
        d.written_bytes = since(from->written_bytes, to->written_bytes);
        d.in_flight = to->in_flight;
        d.busy_ms = since(from->busy_ms, to->busy_ms);
        d.queue_ms = since(from->queue_ms, to->queue_ms);
    }
    if (d.flushes_known) {
        d.flushes = since(from->flushes, to->flushes);
        d.flush_ms = since(from->flush_ms, to->flush_ms);
    }
    return d;
}

void bench_queue_read(const char *stat_path, struct bench_queue *queue)
{
    char disk[PATH_MAX], path[PATH_MAX + 32], cache[TEXT_ROOM], fua[TEXT_ROOM];
    bool is_partition;
    *queue = (struct bench_queue){.known = false};
    if (!find_disk(stat_path, disk, &is_partition))
        return;
    snprintf(path, sizeof path, "%s/queue/write_cache", disk);
    if (!read_text(path, cache))
        return;
    queue->known = true;
    queue->write_back = strncmp(cache, "write back", 10) == 0;
    snprintf(path, sizeof path, "%s/queue/fua", disk);
    queue->fua = read_text(path, fua) && fua[0] == '1';
}
