/* Opening a file past the page cache. See open_direct.h.
 *
 * SPDX-License-Identifier: MIT */
#include "rows/limits/open_direct.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include <quire/error.h>

int bench_open_direct(const char *path, int flags)
{
    int fd = open(path, O_WRONLY | O_DIRECT | O_CLOEXEC | flags, 0600);
    if (fd < 0)
        return errno == EINVAL ? QUIRE_E_NO_DIRECT : -errno;
    struct statfs fs;
    /* tmpfs accepts the flag and then copies as ever. */
    if (fstatfs(fd, &fs) == 0 && fs.f_type == TMPFS_MAGIC) {
        close(fd);
        return QUIRE_E_NO_DIRECT;
    }
    return fd;
}
