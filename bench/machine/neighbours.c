/* Who else was at work. See neighbours.h.
 *
 * SPDX-License-Identifier: MIT */
#include "machine/neighbours.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cost.h"

/* What one process had written when the watch began. */
struct writer {
    pid_t pid;
    uint64_t bytes;
};

struct bench_neighbourhood {
    struct bench_cost own;
    double busy, steal; /* CPU seconds of the machine */
    uint64_t throttled;
    struct writer *writers;
    size_t count;
};

static uint64_t read_number(const char *path)
{
    FILE *file = fopen(path, "re");
    unsigned long long value = 0;
    if (!file)
        return 0;
    if (fscanf(file, "%llu", &value) != 1)
        value = 0;
    fclose(file);
    return value;
}

static uint64_t throttled_now(void)
{
    uint64_t sum = 0;
    for (long cpu = 0; cpu < sysconf(_SC_NPROCESSORS_CONF); cpu++) {
        char path[96];
        snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%ld/thermal_throttle/core_throttle_count", cpu);
        sum += read_number(path);
    }
    return sum;
}

static double clock_share_now(void)
{
    double least = 0;
    for (long cpu = 0; cpu < sysconf(_SC_NPROCESSORS_CONF); cpu++) {
        char now[96], most[96];
        snprintf(now, sizeof now, "/sys/devices/system/cpu/cpu%ld/cpufreq/scaling_cur_freq", cpu);
        snprintf(most, sizeof most, "/sys/devices/system/cpu/cpu%ld/cpufreq/cpuinfo_max_freq", cpu);
        uint64_t hertz = read_number(now), limit = read_number(most);
        double share = limit ? (double)hertz / (double)limit : 0;
        if (share > 0 && (least == 0 || share < least))
            least = share;
    }
    return least;
}

/* Bytes that a process has caused to be written; 0 for one that may not be looked at. */
static uint64_t written_by(pid_t pid)
{
    char path[64], line[128];
    unsigned long long bytes = 0;
    snprintf(path, sizeof path, "/proc/%d/io", (int)pid);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file) && sscanf(line, "write_bytes: %llu", &bytes) != 1) {
        /* the next line */
    }
    if (file)
        fclose(file);
    return bytes;
}

/* Calls see for every process but this one. */
static void each_process(void (*see)(pid_t pid, void *argument), void *argument)
{
    DIR *directory = opendir("/proc");
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
        if (pid > 0 && pid != getpid())
            see(pid, argument);
    }
    if (directory)
        closedir(directory);
}

static void remember(pid_t pid, void *argument)
{
    struct bench_neighbourhood *watch = argument;
    struct writer *more = reallocarray(watch->writers, watch->count + 1, sizeof *more);
    if (!more)
        return;
    watch->writers = more;
    more[watch->count++] = (struct writer){.pid = pid, .bytes = written_by(pid)};
}

struct bench_neighbourhood *bench_neighbours_begin(void)
{
    struct bench_neighbourhood *watch = calloc(1, sizeof *watch);
    if (!watch)
        return NULL;
    each_process(remember, watch);
    watch->throttled = throttled_now();
    watch->own = bench_reading();
    bench_machine_cpu(&watch->busy, &watch->steal);
    return watch;
}

struct search {
    const struct bench_neighbourhood *watch;
    struct bench_neighbours *seen;
};

/* A process that has come since is counted whole. */
static void compare(pid_t pid, void *argument)
{
    struct search *search = argument;
    uint64_t before = 0, now = written_by(pid);
    for (size_t i = 0; i < search->watch->count; i++)
        if (search->watch->writers[i].pid == pid)
            before = search->watch->writers[i].bytes;
    if (now <= before || now - before <= search->seen->writer_bytes)
        return;
    search->seen->writer = pid;
    search->seen->writer_bytes = now - before;
}

static void name_writer(struct bench_neighbours *seen)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/comm", (int)seen->writer);
    FILE *file = fopen(path, "re");
    if (file && fgets(seen->writer_name, (int)sizeof seen->writer_name, file))
        seen->writer_name[strcspn(seen->writer_name, "\n")] = '\0';
    if (file)
        fclose(file);
}

void bench_neighbours_end(struct bench_neighbourhood *watch, struct bench_neighbours *seen)
{
    *seen = (struct bench_neighbours){.clock_share = clock_share_now()};
    if (!watch)
        return;
    double busy = 0, steal = 0;
    bench_machine_cpu(&busy, &steal);
    struct bench_cost own = bench_difference(watch->own, bench_reading());
    double all = own.seconds * (double)sysconf(_SC_NPROCESSORS_ONLN);
    double others = busy - watch->busy - own.user_seconds - own.system_seconds;
    if (all > 0 && others > 0)
        seen->cpu_share = others / all;
    if (all > 0)
        seen->steal_share = (steal - watch->steal) / all;
    seen->throttled = throttled_now() - watch->throttled;
    each_process(compare, &(struct search){watch, seen});
    if (seen->writer)
        name_writer(seen);
    free(watch->writers);
    free(watch);
}
