/* The stopwatch, and the choice of the number of operations. See trial.h.
 *
 * SPDX-License-Identifier: MIT */
#include "micro/trial.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/cost.h"
#include "base/number.h"
#include "base/stop.h"
#include "micro/micro.h"

static const uint64_t operations_most = 1000000000;
static const double goal_seconds_most = 3600;

static struct bench_micro_allocations allocations_now(const struct bench_trial *trial)
{
    return trial->counter ? trial->counter() : (struct bench_micro_allocations){.bytes = 0};
}

void bench_trial_start(struct bench_trial *trial)
{
    if (trial->running)
        return;
    trial->running = true;
    trial->before = allocations_now(trial);
    trial->begun_ns = bench_now_ns();
}

void bench_trial_stop(struct bench_trial *trial)
{
    if (!trial->running)
        return;
    trial->elapsed_ns += bench_now_ns() - trial->begun_ns;
    struct bench_micro_allocations now = allocations_now(trial);
    trial->allocated.bytes += now.bytes - trial->before.bytes;
    trial->allocated.count += now.count - trial->before.count;
    trial->running = false;
}

int bench_trial_fail(struct bench_trial *trial, int code, const char *format, ...)
{
    if (*trial->reason)
        return code;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(trial->reason, sizeof trial->reason, format, arguments);
    va_end(arguments);
    return code;
}

bool bench_micro_parse_goal(const char *text, struct bench_micro_goal *goal)
{
    size_t digits = strspn(text, "0123456789");
    double seconds;
    if (digits > 0 && strcmp(text + digits, "x") == 0) {
        char number[16];
        uint64_t operations;
        if (digits >= sizeof number)
            return false;
        snprintf(number, sizeof number, "%.*s", (int)digits, text);
        if (!bench_parse_count(number, &operations) || operations < 1 || operations > operations_most)
            return false;
        *goal = (struct bench_micro_goal){.operations = operations};
        return true;
    }
    if (!bench_parse_duration(text, &seconds) || seconds < 1e-9 || seconds > goal_seconds_most)
        return false;
    *goal = (struct bench_micro_goal){.ns = (uint64_t)(seconds * 1e9 + 0.5)};
    return true;
}

uint64_t bench_micro_next(uint64_t goal_ns, uint64_t last, uint64_t elapsed_ns)
{
    if (elapsed_ns == 0)
        elapsed_ns = 1;
    /* Multiplied first: a fast benchmark has about one operation a nanosecond, and a quotient of those says nothing. */
    unsigned __int128 wide = (unsigned __int128)goal_ns * last / elapsed_ns;
    if (wide > operations_most)
        wide = operations_most;
    uint64_t next = (uint64_t)wide;
    next += next / 5;
    if (next > 100 * last)
        next = 100 * last;
    if (next < last + 1)
        next = last + 1;
    return next < operations_most ? next : operations_most;
}

/* A run is a fresh trial, but for what the caller chose. */
static int run(const struct bench_micro *benchmark, struct bench_trial *trial, uint64_t operations)
{
    *trial = (struct bench_trial){
        .operations = operations,
        .cpus = trial->cpus,
        .place = trial->place,
        .counter = trial->counter,
        .number = trial->number + 1,
    };
    int rc = benchmark->run(benchmark, trial);
    bench_trial_stop(trial);
    return bench_stop_signal ? -EINTR : rc;
}

int bench_micro_measure(const struct bench_micro *benchmark, struct bench_micro_goal goal, struct bench_trial *trial)
{
    int rc = run(benchmark, trial, 1);
    if (rc == 0 && goal.operations > 1)
        return run(benchmark, trial, goal.operations);
    while (rc == 0 && trial->elapsed_ns < goal.ns && trial->operations < operations_most)
        rc = run(benchmark, trial, bench_micro_next(goal.ns, trial->operations, trial->elapsed_ns));
    return rc;
}
