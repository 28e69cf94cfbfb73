/* Where the files of a run are: a private directory, removed on every way out, on a device that is made quiet before
 * each row.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_PLACE_H
#define BENCH_PLACE_H

#include <limits.h>
#include <stdint.h>

struct bench_place {
    char directory[PATH_MAX];
    char file[PATH_MAX];    /* what a row appends to; removed after each row */
    char written[PATH_MAX]; /* written before; removed after each workload */
    char counters[128];     /* the device's counters in /sys, "" where there are none */
    int fd;                 /* of the directory */
    unsigned rests;         /* how often the device was waited for */
    unsigned restless;      /* of those, how often others kept it busy for longer than that */
};

/* Makes the private directory in parent. 0, or -errno and nothing made. */
int bench_place_make(struct bench_place *place, const char *parent);

/* Removes the files of rows; bench_place_remove the directory too. Nothing that is gone already is an error. */
void bench_place_remove_file(struct bench_place *place);
void bench_place_remove_files(struct bench_place *place);
void bench_place_remove(struct bench_place *place);

/* Waits until earlier rows leave nothing behind that the next would have to pay for: the file system is synced (the
 * removal of the last file included), and the device does nothing, as far as that can be seen, for some milliseconds.
 * A device that others keep busy is waited for half a second, no longer. */
void bench_place_settle(struct bench_place *place);

/* Bytes that can still be written there, or UINT64_MAX if nobody knows. */
uint64_t bench_place_room(const struct bench_place *place);

#endif
