/* Spans of time, thread by thread, for a timeline: Chrome's trace-event format, which Perfetto opens.
 *
 * Each thread keeps its own spans, in memory that it gets a thousand at a time, so noting one takes no lock. Until a
 * trace is started nothing is kept and a span costs one load.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_TRACE_H
#define BENCH_TRACE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Keeps at most that many spans, of all threads together. Before any thread notes one. */
void bench_trace_start(uint64_t most);

/* Whether spans are kept. */
bool bench_trace_on(void);

/* One span of the calling thread. name lives as long as the trace. What a span is about goes into its arguments offset
 * and bytes; UINT64_MAX: it has none. */
void bench_trace_span(const char *name, uint64_t begin_ns, uint64_t end_ns, uint64_t offset, uint64_t bytes);

/* Writes what was kept, in the order of threads, and how many spans were not kept for lack of room. 0, or -EIO. No
 * thread notes spans any more. */
int bench_trace_write(FILE *out);

/* Forgets everything. */
void bench_trace_end(void);

#endif
