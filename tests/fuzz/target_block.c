/* One block, as bytes: whether the library takes it for whole is held against docs/format.md, said once more in oracle.c;
 * and what it expands to stays within its bounds.
 *
 * Input: what to make right (1), the page it lies at (1), codec of its own (1), 5 unused; log id and epoch (24); header and
 * payload.
 *
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "fuzz.h"
#include "log/block.h"
#include "log/codec.h"
#include "oracle.h"

enum { CONTROL = 8, IDENTITY = 24, PAGES_MOST = 20, PLACES = 4, SEAL = 1, FIT = 2, PAYLOAD = 4, REUSED = 8 };
#define PAYLOAD_MOST (UINT64_C(1) << 17)

struct input {
    unsigned flags;
    struct quire__identity identity;
    uint64_t offset, bytes; /* where the block lies; of the file */
    unsigned char *file;
};

/* The file around the block: pages of zeros in front, its own pages, and none behind. */
static void lay_out(struct input *input, const uint8_t *data, size_t size)
{
    uint64_t length = size - CONTROL - IDENTITY;

    input->flags = data[0];
    input->offset = (1u + data[1] % PLACES) * QUIRE__PAGE;
    memcpy(input->identity.log_id, data + CONTROL, 16);
    memcpy(&input->identity.epoch, data + CONTROL + 16, 8);
    input->identity.reused = input->flags & REUSED;
    input->bytes = input->offset + quire__round_up(length + 1, QUIRE__PAGE);
    input->file = calloc(1, input->bytes);
    if (!input->file)
        abort();
    memcpy(input->file + input->offset, data + CONTROL + IDENTITY, length);
}

/* Lengths as they are there, and checksums, as far as is asked for. */
static void make_right(struct input *input, uint64_t length)
{
    unsigned char *block = input->file + input->offset;
    struct quire__disk_block header;

    memcpy(&header, block, sizeof header);
    if (input->flags & FIT && length >= sizeof header) {
        header.stored_bytes = length - sizeof header;
        header.pages = (uint32_t)quire__block_pages(header.stored_bytes);
        if (header.codec == 0)
            header.payload_bytes = header.stored_bytes;
    }
    if (input->flags & PAYLOAD) {
        uint64_t covered = quire__min(quire__block_bytes(&header), input->bytes - input->offset);
        if (covered > sizeof header)
            header.payload_checksum = oracle_crc32c(0, block + sizeof header, covered - sizeof header);
    }
    memcpy(block, &header, sizeof header);
    if (input->flags & SEAL)
        quire__block_seal(&header, &input->identity, input->offset, block);
}

/* What a reader does with it, in its order. */
static bool library_says_whole(const struct input *input, struct quire__disk_block *header, unsigned char **payload)
{
    const unsigned char *block = input->file + input->offset;

    if (quire__block_look(block, &input->identity, input->offset, header) != QUIRE__LOOK_HEADER)
        return false;
    if (quire__block_bytes(header) > input->bytes - input->offset || header->payload_bytes > PAYLOAD_MOST ||
        !quire__block_payload_is_whole(header, block))
        return false;
    /* Exactly as long as it says, so that a byte too many is seen. */
    *payload = malloc(header->payload_bytes);
    if (quire__codec_expand(header->codec, block + QUIRE__BLOCK_HEADER, header->stored_bytes, *payload,
                            header->payload_bytes) == 0 &&
        (header->type != QUIRE__BLOCK_DATA || quire__block_records_fit(header, *payload)))
        return true;
    free(*payload);
    *payload = NULL;
    return false;
}

static void compare_records(const struct quire__disk_block *header, const unsigned char *payload,
                            const struct oracle_block *should)
{
    struct quire__block_record record;
    struct oracle_record expected;
    uint64_t at = 0;

    FUZZ_CHECK(memcmp(payload, should->payload, header->payload_bytes) == 0, "payload");
    for (uint64_t i = 0; header->type == QUIRE__BLOCK_DATA && i < header->records; i++) {
        quire__block_next_record(header, payload, &at, &record);
        /* The oracle counts from the first each time. */
        if (i < 64) {
            FUZZ_CHECK(oracle_record(should, i, &expected), "record");
            FUZZ_CHECK(record.length == expected.length && record.time == expected.time &&
                           record.is_void == expected.is_void &&
                           record.data - payload == expected.data - should->payload,
                       "record");
        }
        FUZZ_CHECK(at <= header->payload_bytes, "records end within the payload");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input;
    struct quire__disk_block header;
    struct oracle_block should;
    unsigned char *payload = NULL;

    if (size < CONTROL + IDENTITY || size > (size_t)PAGES_MOST * QUIRE__PAGE)
        return 0;
    lay_out(&input, data, size);
    make_right(&input, size - CONTROL - IDENTITY);
    struct quire__disk_segment segment = {.epoch = input.identity.epoch};
    memcpy(segment.log_id, input.identity.log_id, sizeof segment.log_id);
    bool whole = oracle_block(input.file, input.bytes, &segment, input.offset, PAYLOAD_MOST, &should);
    FUZZ_CHECK(library_says_whole(&input, &header, &payload) == whole, "a block is whole");
    if (whole) {
        compare_records(&header, payload, &should);
        free(should.payload);
        free(payload);
    }
    free(input.file);
    return 0;
}
