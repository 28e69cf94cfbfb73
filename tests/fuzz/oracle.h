/* Which blocks are whole, and which records are in them: said once more, from docs/format.md and with nothing of the
 * library but the layout of its structures, so that the library's answer can be held against it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TESTS_FUZZ_ORACLE_H
#define QUIRE_TESTS_FUZZ_ORACLE_H

#include <stdbool.h>

#include <quire/reader.h>

#include "log/format.h"
#include "memory_io.h"

uint32_t oracle_crc32c(uint32_t before, const void *bytes, uint64_t length);

/* Is the first page of the file a segment's, as far as the page says? */
bool oracle_segment(const unsigned char *bytes, uint64_t size, struct quire__disk_segment *segment);

/* Conditions 1 to 5 of docs/format.md for the page at offset of the bytes of a file. */
bool oracle_header(const unsigned char *bytes, uint64_t size, const struct quire__disk_segment *segment,
                   uint64_t offset, struct quire__disk_block *header);

struct oracle_block {
    struct quire__disk_block header;
    unsigned char *payload; /* expanded, to be freed */
};

/* 1 to 7. most: of the payload's bytes, else false. */
bool oracle_block(const unsigned char *bytes, uint64_t size, const struct quire__disk_segment *segment, uint64_t offset,
                  uint64_t most, struct oracle_block *block);

struct oracle_record {
    const unsigned char *data;
    uint64_t length, time;
    bool is_void;
};

/* Record number index of a whole data block. */
bool oracle_record(const struct oracle_block *block, uint64_t index, struct oracle_record *record);

/* What was looked at last: records come in the order of their blocks. */
struct oracle {
    struct memory_io *memory;
    uint64_t most; /* of an expanded payload */
    struct oracle_block block;
    uint32_t *places; /* of its records in the payload */
    bool known, whole;
    uint64_t segment, offset;
};

void oracle_open(struct oracle *oracle, struct memory_io *memory, uint64_t most);
void oracle_close(struct oracle *oracle);

/* Ends the program unless the record is what lies where it says it lies, in a block that is whole. */
void oracle_check(struct oracle *oracle, const struct quire_record *record);

/* Is there a whole block at that place? Its header is oracle->block.header then. */
bool oracle_is_whole(struct oracle *oracle, uint64_t segment, uint64_t offset);

#endif
