/* Segments: made, taken up again, closed. See make.h.
 *
 * The file gets its final name when everything in it is durable, so a segment with a name has a header. The name itself
 * is durable before the first block goes there.
 *
 * SPDX-License-Identifier: MIT */
#include "log/make.h"

#include <errno.h>
#include <sys/random.h>

#include "io/retry.h"

int quire__random(void *to, uint64_t length)
{
    unsigned char *bytes = to;

    for (uint64_t done = 0; done < length;) {
        ssize_t got = getrandom(bytes + done, length - done, 0);
        if (got < 0 && errno != EINTR)
            return -errno;
        done += got > 0 ? (uint64_t)got : 0;
    }
    return 0;
}

/* A machine that is started again from a saved memory draws the same random numbers again. A file's numbers only grow. */
int quire__new_epoch(uint64_t number, uint64_t *epoch)
{
    uint64_t random;

    int rc = quire__random(&random, sizeof random);
    if (rc == 0)
        *epoch = random ^ number;
    return rc;
}

static bool wants_written(const quire_log *log)
{
    return log->options.prepare == QUIRE_LOG_PREPARE_WRITTEN;
}

static int open_direct(quire_log *log, const char *path, struct quire__segment *segment)
{
    struct quire__io_facts facts;

    segment->direct = -1;
    if (!log->method->direct)
        return 0;
    int rc = log->io->ops->facts(log->io, segment->file, &facts);
    if (rc < 0)
        return rc;
    if (facts.offset_align == 0 || facts.memory_align == 0 || QUIRE__PAGE % facts.offset_align ||
        QUIRE__PAGE % facts.memory_align)
        return QUIRE_E_NO_DIRECT;
    rc = quire__io_open_file(log->io, path, QUIRE__IO_DIRECT, 0, &segment->direct);
    return rc == -EINVAL ? QUIRE_E_NO_DIRECT : rc;
}

void quire__segment_close(quire_log *log, struct quire__segment *segment)
{
    /* What had to be durable was synced, and its failure reported; closing has nothing to add. */
    if (segment->direct >= 0)
        log->io->ops->close(log->io, segment->direct);
    if (segment->file >= 0)
        log->io->ops->close(log->io, segment->file);
    segment->file = segment->direct = -1;
}

static int write_header(quire_log *log, struct quire__segment *segment)
{
    struct quire__segment_header header = {
        .identity = segment->identity,
        .number = segment->number,
        .created = segment->created,
        .segment_bytes = segment->bytes,
    };
    unsigned char page[QUIRE__PAGE] __attribute__((aligned(QUIRE__PAGE)));
    uint64_t done;
    uint64_t calls = 0;

    quire__segment_encode(&header, page);
    return quire__io_write_all(log->io, segment->file, page, sizeof page, 0, &done, &calls);
}

/* Space from offset on, up to the segment's size: blocks, written before if that is wanted. */
static int make_space(quire_log *log, struct quire__segment *segment, uint64_t from)
{
    struct quire__io *io = log->io;
    uint64_t length = segment->bytes - from;

    if (from >= segment->bytes || log->options.prepare == QUIRE_LOG_PREPARE_NONE)
        return 0;
    uint64_t begun = QUIRE__OBSERVE_BEGIN(&log->observer, allocate, from, length);
    int rc = quire__io_allocate(io, segment->file, from, length, true);
    if (rc == 0 && wants_written(log)) {
        rc = quire__io_write_zeros(io, segment->file, from, length);
        if (rc == 0)
            rc = io->ops->sync(io, segment->file);
        /* Written over without being read, so it need not stay in memory. Only advice, and only once it is clean. */
        if (rc == 0)
            io->ops->drop_cache(io, segment->file, from, length);
    }
    QUIRE__OBSERVE_END(&log->observer, QUIRE_EVENT_ALLOCATE, allocate, begun, from, length, rc);
    return rc;
}

/* Fills the file and gives it its name. */
static int fill(quire_log *log, struct quire__segment *segment, const char *from, const char *to,
                enum quire_call *failed_call)
{
    struct quire__io *io = log->io;
    struct quire__io_facts facts;

    *failed_call = QUIRE_CALL_STAT;
    int rc = io->ops->facts(io, segment->file, &facts);
    if (rc < 0)
        return rc;
    /* One that was used before is as large as it was: only what is missing is made. */
    *failed_call = QUIRE_CALL_ALLOCATE;
    segment->identity.reused = facts.size > 0;
    rc = make_space(log, segment, facts.size);
    if (rc < 0)
        return rc;
    *failed_call = QUIRE_CALL_WRITE;
    rc = write_header(log, segment);
    if (rc < 0)
        return rc;
    *failed_call = QUIRE_CALL_SYNC;
    rc = io->ops->sync(io, segment->file);
    if (rc < 0)
        return rc;
    *failed_call = QUIRE_CALL_RENAME;
    rc = io->ops->rename(io, from, to);
    if (rc < 0)
        return rc;
    *failed_call = QUIRE_CALL_SYNC_DIRECTORY;
    return io->ops->sync_directory(io, to);
}

static int open_next(quire_log *log, const char *recycled, const char *next, int *file)
{
    struct quire__io *io = log->io;
    unsigned how = log->method->reads ? QUIRE__IO_READ : 0;

    /* What an attempt that failed left. Its absence is what is wanted. */
    io->ops->unlink(io, next);
    if (recycled[0]) {
        int rc = io->ops->rename(io, recycled, next);
        if (rc == 0)
            return quire__io_open_file(io, next, how, 0, file);
    }
    return quire__io_open_file(io, next, how | QUIRE__IO_CREATE | QUIRE__IO_EXCLUSIVE, log->options.file_mode, file);
}

int quire__segment_make(quire_log *log, uint64_t number, const char *recycled, struct quire__segment *segment,
                        enum quire_call *failed_call)
{
    struct quire__path next;
    struct quire__path path;

    *segment = (struct quire__segment){.number = number,
                                       .created = quire__log_now(),
                                       .bytes = log->options.segment_bytes,
                                       .file = -1,
                                       .direct = -1,
                                       .end = QUIRE__SEGMENT_BEGIN};
    memcpy(segment->identity.log_id, log->log_id, sizeof log->log_id);
    *failed_call = QUIRE_CALL_OPEN;
    int rc = quire__new_epoch(number, &segment->identity.epoch);
    if (rc == 0)
        rc = quire__path_join(log->directory, QUIRE__NEXT_NAME, &next);
    if (rc == 0)
        rc = quire__segment_path(log->directory, number, &path);
    if (rc == 0)
        rc = open_next(log, recycled, next.text, &segment->file);
    if (rc < 0)
        return rc;
    rc = fill(log, segment, next.text, path.text, failed_call);
    if (rc == 0) {
        *failed_call = QUIRE_CALL_OPEN;
        rc = open_direct(log, path.text, segment);
    }
    if (rc < 0) {
        /* It must not be found half made; if it keeps a name all the same, its header says that it is empty. */
        log->io->ops->unlink(log->io, *failed_call == QUIRE_CALL_OPEN ? path.text : next.text);
        quire__segment_close(log, segment);
    }
    return rc;
}

int quire__segment_resume(quire_log *log, uint64_t number, const struct quire__segment_header *header, uint64_t end,
                          struct quire__segment *segment, enum quire_call *failed_call)
{
    struct quire__io_facts facts;
    struct quire__path path;

    *segment = (struct quire__segment){.number = number,
                                       .identity = header->identity,
                                       .created = header->created,
                                       .file = -1,
                                       .direct = -1,
                                       .end = end};
    *failed_call = QUIRE_CALL_OPEN;
    int rc = quire__segment_path(log->directory, number, &path);
    if (rc == 0)
        rc = quire__io_open_file(log->io, path.text, log->method->reads ? QUIRE__IO_READ : 0, 0, &segment->file);
    if (rc == 0)
        rc = open_direct(log, path.text, segment);
    if (rc == 0) {
        *failed_call = QUIRE_CALL_STAT;
        rc = log->io->ops->facts(log->io, segment->file, &facts);
    }
    if (rc == 0) {
        *failed_call = QUIRE_CALL_ALLOCATE;
        segment->bytes = quire__max(quire__round_down(facts.size, QUIRE__PAGE), log->options.segment_bytes);
        rc = make_space(log, segment, facts.size);
    }
    if (rc < 0)
        quire__segment_close(log, segment);
    return rc;
}
