/* Where the time goes, and the memory: profiles in the format of pprof, made by gperftools.
 *
 * Its libraries are looked for only when a profile is asked for. The one of memory must be the program's allocator from
 * the beginning: the program starts itself once more with it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_PROFILE_H
#define BENCH_PROFILE_H

#include <stdio.h>

/* Samples of all threads, 100 a second of CPU time, until stopped; written to path. 0, -ENOENT without the library,
 * -EIO if it refuses. */
int bench_profile_cpu_start(const char *path);
void bench_profile_cpu_stop(void);

/* Starts the program anew, with the same arguments and the allocator that can tell of its memory, unless it runs with it
 * already: then 0. Otherwise it does not return, or returns -ENOENT without the library or -errno. */
int bench_profile_memory_begin(char *const arguments[]);

/* Everything allocated since it began. 0 or -EIO. */
int bench_profile_memory_write(FILE *out);

#endif
