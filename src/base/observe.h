/* Telling an observer, and whoever traces the process, what happens.
 *
 *     uint64_t begun = QUIRE__OBSERVE_BEGIN(observer, write, offset, length);
 *     rc = ...
 *     QUIRE__OBSERVE_END(observer, QUIRE_EVENT_WRITE, write, begun, offset, length, rc);
 *
 * A tracepoint is one instruction that does nothing; without an observer the rest is a load and a branch, and the clock
 * is not looked at. That is for what happens per buffer: nothing of it belongs on the path of an append.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE__OBSERVE_H
#define QUIRE__OBSERVE_H

#include <quire/observe.h>

#include "base/clock.h"

#ifdef QUIRE__HAVE_USDT
#include <sys/sdt.h>
#define QUIRE__PROBE_BEGIN(probe, writer, offset, length) STAP_PROBE3(quire, probe##_begin, writer, offset, length)
#define QUIRE__PROBE_END(probe, writer, offset, length, rc) STAP_PROBE4(quire, probe, writer, offset, length, rc)
#else
#define QUIRE__PROBE_BEGIN(probe, writer, offset, length) ((void)0)
#define QUIRE__PROBE_END(probe, writer, offset, length, rc) ((void)0)
#endif

struct quire__observer {
    quire_observe *see; /* NULL: nobody looks */
    void *context;
    const void *writer; /* tells one writer from another in a trace */
};

static inline uint64_t quire__observe_clock(const struct quire__observer *observer)
{
    return observer->see ? quire__clock_ns() : 0;
}

static inline void quire__observe_tell(const struct quire__observer *observer, uint32_t kind, uint64_t begun,
                                       uint64_t offset, uint64_t length, int rc)
{
    if (!observer->see)
        return;
    struct quire_event event = {.kind = kind,
                                .result = rc < 0 ? rc : 0,
                                .offset = offset,
                                .length = length,
                                .begin_ns = begun,
                                .end_ns = quire__clock_ns()};
    observer->see(observer->context, &event);
}

#define QUIRE__OBSERVE_BEGIN(observer, probe, offset, length)              \
    ({                                                                     \
        QUIRE__PROBE_BEGIN(probe, (observer)->writer, (offset), (length)); \
        quire__observe_clock(observer);                                    \
    })

#define QUIRE__OBSERVE_END(observer, kind, probe, begun, offset, length, rc)        \
    do {                                                                            \
        QUIRE__PROBE_END(probe, (observer)->writer, (offset), (length), (rc));      \
        quire__observe_tell((observer), (kind), (begun), (offset), (length), (rc)); \
    } while (0)

#endif
