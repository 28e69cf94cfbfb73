/* What may have spoilt the figures. See warnings.h.
 *
 * SPDX-License-Identifier: MIT */
#include "report/warnings.h"

#include <inttypes.h>
#include <stdio.h>

static const double much_cpu = 0.1, much_steal = 0.02, low_clock = 0.7, often_restless = 0.1, wide = 1.5;
static const uint64_t much_written = 8 << 20;

/* Two sentences: fills the next warning. */
#define WARN(warnings, cause_arguments, remedy_arguments)                         \
    do {                                                                          \
        if ((warnings)->count < BENCH_WARNINGS_MOST) {                            \
            struct bench_warning *w_ = &(warnings)->warning[(warnings)->count++]; \
            PRINT(w_->cause, cause_arguments);                                    \
            PRINT(w_->remedy, remedy_arguments);                                  \
        }                                                                         \
    } while (0)
#define PRINT(to, arguments) snprintf(to, sizeof(to), EXPAND arguments)
#define EXPAND(...) __VA_ARGS__

static void warn_of_build(struct bench_warnings *warnings, const struct bench_environment *environment)
{
    if (*environment->slow_build)
        WARN(warnings, ("This build is %s: its figures are not those of a release.", environment->slow_build),
             ("Build with `meson setup build` and the options it has by itself."));
}

static void warn_of_device(struct bench_warnings *warnings, const struct bench_neighbours *n)
{
    if (n->writer && n->writer_bytes > much_written)
        WARN(warnings,
             ("Another process wrote %" PRIu64 " MiB meanwhile: %s (pid %d).", n->writer_bytes >> 20, n->writer_name,
              (int)n->writer),
             ("Stop it, or measure on a disk that it does not use: --dir."));
    else if (n->rests && n->restless > often_restless * n->rests)
        WARN(warnings, ("The device did not come to rest before %u of %u runs: others use it.", n->restless, n->rests),
             ("Find them with `iotop -o` or `pidstat -d 1`, and stop them."));
}

static void warn_of_cpu(struct bench_warnings *warnings, const struct bench_neighbours *n)
{
    if (n->cpu_share > much_cpu)
        WARN(warnings,
             ("Other programs and the kernel's own threads used %.0f %% of the CPUs while this was measured.",
              100 * n->cpu_share),
             ("Find them with `top`, and stop them."));
    if (n->steal_share > much_steal)
        WARN(warnings, ("The host gave %.1f %% of the CPUs' time to other machines.", 100 * n->steal_share),
             ("Measure at another time, or on a machine of your own; trust ratios more than figures."));
    if (n->throttled)
        WARN(warnings, ("CPUs were slowed down %" PRIu64 " times because of heat.", n->throttled),
             ("Let the machine cool down, and measure again with fewer --threads or better air."));
    else if (n->clock_share > 0 && n->clock_share < low_clock)
        WARN(warnings, ("A CPU ran at %.0f %% of its highest clock in the end.", 100 * n->clock_share),
             ("Choose the performance governor: `cpupower frequency-set -g performance`."));
}

/* How many rows' slowest round took more than half as long again as their fastest. */
static unsigned count_wide(const struct bench_table *table, unsigned *rows)
{
    unsigned count = 0;
    *rows = 0;
    for (unsigned i = 0; i < table->count; i++) {
        if (!table->result[i].count)
            continue;
        struct bench_spread seconds = bench_result_figure(table, &table->result[i], BENCH_SECONDS);
        count += seconds.max > wide * seconds.min;
        ++*rows;
    }
    return count;
}

static void warn_of_rounds(struct bench_warnings *warnings, const struct bench_table *table)
{
    unsigned rows, spread = count_wide(table, &rows);
    if (table->rounds < BENCH_ROUNDS_TO_JUDGE)
        WARN(warnings, ("%u round%s: too few to conclude anything.", table->rounds, table->rounds == 1 ? "" : "s"),
             ("Run more: --rounds 9."));
    else if (spread * 3 > rows)
        WARN(warnings, ("%u of %u rows spread by more than half: take small differences for none.", spread, rows),
             ("Run more rounds (--rounds 15) on a quieter machine, or longer ones (--records)."));
}

void bench_warnings_make(struct bench_warnings *warnings, const struct bench_table *table,
                         const struct bench_environment *environment)
{
    warnings->count = 0;
    warn_of_build(warnings, environment);
    warn_of_device(warnings, &table->neighbours);
    warn_of_cpu(warnings, &table->neighbours);
    warn_of_rounds(warnings, table);
}
