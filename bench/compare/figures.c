/* Names, units and directions of figures. See figures.h.
 *
 * SPDX-License-Identifier: MIT */
#include "compare/figures.h"

#include <string.h>

#define LATENCY(part, words, quantile, field)                                           \
    {                                                                                   \
        part "_" quantile, quantile " of " words, "ns", part, field, 1, 0, false, false \
    }
#define LATENCIES(part, words)                                                           \
    LATENCY(part, words, "p50", "p50_ns"), LATENCY(part, words, "p90", "p90_ns"),        \
        LATENCY(part, words, "p99", "p99_ns"), LATENCY(part, words, "p99.9", "p999_ns"), \
        LATENCY(part, words, "p99.99", "p9999_ns"), LATENCY(part, words, "max", "max_ns")

static const struct bench_figure_kind kinds[BENCH_FIGURES] = {
    {"mib_per_s", "MiB/s", "MiB/s", NULL, "mib_per_s", 1, 1, true, true},
    {"records_per_s", "records/s", "1/s", NULL, "records_per_s", 1, 0, true, true},
    {"seconds", "duration", "ms", NULL, "seconds", 1e3, 3, false, true},
    {"cpu_seconds", "CPU", "ms", NULL, "cpu_seconds", 1e3, 3, false, false},
    {"sync_seconds", "final sync", "ms", NULL, "sync_seconds", 1e3, 3, false, false},
    {"flush_seconds", "final flush", "ms", NULL, "flush_seconds", 1e3, 3, false, false},
    {"open_seconds", "open", "ms", NULL, "open_seconds", 1e3, 3, false, false},
    {"close_seconds", "close", "ms", NULL, "close_seconds", 1e3, 3, false, false},
    LATENCIES("append", "append"),
    LATENCIES("hand_over", "hand-over"),
    LATENCIES("sync", "sync"),
};

const struct bench_figure_kind *bench_figure_kind(unsigned figure)
{
    return &kinds[figure];
}

static bool is(const char *name, size_t length, const char *known)
{
    return strlen(known) == length && memcmp(name, known, length) == 0;
}

bool bench_figure_find(const char *name, size_t length, unsigned *figure)
{
    static const size_t append = sizeof "append_" - 1;
    for (unsigned i = 0; i < BENCH_FIGURES; i++) {
        const struct bench_figure_kind *kind = &kinds[i];
        bool of_append = kind->part && strcmp(kind->part, "append") == 0;
        if (!is(name, length, kind->name) && !(of_append && is(name, length, kind->name + append)))
            continue;
        *figure = i;
        return true;
    }
    return is(name, length, "cpu") && bench_figure_find("cpu_seconds", strlen("cpu_seconds"), figure);
}
