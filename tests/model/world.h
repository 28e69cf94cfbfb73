/* A log, what is around it, and the list it is compared with.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TESTS_MODEL_WORLD_H
#define QUIRE_TESTS_MODEL_WORLD_H

#include <quire/log.h>

#include "io/io.h"
#include "model/list.h"
#include "model/ops.h"

enum { WORLD_LANES = 3, WORLD_CLAIMS = 3 };

struct storage;

struct world_lane {
    quire_log_lane *lane; /* NULL: not open */
    uint64_t serial;      /* in the upper half of its records' ids */
    uint64_t records;
};

struct world_claim {
    struct quire_log_claim claim;
    uint64_t id;
    bool open;
};

struct world {
    struct storage *storage;
    struct quire__io *io;
    const char *directory;
    struct list *list;
    bool exists;    /* a log was made */
    bool crashed;   /* and nobody has recovered it since */
    uint64_t floor; /* and recovers at least so many */
    bool careless;  /* it was open without any care for power cuts, and what came of that was not made durable since */
    bool trimmed;   /* in this session by trim */
    bool torn;      /* what is left of a write may lie behind the end of a segment since a power cut */
    bool unchained; /* not all of it was written with a chain, or it was cut */

    /* While it is open. */
    quire_log *log; /* NULL: it is not */
    struct quire_log_options options;
    struct quire_watermarks marks; /* as they were */
    struct world_lane lanes[WORLD_LANES];
    struct world_claim claims[WORLD_CLAIMS];
    uint64_t lane_serial;
    uint64_t accepted, accepted_bytes, dropped; /* in this session */
    uint64_t began_at;                          /* its first record when the session began; 0: none */

    quire_reader *follower; /* NULL: none */
    bool follower_durable;
    uint64_t follower_next;

    char why[300];     /* "": all is well */
    const char *which; /* of all objections */
};

/* The first objection counts. Returns false. */
__attribute__((format(printf, 2, 3))) bool object(struct world *world, const char *format, ...);
#define WELL(world) ((world)->why[0] == '\0')

static inline uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static inline uint64_t most(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

bool has_open_claim(const struct world *world);

/* storage.c. On the simulated disk (NULL), where the power can be cut, or in a real directory, where it cannot. */
struct storage *storage_new(const char *directory, uint64_t seed);
void storage_attach(struct storage *storage, struct world *world);
bool storage_can_crash(const struct storage *storage);
/* What a power cut, or (state UINT64_MAX) a kill leaves now is taken down; the system goes on meanwhile, */
bool storage_cut(struct storage *storage, uint64_t state, bool stale);
/* until this: from here on there is only what was left. Nothing may be open. NULL, or what is wrong. */
const char *storage_fall(struct storage *storage, struct world *world);
/* NULL, or what was wrong with how it was used. *was_full: more files were asked for than the disk has room for. */
const char *storage_free(struct storage *storage, bool *was_full);

/* session.c */
void do_open(struct world *world, const uint64_t *arguments);
void do_close(struct world *world);
void do_crash(struct world *world, uint64_t state, bool stale);

/* put.c, lanes.c */
void do_append(struct world *world, const uint64_t *arguments);
void do_batch(struct world *world, const uint64_t *arguments);
void do_claim(struct world *world, uint64_t bytes);
void do_publish(struct world *world, uint64_t which);
void do_lane_open(struct world *world);
void do_lane_append(struct world *world, const uint64_t *arguments);
void do_lane_claim(struct world *world, const uint64_t *arguments);
void do_lane_flush(struct world *world, uint64_t which);
void do_lane_close(struct world *world, uint64_t which);
/* Of the records that fit in any case: the largest. */
uint64_t record_most(const struct world *world);

/* keep.c */
void do_flush(struct world *world);
void do_sync(struct world *world, uint64_t back, bool wait);
void do_rotate(struct world *world);
void do_trim(struct world *world, uint64_t back);
void do_stats(struct world *world);
/* After each step: what the log says of itself. */
void look_at_marks(struct world *world);

/* look.c, seek.c */
void do_read(struct world *world, bool durable);
void do_backwards(struct world *world);
void do_seek(struct world *world, uint64_t back);
void do_seek_time(struct world *world, uint64_t back);
void do_follow(struct world *world, bool durable);
void do_resume(struct world *world);
void stop_following(struct world *world);
/* Opens a reader; NULL: there is nothing to read, or it is wrong. */
quire_reader *open_reader(struct world *world, bool durable);
/* Retention may come between a reader and what it reads. */
bool may_be_trimmed(const struct world *world, int rc);

/* whole.c */
void do_scan(struct world *world);
void do_verify(struct world *world);
void do_inspect(struct world *world);
void do_truncate(struct world *world, uint64_t back);
void do_repair(struct world *world);
void do_outside_trim(struct world *world, uint64_t back);

/* play.c. In this process, from nothing: false and *step, why: what did not agree. directory: NULL: the disk in
 * memory, where everything is repeated by the seed. */
struct outcome {
    uint32_t step;
    const char *which; /* the same pointer for the same objection, whatever the numbers in it */
    char why[300];
};
bool play(const struct op *ops, uint32_t count, uint64_t seed, const char *directory, struct outcome *outcome);

#endif
