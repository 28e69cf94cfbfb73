/* Opening the file, and making space in it. See target.h.
 *
 * SPDX-License-Identifier: MIT */
#include "writer/target.h"

#include <errno.h>

#include "io/retry.h"

/* Space is made ready in steps as large as what was appended so far, and four times what the buffers hold at least: few
 * calls, since each one waits on ext4 until no direct write is under way, and little enough to give back. */
enum { STEP_LEAST = 16 * 1024 * 1024, STEP_MOST = 256 * 1024 * 1024, STEP_BUFFERS = 4 };

static uint64_t next_step(const quire_writer *writer)
{
    uint64_t buffers = STEP_BUFFERS * writer->options.buffer_bytes * writer->options.buffer_count;
    uint64_t step = quire__max(writer->space - writer->begin, buffers);

    return quire__min(quire__max(step, STEP_LEAST), STEP_MOST);
}

/* Either what is there or a new one, knowing which: only a file of our own making may be removed again. */
static int find_or_make(quire_writer *writer, bool *created, int *file)
{
    unsigned how = writer->method->open_how;
    uint32_t mode = writer->options.file_mode;

    for (int attempt = 0; attempt < 8; attempt++) {
        int rc = -ENOENT;
        *created = false;
        if (!(writer->options.flags & QUIRE_OPEN_EXCLUSIVE))
            rc = quire__io_open_file(writer->io, writer->path, how, mode, file);
        if (rc != -ENOENT || writer->options.flags & QUIRE_OPEN_EXISTING)
            return rc;
        rc = quire__io_open_file(writer->io, writer->path, how | QUIRE__IO_CREATE | QUIRE__IO_EXCLUSIVE, mode, file);
        *created = rc == 0;
        if (rc != -EEXIST || writer->options.flags & QUIRE_OPEN_EXCLUSIVE)
            return rc;
        /* Somebody made it in between: open that. */
    }
    return -EEXIST;
}

/* Whoever removed or replaced the file before we had the lock has left us one without a name. */
static int check_name(quire_writer *writer)
{
    uint64_t device = 0;
    uint64_t inode = 0;

    int rc = writer->io->ops->identify(writer->io, writer->path, &device, &inode);
    if (rc < 0)
        return rc == -ENOENT ? QUIRE_E_REPLACED : rc;
    return device == writer->facts.device && inode == writer->facts.inode ? 0 : QUIRE_E_REPLACED;
}

static int inspect(quire_writer *writer, bool created, enum quire_call *failed_call)
{
    *failed_call = QUIRE_CALL_LOCK;
    int rc = writer->io->ops->lock(writer->io, writer->file);
    if (rc < 0)
        return rc;
    /* Only now: whoever had the lock may have appended since. */
    *failed_call = QUIRE_CALL_STAT;
    rc = writer->io->ops->facts(writer->io, writer->file, &writer->facts);
    if (rc == 0)
        rc = check_name(writer);
    if (rc < 0 || !created || writer->options.sync_policy == QUIRE_SYNC_NONE)
        return rc;

    /* A file whose name is lost is lost: the name must be durable before anybody is told that bytes are. */
    *failed_call = QUIRE_CALL_SYNC_DIRECTORY;
    return writer->io->ops->sync_directory(writer->io, writer->path);
}

void quire__target_abandon(quire_writer *writer, bool created, int code)
{
    /* Another has the lock on the file that we made, or has put another in its place: it is not ours to remove. */
    bool ours = created && code != QUIRE_E_LOCKED && code != QUIRE_E_REPLACED;

    /* An error is known already, and these would add nothing to it. The lock is held until the name is gone. */
    if (ours)
        writer->io->ops->unlink(writer->io, writer->path);
    writer->io->ops->close(writer->io, writer->file);
}

int quire__target_open(quire_writer *writer, bool *created, enum quire_call *failed_call)
{
    bool made = false;

    *failed_call = QUIRE_CALL_OPEN;
    int rc = find_or_make(writer, &made, &writer->file);
    if (rc < 0)
        return rc;
    rc = inspect(writer, made, failed_call);
    if (rc < 0) {
        quire__target_abandon(writer, made, rc);
        return rc;
    }
    writer->begin = writer->space = writer->facts.size;
    *created = made;
    return 0;
}

static int write_zeros(quire_writer *writer, uint64_t offset, uint64_t length)
{
    int rc = quire__io_write_zeros(writer->io, writer->file, offset, length);
    if (rc == 0)
        rc = writer->io->ops->sync(writer->io, writer->file);
    if (rc < 0) {
        quire__io_truncate(writer->io, writer->file, offset); /* the error is known; this one adds nothing */
        return rc;
    }
    /* Whole pages will be written over without being read, so they need not stay in memory. Only advice. */
    writer->io->ops->drop_cache(writer->io, writer->file, offset, length);
    return 0;
}

int quire__target_prepare(quire_writer *writer)
{
    uint64_t bytes = writer->options.prepare_bytes;
    int rc = 0;

    if (bytes > QUIRE__FILE_MAX - writer->begin)
        return -EFBIG;
    if (writer->options.prepare == QUIRE_PREPARE_WRITTEN)
        rc = write_zeros(writer, writer->begin, bytes);
    else if (writer->options.prepare == QUIRE_PREPARE_ALLOCATED)
        rc = quire__io_allocate(writer->io, writer->file, writer->begin, bytes, writer->method->needs_space);
    if (rc < 0 || bytes == 0)
        return rc;
    quire__count(&writer->allocations, 1);
    if (writer->options.prepare == QUIRE_PREPARE_WRITTEN || writer->method->needs_space)
        writer->space = writer->begin + bytes;
    writer->overhang = true;
    return 0;
}

static int extend_to(quire_writer *writer, uint64_t end)
{
    uint64_t length = end - writer->space;
    uint64_t begun = QUIRE__OBSERVE_BEGIN(&writer->observer, allocate, writer->space, length);
    int rc = quire__io_allocate(writer->io, writer->file, writer->space, length, true);
    QUIRE__OBSERVE_END(&writer->observer, QUIRE_EVENT_ALLOCATE, allocate, begun, writer->space, length, rc);
    if (rc < 0)
        return rc;
    quire__count(&writer->allocations, 1);
    writer->space = end;
    writer->overhang = true;
    return 0;
}

int quire__target_extend(quire_writer *writer, uint64_t end)
{
    uint64_t step = next_step(writer);

    if (end <= writer->space)
        return 0;
    if (end > QUIRE__FILE_MAX - step - QUIRE__PAGE)
        return -EFBIG;
    int rc = extend_to(writer, quire__round_up(end + step, QUIRE__PAGE));
    /* A disk that is nearly full, or a limit on the file's size, may still have room for what is needed now. */
    if (rc == -ENOSPC || rc == -EFBIG || rc == -EDQUOT)
        rc = extend_to(writer, quire__round_up(end, QUIRE__PAGE));
    return rc;
}

int quire__target_cut(quire_writer *writer, uint64_t end)
{
    if (!writer->overhang)
        return 0;
    int rc = quire__io_truncate(writer->io, writer->file, end);
    return rc < 0 ? quire__progress_fail(&writer->progress, rc, QUIRE_CALL_TRUNCATE, end) : 0;
}

int quire__target_open_direct(quire_writer *writer, int *file)
{
    struct quire__io_facts facts;
    const struct quire__io_facts *known = &writer->facts;
    int direct;

    if (known->offset_align == 0 || known->memory_align == 0 || QUIRE__PAGE % known->offset_align ||
        QUIRE__PAGE % known->memory_align)
        return QUIRE_E_NO_DIRECT;
    int rc = quire__io_open_file(writer->io, writer->path, QUIRE__IO_DIRECT, 0, &direct);
    if (rc < 0)
        return rc == -EINVAL ? QUIRE_E_NO_DIRECT : rc;
    rc = writer->io->ops->facts(writer->io, direct, &facts);
    if (rc == 0 && (facts.inode != known->inode || facts.device != known->device))
        rc = QUIRE_E_REPLACED;
    if (rc < 0) {
        writer->io->ops->close(writer->io, direct);
        return rc;
    }
    *file = direct;
    return 0;
}
