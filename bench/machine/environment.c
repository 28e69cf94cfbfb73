/* The machine that figures come from. See environment.h.
 *
 * SPDX-License-Identifier: MIT */
#include "machine/environment.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/cost.h"
#include "machine/mount.h"

#define COPY(to, from) snprintf(to, sizeof(to), "%.*s", (int)sizeof(to) - 1, from)

static void read_cpu(char *cpu, size_t room)
{
    FILE *file = fopen("/proc/cpuinfo", "re");
    char line[256];
    while (file && !*cpu && fgets(line, sizeof line, file)) {
        char *colon = strchr(line, ':');
        if (!colon || (strncmp(line, "model name", 10) != 0 && strncmp(line, "Hardware", 8) != 0))
            continue;
        line[strcspn(line, "\n")] = '\0';
        snprintf(cpu, room, "%s", colon + 1 + strspn(colon + 1, " \t"));
    }
    if (file)
        fclose(file);
}

static void read_line(const char *directory, const char *name, char *text, size_t room)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%.*s/%s", PATH_MAX - 64, directory, name);
    FILE *file = fopen(path, "re");
    if (file && fgets(text, (int)room, file))
        text[strcspn(text, "\n")] = '\0';
    if (file)
        fclose(file);
}

/* The disk under a device number: a partition's queue is that of its parent. */
static void read_disk(struct bench_environment *e, dev_t device)
{
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/sys/dev/block/%u:%u", major(device), minor(device));
    if (!realpath(link, path))
        return;
    char partition[PATH_MAX];
    snprintf(partition, sizeof partition, "%.*s/partition", PATH_MAX - 16, path);
    if (access(partition, F_OK) == 0)
        *strrchr(path, '/') = '\0';
    read_line(path, "queue/write_cache", e->write_cache, sizeof e->write_cache);
    read_line(path, "queue/scheduler", e->scheduler, sizeof e->scheduler);
    /* "[mq-deadline] none": the one in use is in brackets. */
    char *open = strchr(e->scheduler, '['), *close = open ? strchr(open, ']') : NULL;
    if (close) {
        *close = '\0';
        memmove(e->scheduler, open + 1, strlen(open + 1) + 1);
    }
}

static void read_file_system(struct bench_environment *e, const char *directory)
{
    struct bench_mount m;
    struct stat st;
    if (!bench_mount_find(&m, "", directory))
        return;
    COPY(e->file_system, m.type);
    COPY(e->mount_options, m.options);
    COPY(e->device, m.source);
    e->memory_only = strcmp(m.type, "tmpfs") == 0 || strcmp(m.type, "ramfs") == 0;
    if (stat(directory, &st) == 0 && major(st.st_dev) != 0)
        read_disk(e, st.st_dev);
    else if (stat(m.source, &st) == 0 && S_ISBLK(st.st_mode))
        read_disk(e, st.st_rdev);
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SLOW_BUILD "with a sanitizer"
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SLOW_BUILD "with a sanitizer"
#endif
#endif
#if !defined(SLOW_BUILD) && !defined(__OPTIMIZE__)
#define SLOW_BUILD "without optimisation"
#endif
#ifndef SLOW_BUILD
#define SLOW_BUILD ""
#endif

/* The least of some tries: whatever is more came between. */
static double clock_cost(void)
{
    enum { TRIES = 10, LOOKS = 1000 };
    uint64_t least = UINT64_MAX;
    for (int i = 0; i < TRIES; i++) {
        uint64_t begun = bench_now_ns(), ended = begun;
        for (int j = 0; j < LOOKS; j++)
            ended = bench_now_ns();
        least = ended - begun < least ? ended - begun : least;
    }
    return (double)least / LOOKS;
}

void bench_environment_read(struct bench_environment *environment, const char *directory)
{
    struct bench_environment *e = environment;
    *e = (struct bench_environment){
        .cores = (unsigned)sysconf(_SC_NPROCESSORS_ONLN),
        .slow_build = SLOW_BUILD,
        .clock_ns = clock_cost(),
    };
    read_cpu(e->cpu, sizeof e->cpu);
    struct utsname name;
    if (uname(&name) == 0) {
        snprintf(e->kernel, sizeof e->kernel, "%.40s %.60s %.20s", name.sysname, name.release, name.machine);
        if (!*e->cpu)
            COPY(e->cpu, name.machine);
    }
    struct sysinfo info;
    if (sysinfo(&info) == 0)
        e->memory_bytes = (uint64_t)info.totalram * info.mem_unit;
    if (getloadavg(&e->load, 1) != 1)
        e->load = 0;
    time_t now = time(NULL);
    struct tm utc;
    strftime(e->date, sizeof e->date, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
    char path[PATH_MAX];
    if (!realpath(directory, path))
        return;
    COPY(e->directory, path);
    read_file_system(e, path);
}
