/* A check in a process of its own: that quire crashes or hangs over a disk is a finding, and no end of the run.
 *
 * SPDX-License-Identifier: MIT */
#ifndef DISK_GUARD_H
#define DISK_GUARD_H

#include "check.h"

/* As disk_check; a crash, and more than a minute, are wrong. */
bool disk_check_guarded(const char *directory, const struct disk_profile *profile, uint32_t method,
                        const struct disk_expectation *expectation, struct disk_findings *findings);

#endif
