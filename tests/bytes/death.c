/* Dying beneath the library: its calls, with a count in front of them. See death.h.
 *
 * SPDX-License-Identifier: MIT */
#include "death.h"

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { STEP_BYTES = 4096 };

static _Atomic int64_t left = INT64_MAX;

void death_after(uint64_t steps)
{
    left = (int64_t)steps;
}

/* How many of those steps there are. */
static int64_t take(int64_t steps)
{
    int64_t there = atomic_fetch_sub(&left, steps);

    if (there >= steps)
        return steps;
    return there > 0 ? there : 0;
}

static void die(void)
{
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

static void take_one(void)
{
    if (take(1) == 0)
        die();
}

static ssize_t put(int fd, const void *from, size_t length, off_t offset, int flags)
{
    const struct iovec piece = {(void *)(uintptr_t)from, length};

    return syscall(SYS_pwritev2, fd, &piece, 1UL, offset, 0L, flags);
}

static ssize_t put_some(int fd, const void *from, size_t length, off_t offset, int flags)
{
    int64_t steps = (int64_t)(length + STEP_BYTES - 1) / STEP_BYTES, there = take(steps);

    if (there < steps) {
        (void)put(fd, from, (size_t)there * STEP_BYTES, offset, flags); /* who dies does not ask */
        die();
    }
    return put(fd, from, length, offset, flags);
}

ssize_t pwrite(int fd, const void *from, size_t length, off_t offset)
{
    return put_some(fd, from, length, offset, 0);
}

/* The library has one piece to write. */
ssize_t pwritev2(int fd, const struct iovec *pieces, int count, off_t offset, int flags)
{
    if (count != 1)
        abort();
    return put_some(fd, pieces[0].iov_base, pieces[0].iov_len, offset, flags);
}

int ftruncate(int fd, off_t length)
{
    take_one();
    return (int)syscall(SYS_ftruncate, fd, length);
}

int fallocate(int fd, int mode, off_t offset, off_t length)
{
    take_one();
    return (int)syscall(SYS_fallocate, fd, mode, offset, length);
}

int fsync(int fd)
{
    take_one();
    return (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
    take_one();
    return (int)syscall(SYS_fdatasync, fd);
}

int rename(const char *from, const char *to)
{
    take_one();
    return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int unlink(const char *path)
{
    take_one();
    return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

int open(const char *path, int flags, ...)
{
    va_list more;

    va_start(more, flags);
    mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0;
    va_end(more);
    if (flags & O_CREAT)
        take_one();
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}
