/* The shared lane: places in the order, copies outside of it, publishing, and the hand-over of the ring's buffers.
 *
 * What stands for what:
 *     place              src/staging/order.h quire__order_try_place, under the order lock: one step
 *     advance            src/staging/order.c quire__order_advance, with the order lock: one step
 *     copy, publish      src/staging/shared.c quire__shared_append, src/staging/order.h quire__order_publish
 *     make_room          src/staging/order.c make_room, src/staging/drain.c quire__shared_room_in_ring
 *     await_slot         src/staging/order.c wait_for_slot
 *     hand_over          src/staging/order.c quire__order_hand_over
 *     drain              src/staging/drain.c quire__shared_drain
 *     flusher            src/staging/drain.c quire__shared_flush
 *     sink_write, reap   src/writer/paged.c paged_write; with -DQUEUED src/writer/uring.c: the device reads the memory
 *                        when it likes, and completes in any order
 *     drainer            src/staging/drainer.c, with -DDRAINER: appends do not wait, and ask again
 *
 * Bytes are units. A buffer has 2 of them, the ring 2 buffers, and 1 unit of memory lies behind it for what spills; the
 * records have 1 and 2 units. A unit's bytes are its offset in the file plus 1, so whatever else is found in its place
 * is wrong. Loops that look again until somebody has published wait for it here.
 *
 * Wanted: each unit gets to the file once, in order, as it was appended; a flush returns when all appended before it is
 * there; nobody waits for ever. -DBUG=n: planted, see below.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BUG
#define BUG 0
#endif

#define PUBLISHED_BEFORE_COPY 1
#define HOLES_SKIPPED 2         /* a published claim counts though an older one is open */
#define FREED_EARLY 3           /* memory may be filled again when its write was submitted */
#define SPILL_COPIED_LATE 4     /* what spilled goes to the front of the ring after it was published */
#define WRITTEN_EARLY 5         /* `written` moves when a write is submitted */
#define HANDS_OVER_UNLOCKED 6   /* whoever crosses the end of a buffer does not take the drain lock */
#define WAKE_LOST 7             /* the drainer is asked without its lock */
#define DRAINS_UNPUBLISHED 8    /* a flush hands over what was appended, published or not */
#define HOLES_IN_WRITTEN 9      /* any completion moves `written`, whatever is under way before it */
#define ROOM_MISCOUNTED 10      /* the ring is taken to be one unit larger than it is */

#define BUFFER 2
#define RING 4
#define CLAIMS 2
#define FLIGHTS 2
#ifndef RECORDS
#define RECORDS 3 /* of each appender */
#endif
#define APPENDERS 2
#define MOST (APPENDERS * RECORDS * 2)

#define ROUND_DOWN(n) ((n) - (n) % BUFFER)

/* Under the order lock. Tickets count from 0. */
byte appended, next, oldest, published;
byte freed;
byte slot_end[CLAIMS], slot_spilled[CLAIMS];
bool slot_published[CLAIMS];
byte memory[RING + 1];

/* Under the drain lock. */
bool drain_locked;
byte drained;

byte written;
byte file[MOST];
byte returned; /* appenders */

#ifdef QUEUED
byte flight_from[FLIGHTS], flight_to[FLIGHTS];
bool flight_done[FLIGHTS];
byte flight_first, flight_next;
#endif

#ifdef DRAINER
bool asked_lock, work, drainer_sleeps;
#endif

inline lock_drain()
{
    atomic { !drain_locked -> drain_locked = true }
}

inline unlock_drain()
{
    drain_locked = false
}

/* The device, or the kernel, takes what lies in memory now. */
inline take_units(from, to)
{
    for (i : from .. to - 1) {
        assert(file[i] == 0 && memory[i % RING] == i + 1);
        file[i] = memory[i % RING]
    }
    i = 0
}

inline advance()
{
    do
    :: oldest != next && slot_published[oldest % CLAIMS] ->
        published = slot_end[oldest % CLAIMS];
        oldest++
#if BUG == HOLES_SKIPPED
    :: oldest + 1 < next && !slot_published[oldest % CLAIMS] && slot_published[(oldest + 1) % CLAIMS] ->
        published = slot_end[(oldest + 1) % CLAIMS];
        break
#endif
    :: else -> break
    od
}

#ifdef QUEUED
inline free_done()
{
    do
    :: flight_first != flight_next && flight_done[flight_first % FLIGHTS] ->
        written = flight_to[flight_first % FLIGHTS];
        freed = written;
        flight_first++
    :: else -> break
    od
}

/* One buffer at a time. */
inline sink_write(upto)
{
    do
    :: drained < upto ->
        reap_for_flight();
        atomic {
            flight_from[flight_next % FLIGHTS] = drained;
            flight_to[flight_next % FLIGHTS] = (ROUND_DOWN(drained) + BUFFER < upto -> ROUND_DOWN(drained) + BUFFER : upto);
            flight_done[flight_next % FLIGHTS] = false;
            drained = flight_to[flight_next % FLIGHTS];
            flight_next++
#if BUG == FREED_EARLY
            ;
            freed = drained
#endif
#if BUG == WRITTEN_EARLY
            ;
            written = drained
#endif
        }
    :: else -> break
    od
}

inline reap_for_flight()
{
    atomic { free_done() };
    flight_next - flight_first < FLIGHTS || flight_done[flight_first % FLIGHTS];
    atomic { free_done() }
}

/* Waits for one; the oldest, since only a prefix counts. */
inline reap_and_wait()
{
    flight_first == flight_next || flight_done[flight_first % FLIGHTS];
    atomic { free_done() }
}

/* Completes what is under way, in any order. */
active proctype device()
{
    byte i, f;

end_idle:
    do
    :: atomic {
            flight_first < flight_next && !flight_done[flight_first % FLIGHTS] ->
            f = flight_first
        }
complete:
        atomic {
            take_units(flight_from[f % FLIGHTS], flight_to[f % FLIGHTS]);
            flight_done[f % FLIGHTS] = true;
#if BUG == HOLES_IN_WRITTEN
            written = flight_to[f % FLIGHTS];
#endif
            f = 0
        }
    :: atomic {
            flight_first + 1 < flight_next && !flight_done[(flight_first + 1) % FLIGHTS] ->
            f = flight_first + 1
        }
        goto complete
    od
}
#else
inline sink_write(upto)
{
    atomic {
        take_units(drained, upto);
        drained = upto;
        written = upto;
        freed = upto
    }
}

inline reap_and_wait()
{
    skip
}
#endif

/* With the drain lock. */
inline drain()
{
    atomic { advance(); to = ROUND_DOWN(published) };
    if
    :: to > drained -> sink_write(to)
    :: else
    fi;
#ifdef QUEUED
    atomic { free_done() };
#endif
    to = 0
}

#if BUG == ROOM_MISCOUNTED
#define LIMIT (freed + RING + 1)
#else
#define LIMIT (freed + RING)
#endif

inline make_room()
{
    lock_drain();
    end = appended + units;
    do
    :: end <= LIMIT -> break
    :: else ->
        before = drained;
        drain();
        if
        :: end > LIMIT && freed < drained -> reap_and_wait()
        :: end > LIMIT && freed == drained && before == drained ->
            /* A claim stands open in the oldest buffer. */
            atomic { slot_published[oldest % CLAIMS] || oldest == next -> atomic { advance() } }
        :: else
        fi
    od;
    end = 0;
    before = 0;
    unlock_drain()
}

/* The drainer's lock, flag and condition. */
#ifdef DRAINER
inline ask()
{
#if BUG == WAKE_LOST
    work = true;
    drainer_sleeps = false
#else
    atomic { !asked_lock -> asked_lock = true }
    work = true;
    drainer_sleeps = false;
    asked_lock = false
#endif
}

inline ask_for_room()
{
    ask();
    /* Told to come again. */
    appended + units <= LIMIT || !work
}

proctype drainer()
{
    byte i, to, end, before, units = 2;

    atomic { !asked_lock -> asked_lock = true }
    do
    :: work ->
        work = false;
        asked_lock = false;
        make_room();
        atomic { !asked_lock -> asked_lock = true }
    :: !work && returned < APPENDERS ->
        /* Gives the lock up and sleeps in one step, as a condition does. */
        atomic { drainer_sleeps = true; asked_lock = false }
        atomic { (!drainer_sleeps || returned == APPENDERS) && !asked_lock -> asked_lock = true; drainer_sleeps = false }
    :: !work && returned == APPENDERS -> break
    od;
    asked_lock = false
}
#define HAND_OVER ask()
#else
inline hand_over()
{
#if BUG == HANDS_OVER_UNLOCKED
    drain()
#else
    if
    :: atomic { !drain_locked -> drain_locked = true }
        drain();
        unlock_drain()
    :: atomic { drain_locked -> skip }
    fi
#endif
}
#define HAND_OVER hand_over()
#endif

/* What the claim leaves: offset, its slot, and whether a buffer's end was crossed. */
inline place()
{
    slot = next % CLAIMS;
    offset = appended;
    slot_end[slot] = appended + units;
    slot_spilled[slot] = (offset % RING + units > RING -> offset % RING + units - RING : 0);
    slot_published[slot] = false;
    crossed = ROUND_DOWN(appended + units) != ROUND_DOWN(appended);
    appended = appended + units;
    next++
}

inline copy()
{
    memory[offset % RING] = offset + 1;
    if
    :: units == 2 -> memory[offset % RING + 1] = offset + 2
    :: else
    fi
}

inline copy_spilled()
{
    if
    :: slot_spilled[slot] > 0 -> memory[0] = memory[RING]
    :: else
    fi
}

inline publish()
{
#if BUG == SPILL_COPIED_LATE
    slot_published[slot] = true;
    copy_spilled()
#else
    copy_spilled();
    slot_published[slot] = true
#endif
}

proctype appender(byte units)
{
    byte i, n, to, end, before, offset, slot;
    bool crossed;

    do
    :: n < RECORDS ->
        do
        :: atomic { appended + units <= LIMIT && (next - oldest < CLAIMS || slot_published[oldest % CLAIMS]) ->
                atomic {
                    if
                    :: next - oldest == CLAIMS -> advance()
                    :: else
                    fi;
                    place()
                }
            }
            break
#ifdef DRAINER
        :: appended + units > LIMIT -> ask_for_room()
#else
        :: appended + units > LIMIT -> make_room()
#endif
        od;
#if BUG == PUBLISHED_BEFORE_COPY
        publish();
        copy();
#else
        copy();
        publish();
#endif
        if
        :: crossed -> HAND_OVER
        :: else
        fi;
        atomic { n++; offset = 0; slot = 0; crossed = false }
    :: else -> break
    od;
    returned++
}

proctype flusher()
{
    byte i, to, target;

    target = appended;
#if BUG != DRAINS_UNPUBLISHED
    do
    :: published >= target -> break
    :: atomic { published < target && slot_published[oldest % CLAIMS] -> atomic { advance() } }
    od;
#endif
    lock_drain();
    atomic { advance(); to = published };
#if BUG == DRAINS_UNPUBLISHED
    to = target;
#endif
    if
    :: to > drained -> sink_write(to)
    :: else
    fi;
    do
    :: written < drained -> reap_and_wait()
    :: else -> break
    od;
    atomic {
        for (i : 0 .. target - 1) {
            assert(file[i] == i + 1)
        }
        i = 0
    }
    unlock_drain()
}

/* Watermarks, and the file behind `written`, at any moment. */
active proctype look()
{
    byte i;

    atomic {
        assert(written <= appended && drained <= published && freed <= drained);
        for (i : 0 .. written - 1) {
            assert(file[i] == i + 1)
        }
        i = 0
    }
}

init {
    atomic {
        run appender(1);
        run appender(2);
        run flusher()
#ifdef DRAINER
        ;
        run drainer()
#endif
    }
}
