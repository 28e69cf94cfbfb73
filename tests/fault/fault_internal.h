/* What fault.c and fault_queue.c share.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TESTS_FAULT_INTERNAL_H
#define QUIRE_TESTS_FAULT_INTERNAL_H

#include <pthread.h>

#include "fault.h"

enum { FAULT_RULES = 8, FAULT_WRITES_FIRST = 64, FAULT_FILES = 1024, FAULT_FAILED_MOST = 1024, FAULT_NAMES_MOST = 64 };

struct fault_armed {
    struct fault_rule rule;
    uint64_t seen;
};

/* Which file: its number may be used again for another, but not its time of birth. */
struct fault_identity {
    uint64_t inode;
    int64_t born, born_nanoseconds;
};

struct fault {
    struct quire__io io; /* first: the seam hands it back */
    struct quire__io *below;
    struct fault_setup setup;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct fault_armed rules[FAULT_RULES];
    uint32_t rule_count;
    uint64_t calls[FAULT_OPS], hits;
    bool held[FAULT_OPS];
    uint32_t waiting[FAULT_OPS];
    struct fault_write *writes;
    uint64_t write_count, write_room;
    uint64_t content_end; /* no byte behind this can be the library's */
    bool direct[FAULT_FILES];
    int64_t files, maps, queues;
    char *path;
    struct bytes durable;
    bool name_durable;
    char *failed_names[FAULT_NAMES_MOST]; /* whose directory was not flushed */
    uint32_t failed_names_count;
    struct fault_identity failed[FAULT_FAILED_MOST]; /* files whose flush failed */
    uint32_t failed_count;
};

/* What is to become of one call. */
struct fault_verdict {
    bool hit;
    enum fault_kind kind;
    int code;
};

/* Counts the call, waits while its kind is held, and looks the rules up. */
struct fault_verdict fault_enter(struct fault *fault, enum fault_op op, uint64_t offset, uint64_t length);

void fault_note_write(struct fault *fault, const void *memory, uint64_t length, uint64_t offset, bool queued);

/* A flush of file ended so. A second one of a file whose flush failed is a breach. */
void fault_note_sync(struct fault *fault, int file, int rc);
/* So did one of the directory of path. With the mutex. */
void fault_note_directory(struct fault *fault, const char *path, int rc);
void fault_forget_names(struct fault *fault);

bool fault_is_aligned(struct fault *fault, const void *memory, uint64_t length, uint64_t offset);

/* About half of length, in whole alignments, at least one. */
uint64_t fault_half(uint64_t length, uint64_t align);

int fault_queue_open(struct quire__io *io, uint32_t depth, void *memory, uint64_t bytes, uint32_t count,
                     struct quire__queue **queue);

#endif
