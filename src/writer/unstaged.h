/* What the methods write and stdio have in common: an append is a call, made under a lock, and nothing of quire's lies
 * between.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_UNSTAGED_H
#define QUIRE_UNSTAGED_H

#include "writer/writer.h"

struct quire__unstaged {
    pthread_mutex_t lock;
    pthread_cond_t closed; /* the open claim was published */
    uint64_t appended;
    uint64_t appends;
    uint64_t ticket; /* of the last claim */
    bool claimed;    /* it is open: whatever comes later must wait, since nothing can be held back */
    uint64_t claimed_bytes;
    unsigned char *scratch; /* buffer_bytes for claims, and for records that come in pieces */
    uint64_t scratch_bytes;
    /* Gives the bytes to the file, or to libc, at the end of what was given before. A failure poisons. */
    int (*put)(quire_writer *writer, const void *from, uint64_t length);
};

/* A state of state_bytes, zeroed, whose first member is a struct quire__unstaged. */
int quire__unstaged_open(quire_writer *writer, uint64_t state_bytes,
                         int (*put)(quire_writer *writer, const void *from, uint64_t length),
                         enum quire_call *failed_call);
void quire__unstaged_close(quire_writer *writer);

/* Takes the lock when no claim is open. With wait it waits for one: QUIRE_E_CLAIM_OPEN after the timeout; else
 * -EAGAIN. */
int quire__unstaged_enter(quire_writer *writer, bool wait);
void quire__unstaged_leave(quire_writer *writer);

int quire__unstaged_append(quire_writer *writer, const void *data, uint64_t length, bool wait, uint64_t *offset);
int quire__unstaged_appendv(quire_writer *writer, const struct iovec *pieces, int count, uint64_t length, bool wait,
                            uint64_t *offset);
int quire__unstaged_claim(quire_writer *writer, uint64_t length, bool wait, struct quire_claim *claim);
int quire__unstaged_publish(quire_writer *writer, const struct quire_claim *claim);
uint64_t quire__unstaged_appended(quire_writer *writer);
void quire__unstaged_stats(quire_writer *writer, struct quire_writer_stats *stats);

#define QUIRE__UNSTAGED_OPERATIONS                                                                        \
    .append = quire__unstaged_append, .appendv = quire__unstaged_appendv, .claim = quire__unstaged_claim, \
    .publish = quire__unstaged_publish, .appended = quire__unstaged_appended, .stats = quire__unstaged_stats

#endif
