/* The bytes that every row appends, made before any clock starts.
 *
 * Each thread has a pool: slots of one record each, filled with pseudo-random bytes. Record number i is slot
 * i mod slots, and its first 8 bytes are its identity: run, thread, number. So no two records of a run are equal, a
 * reader can tell which record it sees, and bytes left over from an earlier run cannot pass for this one's. The pool
 * is 256 KiB (or four records, if that is more) and stays in the processor's second-level cache: what is measured is
 * appending, not the fetching of data that a real caller would just have built.
 *
 * The identity is stored some slots ahead of the record that is handed out: stored right before, the copy inside the
 * append would read bytes still on their way to the cache and stall.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_WORKLOAD_H
#define BENCH_WORKLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/number.h"

enum { BENCH_THREADS_MOST = 256, BENCH_IDENTITY_BYTES = 8 };

struct bench_pool {
    char *memory;
    uint64_t stride; /* from slot to slot: the record's size in whole words */
    uint64_t slots;
};

struct bench_workload {
    struct bench_size size;
    uint64_t bytes;   /* size.record_bytes x size.records */
    unsigned threads; /* pools there are */
    bool identified;  /* records are large enough to carry an identity */
    struct bench_pool pools[BENCH_THREADS_MOST];
};

struct bench_watch;

/* A thread's way through its records. */
struct bench_cursor {
    char *at;    /* the record to hand out next */
    char *ahead; /* the slot that gets its identity next */
    char *begin, *end;
    uint64_t stride;
    uint64_t record_bytes;
    uint64_t identity;    /* of the slot ahead */
    uint64_t stretch;     /* records made available last */
    uint64_t until_pause; /* of those, still to be handed out */
    uint64_t left;        /* records after that */
    uint64_t bytes;       /* of all its records, for rows that write bytes rather than records */
    bool identified;
    struct bench_watch *watch; /* NULL: nobody watches */
};

/* 0 or -ENOMEM. Pools are of the same bytes in every run of the program. */
int bench_workload_make(struct bench_workload *work, struct bench_size size, unsigned threads);
void bench_workload_free(struct bench_workload *work);

/* How many of the records thread number `thread` of `threads` appends. */
uint64_t bench_workload_share(const struct bench_workload *work, unsigned thread, unsigned threads);

/* The identity of record number `number` of that thread in that run. */
uint64_t bench_identity(unsigned run, unsigned thread, uint64_t number);
unsigned bench_identity_thread(uint64_t identity);
uint64_t bench_identity_number(uint64_t identity);

/* A cursor over that thread's share. */
struct bench_cursor bench_cursor_start(const struct bench_workload *work, unsigned run, unsigned thread,
                                       unsigned threads);

/* Makes the next stretch of records available. False at the end, or when the program was told to stop. */
bool bench_cursor_resume(struct bench_cursor *cursor);

/* The next record, or NULL at the end. */
static inline const void *bench_cursor_next(struct bench_cursor *cursor)
{
    if (cursor->until_pause == 0 && !bench_cursor_resume(cursor))
        return NULL;
    cursor->until_pause--;
    if (cursor->identified) {
        memcpy(cursor->ahead, &cursor->identity, BENCH_IDENTITY_BYTES);
        cursor->identity++;
        cursor->ahead += cursor->stride;
        if (cursor->ahead == cursor->end)
            cursor->ahead = cursor->begin;
    }
    const char *record = cursor->at;
    cursor->at += cursor->stride;
    if (cursor->at == cursor->end)
        cursor->at = cursor->begin;
    return record;
}

/* Fills memory with pseudo-random bytes, the same for the same seed. */
void bench_fill(void *memory, uint64_t bytes, uint64_t seed);

#endif
