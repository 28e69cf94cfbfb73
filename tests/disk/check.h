/* Does a log hold what it must? Opened as its writer opens it, read to its end, appended to, closed, opened again.
 *
 * SPDX-License-Identifier: MIT */
#ifndef DISK_CHECK_H
#define DISK_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "profile.h"
#include "witness.h"

enum { DISK_WHY = 240, DISK_APPENDED = 3 };

/* The life of what a check appends. */
#define DISK_AFTERWARDS UINT64_C(0xAF7E)

struct disk_findings {
    uint64_t last;       /* the last record that was recovered */
    uint64_t torn_bytes; /* dropped from the tail */
    char why[DISK_WHY];  /* what is wrong: one sentence */
};

/* Recovers the log in directory and compares it with what is expected; then appends some records and syncs and closes,
 * opens again, compares again, and verifies. What was appended is of the generation DISK_AFTERWARDS. True: all is as it
 * must be; then the log's last record is findings->last + DISK_APPENDED. */
bool disk_check(const char *directory, const struct disk_profile *profile, uint32_t method,
                const struct disk_expectation *expectation, struct disk_findings *findings);

#endif
