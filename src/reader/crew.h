/* Several threads that go through the segments of a log, one segment each at a time.
 *
 * A segment's share also has what lies between it and the next one that is filled: segments that cannot be read, and
 * what is missing.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_READER_CREW_H
#define QUIRE_READER_CREW_H

#include <pthread.h>
#include <stdatomic.h>

#include "reader/reader.h"

#define QUIRE__CREW_MOST 256u

struct quire__crew;

/* The reader stands at the beginning of a share. end: the number of the segment that begins the next one;
 * UINT64_MAX: none. Other than 0 ends all of it. */
typedef int quire__crew_work(struct quire__crew *crew, uint32_t thread, quire_reader *reader, uint64_t end);

struct quire__crew {
    struct quire__io *io;
    const char *directory;
    struct quire_reader_options options; /* damage is not used, but: */
    struct quire_damage damage;          /* where the error that was returned was met */
    bool verifies; /* a segment that retention takes away meanwhile is no error; that live.quire cannot be read is */
    quire__crew_work *work;
    void *context;
    pthread_mutex_t lock;
    /* From here on the crew's own. */
    uint64_t *numbers; /* of the segments that begin a share */
    uint64_t count;
    _Atomic uint64_t next; /* the share that nobody has taken yet */
    _Atomic int code;      /* the first that was not 0 */
};

/* Does the work with threads threads, of which the caller's is one; 0: one per processor. Returns the first code that
 * was not 0. QUIRE_E_ARGUMENT: more than QUIRE__CREW_MOST. */
int quire__crew_run(struct quire__crew *crew, uint32_t threads);

/* Has somebody given up? */
static inline bool quire__crew_is_over(struct quire__crew *crew)
{
    return atomic_load_explicit(&crew->code, memory_order_relaxed) != 0;
}

#endif
