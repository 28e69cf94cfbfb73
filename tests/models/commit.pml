/* Group commit of a log: leaders, followers who sleep in groups on the number of the round, the ticker, the poison.
 *
 * What stands for what:
 *     append             src/log/places.h quire__places_try, src/log/append.c quire_log_append
 *     others_write       src/log/drain.c quire__drain, by appends that cross the end of a block
 *     seal_and_write     src/log/commit.c work_round: quire__places_seal_now, write_all
 *     flush              src/log/commit.c sync_segments, note_durable
 *     fail               src/log/open.c quire__log_fail, src/log/commit.c quire__commit_wake_all
 *     lead, follow       src/log/commit.c, the functions of the same names; commit: await there
 *     futex_*            src/base/futex.h, and the kernel behind it
 *     ticker             src/log/open.c tick, src/base/worker.c
 *
 * The device: what is written is dirty until a flush that began later ends. A flush that fails loses what it covered,
 * and the next one reports success over it, as Linux does. A power cut leaves what flushes made safe, and nothing else:
 * power_cut looks at that at any moment.
 *
 * Wanted: no acknowledged record is lost by a cut, no flush begins after one failed, and nobody sleeps for ever (that
 * would be an invalid end state). Of the futex all is allowed that the kernel may do: returning for no reason, and any
 * of the sleepers where one is to be woken.
 *
 * -DTICKER: sync_policy is QUIRE_SYNC_INTERVAL, and quire_log_wait_durable leaves flushes to others. -DFAILS: one write
 * or flush may fail. -DBUG=n: planted, see below.
 *
 * SPDX-License-Identifier: MIT */
#ifndef CALLERS
#define CALLERS 3
#endif
#ifdef TICKER
#define PROCESSES (CALLERS + 1)
#else
#define PROCESSES CALLERS
#endif
#ifndef BUG
#define BUG 0
#endif

/* The planted bugs. */
#define ACKNOWLEDGES_FIRST 1       /* `durable` moves before the flush */
#define COVERED_READ_LATE 2        /* what the flush covers is read when it has ended */
#define TRIES_AGAIN 3              /* a failed flush does not poison */
#define WAITERS_SEEN_EARLY 4       /* the leader looks for waiters when its round begins */
#define ROUND_READ_LATE 5          /* the number of the round is read after the look at who leads */
#define NEXT_NOT_WOKEN 6           /* the end of a round wakes those it served, and nobody to lead the next */
#define NOT_PASSED_ON 7            /* woken to lead, served already, and nobody else is woken */
#define POISON_WAKES_NOBODY 8
#define SLEEPS_WITHOUT_LEADER 9    /* who may lead sleeps where a ticker is, though nobody leads */
#define FOLLOWER_KEEPS_THE_WAKE 10 /* woken to lead, may not, and nobody else is woken */
#define LEADS_TOO_LONG 11          /* the leader steps down after the round has a new number */

/* The log's words. */
byte round;
byte waiters;
bool leading;
byte covering;
byte appended, written, durable;
bool poisoned;

/* The device: a bit for each record. */
byte dirty, safe;
bool flush_failed, may_fail;

/* Ghosts: what callers were told, and how many have returned. */
byte acknowledged;
byte returned;

bool sleeping[PROCESSES];
byte group[PROCESSES];

/* Bits of records 1 to n. */
#define UP_TO(n) ((1 << (n)) - 1)

inline futex_wait(expected, in_group)
{
    if
    :: atomic { round == expected -> sleeping[me] = true; group[me] = in_group }
        !sleeping[me]
    :: round != expected
    :: true /* for no reason */
    fi
}

inline futex_wake_all(in_group)
{
    d_step {
        for (i : 0 .. PROCESSES - 1) {
            if
            :: sleeping[i] && group[i] == in_group -> sleeping[i] = false
            :: else
            fi
        }
        i = 0
    }
}

/* Any one of them. The kernel takes the first in its queue, whose order the scheduling class may change. */
inline futex_wake_one(in_group)
{
    atomic {
        if
        :: sleeping[0] && group[0] == in_group -> sleeping[0] = false
        :: sleeping[1] && group[1] == in_group -> sleeping[1] = false
#if PROCESSES > 2
        :: sleeping[2] && group[2] == in_group -> sleeping[2] = false
#endif
#if PROCESSES > 3
        :: sleeping[3] && group[3] == in_group -> sleeping[3] = false
#endif
        :: else
        fi
    }
}

inline wake_everybody()
{
    d_step {
        for (i : 0 .. PROCESSES - 1) {
            sleeping[i] = false
        }
        i = 0
    }
}

inline fail()
{
#if BUG == TRIES_AGAIN
    skip
#else
    poisoned = true;
    round++;
#if BUG != POISON_WAKES_NOBODY
    wake_everybody()
#endif
#endif
}

/* Under the drain lock: one step for everybody else. Appends that fill a block write while a flush is under way. */
inline write_up_to(last)
{
    if
    :: written < last ->
        dirty = dirty | (UP_TO(last) & ~UP_TO(written));
        written = last
    :: else
    fi
}

inline flush()
{
    atomic {
        covered = written;
        snapshot = dirty;
        assert(!flush_failed)
    }
#if BUG == ACKNOWLEDGES_FIRST
    durable = (covered > durable -> covered : durable);
#endif
    if
    :: atomic { safe = safe | snapshot; dirty = dirty & ~snapshot }
#if BUG == COVERED_READ_LATE
        covered = written;
#endif
        durable = (covered > durable -> covered : durable)
    :: atomic { may_fail -> may_fail = false; flush_failed = true; dirty = dirty & ~snapshot }
        fail()
    fi
}

inline lead()
{
#if BUG == WAITERS_SEEN_EARLY
    counted = waiters;
#endif
    atomic { target = appended; covering = target }
    if
    :: atomic { !poisoned -> write_up_to(target) }
        if
        :: !poisoned -> flush()
        :: else
        fi
    :: poisoned
    :: atomic { may_fail -> may_fail = false }
        fail()
    fi;
    covering = 0;
#if BUG == LEADS_TOO_LONG
    atomic { round++; ended = round }
    leading = false;
#else
    leading = false;
    atomic { round++; ended = round }
#endif
#if BUG != WAITERS_SEEN_EARLY
    counted = waiters;
#endif
    if
    :: counted > 0 ->
        futex_wake_all(ended);
#if BUG != NEXT_NOT_WOKEN
        futex_wake_one(ended + 1)
#endif
    :: else
    fi
}

#define IS_OVER (durable >= sequence || poisoned)

inline follow()
{
    waiters++;
#if BUG != ROUND_READ_LATE
    seen = round;
#endif
    served = (sequence <= covering);
    target = seen + (served -> 1 : 2);
#ifdef TICKER
#if BUG == SLEEPS_WITHOUT_LEADER
    sleeps = true;
#else
    sleeps = leading || !may_lead;
#endif
#else
    sleeps = leading;
#endif
    sleeps = sleeps && !IS_OVER;
#if BUG == ROUND_READ_LATE
    seen = round;
    target = seen + (served -> 1 : 2);
#endif
    if
    :: sleeps -> futex_wait(seen, target)
    :: else
    fi;
    waiters--;
    if
    :: round == seen + 1 && !served && (
#if BUG != NOT_PASSED_ON
        IS_OVER ||
#endif
#if BUG != FOLLOWER_KEEPS_THE_WAKE
        !may_lead ||
#endif
        false) -> futex_wake_one(target)
    :: else
    fi
}

/* What nobody looks at any more would only make more states. */
inline forget()
{
    sleeps = false;
    served = false;
    target = 0;
    seen = 0;
    ended = 0;
    covered = 0;
    snapshot = 0;
    counted = 0
}

/* quire__commit_up_to, or quire__commit_await where may_lead is false. */
inline commit()
{
    do
    :: atomic { IS_OVER -> forget() }
        break
    :: atomic { !IS_OVER && may_lead && !leading -> leading = true }
        lead()
    :: atomic { !IS_OVER && (!may_lead || leading) -> skip }
        follow()
    od
}

proctype caller(byte me)
{
    byte sequence, target, seen, ended, covered, snapshot, counted, i;
    bool may_lead, served, sleeps;

    atomic {
        appended++;
        sequence = appended
    }
    /* quire_log_sync, or quire_log_wait_durable. */
#ifdef TICKER
    if
    :: may_lead = true
    :: may_lead = false
    fi;
#else
    may_lead = true;
#endif
    commit();
    atomic {
        if
        :: durable >= sequence && sequence > acknowledged -> acknowledged = sequence
        :: else
        fi;
        returned++
    }
}

#ifdef TICKER
/* Ticks while there is something to make durable; what it would do without it changes nothing. Stopped by close, when
 * all callers have returned. */
proctype ticker(byte me)
{
    byte sequence, target, seen, ended, covered, snapshot, counted, i;
    bool may_lead = true, served, sleeps;

    do
    :: atomic { appended > durable && !poisoned -> sequence = appended }
        commit()
    :: returned == CALLERS -> break
    od
}
#endif

active proctype others_write()
{
    do
    :: atomic { written < appended && !poisoned -> write_up_to(appended) }
    :: returned == CALLERS -> break
    od
}

#ifdef FAILS
/* The keeper, or an append that had to wait: poisons while nobody may be leading. */
active proctype others_fail()
{
    byte i;

    if
    :: atomic { may_fail -> may_fail = false }
        fail()
    :: returned == CALLERS
    fi
}
#endif

/* At any moment. */
active proctype power_cut()
{
    atomic {
        assert((safe & UP_TO(acknowledged)) == UP_TO(acknowledged))
    }
}

init {
    byte n;

    atomic {
#ifdef FAILS
        may_fail = true;
#endif
        for (n : 0 .. CALLERS - 1) {
            run caller(n)
        }
#ifdef TICKER
        run ticker(CALLERS)
#endif
    }
    returned == CALLERS -> assert((safe & UP_TO(acknowledged)) == UP_TO(acknowledged))
}
