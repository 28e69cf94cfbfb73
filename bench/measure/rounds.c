/* All rows of one workload, in interleaved rounds. See rounds.h.
 *
 * SPDX-License-Identifier: MIT */
#include "measure/rounds.h"

#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

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

/* Runs one row once; keep says whether it counts. */
static void run_once(struct bench_result *result, const struct bench_job *job, struct bench_place *place, bool keep,
                     struct bench_run *run)
{
    bench_place_settle(place);
    bench_run_row(job, run);
    bench_place_remove_file(place);
    if (run->outcome == BENCH_RAN) {
        result->buffer_bytes = run->buffer_bytes;
        if (keep)
            result->samples[result->count++] = run->sample;
    } else if (run->outcome == BENCH_UNAVAILABLE) {
        snprintf(result->unavailable, sizeof result->unavailable, "%.*s", (int)sizeof result->unavailable - 1,
                 run->text);
    } else if (run->outcome == BENCH_FAILED) {
        name_failure(run, job->row->name);
    }
}

/* What part of all CPUs was used by anybody but this process since the two readings. */
static double others_share(struct bench_cost own_before, double all_before)
{
    struct bench_cost own = bench_difference(own_before, bench_reading());
    double others = bench_machine_busy() - all_before - own.user_seconds - own.system_seconds;
    double share = others / (own.seconds * (double)sysconf(_SC_NPROCESSORS_ONLN));
    return share > 0 && own.seconds > 0 ? share : 0;
}

void bench_rounds(struct bench_table *table, struct bench_place *place, struct bench_workload *work,
                  const struct bench_schedule *schedule, struct bench_run *run)
{
    static unsigned runs; /* since the program began: the identity of each */
    double begun = bench_now(), longest = 0, all_before = bench_machine_busy();
    struct bench_cost own_before = bench_reading();
    unsigned order[BENCH_ROWS_MOST] = {0};
    *run = (struct bench_run){.outcome = BENCH_RAN};
    for (unsigned round = 0; round <= schedule->rounds; round++) {
        double round_begun = bench_now();
        if (schedule->seconds > 0 && round > 1 && round_begun + longest > begun + schedule->seconds)
            break;
        shuffle(order, table->count, round);
        for (unsigned i = 0; i < table->count; i++) {
            struct bench_result *result = &table->result[order[i]];
            if (*result->unavailable)
                continue;
            double part = (round * table->count + i) / (double)((schedule->rounds + 1) * table->count);
            schedule->progress(table, round, result->row->name, part);
            struct bench_job job = {
                .row = result->row,
                .work = work,
                .path = place->file,
                .written_path = place->written,
                .sync = table->sync,
                .run = ++runs,
            };
            run_once(result, &job, place, round > 0, run);
            if (run->outcome == BENCH_FAILED || run->outcome == BENCH_STOPPED)
                return;
        }
        table->rounds = round;
        double took = bench_now() - round_begun;
        longest = took > longest ? took : longest;
    }
    table->others_share = others_share(own_before, all_before);
    run->outcome = BENCH_RAN;
}
