/* What the processor and the kernel count. See perf.h.
 *
 * SPDX-License-Identifier: MIT */
#include "machine/perf.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct {
    const char *name;
    uint32_t type;
    uint64_t config;
} events[BENCH_PERF_EVENTS] = {
    [BENCH_CYCLES] = {"cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES},
    [BENCH_INSTRUCTIONS] = {"instructions", PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS},
    [BENCH_CACHE_MISSES] = {"cache misses", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES},
    [BENCH_BRANCH_MISSES] = {"branch misses", PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_MISSES},
    [BENCH_PAGE_FAULTS] = {"page faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS},
    [BENCH_CONTEXT_SWITCHES] = {"context switches", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CONTEXT_SWITCHES},
};

const char *bench_perf_name(enum bench_perf_event event)
{
    return events[event].name;
}

static int open_event(enum bench_perf_event event, bool own_only)
{
    struct perf_event_attr attributes = {
        .type = events[event].type,
        .size = sizeof attributes,
        .config = events[event].config,
        .disabled = 1,
        .inherit = 1,
        .exclude_kernel = own_only,
        .exclude_hv = 1,
        .read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
    };
    int fd = (int)syscall(SYS_perf_event_open, &attributes, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

void bench_perf_open(struct bench_perf *perf)
{
    *perf = (struct bench_perf){.own_only = false};
    for (unsigned i = 0; i < BENCH_PERF_EVENTS; i++) {
        int fd = open_event(i, perf->own_only);
        if ((fd == -EACCES || fd == -EPERM) && !perf->own_only) {
            perf->own_only = true;
            fd = open_event(i, true);
        }
        if (fd < 0 && perf->reason == 0)
            perf->reason = fd;
        perf->fd[i] = fd < 0 ? -1 : fd;
    }
}

void bench_perf_start(const struct bench_perf *perf)
{
    for (unsigned i = 0; i < BENCH_PERF_EVENTS; i++)
        if (perf->fd[i] >= 0)
            ioctl(perf->fd[i], PERF_EVENT_IOC_ENABLE, 0);
}

double bench_perf_scale(uint64_t value, uint64_t enabled, uint64_t running)
{
    return running ? (double)value * ((double)enabled / (double)running) : 0;
}

void bench_perf_stop(const struct bench_perf *perf, struct bench_perf_counts *counts)
{
    *counts = (struct bench_perf_counts){.known = {false}};
    for (unsigned i = 0; i < BENCH_PERF_EVENTS; i++) {
        uint64_t read_out[3]; /* the value, and for how long it was enabled and running */
        if (perf->fd[i] < 0)
            continue;
        ioctl(perf->fd[i], PERF_EVENT_IOC_DISABLE, 0);
        counts->known[i] = read(perf->fd[i], read_out, sizeof read_out) == sizeof read_out && read_out[2] > 0;
        if (counts->known[i])
            counts->count[i] = bench_perf_scale(read_out[0], read_out[1], read_out[2]);
    }
}

void bench_perf_close(struct bench_perf *perf)
{
    for (unsigned i = 0; i < BENCH_PERF_EVENTS; i++) {
        if (perf->fd[i] >= 0)
            close(perf->fd[i]);
        perf->fd[i] = -1;
    }
}
