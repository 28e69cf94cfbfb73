/* What the files of this room know of a log beyond the public header.
 *
 * The way of a record: append.c takes a place in the open block (places.c), copies outside of the lock, and publishes.
 * A full block is sealed; drain.c finishes sealed blocks in order and gives them to the method (one file each), which
 * writes them to the current segment. commit.c makes durable. keeper.c is the thread that makes segments ready before
 * they are needed, and finishes and retires old ones.
 *
 *     order lock: which block is open, how full it is, where the next block will lie
 *     drain lock: which sealed block is finished and written next; what has been written
 *     sync lock: the flush of segments, and their closing
 *     keeper lock: what the keeper is asked to do, and which segment is ready
 *     retire lock: the oldest segments, and their taking away
 *     taken in this order: retire, sync, drain, keeper, order; I/O happens under sync and drain, never under order
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_LOG_INTERNAL_H
#define QUIRE_LOG_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include <quire/log.h>

#include "base/observe.h"
#include "base/spin.h"
#include "log/segment.h"
#include "staging/lane.h"
#include "staging/progress.h"

struct quire__compressor;

/* A segment that is made ready, being written, or sealed and not yet closed. */
struct quire__segment {
    struct quire__segment *next; /* in a list of the free, or of the sealed */
    struct quire__identity identity;
    uint64_t number;
    uint64_t created; /* nanoseconds since 1970 */
    uint64_t bytes;   /* the file's size: space made ready */
    int file;         /* through the page cache */
    int direct;       /* past it; -1: none */

    /* Under the drain lock. */
    uint64_t end;            /* of the last block given to the method */
    uint32_t previous_pages; /* of that block */
    bool dirty;              /* has blocks that no flush covered */
    _Atomic bool failed;     /* a write or a flush of it failed: nothing is done to it any more */
    struct quire__disk_footer sums;
    uint64_t last_slot;    /* sealed: all its blocks are written when so many slots are */
    uint64_t started;      /* writeback was begun up to here */
    unsigned char *window; /* mmap: where it is mapped; NULL: it is not */
    uint64_t present;      /* mmap: pages are present up to here */
};

enum { QUIRE__SEGMENTS = 16 }; /* the most that are ready, written or not yet closed */

enum quire__slot_kind {
    QUIRE__SLOT_RECORDS, /* a block of records, to be finished */
    QUIRE__SLOT_GAP,     /* a block that declares a loss */
    QUIRE__SLOT_RAW      /* whole pages of a record larger than a buffer, finished already */
};

/* A buffer that becomes a block. */
struct quire__slot {
    unsigned char *memory;
    enum quire__slot_kind kind;
    struct quire__segment *segment;
    uint64_t bytes; /* taken, the header included */
    uint64_t records;
    uint64_t first_sequence;
    uint64_t last_sequence; /* of the log once this slot is written */
    uint64_t first_time, last_time;
    uint64_t lost_bytes; /* of a gap */
    uint32_t lost_reason;
    bool continues;  /* raw: not the first piece of its record */
    bool partial;    /* raw: not the last one either */
    bool finished;   /* the block is as it lies in the file; under the drain lock, as what follows */
    bool done;       /* written */
    uint64_t begun;  /* when its write began; of the observer's clock */
    uint64_t length; /* as written: whole pages */
    uint64_t offset; /* where it was written to */
    _Alignas(QUIRE__CACHE_LINE) _Atomic uint64_t published; /* bytes of records that are copied */
};

enum { QUIRE__LOG_CLAIMS = 64 };

struct quire__open_claim {
    uint64_t ticket; /* 0: none */
    struct quire__slot *slot;
};

/* Which block is open. On pages of its own that a child of fork finds zeroed: it sees no block and takes the slow way,
 * which sees that it is not alive, and whose log it is. */
struct quire__log_order {
    struct quire__spin lock;
    struct quire__slot *open; /* NULL: none */
    uint64_t limit;           /* bytes that the open block may take */
    uint64_t next_sequence;
    uint64_t payload;               /* bytes of records sealed so far, without their frames */
    uint64_t last_time;             /* given to anything */
    uint64_t block_time;            /* the last time of the last sealed block */
    uint64_t opened, sealed, freed; /* slots, counted for ever */
    struct quire__segment *segment; /* that the next block goes to, */
    uint64_t offset;                /* and where, if compression saves nothing on the way */
    bool exclusive;                 /* a record larger than a buffer is under way */
    uint32_t leaving;          /* rotations on request that wait for their turn: no such record begins before them */
    bool wants_segment;        /* the one that was ready is in use now */
    uint64_t lost, lost_bytes; /* dropped since the last block: declared with the next */
    uint32_t lost_reason;
    uint64_t declared_lost; /* sequences that went to gap records */
    uint64_t lost_first_time;
    struct quire__open_claim claims[QUIRE__LOG_CLAIMS];
    uint64_t tickets;
    bool ours;          /* set for good when the memory was got: false only in a child of fork */
    _Atomic bool alive; /* set at open, cleared by the first failure */
};

/* How blocks get to the file. All calls are made under the drain lock. A method that fails poisons. */
struct quire__log_method {
    uint32_t id;
    const char *name;
    bool merges; /* one write for several blocks costs less than one each */
    bool direct; /* segments are opened past the page cache as well */
    bool reads;  /* and for reading: a mapping needs it */
    bool each;   /* each record is handed to the kernel at once */
    uint64_t default_block_bytes;
    uint32_t default_block_count;
    /* NULL: nothing to do. */
    int (*open)(quire_log *log, enum quire_call *failed_call);
    void (*close)(quire_log *log);
    /* Writes slots [first, last), which lie back to back in memory and in segment. Marks them done, now or in reap. */
    int (*write)(quire_log *log, struct quire__segment *segment, uint64_t first, uint64_t last);
    /* Takes completions in; with wait, at least one. NULL: write has done its work when it returns. */
    int (*reap)(quire_log *log, bool wait);
    /* The segment will not be written any more. NULL: nothing to do. */
    void (*leave)(quire_log *log, struct quire__segment *segment);
    /* Waits until no write is under way, however they end. NULL: none ever is. */
    void (*quiet)(quire_log *log);
};

extern const struct quire__log_method quire__log_method_paged;
extern const struct quire__log_method quire__log_method_write;
extern const struct quire__log_method quire__log_method_mmap;
extern const struct quire__log_method quire__log_method_uring;

/* Group commit: see commit.c. */
struct quire__log_commit {
    _Atomic uint32_t round; /* rounds that have ended; who waits sleeps on it */
    _Atomic uint32_t waiters;
    _Atomic bool leading;
    _Atomic int code;          /* how the last round ended */
    _Atomic uint64_t covering; /* the round under way makes durable up to here; 0: not yet known */
};

/* What the thread that makes segments ready and retires them knows: see keeper.c. */
struct quire__log_keeper {
    struct quire__worker *worker;
    pthread_mutex_t lock;
    pthread_cond_t answered;
    _Atomic(struct quire__segment *) ready; /* the next segment; NULL: none yet. Taken under the order lock */
    int ready_code;                         /* why there is none */
    uint64_t attempts;                      /* to make one ready, that have ended */
    struct quire__segment *sealed;          /* to be finished: oldest first */
    uint64_t closed;                        /* number of the last one that was finished; at first of the last found */
    struct quire__segment *free;            /* structures to use again */

    /* The keeper's alone. */
    uint64_t next_number;
    bool reserved; /* the reserve is there */

    _Atomic bool unsynced;  /* set under the sync lock: segments were closed without a flush, now or earlier, */
    uint64_t unsynced_from; /* from this number on */
};

/* The oldest segments, and what retention knows of them: see retire.c. */
struct quire__log_retire {
    pthread_mutex_t lock;
    uint64_t oldest; /* number */
    uint64_t bytes;  /* of all segments up to counted_to */
    uint64_t counted_to;
    uint64_t missing; /* numbers from oldest up to looked_to that no segment has: recovery took one away, say */
    uint64_t looked_to;
    bool spare; /* there is a file to use again */
};

struct quire_log {
    struct quire__log_order *order;
    struct quire__progress progress; /* in sequences */
    const struct quire__log_method *method;
    void *state;         /* the method's */
    bool background;     /* QUIRE_LOG_BACKGROUND */
    bool wait;           /* on_full is QUIRE_FULL_BLOCK */
    bool each;           /* sync_policy is QUIRE_SYNC_EACH */
    bool owes;           /* each append has to be handed over, or made durable */
    bool closing;        /* no claim will be published any more */
    bool retain;         /* buffers are kept until they are durable, to go on elsewhere after a failure */
    uint64_t frame;      /* bytes in front of each record */
    uint64_t plain_most; /* the longest record that goes to a block with others */

    struct quire__slot *slots;
    void *memory; /* of the slots, and one buffer more where blocks are compressed */
    uint64_t memory_bytes;
    unsigned char *spare; /* for what comes out of the compressor; changes places with a slot's memory */
    struct quire__compressor *compressor;
    unsigned char *page;         /* for footers and headers of segments */
    struct quire__sha256 *chain; /* NULL: segments are not chained */
    unsigned char chain_previous[32];

    pthread_mutex_t drain;
    uint64_t drained, completed; /* slots */
    uint64_t completed_sequence; /* of the last slot completed: what a flush that begins now covers */
    struct quire__segment *writing;
    bool hurry; /* one block is to be made durable, and nothing else is dirty: its write may do it */
    struct quire__segment segments[QUIRE__SEGMENTS];

    pthread_mutex_t sync;
    struct quire__log_commit commit;
    struct quire__log_retire retire;
    struct quire__log_keeper keeper;
    struct quire__worker *drainer; /* under AGAIN and DROP, and QUIRE_LOG_BACKGROUND */
    struct quire__worker *ticker;  /* QUIRE_SYNC_INTERVAL */

    struct quire__io *io;
    char directory[PATH_MAX];
    int folder; /* open, and locked */
    int live;   /* live.quire; -1: none */
    uint64_t live_changes;
    unsigned char log_id[16];
    struct quire_log_options options; /* defaults filled in */
    uint64_t begin_sequence;          /* the first that this writer gives */
    bool registered;
    uint32_t method_asked;
    int32_t fallback_reason;
    struct quire__observer observer;

    pthread_mutex_t lanes_lock;
    struct quire_log_lane *lanes;
    _Atomic uint64_t hand_overs;

    /* With retain: what failed, until the log goes on elsewhere. See go_on.c. */
    _Atomic int trouble;
    enum quire_call trouble_call;
    uint64_t trouble_offset;
    uint64_t continued_at; /* what was durable the last time */

    _Atomic uint64_t drops, drop_bytes, agains, waits;
    _Atomic uint64_t blocks, gaps, block_payload, writes, write_bytes, syncs, sync_joins;
    _Atomic uint64_t rotations, rotation_waits, recycled, trimmed, continued, in_flight_most;
};

/* open.c: quire_log_open on another seam than the operating system's. io outlives the log. */
int quire__log_open_on(struct quire__io *io, const char *directory, const struct quire_log_options *options,
                       quire_log **log);

/* Counters are exact, and nobody orders anything by them. */
static inline void quire__log_count(_Atomic uint64_t *counter, uint64_t by)
{
    atomic_fetch_add_explicit(counter, by, memory_order_relaxed);
}

/* Time of day in nanoseconds since 1970. */
uint64_t quire__log_now(void);

/* What a call asks before anything else: 0, or QUIRE_E_ARGUMENT without a log, or QUIRE_E_FORKED in a child of fork,
 * where no lock may be waited for: the thread that held it is not there. */
static inline int quire__log_enter(const quire_log *log)
{
    if (!log)
        return QUIRE_E_ARGUMENT;
    return QUIRE__LIKELY(log->order->ours) ? 0 : QUIRE_E_FORKED;
}

/* 0, or why nothing works any more: the first failure, or QUIRE_E_FORKED. */
int quire__log_code(quire_log *log);

/* Records the first failure, and wakes everybody. Returns the code that stands. */
int quire__log_fail(quire_log *log, int code, enum quire_call call, uint64_t offset);

static inline struct quire__slot *quire__log_slot(quire_log *log, uint64_t number)
{
    return &log->slots[number % log->options.block_count];
}

#endif
