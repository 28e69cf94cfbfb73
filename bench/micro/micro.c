/* A whole run: every benchmark, for every number of threads, as often as asked. See micro.h.
 *
 * SPDX-License-Identifier: MIT */
#include "micro/micro.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include <quire/error.h>

#include "base/complain.h"
#include "base/cost.h"
#include "base/number.h"
#include "base/progress.h"
#include "base/stop.h"
#include "machine/environment.h"
#include "machine/place.h"
#include "micro/line.h"

enum { FAILED = 1 };

static const char who[] = "quire bench micro";

static unsigned usable_processors(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    int count = CPU_COUNT(&set);
    return count < BENCH_MICRO_CPU_MOST ? (unsigned)count : BENCH_MICRO_CPU_MOST;
}

struct bench_micro_settings bench_micro_settings_default(void)
{
    return (struct bench_micro_settings){
        .directory = ".",
        .goal = {.ns = 1000000000},
        .count = 1,
        .cpus = {usable_processors()},
        .cpu_count = 1,
    };
}

bool bench_micro_parse_cpus(const char *text, struct bench_micro_settings *settings)
{
    unsigned cpus[BENCH_MICRO_CPUS_MOST];
    size_t count = 0;
    for (const char *at = text;; at++) {
        char word[16];
        size_t length = strcspn(at, ",");
        uint64_t number;
        if (length >= sizeof word || count == BENCH_MICRO_CPUS_MOST)
            return false;
        snprintf(word, sizeof word, "%.*s", (int)length, at);
        if (!bench_parse_count(word, &number) || number < 1 || number > BENCH_MICRO_CPU_MOST)
            return false;
        cpus[count++] = (unsigned)number;
        at += length;
        if (!*at)
            break;
    }
    memcpy(settings->cpus, cpus, count * sizeof *cpus);
    settings->cpu_count = count;
    return true;
}

static bool chosen(const regex_t *filter, const struct bench_micro *benchmark)
{
    return !filter || regexec(filter, benchmark->name, 0, NULL, 0) == 0;
}

size_t bench_micro_list(const struct bench_micro *table, size_t count, const regex_t *filter, FILE *out)
{
    size_t listed = 0;
    for (size_t i = 0; i < count; i++) {
        if (!chosen(filter, &table[i]))
            continue;
        if (out)
            fprintf(out, "Benchmark%s\n", table[i].name);
        listed++;
    }
    return listed;
}

struct run {
    const struct bench_micro *table;
    size_t count;
    const struct bench_micro_settings *settings;
    struct bench_place place;
    FILE *out;
    int width; /* of the longest name that will be printed */
    unsigned trials;
    bool failed;
};

static int widest(const struct run *run)
{
    char text[BENCH_MICRO_NAME_ROOM];
    size_t width = 0;
    for (size_t i = 0; i < run->count; i++) {
        if (!chosen(run->settings->filter, &run->table[i]))
            continue;
        for (size_t j = 0; j < run->settings->cpu_count; j++) {
            size_t length = strlen(bench_micro_full_name(run->table[i].name, run->settings->cpus[j], text));
            width = length > width ? length : width;
        }
    }
    return (int)width;
}

static void print_outcome(struct run *run, const struct bench_trial *trial, const char *name, int rc)
{
    struct bench_micro_result result = {
        .operations = trial->operations,
        .elapsed_ns = trial->elapsed_ns,
        .bytes = trial->bytes,
        .counted = trial->counter != NULL,
        .allocated = trial->allocated,
    };
    if (rc == 0) {
        bench_micro_print_line(run->out, name, run->width, &result);
    } else if (trial->skipped) {
        bench_micro_print_skip(run->out, name, trial->reason);
    } else {
        bench_micro_print_fail(run->out, name, *trial->reason ? trial->reason : quire_strerror(rc));
        run->failed = true;
    }
}

/* 0, FAILED where the report cannot be written, or -EINTR. */
static int measure_one(struct run *run, const struct bench_micro *benchmark, unsigned cpus)
{
    char name[BENCH_MICRO_NAME_ROOM];
    struct bench_trial trial = {
        .cpus = cpus, .place = &run->place, .counter = run->settings->counter, .number = run->trials};
    bench_progress(bench_micro_full_name(benchmark->name, cpus, name));
    int rc = bench_micro_measure(benchmark, run->settings->goal, &trial);
    bench_progress("");
    run->trials = trial.number;
    if (rc == -EINTR)
        return rc;
    print_outcome(run, &trial, name, rc);
    if (fflush(run->out) != 0)
        return bench_complain(who, "the report cannot be written: %s", strerror(errno));
    return 0;
}

static int measure(struct run *run)
{
    const struct bench_micro_settings *settings = run->settings;
    int rc = 0;
    for (size_t i = 0; i < run->count; i++) {
        if (!chosen(settings->filter, &run->table[i]))
            continue;
        for (size_t j = 0; j < settings->cpu_count; j++)
            for (unsigned k = 0; k < settings->count && rc == 0; k++)
                rc = measure_one(run, &run->table[i], settings->cpus[j]);
    }
    return rc;
}

static int report(struct run *run)
{
    struct bench_environment environment;
    bench_environment_read(&environment, run->settings->directory);
    struct bench_micro_header header = {bench_micro_goos(), bench_micro_goarch(), environment.cpu};
    double begin = bench_now();
    bench_micro_print_header(run->out, &header);
    int rc = measure(run);
    if (rc == -EINTR) {
        bench_complain(who, "stopped by a signal; its files are removed");
        return bench_stop_code();
    }
    if (rc != 0)
        return rc;
    bench_micro_print_end(run->out, !run->failed, bench_now() - begin);
    if (fflush(run->out) != 0)
        return bench_complain(who, "the report cannot be written: %s", strerror(errno));
    return run->failed ? FAILED : 0;
}

int bench_micro_run(const struct bench_micro *table, size_t count, const struct bench_micro_settings *settings,
                    FILE *out)
{
    struct run run = {.table = table, .count = count, .settings = settings, .out = out};
    bench_stop_install();
    run.width = widest(&run);
    int rc = bench_place_make(&run.place, settings->directory);
    if (rc < 0)
        return bench_complain(who, "cannot make a directory in %s: %s", settings->directory, quire_strerror(rc));
    rc = report(&run);
    bench_place_remove(&run.place);
    return rc;
}
