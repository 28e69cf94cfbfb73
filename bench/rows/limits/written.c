/* A file whose blocks have been written before. See written.h.
 *
 * SPDX-License-Identifier: MIT */
#include "rows/limits/written.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int write_zeros(int fd, uint64_t bytes)
{
    enum { PIECE = 1 << 20 };
    char *zeros = calloc(1, PIECE);
    int rc = zeros ? 0 : -ENOMEM;
    for (uint64_t at = 0; rc == 0 && at < bytes;) {
        ssize_t n = pwrite(fd, zeros, bytes - at < PIECE ? bytes - at : PIECE, (off_t)at);
        if (n > 0)
            at += (uint64_t)n;
        else if (n < 0 && errno != EINTR)
            rc = -errno;
    }
    free(zeros);
    return rc;
}

int bench_written_make(const char *path, uint64_t bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    struct stat st;
    int rc = fstat(fd, &st) == 0 ? 0 : -errno;
    if (rc == 0 && (uint64_t)st.st_size < bytes) {
        rc = write_zeros(fd, bytes);
        if (rc == 0 && fsync(fd) != 0)
            rc = -errno;
        posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    }
    close(fd);
    return rc;
}
