/* What is seen of one thread's appends. See watch.h.
 *
 * SPDX-License-Identifier: MIT */
#include "workload/watch.h"

#include "base/cost.h"
#include "base/trace.h"

void bench_watch_returned(struct bench_watch *watch, uint64_t records)
{
    if (watch->begun_ns == 0)
        return;
    uint64_t now = bench_now_ns();
    bench_trace_span("append", watch->begun_ns, now, UINT64_MAX, records * watch->record_bytes);
    if (watch->handicap) {
        now += (now - watch->begun_ns) * watch->handicap / 100;
        while (bench_now_ns() < now) {
            /* Busy, as slower code would be. */
        }
    }
    if (watch->append)
        bench_histogram_add(watch->append, now - watch->begun_ns);
    atomic_fetch_add_explicit(&watch->returned, records, memory_order_relaxed);
    watch->begun_ns = 0;
}

void bench_watch_begin(struct bench_watch *watch)
{
    if (watch->arrival) {
        watch->begun_ns = bench_arrival_next(watch->arrival, bench_now_ns());
        bench_wait_until(watch->begun_ns);
    } else if (watch->append || watch->handicap || bench_trace_on()) {
        watch->begun_ns = bench_now_ns();
    } else {
        watch->begun_ns = 1; /* something is under way; since when, nobody asks */
    }
}
