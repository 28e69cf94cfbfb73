/* Records into the log itself, in one total order: the face of the shared lane.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>

#include "base/pieces.h"
#include "log/big.h"
#include "log/commit.h"
#include "log/drain.h"
#include "log/frame.h"
#include "log/lane.h"
#include "log/retire.h"
#include "log/settle.h"

QUIRE__NO_STACK_PROTECTOR int quire_log_append(quire_log *log, const void *data, uint64_t length, uint64_t *sequence)
{
    struct quire__place place = {.slot = NULL};
    bool sealed;

    if (QUIRE__UNLIKELY(!log || (!data && length > 0)))
        return QUIRE_E_ARGUMENT;
    if (QUIRE__UNLIKELY(length > log->plain_most))
        return quire_log_appendv(log, &(struct iovec){(void *)(uintptr_t)data, length}, 1, sequence);
    int rc = quire__take(log, log->frame + length, 1, length, &place, &sealed);
    if (QUIRE__UNLIKELY(rc < 0))
        return rc;
    quire__put_bytes(quire__put_frame(log, place.memory, length, place.delta, 0), data, length);
    quire__places_publish(&place, log->frame + length);
    if (sequence)
        *sequence = place.sequence;
    return quire__settle(log, place.sequence, sealed);
}

/* What no file can have no record can have. */
static int sum_of(const struct iovec *pieces, int count, uint64_t *length)
{
    int rc = quire__pieces_length(pieces, count, length);

    return rc == -EFBIG ? QUIRE_E_TOO_LARGE : rc;
}

/* Too large for a buffer. */
static int append_big(quire_log *log, const struct quire__big *big, uint64_t *first)
{
    uint64_t sequence;

    if (!log->wait)
        return QUIRE_E_TOO_LARGE;
    int rc = quire__log_enter(log);
    if (rc == 0)
        rc = quire__big_append(log, big, &sequence);
    if (rc < 0)
        return quire__log_refuse(log, rc, big->records, big->bytes);
    if (first)
        *first = sequence;
    return quire__settle(log, sequence + big->records - 1, true);
}

int quire_log_appendv(quire_log *log, const struct iovec *pieces, int count, uint64_t *sequence)
{
    struct quire__place place = {.slot = NULL};
    uint64_t length = 0;
    bool sealed;

    if (!log)
        return QUIRE_E_ARGUMENT;
    int rc = sum_of(pieces, count, &length);
    if (rc < 0)
        return rc;
    if (length > log->options.record_most)
        return QUIRE_E_TOO_LARGE;
    if (length > quire__block_capacity(log) - log->frame)
        return append_big(
            log,
            &(struct quire__big){
                .pieces = pieces, .count = count, .records = 1, .first_length = length, .bytes = length + log->frame},
            sequence);
    rc = quire__take(log, log->frame + length, 1, length, &place, &sealed);
    if (rc < 0)
        return rc;
    unsigned char *to = quire__put_frame(log, place.memory, length, place.delta, 0);
    for (int i = 0; i < count; i++)
        to = quire__put_bytes(to, pieces[i].iov_base, pieces[i].iov_len);
    quire__places_publish(&place, log->frame + length);
    if (sequence)
        *sequence = place.sequence;
    return quire__settle(log, place.sequence, sealed);
}

int quire_log_append_batch(quire_log *log, const struct iovec *records, int count, uint64_t *first)
{
    struct quire__place place = {.slot = NULL};
    uint64_t length = 0;
    bool sealed;

    if (!log || count < 1)
        return QUIRE_E_ARGUMENT;
    int rc = sum_of(records, count, &length);
    if (rc < 0)
        return rc;
    if (length > log->options.record_most)
        return QUIRE_E_TOO_LARGE;
    uint64_t bytes = length + (uint64_t)count * log->frame;
    if (bytes > quire__block_capacity(log))
        return append_big(
            log, &(struct quire__big){.pieces = records, .count = count, .records = (uint64_t)count, .bytes = bytes},
            first);
    rc = quire__take(log, bytes, (uint64_t)count, length, &place, &sealed);
    if (rc < 0)
        return rc;
    unsigned char *to = place.memory;
    for (int i = 0; i < count; i++)
        to = quire__put_bytes(quire__put_frame(log, to, records[i].iov_len, place.delta, 0), records[i].iov_base,
                              records[i].iov_len);
    quire__places_publish(&place, bytes);
    if (first)
        *first = place.sequence;
    return quire__settle(log, place.sequence + (uint64_t)count - 1, sealed);
}

int quire_log_flush(quire_log *log)
{
    int rc = quire__log_enter(log);
    if (rc < 0)
        return rc;
    int gathered = quire__log_gather(log);
    rc = quire__drain_all(log);
    return gathered < 0 ? gathered : rc;
}

int quire_log_sync(quire_log *log, uint64_t sequence)
{
    int rc = quire__log_enter(log);
    if (rc < 0)
        return rc;
    int gathered = sequence == 0 ? quire__log_gather(log) : 0;
    uint64_t appended = quire__log_appended(log);
    if (sequence > appended)
        return QUIRE_E_RANGE;
    rc = quire__commit_up_to(log, sequence ? sequence : appended);
    return gathered < 0 ? gathered : rc;
}

int quire_log_wait_durable(quire_log *log, uint64_t sequence)
{
    int rc = quire__log_enter(log);
    if (rc < 0)
        return rc;
    if (sequence > quire__log_appended(log))
        return QUIRE_E_RANGE;
    return log->ticker ? quire__commit_await(log, sequence) : quire__commit_up_to(log, sequence);
}

int quire_log_rotate(quire_log *log)
{
    int rc = quire__log_enter(log);
    return rc < 0 ? rc : quire__rotate_now(log);
}

int quire_log_trim(quire_log *log, uint64_t sequence, uint64_t *segments)
{
    if (!log)
        return QUIRE_E_ARGUMENT;
    int rc = quire__log_code(log);
    return rc < 0 ? rc : quire__retire_below(log, sequence, segments);
}
