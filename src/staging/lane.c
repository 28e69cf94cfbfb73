/* Handing a lane's batch over. See lane.h.
 *
 * SPDX-License-Identifier: MIT */
#include "staging/lane.h"

#include "staging/memory.h"

int quire__lane_init(struct quire__lane *lane, uint64_t bytes, bool holds_back, bool in_step,
                     quire__lane_target *hand_over, void *target)
{
    void *memory;

    memset(lane, 0, sizeof *lane);
    int rc = quire__memory_open(quire__lane_memory(bytes), quire__lane_memory(bytes), &memory);
    if (rc < 0)
        return rc;
    pthread_mutex_init(&lane->hand, NULL); /* does not fail on Linux */
    lane->memory = memory;
    lane->bytes = bytes;
    lane->limit = holds_back ? bytes : 0;
    lane->in_step = in_step;
    lane->hand_over = hand_over;
    lane->target = target;
    atomic_init(&lane->position, 0);
    atomic_init(&lane->records, 0);
    return 0;
}

void quire__lane_destroy(struct quire__lane *lane)
{
    pthread_mutex_destroy(&lane->hand);
    quire__memory_close(lane->memory, quire__lane_memory(lane->bytes));
}

/* With the hand lock. */
static int hand_over(struct quire__lane *lane, bool wait)
{
    uint64_t position = atomic_load_explicit(&lane->position, memory_order_acquire);
    uint64_t length = position - lane->taken;
    uint64_t offset = 0;

    if (length == 0)
        return 0;
    int rc = lane->hand_over(lane->target, lane->memory + lane->taken, length, wait, &offset);
    if (rc < 0)
        return rc;
    lane->taken = position;
    lane->alone = offset == lane->end;
    lane->end = offset + length;
    lane->hand_overs++;
    return 0;
}

/* With the hand lock. */
static void start_again(struct quire__lane *lane, uint64_t room)
{
    uint64_t to_next = lane->bytes - lane->end % lane->bytes;
    uint64_t length = lane->in_step && lane->alone ? to_next + QUIRE__PAGE - 1 : lane->bytes;

    if (lane->limit == 0)
        return;
    lane->taken = lane->in_step ? lane->end % QUIRE__PAGE : 0;
    lane->limit = lane->taken + (length < room ? lane->bytes : length);
    /* Nobody reads behind position, so nothing needs to be seen before this store. */
    atomic_store_explicit(&lane->position, lane->taken, memory_order_relaxed);
}

int quire__lane_empty(struct quire__lane *lane, uint64_t room, bool wait, uint64_t *end)
{
    pthread_mutex_lock(&lane->hand);
    int rc = hand_over(lane, wait);
    if (rc == 0) {
        start_again(lane, room);
        if (end)
            *end = lane->end;
    }
    pthread_mutex_unlock(&lane->hand);
    return rc;
}

int quire__lane_gather(struct quire__lane *lane)
{
    pthread_mutex_lock(&lane->hand);
    int rc = hand_over(lane, true);
    pthread_mutex_unlock(&lane->hand);
    return rc;
}

void quire__lane_count(struct quire__lane *lane, uint64_t *pending, uint64_t *hand_overs)
{
    pthread_mutex_lock(&lane->hand);
    *pending = atomic_load_explicit(&lane->position, memory_order_relaxed) - lane->taken;
    *hand_overs = lane->hand_overs;
    pthread_mutex_unlock(&lane->hand);
}
