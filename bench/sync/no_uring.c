/* A build without liburing: that way cannot be had. See append.h.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>

#include "sync/append.h"

int bench_sync_uring_open(struct bench_sync_uring **uring)
{
    (void)uring;
    return -ENOSYS;
}

int bench_sync_uring_append(struct bench_sync_uring *uring, int fd, const char *record, uint64_t bytes, uint64_t offset,
                            const char **call)
{
    (void)uring, (void)fd, (void)record, (void)bytes, (void)offset, (void)call;
    return -ENOSYS;
}

void bench_sync_uring_close(struct bench_sync_uring *uring)
{
    (void)uring;
}
