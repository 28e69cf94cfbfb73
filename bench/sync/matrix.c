/* The matrix of files and ways. See matrix.h.
 *
 * SPDX-License-Identifier: MIT */
#include "sync/matrix.h"

#include <stdio.h>
#include <string.h>

struct word {
    const char *name, *text;
};

static const struct word files[BENCH_SYNC_FILES] = {
    [BENCH_SYNC_APPEND] = {"append", "fresh, grows with every append"},
    [BENCH_SYNC_RESERVED] = {"reserved", "space allocated beyond the end (FALLOC_FL_KEEP_SIZE), grows into it"},
    [BENCH_SYNC_ALLOCATED] = {"allocated", "space allocated, size set: unwritten extents"},
    [BENCH_SYNC_WRITTEN] = {"written", "zeros written and synced before"},
    [BENCH_SYNC_RECYCLED] = {"recycled", "an old file of other bytes, renamed, overwritten from its start"},
};

static const struct word ways[BENCH_SYNC_WAYS] = {
    [BENCH_SYNC_FDATASYNC] = {"fdatasync", "pwrite, fdatasync"},
    [BENCH_SYNC_FSYNC] = {"fsync", "pwrite, fsync"},
    [BENCH_SYNC_DSYNC] = {"dsync", "pwrite to a file opened with O_DSYNC"},
    [BENCH_SYNC_RWF] = {"rwf", "pwritev2 with RWF_DSYNC"},
    [BENCH_SYNC_DIRECT_FDATASYNC] = {"direct-fdatasync", "pwrite past the page cache (O_DIRECT), fdatasync"},
    [BENCH_SYNC_DIRECT_DSYNC] = {"direct-dsync", "pwrite to a file opened with O_DIRECT and O_DSYNC"},
    [BENCH_SYNC_DIRECT_RWF] = {"direct-rwf", "pwritev2 with RWF_DSYNC, O_DIRECT"},
    [BENCH_SYNC_URING] = {"uring", "io_uring: a write and an fdatasync linked to it, one system call"},
    [BENCH_SYNC_MSYNC] = {"msync", "a copy into a mapping, msync(MS_SYNC); grows by fallocate"},
    [BENCH_SYNC_RANGE] = {"range", "pwrite, sync_file_range: waits for the write, NOT durable"},
};

const char *bench_sync_file_name(enum bench_sync_file file)
{
    return files[file].name;
}

const char *bench_sync_file_text(enum bench_sync_file file)
{
    return files[file].text;
}

const char *bench_sync_way_name(enum bench_sync_way way)
{
    return ways[way].name;
}

const char *bench_sync_way_text(enum bench_sync_way way)
{
    return ways[way].text;
}

bool bench_sync_way_is_direct(enum bench_sync_way way)
{
    return way == BENCH_SYNC_DIRECT_FDATASYNC || bench_sync_way_may_use_fua(way);
}

bool bench_sync_way_is_durable(enum bench_sync_way way)
{
    return way != BENCH_SYNC_RANGE;
}

bool bench_sync_way_may_use_fua(enum bench_sync_way way)
{
    return way == BENCH_SYNC_DIRECT_DSYNC || way == BENCH_SYNC_DIRECT_RWF;
}

bool bench_sync_file_is_written(enum bench_sync_file file)
{
    return file == BENCH_SYNC_WRITTEN || file == BENCH_SYNC_RECYCLED;
}

/* Sets chosen[i] for each word of the list that is words[i]. */
static bool choose(const char *list, const struct word *words, int count, bool *chosen, const char **culprit)
{
    static char unknown[64];
    for (const char *at = list;; at++) {
        size_t length = strcspn(at, ",");
        int found = 0;
        while (found < count && (strlen(words[found].name) != length || memcmp(words[found].name, at, length) != 0))
            found++;
        if (found == count) {
            snprintf(unknown, sizeof unknown, "%.*s", length < 40 ? (int)length : 40, at);
            *culprit = unknown;
            return false;
        }
        chosen[found] = true;
        at += length;
        if (!*at)
            return true;
    }
}

bool bench_sync_choose_files(struct bench_sync_choice *choice, const char *list, const char **culprit)
{
    bool chosen[BENCH_SYNC_FILES] = {false};
    if (!choose(list, files, BENCH_SYNC_FILES, chosen, culprit))
        return false;
    memcpy(choice->file, chosen, sizeof chosen);
    return true;
}

bool bench_sync_choose_ways(struct bench_sync_choice *choice, const char *list, const char **culprit)
{
    bool chosen[BENCH_SYNC_WAYS] = {false};
    if (!choose(list, ways, BENCH_SYNC_WAYS, chosen, culprit))
        return false;
    memcpy(choice->way, chosen, sizeof chosen);
    return true;
}
