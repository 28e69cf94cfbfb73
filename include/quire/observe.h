/* quire_observe: sees what a writer does, buffer by buffer and call by call.
 *
 * For latencies, traces and metrics of one's own. Nothing is told of single appends, which cost a memcpy; what is
 * told happens once for many of them. A writer without an observer does not even look at the clock.
 *
 * The same events are static tracepoints (provider "quire", names as below, each with a "_begin" before it) where
 * the library was built with them: quire_features() has "usdt" then. `bpftrace -l 'usdt:/path/to/libquire.so:*'`
 * lists them. Their arguments are the writer's address, offset and length, and at the end of an event the result.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_OBSERVE_H
#define QUIRE_OBSERVE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What happens. offset is bytes from the start of the file. */
enum quire_event_kind {
    /* A lane's batch of length bytes took its place in the file, at offset. */
    QUIRE_EVENT_HAND_OVER = 0,
    /* length bytes were given to the kernel; past the page cache (uring) from the submission until the device had them.
     * No byte is told twice, but of a write that failed length is what was asked. mmap stores into the file, and writes
     * nothing. */
    QUIRE_EVENT_WRITE = 1,
    /* uring: the call that started a write. */
    QUIRE_EVENT_SUBMIT = 2,
    /* uring: the call that took completions. length is how many, offset that of the oldest write under way. */
    QUIRE_EVENT_REAP = 3,
    /* A flush of the device. If it succeeded everything before offset + length is durable; what was before offset
     * had been already. */
    QUIRE_EVENT_SYNC = 4,
    /* Space for length bytes was allocated ahead, at offset. */
    QUIRE_EVENT_ALLOCATE = 5,
    /* An append of length bytes found no free buffer, and waited or drained one itself. offset is where the writer's
     * order ended then. */
    QUIRE_EVENT_WAIT = 6
};

struct quire_event {
    uint32_t kind;  /* enum quire_event_kind; more may come */
    int32_t result; /* 0, or the code of what went wrong */
    uint64_t offset, length;
    uint64_t begin_ns, end_ns; /* CLOCK_MONOTONIC */
};

/* Called at the end of each event, by the thread in which it happened: an appending one, or one of the writer's own;
 * by several at once. Locks of the writer may be held: it must be quick, and must not call into the writer. */
typedef void quire_observe(void *context, const struct quire_event *event);

/* "hand_over", "write", "submit", "reap", "sync", "allocate", "wait"; "unknown" for anything else. Constant, never
 * freed. */
const char *quire_event_name(uint32_t kind);

#ifdef __cplusplus
}
#endif
#endif
