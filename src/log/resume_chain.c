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

static int find_end(quire_log *log, int file, const struct quire__segment_header *header, uint64_t bytes, uint64_t *end,
                    bool *sealed)
{
    struct quire__tail tail;

    int rc = quire__tail_read(log->io, file, &header->identity, bytes, &tail);
    *end = tail.end;
    *sealed = tail.sealed;
    return rc;
}

/* What the segment before says; zeros where there is none, or it was not chained. */
static int read_previous(quire_log *log, uint64_t number)
{
    struct quire__segment_header header;
    uint64_t bytes;
    uint64_t end;
    bool sealed;
    int file;

    memset(log->chain_previous, 0, sizeof log->chain_previous);
    int rc = quire__segment_open(log->io, log->directory, number, log->log_id, &file, &header, &bytes);
    if (rc < 0)
        return rc == -ENOENT ? 0 : rc;
    rc = find_end(log, file, &header, bytes, &end, &sealed);
    if (rc == 0 && sealed)
        rc = read_footer(log, file, end, log->chain_previous);
    log->io->ops->close(log->io, file); /* opened for reading: nothing to lose */
    return rc;
}

static int read_current(quire_log *log, const struct quire__recovered *r)
{
    struct quire__segment_header header;
    unsigned char *memory = malloc(QUIRE__AT_ONCE);
    uint64_t bytes;
    int file;

    if (!memory)
        return -ENOMEM;
    int rc = quire__segment_open(log->io, log->directory, r->number, log->log_id, &file, &header, &bytes);
    if (rc == 0) {
        rc = read_blocks(log, file, r->tail.end, memory);
        log->io->ops->close(log->io, file); /* opened for reading: nothing to lose */
    }
    free(memory);
    return rc;
}

int quire__chain_resume(quire_log *log, const struct quire__recovered *r, enum quire_call *failed_call)
{
    bool goes_on = r->found && !r->tail.sealed;

    *failed_call = QUIRE_CALL_READ;
    int rc = read_previous(log, log->writing->number - 1);
    if (rc < 0)
        return rc;
    quire__sha256_begin(log->chain, log->chain_previous);
    return goes_on ? read_current(log, r) : 0;
}
