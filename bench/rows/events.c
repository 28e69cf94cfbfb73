/* What libquire tells of its work. See events.h.
 *
 * SPDX-License-Identifier: MIT */
#include "rows/events.h"

#include "base/trace.h"
#include "workload/latency.h"

void bench_event_note(struct bench_latency *latency, enum bench_sync sync, const struct quire_event *event)
{
    bench_trace_span(quire_event_name(event->kind), event->begin_ns, event->end_ns, event->offset, event->length);
    if (!latency)
        return;
    if (event->kind == QUIRE_EVENT_WRITE)
        bench_latency_note(latency, BENCH_HAND_OVER, event->end_ns - event->begin_ns);
    else if (event->kind == QUIRE_EVENT_SYNC && sync == BENCH_SYNC_EACH)
        bench_latency_note(latency, BENCH_SYNC, event->end_ns - event->begin_ns);
}
