/* The logs of left_logs.h.
 *
 * SPDX-License-Identifier: MIT */
#include "left_logs.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/at_once.h"

enum { BIG = QUIRE__AT_ONCE * 9 / 4 }; /* is read in several pieces */

static const unsigned char zeros[3 * PAGE];

static void two_segments(struct log_builder *b)
{
    builder_open(b, harness_path("log"), 5);
    builder_segment(b, 1);
    builder_block(b, 3, 30);
    builder_block(b, 2, 100);
    builder_footer(b);
    builder_segment(b, 2);
    builder_block(b, 2, 50);
    builder_block(b, 3, 20);
}

void left_whole(struct log_builder *b)
{
    two_segments(b);
}

void left_torn(struct log_builder *b)
{
    two_segments(b);
    hurt(b, 2, b->offset, "the beginning of a block", 24);
}

/* The last block is large, and its last page did not get there; nor did the one in front of the block behind. */
void left_torn_large(struct log_builder *b)
{
    two_segments(b);
    builder_block(b, 1, BIG);
    builder_block(b, 2, BIG);
    hurt(b, 2, b->offset - PAGE, zeros, PAGE);
    builder_block(b, 2, 30);
}

void left_cut_off(struct log_builder *b)
{
    two_segments(b);
    builder_block(b, 1, BIG);
    REQUIRE_INT(ftruncate(b->file, (off_t)(b->offset - (uint64_t)2 * PAGE)), 0);
}

/* A hole in the first segment, and nothing of it all known to be durable. */
void left_hole(struct log_builder *b)
{
    two_segments(b);
    builder_footer(b);
    builder_segment(b, 3);
    builder_block(b, 2, 50);
    hurt(b, 1, b->blocks[1].offset, zeros, PAGE);
}

/* The end of the second segment is lost, and was durable. What lies behind does not follow. */
void left_damaged(struct log_builder *b)
{
    two_segments(b);
    builder_segment(b, 3);
    builder_segment(b, 4);
    builder_block(b, 2, 50);
    hurt(b, 2, b->blocks[4].offset, zeros, PAGE);
    builder_live(b, 8);
}

/* All that is left was durable, but for the end. */
void left_end_damaged(struct log_builder *b)
{
    two_segments(b);
    builder_live(b, 10);
    hurt(b, 2, b->blocks[4].offset, zeros, PAGE);
    builder_segment(b, 3);
    hurt(b, 3, 0, zeros, PAGE);
}

/* And a block behind the hole knows of more that was durable than any segment holds. */
void left_damaged_twice(struct log_builder *b)
{
    two_segments(b);
    hurt(b, 2, b->blocks[4].offset, zeros, PAGE);
    b->next_sequence = 20;
    b->durable = 15;
    builder_block(b, 1, 50);
    b->next_sequence = 11;
    b->durable = 0;
    builder_segment(b, 3);
    builder_block(b, 2, 50);
}

void left_unborn(struct log_builder *b)
{
    two_segments(b);
    builder_segment(b, 3);
    builder_segment(b, 4);
    hurt(b, 3, 0, zeros, PAGE);
    hurt(b, 4, 0, zeros, PAGE);
}

void left_only_unborn(struct log_builder *b)
{
    builder_open(b, harness_path("log"), 5);
    builder_segment(b, 1);
    builder_segment(b, 2);
    builder_segment(b, 3);
    hurt(b, 1, 0, zeros, PAGE);
    hurt(b, 3, 0, zeros, PAGE);
}

void left_made_ready(struct log_builder *b)
{
    two_segments(b);
    builder_segment(b, 3);
    builder_extend(b, (uint64_t)8 * PAGE);
    hurt(b, 2, b->blocks[4].offset + PAGE, "torn", 4);
}

/* Behind a hole lies a block with the last sequences there are. */
void left_used_up(struct log_builder *b)
{
    two_segments(b);
    b->next_sequence = QUIRE__SEQUENCE_MOST;
    b->offset += PAGE;
    builder_block(b, 3, 20);
}

/* As a writer that closed the log leaves it: it says which segments there are. tag: of which log. */
static void closed(struct log_builder *b, unsigned char tag, uint64_t newest)
{
    unsigned char id[16];
    struct quire__io *system = quire__io_system();
    struct quire__io_facts facts;
    int folder;
    char path[PATH_MAX];

    two_segments(b);
    for (uint64_t number = 3; number < 14; number++) {
        builder_footer(b);
        builder_segment(b, number);
        b->durable = b->next_sequence - 1;
        builder_block(b, 1, 50);
    }
    builder_live(b, b->next_sequence - 1);
    REQUIRE_OK(system->ops->open(system, b->directory, QUIRE__IO_READ_ONLY | QUIRE__IO_FOLDER, 0, &folder));
    REQUIRE_OK(system->ops->facts(system, folder, &facts));
    REQUIRE_INT(close(folder), 0);
    memcpy(id, b->header.identity.log_id, sizeof id);
    id[0] ^= tag;
    struct quire__disk_live live = {
        .written = b->next_sequence - 1, .oldest = 1, .newest = newest, .folder_time = facts.changed};
    live.durable = live.written;
    quire__live_seal(&live, id);
    snprintf(path, sizeof path, "%s/" QUIRE__LIVE_NAME, b->directory);
    overwrite(path, 0, &live, sizeof live);
}

void left_closed_well(struct log_builder *b)
{
    closed(b, 0, 13);
}

void left_closed_otherwise(struct log_builder *b)
{
    closed(b, 1, 13);
}

/* There is none behind the last of all numbers. */
void left_closed_at_the_last(struct log_builder *b)
{
    closed(b, 0, UINT64_MAX);
}

/* The first segment is another log's. */
void left_foreign(struct log_builder *b)
{
    struct quire__segment_header other;
    unsigned char page[PAGE];

    closed(b, 0, 13);
    other = b->header;
    other.number = 1;
    other.identity.log_id[3] ^= 1;
    quire__segment_encode(&other, page);
    hurt(b, 1, 0, page, sizeof page);
    builder_live(b, b->next_sequence - 1);
}
