/* The logs of hurt_logs.h.
 *
 * SPDX-License-Identifier: MIT */
#include "hurt_logs.h"

#include <unistd.h>

static const unsigned char zeros[2 * PAGE];

static void begin(struct log_builder *b)
{
    builder_open(b, harness_path("log"), 5);
    builder_segment(b, 1);
    builder_block(b, 3, 30);
    builder_block(b, 2, 100);
    builder_block(b, 3, 40);
}

static void next_segment(struct log_builder *b, uint64_t number)
{
    builder_footer(b);
    builder_segment(b, number);
    builder_block(b, 2, 50);
    builder_block(b, 3, 20);
}

static void three_segments(struct log_builder *b)
{
    begin(b);
    next_segment(b, 2);
    next_segment(b, 3);
    builder_live(b, b->next_sequence - 1);
}

void hurt_whole(struct log_builder *b)
{
    three_segments(b);
}

void hurt_block_broken(struct log_builder *b)
{
    three_segments(b);
    flip(b, 1, b->blocks[1].offset + 200, 1);
}

void hurt_header_broken(struct log_builder *b)
{
    three_segments(b);
    flip(b, 2, PAGE + 8, 1);
    flip(b, 1, b->blocks[2].offset + 8, 1);
}

void hurt_last_block_broken(struct log_builder *b)
{
    three_segments(b);
    flip(b, 3, b->blocks[b->block_count - 1].offset + 8, 1);
}

void hurt_segment_missing(struct log_builder *b)
{
    three_segments(b);
    REQUIRE_INT(unlink(segment_path(b, 2)), 0);
}

void hurt_last_segment_missing(struct log_builder *b)
{
    three_segments(b);
    REQUIRE_INT(unlink(segment_path(b, 3)), 0);
}

void hurt_segment_foreign(struct log_builder *b)
{
    three_segments(b);
    flip(b, 2, 20, 1);
    flip(b, 3, 0, 1);
}

void hurt_segments_unreadable(struct log_builder *b)
{
    three_segments(b);
    next_segment(b, 4);
    next_segment(b, 5);
    flip(b, 2, 0, 1);
    flip(b, 3, 0, 1);
    flip(b, 5, 0, 1);
}

void hurt_first_unreadable(struct log_builder *b)
{
    three_segments(b);
    flip(b, 1, 0, 1);
}

void hurt_zeroed(struct log_builder *b)
{
    three_segments(b);
    hurt(b, 2, PAGE, zeros, PAGE);
    hurt(b, 3, PAGE, zeros, PAGE);
}

void hurt_unborn(struct log_builder *b)
{
    three_segments(b);
    builder_segment(b, 4);
    builder_segment(b, 5);
    hurt(b, 4, 0, zeros, PAGE);
    hurt(b, 5, 0, zeros, PAGE);
}

void hurt_made_ready(struct log_builder *b)
{
    three_segments(b);
    builder_segment(b, 4);
    builder_extend(b, (uint64_t)8 * PAGE);
}

/* The log went on behind a failure, with records that are in the segments before too. */
void hurt_overtaken(struct log_builder *b)
{
    three_segments(b);
    b->next_sequence = b->blocks[4].first_sequence;
    b->record_count = b->next_sequence - 1;
    builder_segment(b, 4);
    builder_block(b, 2, 50);
    builder_block(b, 1, 20);
    builder_live(b, b->next_sequence - 1);
}

void hurt_too_large(struct log_builder *b)
{
    begin(b);
    builder_block(b, 1, 3 * PAGE);
    builder_block(b, 2, 30);
    next_segment(b, 2);
    builder_live(b, b->next_sequence - 1);
}

/* Several writes are under way: one in front is not there yet. */
void hurt_under_way(struct log_builder *b)
{
    begin(b);
    builder_live(b, 0);
    b->next_sequence += 2;
    b->offset += PAGE;
    builder_block(b, 3, 40);
    builder_segment(b, 2);
    builder_block(b, 3, 40);
}

/* The same, and the writer is gone: what it had under way goes over two segments. */
void hurt_left_behind(struct log_builder *b)
{
    hurt_under_way(b);
    builder_segment(b, 3);
    builder_block(b, 1, 40);
    builder_segment(b, 4);
}

/* A page that no sequence fell into. */
void hurt_page_between(struct log_builder *b)
{
    begin(b);
    hurt(b, 1, b->offset, "no block", 8);
    b->offset += PAGE;
    builder_block(b, 3, 40);
    next_segment(b, 2);
    builder_live(b, b->next_sequence - 1);
}

void hurt_begins_later(struct log_builder *b)
{
    builder_open(b, harness_path("log"), 5);
    b->next_sequence = 100;
    builder_segment(b, 7);
    hurt(b, 7, PAGE, "no block", 9);
    b->offset += PAGE;
    builder_block(b, 3, 40);
    next_segment(b, 8);
    builder_live(b, b->next_sequence - 1);
}

void hurt_without_footer(struct log_builder *b)
{
    begin(b);
    b->next_sequence += 4;
    builder_segment(b, 2);
    builder_block(b, 3, 40);
    builder_segment(b, 3);
    builder_segment(b, 4);
    b->next_sequence += 4;
    builder_block(b, 3, 40);
}

void hurt_cut_off(struct log_builder *b)
{
    three_segments(b);
    REQUIRE_INT(truncate(segment_path(b, 3), (off_t)(b->offset - 100)), 0);
    REQUIRE_INT(truncate(segment_path(b, 1), (off_t)(b->blocks[2].offset + 100)), 0);
}

static void write_id(struct log_builder *b, uint64_t number, unsigned char tag)
{
    struct quire__segment_header header = b->header;
    unsigned char page[PAGE];

    header.number = number;
    header.identity.log_id[0] ^= tag;
    quire__segment_encode(&header, page);
    hurt(b, number, 0, page, sizeof page);
}

/* The first, the last, or both: of another log. */
void hurt_first_foreign(struct log_builder *b)
{
    three_segments(b);
    write_id(b, 1, 1);
}

void hurt_last_foreign(struct log_builder *b)
{
    three_segments(b);
    next_segment(b, 4);
    write_id(b, 4, 1);
}

void hurt_all_foreign(struct log_builder *b)
{
    begin(b);
    next_segment(b, 2);
    write_id(b, 2, 1);
}

void hurt_only_broken(struct log_builder *b)
{
    begin(b);
    flip(b, 1, 0, 1);
}

void hurt_only_unborn(struct log_builder *b)
{
    begin(b);
    hurt(b, 1, 0, zeros, PAGE);
}
