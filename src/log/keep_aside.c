/* Copying out, and cutting off. See keep_aside.h.
 *
 * SPDX-License-Identifier: MIT */
#include "log/keep_aside.h"

#include <errno.h>
#include <stdlib.h>

#include "base/at_once.h"
#include "io/retry.h"

enum { TORN_MOST = 10000 };

static int copy(struct quire__io *io, int source, int target, uint64_t from, uint64_t to)
{
    unsigned char *memory = malloc(QUIRE__AT_ONCE);
    int rc = memory ? 0 : -ENOMEM;

    for (uint64_t at = from; at < to && rc == 0;) {
        uint64_t got = 0;
        uint64_t done = 0;
        uint64_t calls = 0;
        rc = quire__io_read_all(io, source, memory, quire__min(QUIRE__AT_ONCE, to - at), at, &got);
        if (rc == 0 && got == 0)
            break; /* the file has become shorter */
        if (rc == 0)
            rc = quire__io_write_all(io, target, memory, got, at - from, &done, &calls);
        at += got;
    }
    free(memory);
    return rc;
}

int quire__torn_create(struct quire__io *io, const char *directory, uint64_t number, uint64_t offset,
                       struct quire__path *path, int *file)
{
    int rc = -EEXIST;

    for (uint32_t again = 0; again < TORN_MOST && rc == -EEXIST; again++) {
        rc = quire__torn_path(directory, number, offset, again, path);
        if (rc == 0)
            rc = quire__io_open_file(io, path->text, QUIRE__IO_CREATE | QUIRE__IO_EXCLUSIVE, 0600, file);
    }
    return rc;
}

static int copy_durably(struct quire__io *io, const char *path, int source, int target, uint64_t from, uint64_t to,
                        enum quire_call *failed_call)
{
    *failed_call = QUIRE_CALL_WRITE;
    int rc = copy(io, source, target, from, to);
    if (rc == 0) {
        *failed_call = QUIRE_CALL_SYNC;
        rc = io->ops->sync(io, target);
    }
    if (rc == 0) {
        *failed_call = QUIRE_CALL_SYNC_DIRECTORY;
        rc = io->ops->sync_directory(io, path);
    }
    return rc;
}

int quire__keep_aside(struct quire__io *io, const char *directory, uint64_t number, uint64_t from, uint64_t to,
                      enum quire_call *failed_call)
{
    struct quire__path path;
    struct quire__path aside;
    int source = -1;
    int target = -1;

    if (from >= to)
        return 0;
    *failed_call = QUIRE_CALL_OPEN;
    int rc = quire__segment_path(directory, number, &path);
    if (rc == 0)
        rc = quire__io_open_file(io, path.text, QUIRE__IO_READ_ONLY, 0, &source);
    if (rc < 0)
        return rc;
    rc = quire__torn_create(io, directory, number, from, &aside, &target);
    if (rc == 0) {
        rc = copy_durably(io, aside.text, source, target, from, to, failed_call);
        io->ops->close(io, target); /* the sync has said all there is to say */
        if (rc < 0)
            io->ops->unlink(io, aside.text); /* best effort: half a copy is of no use, and the segment is as it was */
    }
    io->ops->close(io, source); /* opened for reading: nothing to lose */
    return rc;
}

int quire__cut_segment(struct quire__io *io, const char *directory, uint64_t number, uint64_t length,
                       enum quire_call *failed_call)
{
    int file = -1;

    *failed_call = QUIRE_CALL_OPEN;
    int rc = quire__segment_open_file(io, directory, number, 0, &file);
    if (rc < 0)
        return rc;
    *failed_call = QUIRE_CALL_TRUNCATE;
    rc = quire__io_truncate(io, file, length);
    if (rc == 0) {
        *failed_call = QUIRE_CALL_SYNC;
        rc = io->ops->sync(io, file);
    }
    io->ops->close(io, file); /* the sync has said all there is to say */
    return rc;
}
