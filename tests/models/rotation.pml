/* Segments of a log: made ready by the keeper, entered, sealed, flushed, let go; and what a sync in the meantime covers.
 *
 * What stands for what:
 *     append             src/log/places.c quire__places_take, find_space; src/log/append.c quire_log_append
 *     await_ready        src/log/keeper.c quire__keeper_await_ready; poke: src/base/worker.c
 *     drain_all          src/log/drain.c quire__drain, write_run, enter_segment; src/log/keeper.c quire__keeper_seal
 *     sync               src/log/commit.c work_round, sync_segments; src/log/keeper.c quire__keeper_take_dirty,
 *                        quire__keeper_sync_closed (-DNONE). That one thread leads at a time is in commit.pml
 *     rotate             src/log/drain.c quire__rotate_now; src/log/places.c leave_segment; src/log/keeper.c quire__keeper_await_sealed
 *     make_ready         src/log/keeper.c make_ready; src/log/make.c quire__segment_make, fill
 *     finish_sealed      src/log/keeper.c finish_sealed, flush, let_go
 *     fail               src/log/open.c quire__log_fail, src/log/keeper.c quire__keeper_wake_all
 *
 * Each block is one record, each segment takes one block; blocks are written in the order of their sequences, so sealed
 * segments are those from first_sealed to the one being written. The device keeps for sure what a flush of its file
 * covered, and a name once the directory was flushed. A flush that fails loses what it covered, and a second one would
 * report success over it.
 *
 * Wanted, at any moment: what a power cut leaves begins with everything that was acknowledged, and everything up to the
 * mark `durable`, which recovery believes; a segment that may have its name has a header; no file is flushed again
 * after its flush failed, or after it was closed; nobody waits for ever.
 *
 * -DNONE: sync_policy is QUIRE_SYNC_NONE: segments are let go without a flush. -DFAILS: one flush may fail, or the making
 * of one segment. -DBUG=n: planted, see below.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BUG
#define BUG 0
#endif

#define NAME_NOT_FLUSHED 1   /* a segment is ready before its directory was flushed */
#define HEADER_NOT_FLUSHED 2 /* a segment has its name before its header is safe */
#define SEALED_NOT_FLUSHED 3 /* a sync flushes the segment being written, and no other */
#define LET_GO_FIRST 4       /* a segment leaves the list of the sealed before it is flushed */
#define CLOSED_UNLOCKED 5    /* the keeper closes a segment without the sync lock */
#define FLUSHED_AGAIN 6      /* the keeper does not ask whether a flush failed */
#define COVERED_READ_LATE 7  /* a sync reads what its flush covers when that has ended */
#define POKE_LOST 8          /* the worker forgets what it was asked for when it has done it */
#define READY_TELLS_NOBODY 9
#define UNSYNCED_FORGOTTEN 10 /* what was let go without a flush is not remembered */
#define MARKED_FIRST 11       /* the keeper moves `durable` before the flush */
#define POISON_TELLS_NOBODY 12
#define NOT_ENTERED 13 /* a rotation leaves it to the next block to seal what it left */

#ifndef PLAIN
#define PLAIN 2 /* records that are appended, by a thread that does not sync */
#endif
#ifndef SYNCED
#define SYNCED 2 /* and by one that does, each */
#endif
#ifdef ROTATES
#define CALLERS 3
#else
#define CALLERS 2
#endif
#define RECORDS (PLAIN + SYNCED)
#define SEGMENTS (RECORDS + 3)

/* Under the order lock. */
byte appended;
byte order_segment = 1;
bool order_full;
byte segment_of[RECORDS + 1];

/* The keeper's: words and lock. A wait gives the lock up and sleeps in one step. */
byte ready;
byte attempts;
bool poked = true; /* quire__keeper_start */
bool asleep[CALLERS];
byte first_sealed = 1;

/* Under the drain lock. */
bool drain_locked;
byte written;
byte writing = 1;
bool segment_dirty[SEGMENTS];

bool sync_locked;
byte durable;
bool poisoned;
bool unsynced;
byte unsynced_from;

/* The device: bits of records. */
byte dirty, safe;
bool header_safe[SEGMENTS], named[SEGMENTS], name_safe[SEGMENTS], flush_failed[SEGMENTS], closed[SEGMENTS];
bool may_fail;

byte acknowledged, returned;

#define BIT(record) (1 << (record))

inline lock(mutex)
{
    atomic { !mutex -> mutex = true }
}

inline unlock(mutex)
{
    mutex = false
}

inline tell_all()
{
    d_step {
        for (i : 0 .. CALLERS - 1) {
            asleep[i] = false
        }
        i = 0
    }
}

inline poke()
{
    poked = true
}

inline fail()
{
    poisoned = true;
#if BUG != POISON_TELLS_NOBODY
    tell_all()
#endif
}

/* Records of the segment that are written, at the moment when a flush of it begins. */
inline begin_flush(number)
{
    atomic {
        assert(!flush_failed[number] && !closed[number]);
        snapshot = 0;
        for (i : 1 .. RECORDS) {
            if
            :: segment_of[i] == number -> snapshot = snapshot | (dirty & BIT(i))
            :: else
            fi
        }
        i = 0
    }
}

/* failed: how it ended. */
inline end_flush(number)
{
    if
    :: atomic { safe = safe | snapshot; dirty = dirty & ~snapshot; snapshot = 0 }
    :: atomic {
            may_fail && !poisoned ->
            may_fail = false;
            flush_failed[number] = true;
            dirty = dirty & ~snapshot;
            snapshot = 0;
            failed = true
        }
        fail()
    fi
}

inline await_ready()
{
    atomic { seen = attempts; poke() }
    do
    :: atomic { ready == 0 && attempts == seen && !poisoned -> asleep[me] = true }
        !asleep[me]
    :: ready != 0 || attempts != seen || poisoned -> break
    od;
    seen = 0
}

/* sequence: 0 if the log has failed, or there is no space. */
inline append()
{
    do
    :: poisoned -> sequence = 0; break
    :: atomic {
            !poisoned && (!order_full || ready != 0) ->
            if
            :: order_full -> order_segment = ready; ready = 0; wants = true
            :: else
            fi;
            appended++;
            sequence = appended;
            segment_of[sequence] = order_segment;
            order_full = true
        }
        break
    :: atomic { !poisoned && order_full && ready == 0 -> skip }
        await_ready();
        if
        :: ready == 0 && !may_fail -> sequence = 0; break /* -ENOSPC, or somebody else took it */
        :: else
        fi
    od;
    if
    :: wants -> wants = false; poke()
    :: else
    fi
}

/* With the drain lock. */
inline enter_segment(number)
{
    writing = number;
    poke()
}

/* With the drain lock: one block after the other; a sealed segment is the keeper's from then on. */
inline drain(upto)
{
    do
    :: written < upto && !poisoned ->
        if
        :: segment_of[written + 1] != writing -> atomic { enter_segment(segment_of[written + 1]) }
        :: else
        fi;
        atomic {
            written++;
            dirty = dirty | BIT(written);
            segment_dirty[writing] = true
        }
    :: written >= upto || poisoned -> break
    od
}

inline flush_dirty()
{
    do
    :: number <= last && !failed ->
        if
        :: to_flush & BIT(number) ->
            begin_flush(number);
            end_flush(number)
        :: else
        fi;
        number++
    :: else -> break
    od
}

/* With the sync lock: what was closed is opened again, by its name. */
inline sync_closed()
{
    if
    :: unsynced ->
        atomic { !drain_locked -> last = writing - 1 }
        number = unsynced_from;
        do
        :: number <= last && !failed ->
            atomic { closed[number] = false }
            begin_flush(number);
            end_flush(number);
            number++
        :: else -> break
        od;
        unsynced = failed
    :: else
    fi
}

inline sync()
{
    lock(drain_locked);
    drain(appended);
    unlock(drain_locked);
    lock(sync_locked);
    failed = false;
    if
    :: !poisoned ->
        sync_closed();
        lock(drain_locked);
        atomic {
            covered = written;
            to_flush = 0;
#if BUG == SEALED_NOT_FLUSHED
            number = writing;
#else
            number = first_sealed;
#endif
            last = writing;
            for (i : number .. last) {
                if
                :: segment_dirty[i] -> to_flush = to_flush | BIT(i); segment_dirty[i] = false
                :: else
                fi
            }
            i = 0
        }
        unlock(drain_locked);
        flush_dirty();
#if BUG == COVERED_READ_LATE
        covered = written;
#endif
        if
        :: !failed && covered > durable -> durable = covered
        :: else
        fi
    :: else
    fi;
    atomic { covered = 0; to_flush = 0; number = 0; last = 0; failed = false }
    unlock(sync_locked)
}

inline acknowledge(upto)
{
    if
    :: upto > acknowledged -> acknowledged = upto
    :: else
    fi
}

proctype appender(byte me)
{
    byte i, n, sequence, seen;
    bool wants;

    do
    :: n < PLAIN ->
        append();
        if
        :: sequence == 0 -> break
        :: else
        fi;
        /* quire__drain_some: if nobody does. */
        if
        :: atomic { !drain_locked -> drain_locked = true }
            drain(appended);
            unlock(drain_locked)
        :: drain_locked
        fi;
        n++
    :: else -> break
    od;
    returned++
}

proctype syncer(byte me)
{
    byte i, n, sequence, seen, covered, to_flush, number, last, snapshot;
    bool wants, failed;

    do
    :: n < SYNCED ->
        append();
        if
        :: sequence == 0 -> break
        :: else
        fi;
        sync();
        atomic {
            if
            :: durable >= sequence -> acknowledge(sequence)
            :: else
            fi
        }
        n++
    :: else -> break
    od;
    returned++
}

#ifdef ROTATES
/* What was appended before is durable when it returns 0. */
proctype rotator(byte me)
{
    byte i, seen, upto, number, before;

    before = appended;
    do
    :: atomic {
            !poisoned && (!order_full || ready != 0) ->
            if
            :: order_full -> order_segment = ready; ready = 0; order_full = false
            :: else
            fi;
            number = order_segment;
            upto = appended
        }
        break
    :: atomic { !poisoned && order_full && ready == 0 -> skip }
        await_ready();
        if
        :: ready == 0 && !may_fail -> break /* -ENOSPC, or somebody else took it */
        :: else
        fi
    :: poisoned -> break
    od;
    if
    :: number > 0 ->
        lock(drain_locked);
        drain(upto);
#if BUG != NOT_ENTERED
        if
        :: !poisoned && writing < number -> atomic { enter_segment(number) }
        :: else
        fi;
#endif
        unlock(drain_locked);
        atomic { poke() }
        do
        :: atomic { first_sealed < writing && first_sealed < number && !poisoned -> asleep[me] = true }
            !asleep[me]
        :: first_sealed == writing || first_sealed >= number || poisoned -> break
        od;
#ifndef NONE
        atomic {
            if
            :: !poisoned -> acknowledge(before)
            :: else
            fi
        }
#endif
    :: else
    fi;
    returned++
}
#endif

inline make_ready()
{
    /* next.quire, its space and header; a flush. */
#if BUG != HEADER_NOT_FLUSHED
    header_safe[next] = true;
#endif
    named[next] = true; /* by rename: from here on it may be there after a cut */
#if BUG != NAME_NOT_FLUSHED
    name_safe[next] = true;
#endif
    atomic {
        ready = next;
        attempts++;
        next++;
#if BUG != READY_TELLS_NOBODY
        tell_all()
#endif
    }
#if BUG == NAME_NOT_FLUSHED
    name_safe[next - 1] = true
#endif
}

/* What ended so: the space, the header, the name. It is tried again when somebody asks. */
inline make_nothing()
{
    atomic {
        may_fail = false;
        attempts++;
        tell_all()
    }
}

inline move_mark()
{
    lock(drain_locked);
    atomic {
        if
        :: !failed && !poisoned ->
            for (i : 1 .. RECORDS) {
                if
                :: segment_of[i] == segment && i > durable -> durable = i
                :: else
                fi
            }
        :: else
        fi;
        i = 0
    }
    unlock(drain_locked)
}

inline keeper_flush()
{
#ifdef NONE
#if BUG != UNSYNCED_FORGOTTEN
    if
    :: !unsynced -> unsynced_from = segment
    :: else
    fi;
    unsynced = true
#else
    skip
#endif
#else
#if BUG == MARKED_FIRST
    move_mark();
#endif
    begin_flush(segment);
    end_flush(segment);
    move_mark()
#endif
}

inline let_go()
{
    lock(drain_locked);
    atomic { first_sealed = segment + 1; tell_all() }
    unlock(drain_locked);
    closed[segment] = true
}

inline finish_sealed()
{
    do
    :: first_sealed < writing ->
        segment = first_sealed;
#if BUG == CLOSED_UNLOCKED
        if
        :: !poisoned -> keeper_flush()
        :: else
        fi;
        let_go();
#elif BUG == LET_GO_FIRST
        atomic { !drain_locked -> first_sealed = segment + 1 }
        lock(sync_locked);
        if
        :: !poisoned -> keeper_flush()
        :: else
        fi;
        let_go();
        unlock(sync_locked);
#else
        lock(sync_locked);
        if
#if BUG == FLUSHED_AGAIN
        :: true -> keeper_flush()
#else
        :: !poisoned -> keeper_flush()
        :: poisoned
#endif
        fi;
        let_go();
        unlock(sync_locked);
#endif
        atomic { segment = 0; failed = false }
    :: first_sealed >= writing -> break
    od
}

proctype keeper()
{
    byte i, next = 2, segment, snapshot;
    bool failed;

    do
    :: poked ->
#if BUG != POKE_LOST
        poked = false;
#endif
        if
        :: !poisoned && ready == 0 ->
            if
            :: make_ready()
            :: may_fail -> make_nothing()
            fi
        :: else
        fi;
        finish_sealed();
#if BUG == POKE_LOST
        poked = false
#endif
    :: returned == CALLERS && !poked ->
        finish_sealed();
        break
    od
}

/* At any moment. */
active proctype power_cut()
{
    byte i, left;

    atomic {
        for (i : 1 .. SEGMENTS - 1) {
            assert(!named[i] || header_safe[i])
        }
        left = 0;
        do
        :: left < RECORDS && (safe & BIT(left + 1)) && name_safe[segment_of[left + 1]] -> left++
        :: else -> break
        od;
        assert(left >= acknowledged && left >= durable)
    }
}

init {
    atomic {
#ifdef FAILS
        may_fail = true;
#endif
        header_safe[1] = true;
        named[1] = true;
        name_safe[1] = true;
        run appender(0);
        run syncer(1);
#ifdef ROTATES
        run rotator(2);
#endif
        run keeper()
    }
}
