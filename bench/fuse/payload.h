/* What programs append: bytes that compress as real ones do.
 *
 * A constant, or a line that is repeated, compresses to nothing and says nothing about compression. These are made from
 * a seed, the same for the same seed, and no record is like another.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_FUSE_PAYLOAD_H
#define BENCH_FUSE_PAYLOAD_H

#include <stdint.h>

enum bench_fuse_payload {
    BENCH_FUSE_ACCESS,  /* lines of a web server's access log: few hosts, paths and agents, many numbers */
    BENCH_FUSE_JSON,    /* lines of JSON, each with two random identifiers */
    BENCH_FUSE_METRICS, /* binary records: a time, a series, a value that wanders */
    BENCH_FUSE_RANDOM,  /* nothing compresses them */
    BENCH_FUSE_PAYLOADS
};

/* "access", "json", "metrics", "random"; and what that is. */
const char *bench_fuse_payload_name(enum bench_fuse_payload payload);
const char *bench_fuse_payload_text(enum bench_fuse_payload payload);

/* Fills memory with records one behind the other; the last is cut where the memory ends. */
void bench_fuse_payload_fill(enum bench_fuse_payload payload, void *memory, uint64_t bytes, uint64_t seed);

/* Bytes of a payload that writers walk along, made before any clock starts, and shared with processes that are forked
 * afterwards. A file longer than the pool begins again at its front: blocks of a log are compressed each by itself, and
 * are smaller than the pool by far, so that none of them finds an earlier one. */
struct bench_fuse_pool {
    char *memory;
    uint64_t bytes;  /* until it begins again */
    uint64_t mapped; /* with the front once more behind it, so that any append is in one piece */
    uint64_t most_append;
};

enum { BENCH_FUSE_POOL_BYTES = 64 << 20, BENCH_FUSE_APPEND_MOST = 1 << 20 };

/* A pool for files of so many bytes at most, and appends of most_append at most. 0 or -errno. */
int bench_fuse_pool_make(struct bench_fuse_pool *pool, enum bench_fuse_payload payload, uint64_t file_bytes,
                         uint64_t most_append);
void bench_fuse_pool_free(struct bench_fuse_pool *pool);

/* The bytes that belong at this offset of a file: most_append of them can be read there. */
static inline const char *bench_fuse_pool_at(const struct bench_fuse_pool *pool, uint64_t offset)
{
    return pool->memory + offset % pool->bytes;
}

#endif
