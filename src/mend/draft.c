/* Writing a segment, or a block of one, by hand. See folder.h.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <time.h>

#include "base/crc32c.h"
#include "io/retry.h"
#include "log/make.h"
#include "mend/folder.h"

static int put(struct quire__io *io, int file, const void *from, uint64_t length, uint64_t offset)
{
    uint64_t done;
    uint64_t calls = 0;

    return quire__io_write_all(io, file, from, length, offset, &done, &calls);
}

static uint32_t add_zeros(uint32_t checksum, uint64_t length)
{
    static const unsigned char zeros[64 * 1024];

    for (uint64_t left = length; left > 0;) {
        uint64_t part = quire__min(left, sizeof zeros);
        checksum = quire__crc32c(checksum, zeros, part);
        left -= part;
    }
    return checksum;
}

int quire__put_block(struct quire__io *io, int file, const struct quire__identity *identity, uint64_t offset,
                     uint64_t length, struct quire__disk_block *header, const void *payload, uint64_t payload_bytes)
{
    unsigned char head[sizeof *header];
    uint64_t zeros = length - QUIRE__BLOCK_HEADER - payload_bytes;

    header->pages = (uint32_t)(length / QUIRE__PAGE);
    header->payload_checksum = add_zeros(quire__crc32c(0, payload, payload_bytes), zeros);
    quire__block_seal(header, identity, offset, head);
    int rc = put(io, file, head, sizeof head, offset);
    if (rc == 0)
        rc = put(io, file, payload, payload_bytes, offset + sizeof head);
    return rc < 0 ? rc : quire__io_write_zeros(io, file, offset + sizeof head + payload_bytes, zeros);
}

/* Who may read the other segments may read this one. */
static uint32_t mode_of_others(const struct quire__folder *folder)
{
    struct quire__io_facts facts = {0};

    for (uint64_t i = 0; i < folder->list.count && facts.mode == 0; i++) {
        int file;
        int rc = quire__segment_open_file(folder->io, folder->directory, folder->list.numbers[i], QUIRE__IO_READ_ONLY,
                                          &file);
        if (rc < 0)
            continue;
        folder->io->ops->facts(folder->io, file, &facts); /* what is not told is not known */
        folder->io->ops->close(folder->io, file);         /* opened for reading: nothing to lose */
    }
    return facts.mode ? facts.mode : 0600;
}

int quire__draft_begin(struct quire__draft *draft, struct quire__folder *folder, uint64_t number)
{
    unsigned char page[QUIRE__PAGE];
    struct quire__path path;

    *draft = (struct quire__draft){.folder = folder, .file = -1, .end = QUIRE__SEGMENT_BEGIN};
    draft->header.number = number;
    draft->header.created = quire__log_now();
    memcpy(draft->header.identity.log_id, folder->log_id, sizeof folder->log_id);
    int rc = quire__new_epoch(number, &draft->header.identity.epoch);
    if (rc == 0)
        rc = quire__path_join(folder->directory, QUIRE__NEXT_NAME, &path);
    if (rc < 0)
        return rc;
    folder->io->ops->unlink(folder->io, path.text); /* what an attempt that failed left */
    rc = quire__io_open_file(folder->io, path.text, QUIRE__IO_CREATE | QUIRE__IO_EXCLUSIVE, mode_of_others(folder),
                             &draft->file);
    if (rc < 0)
        return rc;
    quire__segment_encode(&draft->header, page);
    rc = put(folder->io, draft->file, page, sizeof page, 0);
    if (rc < 0)
        quire__draft_abandon(draft);
    return rc;
}

int quire__draft_add(struct quire__draft *draft, struct quire__disk_block *header, const void *payload)
{
    uint64_t length = quire__block_pages(header->payload_bytes) * QUIRE__PAGE;

    header->codec = 0;
    header->stored_bytes = header->payload_bytes;
    header->previous_pages = draft->previous_pages;
    int rc = quire__put_block(draft->folder->io, draft->file, &draft->header.identity, draft->end, length, header,
                              payload, header->payload_bytes);
    if (rc < 0)
        return rc;
    if (header->type != QUIRE__BLOCK_FOOTER)
        quire__footer_add(&draft->sums, header);
    draft->previous_pages = header->pages;
    draft->end += length;
    return 0;
}

int quire__draft_seal(struct quire__draft *draft, uint64_t next_sequence)
{
    struct quire__disk_block header = {
        .type = QUIRE__BLOCK_FOOTER,
        .payload_bytes = sizeof draft->sums,
        .first_sequence = next_sequence,
        .first_time = draft->sums.last_time,
        .last_time = draft->sums.last_time,
    };

    return quire__draft_add(draft, &header, &draft->sums);
}

int quire__draft_finish(struct quire__draft *draft)
{
    struct quire__io *io = draft->folder->io;
    struct quire__path next;
    struct quire__path path;

    int rc = io->ops->sync(io, draft->file);
    if (rc == 0)
        rc = quire__path_join(draft->folder->directory, QUIRE__NEXT_NAME, &next);
    if (rc == 0)
        rc = quire__segment_path(draft->folder->directory, draft->header.number, &path);
    /* Its content is durable before its name is. */
    if (rc == 0)
        rc = io->ops->rename(io, next.text, path.text);
    if (rc == 0)
        rc = io->ops->sync_directory(io, path.text);
    io->ops->close(io, draft->file); /* the sync has said all there is to say */
    draft->file = -1;
    return rc;
}

void quire__draft_abandon(struct quire__draft *draft)
{
    struct quire__io *io = draft->folder->io;
    struct quire__path next;

    if (draft->file >= 0)
        io->ops->close(io, draft->file);
    draft->file = -1;
    /* Its failure leaves a name that is no segment's. */
    if (quire__path_join(draft->folder->directory, QUIRE__NEXT_NAME, &next) == 0)
        io->ops->unlink(io, next.text);
}
