/* Where the files of a run are. See place.h.
 *
 * SPDX-License-Identifier: MIT */
#include "machine/place.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "base/cost.h"
#include "base/stop.h"

static const double quiet_seconds = 0.003, patience_seconds = 0.5;

int bench_place_make(struct bench_place *place, const char *parent)
{
    *place = (struct bench_place){.fd = -1};
    size_t room = sizeof place->directory;
    int length = snprintf(place->directory, room, "%s/quire-bench-XXXXXX", parent);
    if (length < 0 || (size_t)length + sizeof "/written" > room)
        return -ENAMETOOLONG;
    if (!mkdtemp(place->directory))
        return -errno;
    place->fd = open(place->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct stat st;
    if (place->fd < 0 || fstat(place->fd, &st) != 0) {
        int rc = -errno;
        bench_place_remove(place);
        return rc;
    }
    snprintf(place->file, sizeof place->file, "%.*s/data", length, place->directory);
    snprintf(place->written, sizeof place->written, "%.*s/written", length, place->directory);
    if (major(st.st_dev) != 0)
        snprintf(place->counters, sizeof place->counters, "/sys/dev/block/%u:%u/stat", major(st.st_dev),
                 minor(st.st_dev));
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *walk)
{
    (void)st;
    (void)kind;
    (void)walk;
    remove(path);
    return 0;
}

/* A peer may have made a directory of it, or files beside it that begin like it. */
void bench_place_remove_file(struct bench_place *place)
{
    static const char *const suffixes[] = {"-wal", "-shm", "-journal"};
    char beside[PATH_MAX + 16];
    if (unlink(place->file) != 0 && errno == EISDIR)
        nftw(place->file, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        snprintf(beside, sizeof beside, "%s%s", place->file, suffixes[i]);
        unlink(beside);
    }
}

void bench_place_remove_files(struct bench_place *place)
{
    bench_place_remove_file(place);
    unlink(place->written);
}

void bench_place_remove(struct bench_place *place)
{
    bench_place_remove_files(place);
    if (place->fd >= 0)
        close(place->fd);
    rmdir(place->directory);
}

/* Reads the counters: how many requests are under way, and the text as a whole, which changes with any request. */
static bool read_counters(const char *path, char text[512], unsigned long long *under_way)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    size_t n = fread(text, 1, 511, file);
    fclose(file);
    text[n] = '\0';
    /* Fields 1 to 8 are reads and writes, four each; field 9 is the requests under way. */
    return sscanf(text, "%*u %*u %*u %*u %*u %*u %*u %*u %llu", under_way) == 1;
}

void bench_place_settle(struct bench_place *place)
{
    syncfs(place->fd);
    char before[512] = "", after[512];
    unsigned long long under_way;
    double until = bench_now() + patience_seconds;
    place->rests++;
    while (*place->counters && !bench_stop_signal) {
        if (!read_counters(place->counters, after, &under_way))
            break;
        if (under_way == 0 && strcmp(before, after) == 0)
            break;
        if (bench_now() >= until) {
            place->restless++;
            break;
        }
        memcpy(before, after, sizeof before);
        nanosleep(&(struct timespec){.tv_nsec = (long)(quiet_seconds * 1e9)}, NULL);
    }
}

uint64_t bench_place_room(const struct bench_place *place)
{
    struct statvfs fs;
    if (fstatvfs(place->fd, &fs) != 0)
        return UINT64_MAX;
    return (uint64_t)fs.f_bavail * fs.f_frsize;
}
