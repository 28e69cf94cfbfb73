/* Everything at once: threads that append, claim, use lanes, flush, sync, wait and look, over one small set of buffers.
 *
 * Each thread has two streams of numbered records, one through the writer and one through its lane. In the file both
 * are complete and in order. Run it under TSan.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>

#include "identity.h"

enum { THREADS = 4, MOST = 3000 };

struct stress {
    quire_writer *writer;
    uint32_t numbers[2 * THREADS]; /* records of stream t, and of lane stream THREADS + t */
    uint64_t seed;
    int steps;
    bool may_refuse;
};

struct actor {
    struct stress *stress;
    uint32_t thread;
    uint64_t random;
    quire_lane *lane;
    uint8_t record[MOST];
};

static uint32_t below(struct actor *a, uint32_t limit)
{
    a->random = a->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(a->random >> 33) % limit;
}

/* Taken, or refused as the policy allows; a refusal is tried again, so that the numbers stay in order. */
static bool taken(struct actor *a, int rc)
{
    if (rc == 0)
        return true;
    REQUIRE(a->stress->may_refuse && (rc == -EAGAIN || rc == QUIRE_E_DROPPED));
    sched_yield();
    return false;
}

static void append_one(struct actor *a)
{
    uint32_t length = IDENTITY_LEAST + below(a, below(a, 20) ? 300 : MOST - IDENTITY_LEAST);
    uint64_t offset = 0;
    uint32_t *number = &a->stress->numbers[a->thread];
    identity_build(a->record, a->thread, *number, length);
    struct iovec pieces[] = {{a->record, 7}, {a->record + 7, length - 7}};
    if (below(a, 2))
        while (!taken(a, quire_writer_append(a->stress->writer, a->record, length, &offset)))
            ;
    else
        while (!taken(a, quire_writer_appendv(a->stress->writer, pieces, 2, &offset)))
            ;
    ++*number;
    if (below(a, 60) == 0)
        REQUIRE_OK(quire_writer_wait_durable(a->stress->writer, offset + length));
}

static void claim_one(struct actor *a)
{
    uint32_t length = IDENTITY_LEAST + below(a, 200);
    struct quire_claim claim;
    while (!taken(a, quire_writer_claim(a->stress->writer, 2 * length, &claim)))
        ;
    uint32_t *number = &a->stress->numbers[a->thread];
    identity_build(claim.memory, a->thread, (*number)++, length);
    identity_build((uint8_t *)claim.memory + length, a->thread, (*number)++, length);
    REQUIRE_OK(quire_writer_publish(a->stress->writer, &claim));
}

static void lane_one(struct actor *a)
{
    uint32_t length = IDENTITY_LEAST + below(a, below(a, 20) ? 300 : MOST - IDENTITY_LEAST);
    uint32_t *number = &a->stress->numbers[THREADS + a->thread];
    if (below(a, 3)) {
        identity_build(a->record, THREADS + a->thread, *number, length);
        while (!taken(a, quire_lane_append(a->lane, a->record, length)))
            ;
    } else {
        struct quire_claim claim;
        while (!taken(a, quire_lane_claim(a->lane, MOST, &claim)))
            ;
        identity_build(claim.memory, THREADS + a->thread, *number, length);
        REQUIRE_OK(quire_lane_publish(a->lane, &claim, length));
    }
    ++*number;
}

static void other_one(struct actor *a)
{
    uint64_t end = 0;
    switch (below(a, 6)) {
    case 0:
        REQUIRE_OK(quire_writer_flush(a->stress->writer));
        break;
    case 1:
        REQUIRE_OK(quire_writer_sync(a->stress->writer));
        break;
    case 2:
        REQUIRE_OK(quire_lane_flush(a->lane, &end));
        REQUIRE(watermarks_of(a->stress->writer).appended >= end);
        break;
    case 3:
        REQUIRE_OK(quire_lane_close(a->lane));
        REQUIRE_OK(quire_lane_open(a->stress->writer, &a->lane));
        break;
    default:
        stats_of(a->stress->writer);
        watermarks_of(a->stress->writer);
    }
}

static void act(void *argument, uint32_t thread)
{
    struct actor *a = calloc(1, sizeof *a);
    REQUIRE(a != NULL);
    a->stress = argument;
    a->thread = thread;
    a->random = a->stress->seed + thread;
    REQUIRE_OK(quire_lane_open(a->stress->writer, &a->lane));
    for (int i = 0; i < a->stress->steps; i++) {
        uint32_t chance = below(a, 40);
        if (chance < 18)
            append_one(a);
        else if (chance < 24)
            claim_one(a);
        else if (chance < 39)
            lane_one(a);
        else
            other_one(a);
    }
    if (thread % 2)
        REQUIRE_OK(quire_lane_close(a->lane)); /* the others go with the writer */
    free(a);
}

static void run(uint32_t method, uint32_t on_full, uint32_t policy, int steps)
{
    struct stress s = {.seed = harness_random(), .steps = steps, .may_refuse = on_full != QUIRE_FULL_BLOCK};
    struct quire_writer_options o = options_for(method);
    const char *path = harness_path("file");
    set_buffers(&o, 2 * PAGE, 3);
    o.on_full = on_full;
    o.sync_policy = policy;
    o.sync_interval_ms = policy == QUIRE_SYNC_INTERVAL ? 1 : 0;
    s.writer = open_writer(path, &o);
    in_threads(THREADS, act, &s);
    uint64_t total = 0;
    for (int i = 0; i < 2 * THREADS; i++)
        total += s.numbers[i];
    struct quire_writer_stats stats = stats_of(s.writer);
    REQUIRE_OK(quire_writer_close(s.writer));
    struct bytes is = read_file(path);
    CHECK(identity_check(&is, 0, s.numbers, 2 * THREADS));
    CHECK_UINT(stats.append_bytes, is.length);
    CHECK(stats.appends <= total); /* a claim of two records counts once */
    bytes_free(&is);
}

TEST_EACH(stress_block, struct method, methods)
{
    run(it->method, QUIRE_FULL_BLOCK, QUIRE_SYNC_REQUEST, 500);
}

TEST_EACH(stress_again, struct method, methods)
{
    run(it->method, QUIRE_FULL_AGAIN, QUIRE_SYNC_NONE, 500);
}

TEST_EACH(stress_drop, struct method, methods)
{
    run(it->method, QUIRE_FULL_DROP, QUIRE_SYNC_REQUEST, 500);
}

TEST_EACH(stress_interval, struct method, methods)
{
    run(it->method, QUIRE_FULL_BLOCK, QUIRE_SYNC_INTERVAL, 500);
}

TEST_EACH(stress_each, struct method, methods)
{
    run(it->method, QUIRE_FULL_BLOCK, QUIRE_SYNC_EACH, 60);
}
