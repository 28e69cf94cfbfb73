/* Logs made by hand: segments and blocks as they lie in the file, whole or not, for tests of what reads them.
 *
 * What is in record n is a function of n alone, so that a wrong one is known wherever it turns up.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TESTS_LOG_BUILDER_H
#define QUIRE_TESTS_LOG_BUILDER_H

#include <quire/quire.h>

#include "log/segment.h"
#include "support.h"

/* A record, or a gap, as a reader should give it. */
struct built_record {
    struct quire_record record;
    uint64_t block; /* of its segment */
};

struct built_block {
    uint64_t segment, number, offset, bytes;
    uint64_t first_sequence, records;
};

struct log_builder {
    const char *directory;
    struct quire__segment_header header; /* of the segment being built */
    int file;                            /* -1: none */
    uint64_t offset, number_of_block, previous_pages;
    uint64_t next_sequence, time, durable;
    uint32_t codec;
    bool times; /* of each record */
    uint32_t checksums;
    struct quire__disk_footer footer;
    /* The block being filled. */
    struct bytes payload;
    uint64_t in_block, block_first_time;
    /* All of it. */
    struct built_record *records;
    uint64_t record_count, record_room;
    struct built_block *blocks;
    uint64_t block_count, block_room;
};

/* Makes the directory. tag: which log. */
void builder_open(struct log_builder *b, const char *directory, uint64_t tag);
void builder_close(struct log_builder *b);

/* Goes on in another segment, a new file of its header page. */
void builder_segment(struct log_builder *b, uint64_t number);

/* A record of length bytes; time goes up by 10 for each. */
void builder_record(struct log_builder *b, uint64_t length);
void builder_void(struct log_builder *b, uint64_t length);
/* count records of length bytes in one block. */
void builder_block(struct log_builder *b, uint64_t count, uint64_t length);
/* Writes the block being filled. */
void builder_seal(struct log_builder *b);
void builder_gap(struct log_builder *b, uint64_t lost, uint32_t reason);
void builder_footer(struct log_builder *b);

/* Writes live.quire: everything is written; so much is durable. */
void builder_live(struct log_builder *b, uint64_t durable);

/* Makes the present segment's file that long: space made ready. */
void builder_extend(struct log_builder *b, uint64_t bytes);

/* The path of a segment; as harness_path. */
const char *segment_path(const struct log_builder *b, uint64_t number);

/* Overwrites bytes of a segment. */
void hurt(const struct log_builder *b, uint64_t number, uint64_t offset, const void *bytes, uint64_t length);
void flip(const struct log_builder *b, uint64_t number, uint64_t offset, unsigned char mask);

/* Is it what was built, at record_count index? Or, for one without an index: is it right for its sequence? */
#define CHECK_RECORD(b, index, record) check_record((b), (index), (record), __FILE__, __LINE__)
bool check_record(const struct log_builder *b, uint64_t index, const struct quire_record *record, const char *file,
                  int line);
bool is_right(const struct log_builder *b, const struct quire_record *record);

quire_reader *open_reader(const char *directory, uint32_t flags, struct quire_damage *damage);

#endif
