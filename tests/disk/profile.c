/* The ways in which a log is used here. See profile.h.
 *
 * SPDX-License-Identifier: MIT */
#include "profile.h"

#include <string.h>

const struct disk_profile disk_profiles[] = {
    {.name = "each", .sync_policy = QUIRE_SYNC_EACH, .sync_every = 1},
    {.name = "request", .sync_policy = QUIRE_SYNC_REQUEST, .sync_every = 9},
    {.name = "recycle",
     .sync_policy = QUIRE_SYNC_REQUEST,
     .prepare = QUIRE_LOG_PREPARE_WRITTEN,
     .codec = QUIRE_CODEC_ZSTD,
     .keep_segments = 3,
     .sync_every = 5},
    {.name = "sessions", .sync_policy = QUIRE_SYNC_REQUEST, .sync_every = 5, .rotate_every = 20, .session = 30},
    /* Acknowledged while the segment is so young that nothing but the log itself can have made its name durable. */
    {.name = "rotate",
     .sync_policy = QUIRE_SYNC_EACH,
     .prepare = QUIRE_LOG_PREPARE_WRITTEN,
     .keep_segments = 4,
     .sync_every = 1,
     .rotate_every = 3},
    {.name = NULL},
};

const struct disk_profile *disk_profile_find(const char *name)
{
    for (const struct disk_profile *p = disk_profiles; p->name; p++)
        if (strcmp(p->name, name) == 0)
            return p;
    return NULL;
}

uint32_t disk_method_find(const char *name)
{
    static const struct {
        const char *name;
        uint32_t method;
    } methods[] = {{"write", QUIRE_METHOD_WRITE},
                   {"paged", QUIRE_METHOD_PAGED},
                   {"mmap", QUIRE_METHOD_MMAP},
                   {"uring", QUIRE_METHOD_URING}};

    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        if (strcmp(methods[i].name, name) == 0)
            return methods[i].method;
    return 0;
}

struct quire_log_options disk_profile_options(const struct disk_profile *profile, uint32_t method)
{
    return (struct quire_log_options){
        .size = sizeof(struct quire_log_options),
        .method = method,
        .block_bytes = 16 * 1024,
        .block_count = 4,
        .segment_bytes = 128 * 1024,
        .sync_policy = profile->sync_policy,
        .prepare = profile->prepare,
        .codec = strstr(quire_features(), "zstd") ? profile->codec : QUIRE_CODEC_NONE,
        .keep_segments = profile->keep_segments,
        .claim_timeout_ms = 1,
    };
}
