/* How far the bytes have come, whether it is over, and those who wait to hear of either.
 *
 * written and durable only grow. The first failure poisons: it is kept, everybody is woken, and from then on
 * quire__progress_code() says so. Nothing here does I/O.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_PROGRESS_H
#define QUIRE_PROGRESS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <quire/error.h>

struct quire__progress {
    _Atomic int code; /* 0, or the first failure's code; read without the lock on every append */
    _Atomic uint64_t written;
    _Atomic uint64_t durable;
    pthread_mutex_t lock;
    pthread_cond_t moved; /* a round of committing came to its end, or it is over; waits by CLOCK_MONOTONIC */
    struct quire_failure failure;

    /* Group commit: at most one leader at a time works a round, the others wait for its end. */
    bool leading;
    uint64_t round;        /* rounds that have ended */
    uint64_t round_target; /* the last one tried to make everything before this durable, */
    int round_code;        /* and ended like this */
};

/* begin: the length of the file at open, which counts as written; whether it is durable nobody knows before a sync. */
int quire__progress_init(struct quire__progress *progress, uint64_t begin);
void quire__progress_destroy(struct quire__progress *progress);

static inline int quire__progress_code(struct quire__progress *progress)
{
    return atomic_load_explicit(&progress->code, memory_order_relaxed);
}

/* Records a failure unless there is one already. Returns the code that stands. */
int quire__progress_fail(struct quire__progress *progress, int code, enum quire_call call, uint64_t offset);

/* Callers see to it that the offsets never go back: written is moved under the drain lock, durable by the leader. */
static inline void quire__progress_set_written(struct quire__progress *progress, uint64_t offset)
{
    atomic_store_explicit(&progress->written, offset, memory_order_release);
}

static inline uint64_t quire__progress_written(struct quire__progress *progress)
{
    return atomic_load_explicit(&progress->written, memory_order_acquire);
}

static inline uint64_t quire__progress_durable(struct quire__progress *progress)
{
    return atomic_load_explicit(&progress->durable, memory_order_acquire);
}

#endif
