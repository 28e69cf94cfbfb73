/* The counters of a mount, and the text of .quire.stats that shows them.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MOUNT_STATISTICS_H
#define MOUNT_STATISTICS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* The name in the root of a mount; readdir does not list it. */
#define STATISTICS_NAME ".quire.stats"

struct mount;

/* Requests of the kernel that are counted by kind; the names are those of the JSON. */
#define STATISTICS_REQUESTS(X) \
    X(LOOKUP, "lookup")        \
    X(GETATTR, "getattr")      \
    X(SETATTR, "setattr")      \
    X(OPEN, "open")            \
    X(CREATE, "create")        \
    X(READ, "read")            \
    X(WRITE, "write")          \
    X(FLUSH, "flush")          \
    X(RELEASE, "release")      \
    X(FSYNC, "fsync")          \
    X(OTHER, "other")

#define STATISTICS_ENUM(name, text) REQUEST_##name,
enum request_kind { STATISTICS_REQUESTS(STATISTICS_ENUM) REQUEST_KINDS };
#undef STATISTICS_ENUM

struct statistics {
    _Atomic uint64_t requests[REQUEST_KINDS];
    _Atomic uint64_t write_bytes, read_bytes; /* of the requests */
    _Atomic uint64_t stored_bytes;            /* given to BACKING; the content counts them, as it does: */
    _Atomic uint64_t syncs;                   /* of files in BACKING */
    _Atomic uint64_t errors;                  /* of BACKING: a write or sync that failed */
    _Atomic uint64_t open_files;
};

static inline void statistics_add(_Atomic uint64_t *counter, uint64_t more)
{
    atomic_fetch_add_explicit(counter, more, memory_order_relaxed);
}

/* Memory that the caller frees, *length bytes of JSON; NULL: no memory. */
char *statistics_json(struct mount *mount, size_t *length);

/* The same as a table. */
void statistics_print(struct mount *mount, FILE *out);

#endif
