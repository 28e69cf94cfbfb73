/* The highest rate at which a row still keeps its latency. See max_rate.h.
 *
 * SPDX-License-Identifier: MIT */
#include "measure/max_rate.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

static const double try_seconds = 1, late_share = 0.02, lowest = 100, highest = 1e9;
static const uint64_t try_bytes = 256 << 20; /* at most, however fast */
enum { HALVINGS = 5, RECORDS_LEAST = 200 };

int bench_max_rate_search(bench_try *attempt, void *context, double start, double *rate)
{
    double low = 0, high = 0, now = start;
    bool kept;
    int left = HALVINGS;
    while (left >= 0) {
        int rc = attempt(context, now, &kept);
        if (rc < 0)
            return rc;
        *(kept ? &low : &high) = now;
        if (low >= highest || (low <= 0 && high <= lowest))
            break;
        if (high <= 0)
            now = low * 2;
        else if (low <= 0)
            now = fmax(high / 2, lowest);
        else
            now = sqrt(low * high), left--;
    }
    *rate = low;
    return 0;
}

/* One row's search, try by try. */
struct search {
    const struct bench_max_rate_plan *plan;
    struct bench_place *place;
    struct bench_workload *work; /* whose number of records each try sets */
    struct bench_max_rate *result;
    struct bench_latency *seen;
    struct bench_run *run;
    unsigned round;
};

static void set_records(struct bench_workload *work, uint64_t records)
{
    uint64_t most = try_bytes / work->size.record_bytes;
    records = records < most ? records : most;
    work->size.records = records > RECORDS_LEAST ? records : RECORDS_LEAST;
    work->bytes = work->size.records * work->size.record_bytes;
}

/* Runs the row once, at that rate or, for 0, as fast as it goes. -ECANCELED: the search has to end. */
static int run_once(struct search *s, double rate)
{
    static unsigned runs;
    struct bench_job job = {
        .row = s->result->row,
        .work = s->work,
        .path = s->place->file,
        .written_path = s->place->written,
        .counters = s->place->counters,
        .sync = s->plan->sync,
        .rate = rate,
        .poisson = s->plan->poisson,
        .latency = rate > 0 ? s->seen : NULL,
        .run = ++runs,
    };
    for (unsigned i = 0; i < BENCH_MOMENTS; i++)
        bench_histogram_reset(&s->seen->of[i]);
    s->plan->progress(s->work->size, s->round, job.row->name, rate);
    bench_place_settle(s->place);
    bench_run_row(&job, s->run);
    bench_place_remove_file(s->place);
    if (s->run->outcome == BENCH_UNAVAILABLE)
        snprintf(s->result->unavailable, sizeof s->result->unavailable, "%.199s", s->run->text);
    return s->run->outcome == BENCH_RAN ? 0 : -ECANCELED;
}

static double seconds_appending(const struct bench_sample *sample)
{
    return sample->seconds - sample->final_seconds;
}

static int attempt_once(struct search *s, double rate, bool *kept)
{
    set_records(s->work, (uint64_t)(rate * try_seconds));
    int rc = run_once(s, rate);
    if (rc < 0)
        return rc;
    struct bench_quantiles appends = bench_quantiles_of(&s->seen->of[BENCH_APPEND]);
    double late = seconds_appending(&s->run->sample) - s->run->due_seconds;
    *kept = bench_slo_holds(&s->plan->slo, &appends) &&
            late <= late_share * s->run->due_seconds + (double)s->plan->slo.below_ns * 1e-9;
    if (*kept)
        s->result->at = appends;
    return 0;
}

/* One stall of the machine is no reason to think that a rate cannot be kept up; two are. */
static int attempt(void *context, double rate, bool *kept)
{
    int rc = attempt_once(context, rate, kept);
    return rc == 0 && !*kept ? attempt_once(context, rate, kept) : rc;
}

/* From a quarter of what the row does when it is not held back. */
static int search_row(struct search *s, struct bench_size usual)
{
    set_records(s->work, usual.records);
    int rc = run_once(s, 0);
    if (rc < 0)
        return rc;
    double start = (double)s->work->size.records / seconds_appending(&s->run->sample) / 4, rate;
    rc = bench_max_rate_search(attempt, s, start > lowest ? start : lowest, &rate);
    if (rc == 0)
        s->result->rate[s->result->count++] = rate;
    return rc;
}

static void search_rows(struct bench_max_rates *rates, const struct bench_max_rate_plan *plan,
                        struct bench_place *place, struct bench_workload *work, struct bench_latency *seen,
                        struct bench_run *run)
{
    struct bench_size usual = work->size;
    for (unsigned round = 1; round <= plan->rounds; round++) {
        for (unsigned i = 0; i < rates->count; i++) {
            if (*rates->row[i].unavailable)
                continue;
            struct search search = {plan, place, work, &rates->row[i], seen, run, round};
            int rc = search_row(&search, usual);
            if (rc < 0 && run->outcome != BENCH_UNAVAILABLE)
                return;
        }
        rates->rounds = round;
    }
    run->outcome = BENCH_RAN;
}

void bench_max_rates_find(struct bench_max_rates *rates, const struct bench_max_rate_plan *plan,
                          struct bench_place *place, struct bench_workload *work, struct bench_run *run)
{
    *rates =
        (struct bench_max_rates){.size = work->size, .slo = plan->slo, .sync = plan->sync, .poisson = plan->poisson};
    for (unsigned i = 0; i < plan->rows->count; i++)
        if (plan->rows->row[i].family != BENCH_LIMITS && !plan->rows->row[i].adapter->no_records)
            rates->row[rates->count++].row = &plan->rows->row[i];
    struct bench_latency *seen = bench_latency_new();
    if (!seen) {
        *run = (struct bench_run){.outcome = BENCH_FAILED, .text = "no memory"};
        return;
    }
    struct bench_size usual = work->size;
    search_rows(rates, plan, place, work, seen, run);
    bench_latency_free(seen);
    work->size = usual;
    work->bytes = usual.record_bytes * usual.records;
}

struct bench_spread bench_max_rate_spread(const struct bench_max_rate *rate)
{
    double values[BENCH_RATE_ROUNDS_MOST];
    memcpy(values, rate->rate, sizeof values);
    return bench_spread_of(values, rate->count);
}
