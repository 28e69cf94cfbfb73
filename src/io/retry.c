/* Attempts until it is done: see retry.h for which calls are tried again and which never.
 *
 * SPDX-License-Identifier: MIT */
#include "io/retry.h"

#include <errno.h>
#include <quire/error.h>

#include "base/align.h"

int quire__io_write_all(struct quire__io *io, int file, const void *from, uint64_t length, uint64_t offset,
                        uint64_t *done, uint64_t *calls)
{
    const unsigned char *bytes = from;

    *done = 0;
    while (*done < length) {
        uint64_t written = 0;
        int rc = io->ops->write(io, file, bytes + *done, length - *done, offset + *done, &written);
        if (rc == -EINTR)
            continue;
        if (rc == 0 && written == 0)
            rc = QUIRE_E_NO_PROGRESS;
        if (rc < 0)
            return rc;
        *done += written;
        *calls += 1;
    }
    return 0;
}

int quire__io_read_all(struct quire__io *io, int file, void *to, uint64_t length, uint64_t offset, uint64_t *got)
{
    unsigned char *bytes = to;
    uint64_t done = 0;

    while (done < length) {
        uint64_t now = 0;
        int rc = io->ops->read(io, file, bytes + done, length - done, offset + done, &now);
        if (rc == -EINTR)
            continue;
        if (rc < 0)
            return rc;
        if (now == 0)
            break;
        done += now;
    }
    *got = done;
    return 0;
}

int quire__io_open_file(struct quire__io *io, const char *path, unsigned how, uint32_t mode, int *file)
{
    int rc;

    do
        rc = io->ops->open(io, path, how, mode, file);
    while (rc == -EINTR);
    return rc;
}

int quire__io_write_zeros(struct quire__io *io, int file, uint64_t offset, uint64_t length)
{
    static const unsigned char zeros[64 * 1024] __attribute__((aligned(QUIRE__PAGE)));

    for (uint64_t at = 0; at < length; at += sizeof zeros) {
        uint64_t done = 0;
        uint64_t calls = 0;
        int rc =
            quire__io_write_all(io, file, zeros, quire__min(sizeof zeros, length - at), offset + at, &done, &calls);
        if (rc < 0)
            return rc;
    }
    return 0;
}

int quire__io_truncate(struct quire__io *io, int file, uint64_t length)
{
    int rc;

    do
        rc = io->ops->truncate(io, file, length);
    while (rc == -EINTR);
    return rc;
}

int quire__io_allocate(struct quire__io *io, int file, uint64_t offset, uint64_t length, bool grow)
{
    int rc;

    do
        rc = io->ops->allocate(io, file, offset, length, grow);
    while (rc == -EINTR);
    if (rc == -EOPNOTSUPP && grow)
        rc = quire__io_write_zeros(io, file, offset, length);
    /* A failed allocation leaves the file grown, or blocks behind its end; a failed write of zeros leaves some. */
    if (rc < 0)
        quire__io_truncate(io, file, offset); /* its failure adds nothing to the one reported */
    return rc;
}
