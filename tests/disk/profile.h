/* The ways in which the programs of this room use a log: which options it is opened with, and how it is appended to.
 *
 * SPDX-License-Identifier: MIT */
#ifndef DISK_PROFILE_H
#define DISK_PROFILE_H

#include <stdint.h>

#include <quire/quire.h>

struct disk_profile {
    const char *name;
    uint32_t sync_policy;
    uint32_t prepare;
    uint32_t codec;         /* where the build has none: none */
    uint64_t keep_segments; /* 0: all */
    uint64_t sync_every;    /* at most so many calls of append go by without a sync */
    uint64_t rotate_every;  /* appends, by chance; 0: when a segment is full */
    uint64_t session;       /* records until it is closed, with a claim open, and opened again; 0: never */
};

extern const struct disk_profile disk_profiles[];

/* NULL: there is none of that name. */
const struct disk_profile *disk_profile_find(const char *name);

/* 0: there is none of that name. */
uint32_t disk_method_find(const char *name);

/* Small blocks and segments, so that their ends are met often. */
struct quire_log_options disk_profile_options(const struct disk_profile *profile, uint32_t method);

#endif
