/* A thread's own way into a log. See lane.h.
 *
 * The lane holds frames as a block has them, so handing it over is one place in the order and one copy.
 *
 * SPDX-License-Identifier: MIT */
#include "log/lane.h"

#include <errno.h>
#include <stdlib.h>

#include "base/pieces.h"
#include "log/frame.h"
#include "log/settle.h"

/* How many frames, and how much later the last is than the first time. */
static uint64_t count_frames(const quire_log *log, const unsigned char *data, uint64_t length, uint32_t *last_delta)
{
    uint64_t count = 0;

    for (uint64_t at = 0; at < length; count++) {
        uint32_t word;

        memcpy(&word, data + at, sizeof word);
        if (log->frame > QUIRE__RECORD_WORD)
            memcpy(last_delta, data + at + QUIRE__RECORD_WORD, sizeof *last_delta);
        at += log->frame + word - 1;
    }
    return count;
}

/* With the hand lock. */
static int hand_over(void *target, void *data, uint64_t length, bool wait, uint64_t *offset)
{
    quire_log_lane *lane = target;
    quire_log *log = lane->log;
    struct quire__place place = {.first_time = lane->first_time};
    uint64_t count = count_frames(log, data, length, &place.last_delta);
    bool sealed = false;

    uint64_t begun = QUIRE__OBSERVE_BEGIN(&log->observer, hand_over, 0, length);
    /* Times count from the lane's first, so they want a block of their own. */
    int rc = quire__places_take(log, length, count, wait, log->frame > QUIRE__RECORD_WORD, &place, &sealed);
    if (rc == 0) {
        memcpy(place.memory, data, length);
        quire__places_publish(&place, length);
        lane->last = place.sequence + count - 1;
        quire__log_count(&log->hand_overs, 1);
        rc = sealed ? quire__places_hand_over(log) : 0;
    }
    QUIRE__OBSERVE_END(&log->observer, QUIRE_EVENT_HAND_OVER, hand_over, begun, 0, length, rc);
    *offset = 0;
    return rc;
}

int quire_log_lane_open(quire_log *log, quire_log_lane **lane)
{
    if (!log || !lane)
        return QUIRE_E_ARGUMENT;
    int rc = quire__log_code(log);
    if (rc < 0)
        return rc;
    quire_log_lane *l = aligned_alloc(QUIRE__CACHE_LINE, quire__round_up(sizeof *l, QUIRE__CACHE_LINE));
    if (!l)
        return -ENOMEM;
    memset(l, 0, sizeof *l);
    uint64_t bytes = quire__min(log->options.lane_bytes, quire__block_capacity(log));
    rc = quire__lane_init(&l->core, bytes, !log->owes, false, hand_over, l);
    if (rc < 0) {
        free(l);
        return rc;
    }
    l->log = log;
    pthread_mutex_lock(&log->lanes_lock);
    l->next = log->lanes;
    l->link = &log->lanes;
    if (l->next)
        l->next->link = &l->next;
    log->lanes = l;
    pthread_mutex_unlock(&log->lanes_lock);
    *lane = l;
    return 0;
}

/* Room for a record in the lane's buffer, and how much later it is than the first. */
static int make_room(quire_log_lane *lane, uint64_t bytes, uint64_t length, uint32_t *delta)
{
    quire_log *log = lane->log;
    bool timed = log->frame > QUIRE__RECORD_WORD;
    uint64_t now = timed ? quire__log_now() : 0;
    uint64_t since = now > lane->first_time ? now - lane->first_time : 0;
    bool empty = atomic_load_explicit(&lane->core.position, memory_order_relaxed) == lane->start;

    if (!quire__lane_fits(&lane->core, bytes) || (timed && !empty && since > UINT32_MAX)) {
        int rc = quire__lane_empty(&lane->core, bytes, log->wait, NULL);
        if (rc < 0)
            return quire__log_refuse(log, rc, 1, length);
        lane->start = atomic_load_explicit(&lane->core.position, memory_order_relaxed);
        empty = true;
    }
    if (empty) {
        lane->first_time = now;
        since = 0;
    }
    /* A clock that was set back does not take the lane's times back. */
    lane->delta = (uint32_t)quire__max(since, empty ? 0 : lane->delta);
    *delta = lane->delta;
    return 0;
}

/* Behind what is in the lane, whose order is kept: it cannot hold the record, or holds nothing at all. */
static int append_straight(quire_log_lane *lane, const struct iovec *pieces, int count)
{
    uint64_t sequence = 0;

    lane->claimed = 0;
    int rc = quire__lane_empty(&lane->core, 0, true, NULL);
    if (rc < 0)
        return rc;
    lane->start = atomic_load_explicit(&lane->core.position, memory_order_relaxed);
    rc = quire_log_appendv(lane->log, pieces, count, &sequence);
    if (sequence != 0)
        lane->last = sequence; /* appended, safe or not; nobody else sets it while the lane is empty */
    return rc;
}

static bool holds(const quire_log_lane *lane, uint64_t bytes)
{
    return lane->core.limit > 0 && bytes <= lane->core.bytes;
}

QUIRE__NO_STACK_PROTECTOR int quire_log_lane_append(quire_log_lane *lane, const void *data, uint64_t length)
{
    uint32_t delta = 0;

    if (QUIRE__UNLIKELY(!lane || (!data && length > 0)))
        return QUIRE_E_ARGUMENT;
    quire_log *log = lane->log;
    uint64_t bytes = log->frame + length;
    if (QUIRE__UNLIKELY(!atomic_load_explicit(&log->order->alive, memory_order_relaxed)))
        return quire__log_code(log);
    if (QUIRE__UNLIKELY(length > log->options.record_most || !holds(lane, bytes)))
        return append_straight(lane, &(struct iovec){(void *)(uintptr_t)data, length}, 1);
    if (QUIRE__UNLIKELY(log->frame > QUIRE__RECORD_WORD || !quire__lane_fits(&lane->core, bytes))) {
        int rc = make_room(lane, bytes, length, &delta);
        if (rc < 0)
            return rc;
    }
    quire__put_bytes(quire__put_frame(log, quire__lane_next(&lane->core), length, delta, 0), data, length);
    quire__lane_publish(&lane->core, bytes);
    lane->claimed = 0;
    return 0;
}

int quire_log_lane_appendv(quire_log_lane *lane, const struct iovec *pieces, int count)
{
    uint64_t length = 0;
    uint32_t delta = 0;

    if (!lane)
        return QUIRE_E_ARGUMENT;
    int rc = quire__pieces_length(pieces, count, &length);
    if (rc == 0)
        rc = quire__log_code(lane->log);
    if (rc < 0)
        return rc;
    uint64_t bytes = lane->log->frame + length;
    if (length > lane->log->options.record_most || !holds(lane, bytes))
        return append_straight(lane, pieces, count);
    rc = make_room(lane, bytes, length, &delta);
    if (rc < 0)
        return rc;
    unsigned char *to = quire__put_frame(lane->log, quire__lane_next(&lane->core), length, delta, 0);
    for (int i = 0; i < count; i++)
        to = quire__put_bytes(to, pieces[i].iov_base, pieces[i].iov_len);
    quire__lane_publish(&lane->core, bytes);
    lane->claimed = 0;
    return 0;
}

int quire_log_lane_claim(quire_log_lane *lane, uint64_t length, struct quire_log_claim *claim)
{
    uint32_t delta = 0;

    if (!lane || !claim)
        return QUIRE_E_ARGUMENT;
    int rc = quire__log_code(lane->log);
    if (rc < 0)
        return rc;
    quire_log *log = lane->log;
    if (length > log->options.record_most || log->frame + length > lane->core.bytes)
        return QUIRE_E_TOO_LARGE;
    if (lane->core.limit > 0)
        rc = make_room(lane, log->frame + length, length, &delta);
    if (rc < 0)
        return rc;
    lane->claimed = length + 1;
    unsigned char *memory = quire__put_frame(log, quire__lane_next(&lane->core), length, delta, 0);
    *claim = (struct quire_log_claim){.memory = memory, .length = length, .ticket = ++lane->ticket};
    return 0;
}

int quire_log_lane_publish(quire_log_lane *lane, const struct quire_log_claim *claim, uint64_t used)
{
    if (!lane || !claim)
        return QUIRE_E_ARGUMENT;
    quire_log *log = lane->log;
    unsigned char *frame = quire__lane_next(&lane->core);
    if (lane->claimed == 0 || claim->ticket != lane->ticket || claim->memory != frame + log->frame)
        return QUIRE_E_CLAIM_STALE;
    if (used >= lane->claimed)
        return QUIRE_E_ARGUMENT;
    int rc = quire__log_code(log);
    if (rc < 0)
        return rc;
    if (lane->core.limit == 0)
        return append_straight(lane, &(struct iovec){claim->memory, used}, 1);
    uint32_t word = (uint32_t)(used + 1);
    memcpy(frame, &word, sizeof word);
    quire__lane_publish(&lane->core, log->frame + used);
    lane->claimed = 0;
    return 0;
}

int quire_log_lane_flush(quire_log_lane *lane, uint64_t *sequence)
{
    if (!lane)
        return QUIRE_E_ARGUMENT;
    int rc = quire__log_code(lane->log);
    if (rc == 0)
        rc = quire__lane_empty(&lane->core, 0, true, NULL);
    if (rc < 0)
        return rc;
    lane->start = atomic_load_explicit(&lane->core.position, memory_order_relaxed);
    lane->claimed = 0;
    if (sequence)
        *sequence = lane->last;
    return 0;
}

static void free_lane(quire_log_lane *lane)
{
    quire__lane_destroy(&lane->core);
    free(lane);
}

/* With the lanes lock. */
static void take_out(quire_log_lane *lane)
{
    *lane->link = lane->next;
    if (lane->next)
        lane->next->link = lane->link;
    free_lane(lane);
}

int quire_log_lane_close(quire_log_lane *lane)
{
    if (!lane)
        return QUIRE_E_ARGUMENT;
    quire_log *log = lane->log;
    int rc = quire__log_code(log);
    if (rc == QUIRE_E_FORKED) {
        free_lane(lane); /* the list is as the fork found it, perhaps half changed */
        return rc;
    }
    if (rc == 0)
        rc = quire__lane_empty(&lane->core, 0, true, NULL);
    pthread_mutex_lock(&log->lanes_lock);
    take_out(lane);
    pthread_mutex_unlock(&log->lanes_lock);
    return rc;
}

int quire__log_gather(quire_log *log)
{
    int rc = 0;

    pthread_mutex_lock(&log->lanes_lock);
    for (quire_log_lane *lane = log->lanes; lane && rc == 0; lane = lane->next)
        rc = quire__lane_gather(&lane->core);
    pthread_mutex_unlock(&log->lanes_lock);
    return rc;
}

void quire__log_free_lanes(quire_log *log)
{
    pthread_mutex_lock(&log->lanes_lock);
    for (quire_log_lane *lane = log->lanes, *next; lane; lane = next) {
        next = lane->next;
        take_out(lane);
    }
    pthread_mutex_unlock(&log->lanes_lock);
}
