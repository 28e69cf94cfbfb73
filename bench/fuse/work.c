/* What the process behind job.h does. See work.h.
 *
 * SPDX-License-Identifier: MIT */
#include "fuse/work.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cost.h"

enum { PIECE = 1 << 20 };

struct working {
    const struct bench_fuse_job *job;
    struct bench_fuse_shared *shared;
    char path[PATH_MAX];
    clockid_t daemon_clock;
    bool has_daemon_clock;
};

static int failed(struct working *w, const char *call, int rc)
{
    snprintf(w->shared->done.call, sizeof w->shared->done.call, "%s", call);
    return rc;
}

static int join_group(struct working *w)
{
    int fd = open(w->job->throttle->members, O_WRONLY | O_CLOEXEC), rc = 0;
    if (fd < 0 || write(fd, "0", 1) != 1)
        rc = failed(w, "joining the cgroup", -errno);
    if (fd >= 0)
        close(fd);
    return rc;
}

static double cpu_of(clockid_t clock)
{
    struct timespec t = {.tv_sec = 0};
    return clock_gettime(clock, &t) == 0 ? (double)t.tv_sec + (double)t.tv_nsec * 1e-9 : 0;
}

/* The clock runs from here: the file is open, and nothing was appended. */
static int append_all(struct working *w, int fd, double began)
{
    const struct bench_fuse_job *job = w->job;
    for (uint64_t at = 0; at < job->bytes; at += job->append_bytes) {
        ssize_t n = write(fd, bench_fuse_pool_at(job->pool, at), job->append_bytes);
        if (n != (ssize_t)job->append_bytes)
            return failed(w, n < 0 ? "write" : "write, cut short", n < 0 ? -errno : -EIO);
        atomic_store_explicit(&w->shared->at, at + job->append_bytes, memory_order_relaxed);
    }
    w->shared->done.cost.append_seconds = bench_now() - began;
    if (fsync(fd) != 0)
        return failed(w, "fsync", -errno);
    w->shared->done.cost.seconds = bench_now() - began;
    return 0;
}

static int append_timed(struct working *w, int fd)
{
    struct bench_fuse_cost *cost = &w->shared->done.cost;
    double daemon = w->has_daemon_clock ? cpu_of(w->daemon_clock) : 0, own = cpu_of(CLOCK_PROCESS_CPUTIME_ID);
    int rc = append_all(w, fd, bench_now());
    cost->own_cpu = cpu_of(CLOCK_PROCESS_CPUTIME_ID) - own;
    cost->daemon_cpu = w->has_daemon_clock ? cpu_of(w->daemon_clock) - daemon : 0;
    cost->bytes = w->job->bytes;
    return rc;
}

static int append_file(struct working *w)
{
    int fd = open(w->path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0)
        return failed(w, "open", -errno);
    int rc = append_timed(w, fd);
    if (close(fd) != 0 && rc == 0)
        rc = failed(w, "close", -errno);
    return rc;
}

/* Reads the piece that begins at this offset. 1: it is the right one; 0: the file ends there. */
static int check_piece(struct working *w, int fd, char *piece, uint64_t offset)
{
    const struct bench_fuse_pool *pool = w->job->pool;
    ssize_t n = read(fd, piece, PIECE);
    if (n < 0)
        return failed(w, "reading back", -errno);
    for (uint64_t done = 0; done < (uint64_t)n;) {
        uint64_t at = (offset + done) % pool->bytes, left = (uint64_t)n - done;
        uint64_t length = left < pool->bytes - at ? left : pool->bytes - at;
        if (memcmp(piece + done, pool->memory + at, length) != 0)
            return failed(w, "reading back", -EBADMSG);
        done += length;
    }
    atomic_fetch_add_explicit(&w->shared->at, (uint64_t)n, memory_order_relaxed);
    return n > 0;
}

static int check_open(struct working *w, int fd)
{
    uint64_t offset = 0;
    int rc = 1;
    char *piece = malloc(PIECE);
    if (!piece)
        return failed(w, "malloc", -ENOMEM);
    /* What the kernel kept of the writes would be read instead of what the mount has. */
    posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    uint64_t before = atomic_load_explicit(&w->shared->at, memory_order_relaxed);
    while (rc == 1 && offset <= w->job->bytes) {
        rc = check_piece(w, fd, piece, offset);
        offset = atomic_load_explicit(&w->shared->at, memory_order_relaxed) - before;
    }
    free(piece);
    if (rc >= 0 && offset != w->job->bytes)
        return failed(w, "reading back", -EBADMSG);
    return rc < 0 ? rc : 0;
}

static int check_file(struct working *w)
{
    int fd = open(w->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return failed(w, "open to read back", -errno);
    int rc = check_open(w, fd);
    close(fd);
    return rc;
}

static int read_stats(struct working *w, struct bench_fuse_stats *stats)
{
    int rc = w->job->is_mount ? bench_fuse_stats_read(w->job->directory, stats) : 0;
    return rc < 0 ? failed(w, "reading " BENCH_FUSE_STATS_NAME, rc == -EBADMSG ? -EPROTO : rc) : 0;
}

/* What the daemon counted between two readings. */
static void note_difference(struct working *w, const struct bench_fuse_stats *before)
{
    const struct bench_fuse_stats *after = &w->shared->done.stats;
    struct bench_fuse_cost *cost = &w->shared->done.cost;
    cost->writes = after->writes - before->writes;
    cost->requests = after->requests - before->requests;
    cost->stored_bytes = after->stored_bytes - before->stored_bytes;
}

int bench_fuse_work(const struct bench_fuse_job *job, struct bench_fuse_shared *shared)
{
    struct working w = {.job = job, .shared = shared};
    struct bench_fuse_stats before = {.writes = 0};
    w.has_daemon_clock = job->daemon > 0 && clock_getcpuclockid(job->daemon, &w.daemon_clock) == 0;
    int length = snprintf(w.path, sizeof w.path, "%s/data", job->directory);
    if (length < 0 || (size_t)length >= sizeof w.path)
        return failed(&w, "open", -ENAMETOOLONG);
    int rc = job->throttle ? join_group(&w) : 0;
    if (rc == 0)
        rc = read_stats(&w, &before);
    if (rc == 0 && job->bytes)
        rc = append_file(&w);
    if (rc == 0)
        rc = read_stats(&w, &shared->done.stats);
    if (rc < 0)
        return rc;
    note_difference(&w, &before);
    if (!job->bytes)
        return 0;
    rc = check_file(&w);
    if (unlink(w.path) != 0 && rc == 0)
        rc = failed(&w, "unlink", -errno);
    return rc;
}
