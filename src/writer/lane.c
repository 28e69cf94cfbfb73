/* The face of a lane: a thread's own way into a writer.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "base/pieces.h"
#include "writer/writer.h"

static int hand_over(void *target, void *data, uint64_t length, bool wait, uint64_t *offset)
{
    quire_writer *writer = target;

    uint64_t begun = QUIRE__OBSERVE_BEGIN(&writer->observer, hand_over, 0, length);
    int rc = writer->method->hand_over(writer, data, length, wait, offset);
    QUIRE__OBSERVE_END(&writer->observer, QUIRE_EVENT_HAND_OVER, hand_over, begun, *offset, length, rc);
    return rc;
}

/* A batch in step with the file has up to a page more than the lane's bytes. Where that would be more than the buffers
 * take at once, who does not wait could never hand it over. */
static bool fits_in_step(const quire_writer *writer)
{
    const struct quire_writer_options *o = &writer->options;

    return o->lane_bytes + QUIRE__PAGE <= o->buffer_bytes * (o->buffer_count - 1);
}

int quire_lane_open(quire_writer *writer, quire_lane **lane)
{
    if (!writer || !lane)
        return QUIRE_E_ARGUMENT;
    int rc = quire__progress_code(&writer->progress);
    if (rc < 0)
        return rc;
    quire_lane *l = aligned_alloc(QUIRE__CACHE_LINE, quire__round_up(sizeof *l, QUIRE__CACHE_LINE));
    if (!l)
        return -ENOMEM;
    memset(l, 0, sizeof *l);
    bool holds_back = writer->method->hand_over && !writer->each;
    rc = quire__lane_init(&l->core, writer->options.lane_bytes, holds_back, fits_in_step(writer), hand_over, writer);
    if (rc < 0) {
        free(l);
        return rc;
    }
    l->writer = writer;
    l->code = &writer->progress.code;

    pthread_mutex_lock(&writer->lanes_lock);
    l->next = writer->lanes;
    l->link = &writer->lanes;
    if (l->next)
        l->next->link = &l->next;
    writer->lanes = l;
    pthread_mutex_unlock(&writer->lanes_lock);
    *lane = l;
    return 0;
}

static int code_of(quire_lane *lane)
{
    return atomic_load_explicit(lane->code, memory_order_relaxed);
}

/* Room for length bytes in a lane that can hold them. */
static int make_room(quire_lane *lane, uint64_t length)
{
    if (QUIRE__LIKELY(quire__lane_fits(&lane->core, length)))
        return 0;
    int rc = quire__lane_empty(&lane->core, length, lane->writer->wait, NULL);
    return rc < 0 ? quire__writer_refuse(lane->writer, rc, length) : 0;
}

/* Past the lane, behind what it has handed over: the record is the lane's last one all the same. */
static int append_straight(quire_lane *lane, const struct iovec *pieces, int count, uint64_t length, bool wait)
{
    uint64_t at = 0;

    int rc = quire__writer_appendv(lane->writer, pieces, count, length, wait, &at);
    if (rc == 0)
        lane->core.end = at + length; /* nobody else sets it while the lane is empty */
    return rc;
}

/* The lane is full, or cannot hold the record, or holds nothing at all. */
static int append_slowly(quire_lane *lane, const struct iovec *pieces, int count, uint64_t length)
{
    if (length > lane->core.bytes || lane->core.limit == 0) {
        lane->claimed = 0;
        /* Behind what is in the lane: its order is kept. */
        int rc = quire__lane_empty(&lane->core, 0, lane->writer->wait, NULL);
        return rc < 0 ? quire__writer_refuse(lane->writer, rc, length)
                      : append_straight(lane, pieces, count, length, lane->writer->wait);
    }
    int rc = make_room(lane, length);
    return rc < 0 ? rc : quire_lane_appendv(lane, pieces, count);
}

QUIRE__NO_STACK_PROTECTOR int quire_lane_append(quire_lane *lane, const void *data, uint64_t length)
{
    if (QUIRE__UNLIKELY(!lane || (!data && length > 0)))
        return QUIRE_E_ARGUMENT;
    int code = code_of(lane);
    if (QUIRE__UNLIKELY(code < 0))
        return code;
    if (QUIRE__UNLIKELY(!quire__lane_fits(&lane->core, length)))
        return append_slowly(lane, &(struct iovec){(void *)(uintptr_t)data, length}, 1, length);
    if (QUIRE__UNLIKELY(length == 0))
        return 0;
    memcpy(quire__lane_next(&lane->core), data, length);
    quire__lane_publish(&lane->core, length);
    lane->claimed = 0;
    return 0;
}

int quire_lane_appendv(quire_lane *lane, const struct iovec *pieces, int count)
{
    uint64_t length = 0;

    if (!lane)
        return QUIRE_E_ARGUMENT;
    int rc = quire__pieces_length(pieces, count, &length);
    if (rc == 0)
        rc = code_of(lane);
    if (rc < 0 || length == 0)
        return rc;
    if (!quire__lane_fits(&lane->core, length))
        return append_slowly(lane, pieces, count, length);
    unsigned char *to = quire__lane_next(&lane->core);
    for (int i = 0; i < count; i++) {
        if (pieces[i].iov_len > 0) /* a NULL base is fine for no bytes, but not for memcpy */
            memcpy(to, pieces[i].iov_base, pieces[i].iov_len);
        to += pieces[i].iov_len;
    }
    quire__lane_publish(&lane->core, length);
    lane->claimed = 0;
    return 0;
}

int quire_lane_claim(quire_lane *lane, uint64_t length, struct quire_claim *claim)
{
    if (!lane || !claim || length == 0)
        return QUIRE_E_ARGUMENT;
    int rc = code_of(lane);
    if (rc < 0)
        return rc;
    if (length > lane->core.bytes)
        return QUIRE_E_TOO_LARGE;
    rc = lane->core.limit > 0 ? make_room(lane, length) : 0;
    if (rc < 0)
        return rc;
    lane->claimed = length;
    *claim = (struct quire_claim){
        .memory = quire__lane_next(&lane->core), .length = length, .offset = UINT64_MAX, .ticket = ++lane->ticket};
    return 0;
}

int quire_lane_publish(quire_lane *lane, const struct quire_claim *claim, uint64_t used)
{
    if (!lane || !claim)
        return QUIRE_E_ARGUMENT;
    if (lane->claimed == 0 || claim->ticket != lane->ticket || claim->memory != quire__lane_next(&lane->core))
        return QUIRE_E_CLAIM_STALE;
    if (used > lane->claimed)
        return QUIRE_E_ARGUMENT;
    int rc = code_of(lane);
    /* What was claimed has been accepted: no policy refuses it now. */
    if (rc == 0 && used > 0 && lane->core.limit == 0)
        rc = append_straight(lane, &(struct iovec){claim->memory, used}, 1, used, true);
    else if (rc == 0 && used > 0)
        quire__lane_publish(&lane->core, used);
    if (rc == 0)
        lane->claimed = 0;
    return rc;
}

int quire_lane_flush(quire_lane *lane, uint64_t *end)
{
    uint64_t at = 0;

    if (!lane)
        return QUIRE_E_ARGUMENT;
    int rc = code_of(lane);
    if (rc == 0)
        rc = quire__lane_empty(&lane->core, 0, true, &at);
    if (rc < 0)
        return rc;
    lane->claimed = 0;
    if (end)
        *end = at;
    return 0;
}

/* With the lanes lock: what it has counted stays counted. */
static void take_out(quire_lane *lane)
{
    quire_writer *writer = lane->writer;

    *lane->link = lane->next;
    if (lane->next)
        lane->next->link = lane->link;
    writer->lane_records += atomic_load_explicit(&lane->core.records, memory_order_relaxed);
    writer->lane_hand_overs += lane->core.hand_overs;
    quire__lane_destroy(&lane->core);
    free(lane);
}

int quire_lane_close(quire_lane *lane)
{
    if (!lane)
        return QUIRE_E_ARGUMENT;
    quire_writer *writer = lane->writer;
    int rc = code_of(lane);
    if (rc == 0)
        rc = quire__lane_empty(&lane->core, 0, true, NULL);
    pthread_mutex_lock(&writer->lanes_lock);
    take_out(lane);
    pthread_mutex_unlock(&writer->lanes_lock);
    return rc;
}

int quire__writer_gather(quire_writer *writer)
{
    int rc = 0;

    pthread_mutex_lock(&writer->lanes_lock);
    for (struct quire_lane *lane = writer->lanes; lane && rc == 0; lane = lane->next)
        rc = quire__lane_gather(&lane->core);
    pthread_mutex_unlock(&writer->lanes_lock);
    return rc;
}

void quire__writer_free_lanes(quire_writer *writer)
{
    pthread_mutex_lock(&writer->lanes_lock);
    for (struct quire_lane *lane = writer->lanes, *next; lane; lane = next) {
        next = lane->next;
        take_out(lane);
    }
    pthread_mutex_unlock(&writer->lanes_lock);
}
