/* The face of a writer: arguments are checked here, and policies applied; the method does the rest.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <stddef.h>

#include "base/pieces.h"
#include "io/retry.h"
#include "writer/commit.h"

int quire__writer_put(quire_writer *writer, const void *from, uint64_t length, uint64_t offset, uint64_t *done)
{
    uint64_t calls = 0;

    uint64_t begun = QUIRE__OBSERVE_BEGIN(&writer->observer, write, offset, length);
    int rc = quire__io_write_all(writer->io, writer->file, from, length, offset, done, &calls);
    QUIRE__OBSERVE_END(&writer->observer, QUIRE_EVENT_WRITE, write, begun, offset, length, rc);
    quire__count(&writer->writes, calls);
    quire__count(&writer->write_bytes, *done);
    if (!quire__is_whole_pages(offset + *done))
        quire__count(&writer->tail_writes, 1);
    return rc < 0 ? quire__progress_fail(&writer->progress, rc, QUIRE_CALL_WRITE, offset + *done) : 0;
}

int quire__writer_refuse(quire_writer *writer, int rc, uint64_t length)
{
    if (rc != -EAGAIN || writer->wait)
        return rc;
    if (writer->options.on_full == QUIRE_FULL_AGAIN) {
        quire__count(&writer->agains, 1);
        return rc;
    }
    quire__count(&writer->drops, 1);
    quire__count(&writer->drop_bytes, length);
    return QUIRE_E_DROPPED;
}

/* What follows an append that the method has seen: the policies. */
static int settle(quire_writer *writer, int rc, uint64_t at, uint64_t length, uint64_t *offset)
{
    if (QUIRE__UNLIKELY(rc < 0))
        return quire__writer_refuse(writer, rc, length);
    if (QUIRE__UNLIKELY(writer->each)) {
        rc = quire__commit(writer, at + length, true);
        if (rc < 0)
            return rc;
    }
    if (offset)
        *offset = at;
    return 0;
}

static int append_nothing(quire_writer *writer, uint64_t *offset)
{
    if (offset)
        *offset = writer->method->appended(writer);
    return 0;
}

QUIRE__NO_STACK_PROTECTOR int quire_writer_append(quire_writer *writer, const void *data, uint64_t length,
                                                  uint64_t *offset)
{
    uint64_t at = 0;

    if (QUIRE__UNLIKELY(!writer || (!data && length > 0)))
        return QUIRE_E_ARGUMENT;
    int code = quire__progress_code(&writer->progress);
    if (QUIRE__UNLIKELY(code < 0))
        return code;
    if (QUIRE__UNLIKELY(length == 0))
        return append_nothing(writer, offset);
    int rc = writer->method->append(writer, data, length, writer->wait, &at);
    return settle(writer, rc, at, length, offset);
}

int quire__writer_appendv(quire_writer *writer, const struct iovec *pieces, int count, uint64_t length, bool wait,
                          uint64_t *offset)
{
    uint64_t at = 0;

    int rc = writer->method->appendv(writer, pieces, count, length, wait, &at);
    return settle(writer, rc, at, length, offset);
}

int quire_writer_appendv(quire_writer *writer, const struct iovec *pieces, int count, uint64_t *offset)
{
    uint64_t length = 0;

    if (!writer)
        return QUIRE_E_ARGUMENT;
    int rc = quire__pieces_length(pieces, count, &length);
    if (rc == 0)
        rc = quire__progress_code(&writer->progress);
    if (rc < 0)
        return rc;
    if (length == 0)
        return append_nothing(writer, offset);
    return quire__writer_appendv(writer, pieces, count, length, writer->wait, offset);
}

int quire_writer_claim(quire_writer *writer, uint64_t length, struct quire_claim *claim)
{
    if (!writer || !claim || length == 0)
        return QUIRE_E_ARGUMENT;
    int rc = quire__progress_code(&writer->progress);
    if (rc == 0)
        rc = writer->method->claim(writer, length, writer->wait, claim);
    return rc < 0 ? quire__writer_refuse(writer, rc, length) : 0;
}

int quire_writer_publish(quire_writer *writer, const struct quire_claim *claim)
{
    if (!writer || !claim)
        return QUIRE_E_ARGUMENT;
    int rc = writer->method->publish(writer, claim);
    if (rc < 0 || !writer->each)
        return rc;
    /* The claim lay in the caller's hands: where it ends is believed up to where the file does. */
    uint64_t appended = writer->method->appended(writer);
    return quire__commit(writer, quire__min(claim->offset + claim->length, appended), true);
}

int quire_writer_flush(quire_writer *writer)
{
    if (!writer)
        return QUIRE_E_ARGUMENT;
    int rc = quire__progress_code(&writer->progress);
    if (rc == 0)
        rc = quire__writer_gather(writer);
    return rc < 0 ? rc : writer->method->flush(writer);
}

int quire_writer_sync(quire_writer *writer)
{
    if (!writer)
        return QUIRE_E_ARGUMENT;
    int rc = quire__progress_code(&writer->progress);
    if (rc == 0)
        rc = quire__writer_gather(writer);
    return rc < 0 ? rc : quire__commit(writer, writer->method->appended(writer), true);
}

int quire_writer_wait_durable(quire_writer *writer, uint64_t offset)
{
    if (!writer)
        return QUIRE_E_ARGUMENT;
    int rc = quire__progress_code(&writer->progress);
    if (rc < 0)
        return rc;
    if (offset > writer->method->appended(writer))
        return QUIRE_E_RANGE;
    return quire__commit(writer, offset, !writer->ticker);
}

int quire_writer_watermarks(quire_writer *writer, struct quire_watermarks *watermarks)
{
    if (!writer || !watermarks)
        return QUIRE_E_ARGUMENT;
    /* The one that is behind is read first, so that the others are not behind it. */
    uint64_t durable = quire__progress_durable(&writer->progress);
    uint64_t written = quire__progress_written(&writer->progress);
    *watermarks = (struct quire_watermarks){writer->method->appended(writer), written, durable};
    return 0;
}

int quire_writer_failure(quire_writer *writer, struct quire_failure *failure)
{
    if (!writer || !failure)
        return QUIRE_E_ARGUMENT;
    pthread_mutex_lock(&writer->progress.lock);
    *failure = writer->progress.failure;
    pthread_mutex_unlock(&writer->progress.lock);
    return 0;
}
