/* What the programs of this room share as programs: reading their arguments, saying what is wrong, and the line of the
 * table that scripts/test-fs prints.
 *
 * SPDX-License-Identifier: MIT */
#ifndef DISK_COMMON_H
#define DISK_COMMON_H

#include <stdint.h>

#include "profile.h"

/* Ends the program with status 2, or 1 where something could not be done: one sentence on stderr. */
__attribute__((format(printf, 1, 2))) _Noreturn void disk_usage(const char *format, ...);
__attribute__((format(printf, 1, 2))) _Noreturn void disk_give_up(const char *format, ...);

/* Status 77 if rc says that a method cannot be had on this file system or machine. */
void disk_skip_unavailable(int rc);

/* Of a number, decimal or 0x...; of a method; of a profile: or usage. */
uint64_t disk_number_of(const char *text);
uint32_t disk_method_of(const char *text);
const struct disk_profile *disk_profile_of(const char *text);

/* One line of the table, on stdout: part, file system, method, what, so many of these units tried, violations, seconds.
 * note is a figure of the part's own. Written at once. */
struct disk_line {
    const char *part, *file_system, *method, *profile;
    uint64_t tried, violations;
    double seconds;
    char note[100];
};
void disk_line_print(const struct disk_line *line);

/* CLOCK_MONOTONIC. */
double disk_now(void);

/* SIGINT and SIGTERM set this, and whoever is at work goes the ordinary way out; status 128 + the signal. */
extern volatile int disk_stopped;
void disk_stop_install(void);

#endif
