/* Wall time and CPU. See clock.h.
 *
 * SPDX-License-Identifier: MIT */
#include "base/clock.h"

#include <stdio.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

double bench_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
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

double bench_machine_busy(void)
{
    FILE *file = fopen("/proc/stat", "re");
    if (!file)
        return 0;
    unsigned long long user = 0, nice = 0, system = 0, irq = 0, softirq = 0, steal = 0;
    if (fscanf(file, "cpu %llu %llu %llu %*u %*u %llu %llu %llu", &user, &nice, &system, &irq, &softirq, &steal) < 3)
        user = nice = system = 0;
    fclose(file);
    return (double)(user + nice + system + irq + softirq + steal) / (double)sysconf(_SC_CLK_TCK);
}
