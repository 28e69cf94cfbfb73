/* What libquire tells of its work, for the timeline and the latencies of a row.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_EVENTS_H
#define BENCH_EVENTS_H

#include <quire/observe.h>

#include "rows/adapter.h"

/* latency: NULL, or where hand-overs are noted, and syncs where each record has one: the sync that a row ends in is
 * noted by who runs it, the flush before it included. */
void bench_event_note(struct bench_latency *latency, enum bench_sync sync, const struct quire_event *event);

#endif
