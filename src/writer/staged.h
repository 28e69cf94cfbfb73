/* What the methods that gather in the shared lane have in common: paged, mmap, uring.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_STAGED_H
#define QUIRE_STAGED_H

#include <stddef.h>

#include "writer/writer.h"

/* The first member of a staged method's state. */
struct quire__staged {
    struct quire__shared shared;
    struct quire__sink sink;
    quire_writer *writer;
    void *ring; /* NULL: the method has memory of its own kind */
    uint64_t ring_bytes;
};

/* A state of state_bytes, zeroed, whose first member is a struct quire__staged. ring: with a ring of buffers. */
int quire__staged_open(quire_writer *writer, uint64_t state_bytes, const struct quire__sink_ops *ops, bool ring,
                       enum quire_call *failed_call);
/* With everything set up: starts the drainer, if the options need one. Last, so that nothing runs before. */
int quire__staged_start(quire_writer *writer, enum quire_call *failed_call);
void quire__staged_stop(quire_writer *writer);
void quire__staged_close(quire_writer *writer);

static inline struct quire__staged *quire__staged_of(struct quire__sink *sink)
{
    return (struct quire__staged *)((unsigned char *)sink - offsetof(struct quire__staged, sink));
}

/* Makes space in the file up to end: the reserve of the methods that need it before they write. */
int quire__staged_reserve(struct quire__sink *sink, uint64_t end);

/* The same operations for all of them. */
int quire__staged_append(quire_writer *writer, const void *data, uint64_t length, bool wait, uint64_t *offset);
int quire__staged_appendv(quire_writer *writer, const struct iovec *pieces, int count, uint64_t length, bool wait,
                          uint64_t *offset);
int quire__staged_hand_over(quire_writer *writer, void *data, uint64_t length, bool wait, uint64_t *offset);
int quire__staged_claim(quire_writer *writer, uint64_t length, bool wait, struct quire_claim *claim);
int quire__staged_publish(quire_writer *writer, const struct quire_claim *claim);
int quire__staged_flush(quire_writer *writer);
uint64_t quire__staged_appended(quire_writer *writer);
void quire__staged_stats(quire_writer *writer, struct quire_writer_stats *stats);

#define QUIRE__STAGED_OPERATIONS                                                                            \
    .append = quire__staged_append, .appendv = quire__staged_appendv, .hand_over = quire__staged_hand_over, \
    .claim = quire__staged_claim, .publish = quire__staged_publish, .flush = quire__staged_flush,           \
    .appended = quire__staged_appended

#endif
