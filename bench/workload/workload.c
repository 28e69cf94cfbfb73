/* The bytes that every row appends. See workload.h.
 *
 * SPDX-License-Identifier: MIT */
#include "workload/workload.h"

#include <errno.h>
#include <stdlib.h>

#include "base/chance.h"
#include "base/stop.h"
#include "workload/watch.h"

static const uint64_t pool_bytes = 256 << 10;
static const uint64_t pool_slots_least = 4;
static const uint64_t slots_ahead = 16;
static const uint64_t stretch_bytes = 1 << 20; /* appended between two looks at whether to stop */

void bench_fill(void *memory, uint64_t bytes, uint64_t seed)
{
    char *at = memory;
    for (; bytes >= 8; bytes -= 8, at += 8) {
        uint64_t word = bench_chance(&seed);
        memcpy(at, &word, 8);
    }
    uint64_t word = bench_chance(&seed);
    memcpy(at, &word, bytes);
}

int bench_workload_make(struct bench_workload *work, struct bench_size size, unsigned threads)
{
    *work = (struct bench_workload){
        .size = size,
        .bytes = size.record_bytes * size.records,
        .threads = threads,
        .identified = size.record_bytes >= BENCH_IDENTITY_BYTES,
    };
    uint64_t stride = (size.record_bytes + 7) & ~(uint64_t)7;
    uint64_t slots = pool_bytes / stride;
    if (slots < pool_slots_least)
        slots = pool_slots_least;
    for (unsigned i = 0; i < threads; i++) {
        void *memory;
        if (posix_memalign(&memory, 4096, stride * slots) != 0) {
            bench_workload_free(work);
            return -ENOMEM;
        }
        bench_fill(memory, stride * slots, i);
        work->pools[i] = (struct bench_pool){.memory = memory, .stride = stride, .slots = slots};
    }
    return 0;
}

void bench_workload_free(struct bench_workload *work)
{
    for (unsigned i = 0; i < work->threads; i++) {
        free(work->pools[i].memory);
        work->pools[i].memory = NULL;
    }
}

uint64_t bench_workload_share(const struct bench_workload *work, unsigned thread, unsigned threads)
{
    return work->size.records / threads + (thread < work->size.records % threads);
}

uint64_t bench_identity(unsigned run, unsigned thread, uint64_t number)
{
    return (uint64_t)(run & 0xffff) << 48 | (uint64_t)(thread & 0xff) << 40 | (number & 0xffffffffff);
}

unsigned bench_identity_thread(uint64_t identity)
{
    return (unsigned)(identity >> 40 & 0xff);
}

uint64_t bench_identity_number(uint64_t identity)
{
    return identity & 0xffffffffff;
}

struct bench_cursor bench_cursor_start(const struct bench_workload *work, unsigned run, unsigned thread,
                                       unsigned threads)
{
    const struct bench_pool *pool = &work->pools[thread];
    uint64_t ahead = pool->slots / 2 < slots_ahead ? pool->slots / 2 : slots_ahead;
    struct bench_cursor cursor = {
        .at = pool->memory,
        .begin = pool->memory,
        .ahead = pool->memory,
        .end = pool->memory + pool->stride * pool->slots,
        .stride = pool->stride,
        .record_bytes = work->size.record_bytes,
        .identity = bench_identity(run, thread, 0),
        .left = bench_workload_share(work, thread, threads),
        .identified = work->identified,
    };
    cursor.bytes = cursor.left * cursor.record_bytes;
    if (!cursor.identified)
        return cursor;
    for (uint64_t i = 0; i < ahead; i++, cursor.identity++, cursor.ahead += cursor.stride)
        memcpy(cursor.ahead, &cursor.identity, BENCH_IDENTITY_BYTES);
    return cursor;
}

bool bench_cursor_resume(struct bench_cursor *cursor)
{
    struct bench_watch *watch = cursor->watch;
    if (watch)
        bench_watch_returned(watch, cursor->stretch);
    if (cursor->left == 0 || bench_stop_signal)
        return false;
    uint64_t bytes = watch && watch->stretch_bytes ? watch->stretch_bytes : stretch_bytes;
    uint64_t stretch = watch && bench_watch_each(watch) ? 1 : bytes / cursor->stride + 1;
    if (stretch > cursor->left)
        stretch = cursor->left;
    cursor->stretch = cursor->until_pause = stretch;
    cursor->left -= stretch;
    if (watch)
        bench_watch_begin(watch);
    return true;
}
