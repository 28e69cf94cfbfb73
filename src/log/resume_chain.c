/* The digest so far. See resume_chain.h.
 *
 * SPDX-License-Identifier: MIT */
#include "log/resume_chain.h"

#include <errno.h>
#include <stdlib.h>

#include "base/at_once.h"
#include "base/sha256.h"
#include "io/retry.h"

/* Goes over the blocks of a segment; the footer's sums, if it ends in one. */
static int read_blocks(quire_log *log, int file, uint64_t end, unsigned char *memory)
{
    for (uint64_t at = QUIRE__SEGMENT_BEGIN; at < end;) {
        uint64_t got = 0;
        int rc = quire__io_read_all(log->io, file, memory, quire__min(QUIRE__AT_ONCE, end - at), at, &got);
        if (rc == 0 && got == 0)
            rc = QUIRE_E_DAMAGED;
        if (rc < 0)
            return rc;
        quire__sha256_update(log->chain, memory, got);
        at += got;
    }
    return 0;
}

/* The last page of a sealed segment. */
static int read_footer(quire_log *log, int file, uint64_t end, unsigned char *digest)
{
    struct quire__disk_footer footer;
    uint64_t got = 0;

    int rc = quire__io_read_all(log->io, file, &footer, sizeof footer, end - QUIRE__PAGE + QUIRE__BLOCK_HEADER, &got);
    if (rc == 0 && got == sizeof footer && footer.chained)
        memcpy(digest, footer.digest, sizeof footer.digest);
    return rc;
}

static int open_segment(quire_log *log, uint64_t number, int *file, uint64_t *end, bool *sealed)
{
    struct quire__segment_header header;
    struct quire__tail tail;
    uint64_t bytes;

    int rc = quire__segment_open(log->io, log->directory, number, log->log_id, file, &header, &bytes);
    if (rc < 0)
        return rc;
    rc = quire__tail_read(log->io, *file, &header.identity, bytes, &tail);
    if (rc < 0)
        log->io->ops->close(log->io, *file); /* opened for reading: nothing to lose */
    *end = tail.end;
    *sealed = tail.sealed;
    return rc;
}

/* The digest that a segment says. *said: it does. */
static int read_digest(quire_log *log, uint64_t number, bool *said)
{
    uint64_t end;
    int file;

    int rc = open_segment(log, number, &file, &end, said);
    if (rc < 0)
        return rc;
    if (*said)
        rc = read_footer(log, file, end, log->chain_previous);
    log->io->ops->close(log->io, file); /* opened for reading: nothing to lose */
    return rc;
}

/* A crash took its footer: the digest that it would have said. One that is empty counts for nothing. */
static int make_digest(quire_log *log, uint64_t number, unsigned char *memory)
{
    uint64_t end;
    bool sealed;
    int file;

    int rc = open_segment(log, number, &file, &end, &sealed);
    if (rc < 0)
        return rc;
    if (end > QUIRE__SEGMENT_BEGIN) {
        quire__sha256_begin(log->chain, log->chain_previous);
        rc = read_blocks(log, file, end, memory);
        quire__sha256_digest(log->chain, log->chain_previous);
    }
    log->io->ops->close(log->io, file); /* opened for reading: nothing to lose */
    return rc;
}

/* From the segments in front of this one: back to the nearest that says its digest, and forward again. Zeros where none
 * does, or it was not chained, or is damaged. */
static int go_over(quire_log *log, const struct quire__segment_list *list, uint64_t number, unsigned char *memory)
{
    uint64_t count = 0;
    bool said = false;
    int rc = 0;

    while (count < list->count && list->numbers[count] < number)
        count++;
    uint64_t next = count;
    while (next > 0 && !said && rc == 0)
        rc = read_digest(log, list->numbers[--next], &said);
    bool is_damaged = rc < 0 && quire__is_damage(rc);
    if (said || is_damaged)
        next++;
    if (is_damaged)
        rc = 0;
    for (; next < count && rc == 0; next++)
        rc = make_digest(log, list->numbers[next], memory);
    return rc;
}

static int read_previous(quire_log *log, uint64_t number, unsigned char *memory)
{
    struct quire__segment_list list;

    memset(log->chain_previous, 0, sizeof log->chain_previous);
    int rc = quire__segment_list_read(log->io, log->directory, &list);
    if (rc == 0)
        rc = go_over(log, &list, number, memory);
    quire__segment_list_free(&list);
    return rc;
}

static int read_current(quire_log *log, const struct quire__recovered *r, unsigned char *memory)
{
    struct quire__segment_header header;
    uint64_t bytes;
    int file;

    int rc = quire__segment_open(log->io, log->directory, r->number, log->log_id, &file, &header, &bytes);
    if (rc == 0) {
        rc = read_blocks(log, file, r->tail.end, memory);
        log->io->ops->close(log->io, file); /* opened for reading: nothing to lose */
    }
    return rc;
}

int quire__chain_resume(quire_log *log, const struct quire__recovered *r, enum quire_call *failed_call)
{
    bool goes_on = r->found && !r->tail.sealed;
    unsigned char *memory = malloc(QUIRE__AT_ONCE);

    *failed_call = QUIRE_CALL_READ;
    int rc = memory ? read_previous(log, log->writing->number, memory) : -ENOMEM;
    if (rc == 0) {
        quire__sha256_begin(log->chain, log->chain_previous);
        rc = goes_on ? read_current(log, r, memory) : 0;
    }
    free(memory);
    return rc;
}
