/* Figures of a report: medians, ratios, verdicts. See report.h.
 *
 * SPDX-License-Identifier: MIT */
#include "sync/report.h"

static const double enough_flushes = 0.5;

/* One round's figure. False if the kernel did not count it. */
static bool figure_of_round(const struct bench_sync_round *round, enum bench_sync_figure figure, double *value)
{
    const struct bench_counters *c = &round->counted;
    double operations = (double)round->operations;
    switch (figure) {
    case BENCH_SYNC_RATE:
        *value = operations / round->seconds;
        return true;
    case BENCH_SYNC_FLUSHES:
        *value = (double)c->flushes / operations;
        return c->flushes_known;
    case BENCH_SYNC_WRITES:
        *value = (double)c->writes / operations;
        return c->device_known;
    case BENCH_SYNC_KIB:
        *value = (double)c->written_bytes / 1024 / operations;
        return c->device_known;
    case BENCH_SYNC_OWN_KIB:
        *value = (double)c->write_bytes / 1024 / operations;
        return c->process_known;
    case BENCH_SYNC_FIGURES:
        break;
    }
    return false;
}

bool bench_sync_figure_of(const struct bench_sync_cell *cell, enum bench_sync_figure figure, struct bench_spread *value)
{
    double values[BENCH_SYNC_ROUNDS_MOST];
    for (unsigned i = 0; i < cell->rounds; i++)
        if (!figure_of_round(&cell->round[i], figure, &values[i]))
            return false;
    if (cell->rounds == 0)
        return false;
    *value = bench_spread_of(values, cell->rounds);
    return true;
}

enum bench_sync_verdict bench_sync_verdict_of(const struct bench_sync_report *report,
                                              const struct bench_sync_cell *cell)
{
    struct bench_spread flushes;
    if (!bench_sync_way_is_durable(cell->way) || report->environment.memory_only)
        return BENCH_SYNC_NOT_DURABLE;
    if (!bench_sync_figure_of(cell, BENCH_SYNC_FLUSHES, &flushes) || !report->queue.known)
        return BENCH_SYNC_UNKNOWN;
    if (flushes.median >= enough_flushes)
        return BENCH_SYNC_FLUSHED;
    if (!report->queue.write_back)
        return BENCH_SYNC_NO_CACHE;
    return report->queue.fua && bench_sync_way_may_use_fua(cell->way) ? BENCH_SYNC_FUA : BENCH_SYNC_UNFLUSHED;
}

const char *bench_sync_verdict_name(enum bench_sync_verdict verdict)
{
    static const char *const names[] = {
        [BENCH_SYNC_UNKNOWN] = "unknown",   [BENCH_SYNC_NOT_DURABLE] = "not durable",
        [BENCH_SYNC_FLUSHED] = "flushed",   [BENCH_SYNC_FUA] = "fua",
        [BENCH_SYNC_NO_CACHE] = "no cache", [BENCH_SYNC_UNFLUSHED] = "unflushed",
    };
    return names[verdict];
}

const struct bench_sync_cell *bench_sync_find(const struct bench_sync_report *report, enum bench_sync_file file,
                                              enum bench_sync_way way)
{
    for (size_t i = 0; i < report->count; i++)
        if (report->cell[i].file == file && report->cell[i].way == way)
            return report->cell[i].rounds ? &report->cell[i] : NULL;
    return NULL;
}

struct bench_spread bench_sync_ratio(const struct bench_sync_cell *a, const struct bench_sync_cell *b)
{
    double ratios[BENCH_SYNC_ROUNDS_MOST];
    unsigned rounds = a->rounds < b->rounds ? a->rounds : b->rounds;
    for (unsigned i = 0; i < rounds; i++) {
        double of_a = 0, of_b = 0;
        figure_of_round(&a->round[i], BENCH_SYNC_RATE, &of_a);
        figure_of_round(&b->round[i], BENCH_SYNC_RATE, &of_b);
        ratios[i] = of_a / of_b;
    }
    return bench_spread_of(ratios, rounds);
}

bool bench_sync_others(const struct bench_sync_report *report, struct bench_sync_others *result)
{
    double others = 0, all = 0;
    for (size_t i = 0; i < report->count; i++) {
        const struct bench_sync_cell *cell = &report->cell[i];
        struct bench_spread kib;
        /* A page made dirty through a mapping takes its whole folio along: those rounds differ by themselves. */
        if (cell->rounds == 0 || cell->way == BENCH_SYNC_MSYNC)
            continue;
        if (!bench_sync_figure_of(cell, BENCH_SYNC_KIB, &kib))
            return false;
        for (unsigned r = 0; r < cell->rounds; r++) {
            double given = (double)cell->round[r].counted.written_bytes / 1024;
            all += given;
            others += given - kib.min * (double)cell->round[r].operations;
        }
    }
    if (all <= 0)
        return false;
    *result = (struct bench_sync_others){.kib = others, .all_kib = all};
    return true;
}
