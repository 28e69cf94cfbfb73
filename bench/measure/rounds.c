/* All rows of one workload, in interleaved rounds. See rounds.h.
 *
 * SPDX-License-Identifier: MIT */
#include "measure/rounds.h"

#include <stdio.h>

#include "base/cost.h"
#include "base/trace.h"

/* Numbers 0 to count - 1 in an order of chance, the same in every run of the program. */
static void shuffle(unsigned *order, unsigned count, unsigned round)
{
    for (unsigned i = 0; i < count; i++)
        order[i] = i;
    uint64_t chance[BENCH_ROWS_MOST];
    bench_fill(chance, sizeof chance, round);
    for (unsigned i = count; i > 1; i--) {
        unsigned j = (unsigned)(chance[i - 1] % i), kept = order[i - 1];
        order[i - 1] = order[j];
        order[j] = kept;
    }
}

/* A failure of this row, told with the row's name in front. */
static void name_failure(struct bench_run *run, const char *row)
{
    char text[sizeof run->text];
    int room = (int)(sizeof text - strlen(row) - sizeof ": ");
    snprintf(text, sizeof text, "%s: %.*s", row, room, run->text);
    memcpy(run->text, text, sizeof text);
}

/* Runs a row once. False when the whole measurement has to end. */
static bool run_once(struct bench_result *result, const struct bench_job *job, struct bench_place *place,
                     struct bench_run *run)
{
    uint64_t begun = bench_now_ns();
    bench_place_settle(place);
    bench_trace_span("settle", begun, bench_now_ns(), UINT64_MAX, UINT64_MAX);
    begun = bench_now_ns();
    bench_run_row(job, run);
    bench_trace_span(job->row->name, begun, bench_now_ns(), UINT64_MAX, job->work->bytes);
    bench_place_remove_file(place);
    if (run->outcome == BENCH_UNAVAILABLE)
        snprintf(result->unavailable, sizeof result->unavailable, "%.*s", (int)sizeof result->unavailable - 1,
                 run->text);
    if (run->outcome == BENCH_FAILED)
        name_failure(run, job->row->name);
    return run->outcome == BENCH_RAN || run->outcome == BENCH_UNAVAILABLE;
}

static void keep_latency(struct bench_result *result, struct bench_sample *sample, const struct bench_latency *seen)
{
    for (unsigned i = 0; i < BENCH_MOMENTS; i++)
        sample->latency[i] = bench_quantiles_of(&seen->of[i]);
    bench_latency_merge(result->latency, seen);
}

static void forget(struct bench_latency *latency)
{
    for (unsigned i = 0; i < BENCH_MOMENTS; i++)
        bench_histogram_reset(&latency->of[i]);
}

/* Looking at the clock for each record costs more than many an append: in a closed loop those that are timed have a run
 * of their own, whose bytes per second count for nothing. */
static bool run_row(struct bench_result *result, struct bench_job *job, struct bench_place *place,
                    struct bench_latency *seen, bool keep, struct bench_run *run)
{
    static unsigned runs; /* since the program began: the identity of each */
    job->run = ++runs;
    job->latency = job->rate > 0 ? seen : NULL;
    if (seen)
        forget(seen);
    if (!run_once(result, job, place, run))
        return false;
    struct bench_sample sample = run->sample;
    if (run->outcome == BENCH_UNAVAILABLE)
        return true;
    result->buffer_bytes = run->buffer_bytes;
    if (seen && !job->latency) {
        job->run = ++runs;
        job->latency = seen;
        if (!run_once(result, job, place, run))
            return false;
    }
    if (!keep)
        return true;
    if (seen)
        keep_latency(result, &sample, seen);
    result->samples[result->count++] = sample;
    return true;
}

/* One round of all rows. False when the whole measurement has to end. */
static bool run_round(struct bench_table *table, struct bench_place *place, struct bench_workload *work,
                      const struct bench_schedule *schedule, struct bench_latency *seen, unsigned round,
                      struct bench_run *run)
{
    unsigned order[BENCH_ROWS_MOST] = {0};
    shuffle(order, table->count, round);
    for (unsigned i = 0; i < table->count; i++) {
        struct bench_result *result = &table->result[order[i]];
        if (*result->unavailable)
            continue;
        double part = (round * table->count + i) / (double)((table->terms.rounds + 1) * table->count);
        schedule->progress(table, round, result->row->name, part);
        bool slow = schedule->handicapped && strcmp(schedule->handicapped, result->row->name) == 0;
        struct bench_job job = {
            .row = result->row,
            .work = work,
            .path = place->file,
            .written_path = place->written,
            .counters = place->counters,
            .perf = table->terms.perf,
            .sync = table->terms.sync,
            .rate = table->terms.rate,
            .poisson = table->terms.poisson,
            .handicap = slow ? schedule->handicap : 0,
            .series = round > 0 ? schedule->series : NULL,
        };
        if (!run_row(result, &job, place, seen, round > 0, run))
            return false;
    }
    return true;
}

static void run_rounds(struct bench_table *table, struct bench_place *place, struct bench_workload *work,
                       const struct bench_schedule *schedule, struct bench_latency *seen, struct bench_run *run)
{
    double begun = bench_now(), longest = 0;
    for (unsigned round = 0; round <= table->terms.rounds; round++) {
        double round_begun = bench_now();
        if (schedule->seconds > 0 && round > 1 && round_begun + longest > begun + schedule->seconds)
            break;
        if (!run_round(table, place, work, schedule, seen, round, run))
            return;
        table->rounds = round;
        double took = bench_now() - round_begun;
        longest = took > longest ? took : longest;
    }
    run->outcome = BENCH_RAN;
}

void bench_rounds(struct bench_table *table, struct bench_place *place, struct bench_workload *work,
                  const struct bench_schedule *schedule, struct bench_run *run)
{
    struct bench_latency *seen = table->terms.latency ? bench_latency_new() : NULL;
    *run = (struct bench_run){.outcome = BENCH_RAN};
    if (table->terms.latency && !seen) {
        *run = (struct bench_run){.outcome = BENCH_FAILED, .text = "no memory"};
        return;
    }
    unsigned rests = place->rests, restless = place->restless;
    struct bench_neighbourhood *watch = bench_neighbours_begin();
    run_rounds(table, place, work, schedule, seen, run);
    bench_neighbours_end(watch, &table->neighbours);
    table->neighbours.rests = place->rests - rests;
    table->neighbours.restless = place->restless - restless;
    bench_latency_free(seen);
}
