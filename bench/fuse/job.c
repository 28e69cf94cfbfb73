/* One file, by a process of its own: starting it, and waiting for it. See job.h.
 *
 * SPDX-License-Identifier: MIT */
#include "fuse/job.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cost.h"
#include "base/stop.h"
#include "fuse/work.h"

enum { LOOK_MS = 200 };
/* A disk slower than that is taken for one that does not answer; and so is one that stands still for longer. */
static const double slowest_bytes_per_s = 1e6, patience_seconds = 60;
static const double grace_seconds = 3; /* for a process that was killed */

/* The child's whole life. The pipe's end closes with it, which is how the parent hears of it. */
__attribute__((noreturn)) static void live(const struct bench_fuse_job *job, struct bench_fuse_shared *shared,
                                           pid_t parent)
{
    /* Ctrl-C is the parent's to deal with; and the child is not to outlive it. */
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    shared->rc = bench_fuse_work(job, shared);
    _exit(0);
}

/* Whether the child has ended; false: it was given up, because of the reason in *rc. */
static bool wait_for_end(const struct bench_fuse_job *job, struct bench_fuse_shared *shared, int pipe_end, int *rc)
{
    struct pollfd waiting = {.fd = pipe_end, .events = POLLIN};
    double patience = patience_seconds + (double)job->bytes / slowest_bytes_per_s, until = bench_now() + patience;
    uint64_t seen = 0;
    while (poll(&waiting, 1, LOOK_MS) <= 0) {
        uint64_t at = atomic_load_explicit(&shared->at, memory_order_relaxed);
        if (at != seen)
            until = bench_now() + patience;
        seen = at;
        *rc = bench_stop_signal ? -EINTR : bench_now() > until ? -ETIMEDOUT : 0;
        if (*rc < 0)
            return false;
    }
    return true;
}

/* Ends a child before its time. Killed it may be in the kernel still: waiting for a disk that has a limit, which is
 * lifted; or for a request that a daemon has taken and does not answer, which only the daemon's end cuts short. */
static void give_up(const struct bench_fuse_job *job, int pipe_end, pid_t child)
{
    struct pollfd waiting = {.fd = pipe_end, .events = POLLIN};
    kill(child, SIGKILL);
    if (job->throttle)
        bench_fuse_throttle_limit(job->throttle, 0);
    double until = bench_now() + grace_seconds;
    while (bench_now() < until)
        if (poll(&waiting, 1, LOOK_MS) > 0)
            return;
    if (job->daemon > 0)
        kill(job->daemon, SIGKILL);
}

static int wait_for(const struct bench_fuse_job *job, struct bench_fuse_shared *shared, int pipe_end, pid_t child)
{
    int rc = 0, status = 0;
    if (!wait_for_end(job, shared, pipe_end, &rc))
        give_up(job, pipe_end, child);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (rc < 0)
        return rc;
    return status == 0 ? shared->rc : -ECHILD;
}

static int run(const struct bench_fuse_job *job, struct bench_fuse_shared *shared)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return -errno;
    pid_t parent = getpid(), child = fork();
    if (child == 0) {
        close(ends[0]);
        live(job, shared, parent);
    }
    int rc = child < 0 ? -errno : 0;
    close(ends[1]);
    if (rc == 0)
        rc = wait_for(job, shared, ends[0], child);
    close(ends[0]);
    return rc;
}

int bench_fuse_job_run(const struct bench_fuse_job *job, struct bench_fuse_done *done)
{
    void *memory =
        mmap(NULL, sizeof(struct bench_fuse_shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    *done = (struct bench_fuse_done){.call = "mmap"};
    if (memory == MAP_FAILED)
        return -errno;
    struct bench_fuse_shared *shared = memory;
    memcpy(shared->done.call, "fork", sizeof "fork");
    int rc = run(job, shared);
    *done = shared->done;
    done->at = atomic_load_explicit(&shared->at, memory_order_relaxed);
    munmap(memory, sizeof *shared);
    return rc;
}
