/* Sealing and recognising blocks. See block.h; the conditions are those of docs/format.md.
 *
 * SPDX-License-Identifier: MIT */
#include "log/block.h"

#include <quire/log.h>

#include "base/crc32c.h"

/* Bound to the log, the writing of the file and the place: what is stale, copied or shifted has another. */
static uint32_t header_checksum(const unsigned char *header, const unsigned char *log_id, uint64_t epoch,
                                uint64_t offset)
{
    unsigned char seed[32];

    memcpy(seed, log_id, 16);
    memcpy(seed + 16, &epoch, sizeof epoch);
    memcpy(seed + 24, &offset, sizeof offset);
    return quire__crc32c(quire__crc32c(0, seed, sizeof seed), header + 8, QUIRE__BLOCK_HEADER - 8);
}

void quire__block_seal(struct quire__disk_block *header, const struct quire__identity *identity, uint64_t offset,
                       void *memory)
{
    header->magic = QUIRE__BLOCK_MAGIC;
    header->epoch = identity->epoch;
    memcpy(&header->log_tag, identity->log_id, sizeof header->log_tag);
    header->header_checksum = header_checksum((const unsigned char *)header, identity->log_id, identity->epoch, offset);
    memcpy(memory, header, sizeof *header);
}

bool quire__page_is_zero(const void *page)
{
    const unsigned char *bytes = page;

    return bytes[0] == 0 && memcmp(bytes, bytes + 1, QUIRE__PAGE - 1) == 0;
}

static bool is_known(const struct quire__disk_block *h)
{
    return h->type >= QUIRE__BLOCK_DATA && h->type <= QUIRE__BLOCK_FOOTER && h->codec <= QUIRE_CODEC_LZ4 &&
           !(h->flags & ~QUIRE__BLOCK_FLAGS_KNOWN);
}

/* Lengths that contradict each other or reach beyond any file. */
static bool is_possible(const struct quire__disk_block *h, uint64_t offset)
{
    if (h->pages == 0 || h->stored_bytes > quire__block_bytes(h) || quire__block_pages(h->stored_bytes) != h->pages)
        return false;
    if (offset > QUIRE__FILE_MAX - quire__block_bytes(h) || h->first_sequence == 0 ||
        h->records > UINT64_MAX - h->first_sequence)
        return false;
    if (h->codec == QUIRE_CODEC_NONE && h->stored_bytes != h->payload_bytes)
        return false;
    if (h->type == QUIRE__BLOCK_GAP)
        return h->codec == QUIRE_CODEC_NONE && h->payload_bytes >= sizeof(struct quire__disk_gap) && h->records > 0;
    if (h->type == QUIRE__BLOCK_FOOTER)
        return h->payload_bytes == sizeof(struct quire__disk_footer) && h->records == 0;
    /* A record takes a word at least. */
    return h->records > 0 && h->records <= h->payload_bytes / QUIRE__RECORD_WORD;
}

enum quire__block_look quire__block_look(const void *page, const struct quire__identity *identity, uint64_t offset,
                                         struct quire__disk_block *header)
{
    enum quire__block_look nothing_known = identity->reused ? QUIRE__LOOK_STALE : QUIRE__LOOK_UNKNOWN;
    struct quire__disk_block h;

    memcpy(&h, page, sizeof h);
    if (h.magic != QUIRE__BLOCK_MAGIC)
        return quire__page_is_zero(page) ? QUIRE__LOOK_ZERO : nothing_known;
    if (h.header_checksum == header_checksum(page, identity->log_id, identity->epoch, offset) && is_known(&h) &&
        is_possible(&h, offset)) {
        *header = h;
        return QUIRE__LOOK_HEADER;
    }
    /* Valid in its own time: the segment was another one then. */
    if (h.epoch != identity->epoch && h.header_checksum == header_checksum(page, identity->log_id, h.epoch, offset))
        return QUIRE__LOOK_STALE;
    return nothing_known;
}

bool quire__block_payload_is_whole(const struct quire__disk_block *header, const void *memory)
{
    const unsigned char *bytes = memory;

    return quire__crc32c(0, bytes + QUIRE__BLOCK_HEADER, quire__block_bytes(header) - QUIRE__BLOCK_HEADER) ==
           header->payload_checksum;
}

bool quire__block_records_fit(const struct quire__disk_block *header, const void *payload)
{
    const unsigned char *bytes = payload;
    uint64_t frame = quire__block_frame(header);
    uint64_t left = header->payload_bytes;

    for (uint64_t i = 0; i < header->records; i++) {
        uint32_t word;

        if (left < frame)
            return false;
        memcpy(&word, bytes, sizeof word);
        word &= ~QUIRE__RECORD_VOID;
        if (word == 0 || word - 1 > left - frame)
            return false;
        bytes += frame + word - 1;
        left -= frame + word - 1;
    }
    return left == 0;
}

void quire__footer_add(struct quire__disk_footer *sums, const struct quire__disk_block *header)
{
    if (sums->blocks++ == 0) {
        sums->first_sequence = header->first_sequence;
        sums->first_time = header->first_time;
    }
    sums->last_sequence = quire__block_next(header) - 1;
    sums->last_time = header->last_time;
    *(header->type == QUIRE__BLOCK_GAP ? &sums->lost : &sums->records) += header->records;
    sums->checksum = quire__crc32c(sums->checksum, &header->header_checksum, sizeof header->header_checksum);
}

static uint32_t live_checksum(const struct quire__disk_live *live)
{
    return quire__crc32c(0, (const unsigned char *)live + 12, sizeof *live - 12);
}

void quire__live_seal(struct quire__disk_live *live, const unsigned char *log_id)
{
    memcpy(live->magic, QUIRE__LIVE_MAGIC, sizeof live->magic);
    memcpy(&live->log_tag, log_id, sizeof live->log_tag);
    live->checksum = live_checksum(live);
}

bool quire__live_is_whole(const struct quire__disk_live *live, const unsigned char *log_id)
{
    return memcmp(live->magic, QUIRE__LIVE_MAGIC, sizeof live->magic) == 0 &&
           memcmp(&live->log_tag, log_id, sizeof live->log_tag) == 0 && live->checksum == live_checksum(live) &&
           live->written <= QUIRE__SEQUENCE_MOST && live->durable <= QUIRE__SEQUENCE_MOST;
}
