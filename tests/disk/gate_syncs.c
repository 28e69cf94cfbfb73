/* Counting syncs beneath the library. See gate_syncs.h.
 *
 * SPDX-License-Identifier: MIT */
#include "gate_syncs.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { FAILED_MOST = 64, FDS = 1024 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct disk_syncs counts;
static ino_t failed_files[FAILED_MOST];
static ino_t known[FDS]; /* which regular file a descriptor was of; 0: none */

static bool has_failed(ino_t file)
{
    for (uint64_t i = 0; i < counts.failed && i < FAILED_MOST; i++)
        if (failed_files[i] == file)
            return true;
    return false;
}

/* A directory may be synced after a file failed: that is no second try. A file system that has shut down does not answer
 * any more: then the descriptor is of the file that it was. */
static bool counts_for(int fd, ino_t *file)
{
    struct stat status;

    if (fd < 0 || fd >= FDS)
        return false;
    if (fstat(fd, &status) == 0)
        known[fd] = S_ISREG(status.st_mode) ? status.st_ino : 0;
    *file = known[fd];
    return known[fd] != 0;
}

static void count(int fd, bool failed)
{
    int error = errno;
    ino_t file;

    pthread_mutex_lock(&lock);
    if (counts_for(fd, &file)) {
        counts.calls++;
        counts.again += has_failed(file);
        if (failed && counts.failed < FAILED_MOST)
            failed_files[counts.failed++] = file;
    }
    pthread_mutex_unlock(&lock);
    errno = error;
}

int fsync(int fd)
{
    int rc = (int)syscall(SYS_fsync, fd);

    count(fd, rc < 0);
    return rc;
}

int fdatasync(int fd)
{
    int rc = (int)syscall(SYS_fdatasync, fd);

    count(fd, rc < 0);
    return rc;
}

ssize_t pwritev2(int fd, const struct iovec *pieces, int count_of, off_t offset, int flags)
{
    ssize_t done = syscall(SYS_pwritev2, fd, pieces, (unsigned long)count_of, offset, 0L, flags);

    if (flags & (RWF_DSYNC | RWF_SYNC))
        count(fd, done < 0);
    return done;
}

struct disk_syncs disk_syncs(void)
{
    pthread_mutex_lock(&lock);
    struct disk_syncs now = counts;
    pthread_mutex_unlock(&lock);
    return now;
}
