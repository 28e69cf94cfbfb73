/* Wall time and CPU. See cost.h.
 *
 * SPDX-License-Identifier: MIT */
#include "base/cost.h"

#include <stdio.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "base/stop.h"

/* How late a sleeping thread may be woken, and then some. */
static const uint64_t near_ns = 120000;

static uint64_t machine_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void machine_wait_until(uint64_t moment_ns)
{
    for (uint64_t now = machine_now(); now < moment_ns && !bench_stop_signal; now = machine_now()) {
        if (moment_ns - now <= near_ns)
            continue;
        uint64_t wake = moment_ns - near_ns;
        struct timespec t = {.tv_sec = (time_t)(wake / 1000000000), .tv_nsec = (long)(wake % 1000000000)};
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
    }
}

static const struct bench_clock machine = {.now = machine_now, .wait_until = machine_wait_until};
static const struct bench_clock *in_use = &machine;

void bench_clock_use(const struct bench_clock *clock)
{
    in_use = clock ? clock : &machine;
}

uint64_t bench_now_ns(void)
{
    return in_use->now();
}

double bench_now(void)
{
    return (double)in_use->now() * 1e-9;
}

void bench_wait_until(uint64_t moment_ns)
{
    in_use->wait_until(moment_ns);
}

static double seconds_of(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec * 1e-6;
}

struct bench_cost bench_reading(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (struct bench_cost){
        .seconds = bench_now(),
        .user_seconds = seconds_of(usage.ru_utime),
        .system_seconds = seconds_of(usage.ru_stime),
    };
}

struct bench_cost bench_difference(struct bench_cost from, struct bench_cost to)
{
    return (struct bench_cost){
        .seconds = to.seconds - from.seconds,
        .user_seconds = to.user_seconds - from.user_seconds,
        .system_seconds = to.system_seconds - from.system_seconds,
    };
}

void bench_machine_cpu(double *busy, double *steal)
{
    *busy = *steal = 0;
    FILE *file = fopen("/proc/stat", "re");
    if (!file)
        return;
    unsigned long long user = 0, nice = 0, system = 0, irq = 0, softirq = 0, stolen = 0;
    int found =
        fscanf(file, "cpu %llu %llu %llu %*u %*u %llu %llu %llu", &user, &nice, &system, &irq, &softirq, &stolen);
    fclose(file);
    if (found < 3)
        return;
    double tick = 1 / (double)sysconf(_SC_CLK_TCK);
    *busy = (double)(user + nice + system + irq + softirq) * tick;
    *steal = (double)stolen * tick;
}
