/* A writer's operations, done by the shared lane. See staged.h.
 *
 * SPDX-License-Identifier: MIT */
#include "writer/staged.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "staging/drainer.h"
#include "staging/memory.h"
#include "writer/target.h"

/* Where a window of mmap ends nothing need be handed over, so its buffers end this often. */
enum { WINDOW_SEAL = 1024 * 1024 };

static struct quire__shared *shared_of(quire_writer *writer)
{
    return &((struct quire__staged *)writer->state)->shared;
}

static uint64_t claim_most(quire_writer *writer)
{
    return writer->options.buffer_bytes * (writer->options.buffer_count - 1);
}

static struct quire__shared_setup setup_of(quire_writer *writer, struct quire__staged *staged)
{
    const struct quire_writer_options *o = &writer->options;
    uint64_t buffer_bytes = staged->ring ? o->buffer_bytes : quire__min(o->buffer_bytes, WINDOW_SEAL);

    return (struct quire__shared_setup){
        .begin = writer->begin,
        .buffer_bytes = buffer_bytes,
        .stretch = buffer_bytes * (writer->method->merges ? o->buffer_count / 2 : 1),
        .capacity = staged->ring_bytes,
        .claim_most = claim_most(writer),
        .ceiling = writer->method->needs_space ? writer->space : UINT64_MAX,
        .claim_timeout_ms = o->claim_timeout_ms,
        .ring = staged->ring,
        .progress = &writer->progress,
        .sink = &staged->sink,
        .observer = &writer->observer,
    };
}

int quire__staged_open(quire_writer *writer, uint64_t state_bytes, const struct quire__sink_ops *ops, bool ring,
                       enum quire_call *failed_call)
{
    struct quire__staged *staged;
    uint64_t bytes = quire__round_up(state_bytes, QUIRE__CACHE_LINE);
    int rc = -ENOMEM;

    *failed_call = QUIRE_CALL_MEMORY;
    staged = aligned_alloc(QUIRE__CACHE_LINE, bytes);
    if (!staged)
        return rc;
    memset(staged, 0, bytes);
    staged->sink.ops = ops;
    staged->writer = writer;
    if (ring) {
        uint64_t ring_bytes = writer->options.buffer_bytes * writer->options.buffer_count;
        rc = quire__memory_open(ring_bytes + claim_most(writer), ring_bytes, &staged->ring);
        if (rc < 0)
            goto no_ring;
        staged->ring_bytes = ring_bytes;
    }
    struct quire__shared_setup setup = setup_of(writer, staged);
    rc = quire__shared_init(&staged->shared, &setup);
    if (rc < 0)
        goto no_shared;
    writer->state = staged;
    return 0;

no_shared:
    quire__memory_close(staged->ring, staged->ring_bytes + claim_most(writer));
no_ring:
    free(staged);
    return rc;
}

int quire__staged_start(quire_writer *writer, enum quire_call *failed_call)
{
    *failed_call = QUIRE_CALL_THREAD;
    return writer->wait ? 0 : quire__drainer_start(shared_of(writer));
}

void quire__staged_stop(quire_writer *writer)
{
    quire__drainer_stop(shared_of(writer));
}

void quire__staged_close(quire_writer *writer)
{
    struct quire__staged *staged = writer->state;

    quire__shared_destroy(&staged->shared);
    quire__memory_close(staged->ring, staged->ring_bytes + claim_most(writer));
    free(staged);
    writer->state = NULL;
}

int quire__staged_reserve(struct quire__sink *sink, uint64_t end)
{
    return quire__target_extend(quire__staged_of(sink)->writer, end);
}

int quire__staged_append(quire_writer *writer, const void *data, uint64_t length, bool wait, uint64_t *offset)
{
    return quire__shared_append(shared_of(writer), data, length, wait, offset);
}

int quire__staged_appendv(quire_writer *writer, const struct iovec *pieces, int count, uint64_t length, bool wait,
                          uint64_t *offset)
{
    return quire__shared_appendv(shared_of(writer), pieces, count, length, wait, offset);
}

int quire__staged_hand_over(quire_writer *writer, void *data, uint64_t length, bool wait, uint64_t *offset)
{
    return quire__shared_append_batch(shared_of(writer), data, length, wait, offset);
}

int quire__staged_claim(quire_writer *writer, uint64_t length, bool wait, struct quire_claim *claim)
{
    return quire__shared_claim(shared_of(writer), length, wait, claim);
}

int quire__staged_publish(quire_writer *writer, const struct quire_claim *claim)
{
    return quire__shared_publish(shared_of(writer), claim);
}

int quire__staged_flush(quire_writer *writer)
{
    return quire__shared_flush(shared_of(writer));
}

uint64_t quire__staged_appended(quire_writer *writer)
{
    return quire__shared_appended(shared_of(writer));
}

void quire__staged_stats(quire_writer *writer, struct quire_writer_stats *stats)
{
    struct quire__shared *shared = shared_of(writer);

    stats->appends = quire__shared_appends(shared);
    stats->waits = atomic_load_explicit(&shared->waits, memory_order_relaxed);
    stats->memory_bytes = ((struct quire__staged *)writer->state)->ring_bytes;
}
