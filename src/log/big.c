/* A block larger than a buffer. See big.h.
 *
 * The order is taken for it alone. Its checksum goes in front of bytes that are not in any buffer yet, so the caller's
 * memory is read twice: for the checksum, and through the buffers to the file. A crash in between leaves a block whose
 * payload does not fit its header: a torn tail.
 *
 * SPDX-License-Identifier: MIT */
#include "log/big.h"

#include <errno.h>

#include "base/crc32c.h"
#include "log/drain.h"
#include "log/places.h"

/* Goes over frames and bytes in the order of the file. */
struct walk {
    const quire_log *log;
    const struct quire__big *big;
    int (*see)(void *context, const void *from, uint64_t length);
    void *context;
    uint32_t delta;
};

static int walk_frame(const struct walk *walk, uint64_t length)
{
    unsigned char frame[QUIRE__RECORD_WORD + QUIRE__RECORD_TIME];
    uint32_t word = (uint32_t)(length + 1);

    memcpy(frame, &word, sizeof word);
    memcpy(frame + QUIRE__RECORD_WORD, &walk->delta, sizeof walk->delta);
    return walk->see(walk->context, frame, walk->log->frame);
}

static int walk_all(const struct walk *walk)
{
    const struct quire__big *big = walk->big;
    bool one = big->first_length > 0;
    int rc = one ? walk_frame(walk, big->first_length) : 0;

    for (int i = 0; i < big->count && rc == 0; i++) {
        if (!one)
            rc = walk_frame(walk, big->pieces[i].iov_len);
        if (rc == 0 && big->pieces[i].iov_len > 0)
            rc = walk->see(walk->context, big->pieces[i].iov_base, big->pieces[i].iov_len);
    }
    return rc;
}

static int add_to_checksum(void *context, const void *from, uint64_t length)
{
    uint32_t *checksum = context;

    *checksum = quire__crc32c(*checksum, from, length);
    return 0;
}

static uint32_t checksum_of(const struct walk *walk, uint64_t padding)
{
    static const unsigned char zeros[QUIRE__PAGE];
    struct walk over = *walk;
    uint32_t checksum = 0;

    over.see = add_to_checksum;
    over.context = &checksum;
    walk_all(&over);
    return quire__crc32c(checksum, zeros, padding);
}

/* Fills slot after slot. */
struct filling {
    quire_log *log;
    const struct quire__big *big;
    struct quire__slot *slot; /* NULL: none begun */
    bool continues;
    uint64_t left; /* bytes of the block that are in no finished slot */
};

/* Only the last piece carries the sequences: before it is written there is no record. */
static void count_records(struct filling *filling)
{
    struct quire__log_order *order = filling->log->order;

    quire__spin_lock(&order->lock);
    order->next_sequence += filling->big->records;
    order->payload += filling->big->bytes - filling->big->records * filling->log->frame;
    quire__spin_unlock(&order->lock);
}

static int finish_slot(struct filling *filling)
{
    struct quire__slot *slot = filling->slot;

    filling->left -= slot->bytes;
    if (filling->left == 0)
        count_records(filling);
    memset(slot->memory + slot->bytes, 0, quire__round_up(slot->bytes, QUIRE__PAGE) - slot->bytes);
    slot->bytes = quire__round_up(slot->bytes, QUIRE__PAGE);
    slot->continues = filling->continues;
    slot->partial = filling->left > 0;
    filling->slot = NULL;
    filling->continues = true;
    quire__places_seal_raw(filling->log, slot);
    return quire__drain_some(filling->log);
}

static int fill(void *context, const void *from, uint64_t length)
{
    struct filling *filling = context;
    const unsigned char *bytes = from;

    while (length > 0) {
        if (!filling->slot) {
            int rc = quire__places_take_slot(filling->log, &filling->slot);
            if (rc < 0)
                return rc;
            filling->slot->bytes = 0;
        }
        struct quire__slot *slot = filling->slot;
        uint64_t part = quire__min(length, filling->log->options.block_bytes - slot->bytes);
        memcpy(slot->memory + slot->bytes, bytes, part);
        slot->bytes += part;
        bytes += part;
        length -= part;
        int rc = slot->bytes == filling->log->options.block_bytes ? finish_slot(filling) : 0;
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* But for what depends on its place: that is put in when it is written. */
static void make_header(quire_log *log, const struct walk *walk, uint64_t first, uint64_t time, unsigned char *memory)
{
    const struct quire__big *big = walk->big;
    uint64_t pages = quire__block_pages(big->bytes);
    struct quire__disk_block header = {
        .pages = (uint32_t)pages,
        .type = QUIRE__BLOCK_DATA,
        .flags = log->frame > QUIRE__RECORD_WORD ? QUIRE__BLOCK_TIMES : 0,
        .records = big->records,
        .stored_bytes = big->bytes,
        .payload_bytes = big->bytes,
        .first_sequence = first,
        .first_time = time,
        .last_time = time,
        .durable = quire__progress_durable(&log->progress),
    };
    header.payload_checksum = checksum_of(walk, pages * QUIRE__PAGE - QUIRE__BLOCK_HEADER - big->bytes);
    memcpy(memory, &header, sizeof header);
}

/* With the order, all that came before written, and the space there. */
static int write_block(quire_log *log, const struct quire__big *big, uint64_t *first)
{
    unsigned char header[sizeof(struct quire__disk_block)];
    struct quire__log_order *order = log->order;
    struct filling filling = {.log = log, .big = big, .left = QUIRE__BLOCK_HEADER + big->bytes};
    struct walk walk = {.log = log, .big = big, .see = fill, .context = &filling};

    quire__spin_lock(&order->lock);
    uint64_t sequence = order->next_sequence;
    uint64_t time = quire__places_now(order);
    quire__spin_unlock(&order->lock);
    make_header(log, &walk, sequence, time, header);

    int rc = fill(&filling, header, sizeof header);
    if (rc == 0)
        rc = walk_all(&walk);
    if (rc == 0 && filling.slot)
        rc = finish_slot(&filling);
    if (rc == 0)
        *first = sequence;
    return rc;
}

int quire__big_append(quire_log *log, const struct quire__big *big, uint64_t *first)
{
    uint64_t bytes = quire__block_pages(big->bytes) * QUIRE__PAGE;

    if (bytes > log->options.segment_bytes - 4 * QUIRE__PAGE)
        return QUIRE_E_TOO_LARGE;
    int rc = quire__places_begin_exclusive(log);
    if (rc < 0)
        return rc;
    rc = quire__places_take_space(log, bytes);
    if (rc == 0)
        rc = quire__drain_all(log);
    if (rc == 0)
        rc = write_block(log, big, first);
    quire__places_end_exclusive(log);
    return rc;
}
