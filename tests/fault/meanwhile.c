/* A log that changes while it is read: between each two of a reader's operations, the one change.
 *
 * What a writer adds is read once, in order, and is never taken for damage on the way; what retention takes away is told
 * as that.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log_builder.h"
#include "reader/reader.h"
#include "steps.h"

ONE_THREAD;

enum { MOST_STEPS = 2000, FILES_MOST = 6, ENDS = 3, NUMBERS = 9 };
enum { FIRST = 1 << 1, SECOND = 1 << 2, THIRD = 1 << 3, SEVENTH = 1 << 7 }; /* segments */
/* What may be in the way at the end. */
enum { WITH_DAMAGE = 1, TO_THE_END = 2 };

static const unsigned char zeros[4 * PAGE];

/* A file as it is to be in the end. */
struct later {
    char path[PATH_MAX];
    struct bytes content;
};

struct world {
    struct log_builder b;
    struct later later[FILES_MOST];
    uint64_t files;
    unsigned gone; /* segments that go */
    bool is_changed;
};

struct change {
    const char *name;
    void (*make)(struct world *w); /* the log as it is to be, and of that what is not there yet is taken away again */
    unsigned gone, expects;        /* segments that the change takes away; what may come of it */
};

/* ---- the changes */

static void remember(struct world *w, const char *path)
{
    struct later *later = &w->later[w->files++];

    REQUIRE(w->files <= FILES_MOST);
    snprintf(later->path, sizeof later->path, "%s", path);
    later->content = read_file(path);
}

static const char *live_path(const struct world *w)
{
    static char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/" QUIRE__LIVE_NAME, w->b.directory);
    return path;
}

/* In the order in which a writer writes: live.quire is the last. */
static void happen(void *world)
{
    struct world *w = world;

    for (uint64_t i = 0; i < w->files; i++)
        write_file(w->later[i].path, w->later[i].content.data, w->later[i].content.length);
    for (uint64_t number = 1; number <= NUMBERS; number++)
        if (w->gone & 1u << number)
            unlink(segment_path(&w->b, number));
    w->is_changed = true;
}

/* As it was before. */
static void put_back(struct world *w, void (*make)(struct world *w))
{
    for (uint64_t i = 0; i < w->files; i++)
        bytes_free(&w->later[i].content);
    builder_close(&w->b);
    for (uint64_t number = 1; number <= NUMBERS; number++)
        unlink(segment_path(&w->b, number));
    unlink(live_path(w));
    w->files = 0;
    w->is_changed = false;
    make(w);
}

/* Segments 1 to 3, of blocks 0 to 2 and a footer, 4 and 5 and a footer, 7 and 8. */
static void three_segments(struct world *w)
{
    struct log_builder *b = &w->b;

    builder_open(b, harness_path("log"), 5);
    builder_segment(b, 1);
    builder_block(b, 3, 30);
    builder_block(b, 2, 100);
    builder_block(b, 3, 40);
    builder_footer(b);
    builder_segment(b, 2);
    builder_block(b, 2, 50);
    builder_block(b, 3, 20);
    builder_footer(b);
    builder_segment(b, 3);
    builder_block(b, 2, 50);
    builder_block(b, 3, 20);
    builder_live(b, 0);
}

/* live.quire says that nothing behind this block is written. */
static void live_until(struct world *w, uint64_t block)
{
    struct log_builder early = w->b;
    const struct built_block *last = &w->b.blocks[block];

    early.next_sequence = last->first_sequence + last->records;
    early.header.number = last->segment;
    early.offset = last->offset + last->bytes;
    builder_live(&early, 0);
}

static void take_away(struct world *w, uint64_t block, uint64_t bytes)
{
    hurt(&w->b, w->b.blocks[block].segment, w->b.blocks[block].offset, zeros, bytes);
}

static void block_comes(struct world *w)
{
    three_segments(w);
    remember(w, segment_path(&w->b, 3));
    REQUIRE_INT(truncate(segment_path(&w->b, 3), (off_t)w->b.blocks[8].offset), 0);
}

static void block_comes_and_is_told(struct world *w)
{
    block_comes(w);
    remember(w, live_path(w));
    live_until(w, 7);
}

static void block_comes_unknown(struct world *w)
{
    block_comes(w);
    REQUIRE_INT(unlink(live_path(w)), 0);
}

/* In space that was made ready. */
static void block_comes_to_zeros(struct world *w)
{
    three_segments(w);
    remember(w, segment_path(&w->b, 3));
    take_away(w, 8, PAGE);
}

static void hole_is_filled(struct world *w)
{
    three_segments(w);
    remember(w, segment_path(&w->b, 3));
    remember(w, live_path(w));
    take_away(w, 7, PAGE);
    live_until(w, 5);
}

/* Nothing says that it is still to come: until then it is damage. */
static void hole_without_live_is_filled(struct world *w)
{
    three_segments(w);
    remember(w, segment_path(&w->b, 3));
    take_away(w, 7, PAGE);
    REQUIRE_INT(unlink(live_path(w)), 0);
}

static void hole_over_an_end_is_filled(struct world *w)
{
    three_segments(w);
    remember(w, segment_path(&w->b, 2));
    remember(w, live_path(w));
    take_away(w, 5, 2 * PAGE);
    live_until(w, 4);
}

static void segment_comes(struct world *w)
{
    three_segments(w);
    remember(w, segment_path(&w->b, 3));
    REQUIRE_INT(unlink(segment_path(&w->b, 3)), 0);
}

static void first_page_comes(struct world *w)
{
    segment_comes(w);
    write_file(segment_path(&w->b, 3), zeros, PAGE);
}

static void first_block_comes(struct world *w)
{
    three_segments(w);
    remember(w, segment_path(&w->b, 3));
    take_away(w, 7, 2 * PAGE);
}

static void two_segments_come(struct world *w)
{
    three_segments(w);
    remember(w, segment_path(&w->b, 2));
    remember(w, segment_path(&w->b, 3));
    remember(w, live_path(w));
    live_until(w, 1);
    remember(w, segment_path(&w->b, 1));
    REQUIRE_INT(unlink(segment_path(&w->b, 2)), 0);
    REQUIRE_INT(unlink(segment_path(&w->b, 3)), 0);
    REQUIRE_INT(truncate(segment_path(&w->b, 1), (off_t)w->b.blocks[2].offset), 0);
}

/* A segment that was made ready is filled, and another comes. */
static void footer_comes(struct world *w)
{
    first_block_comes(w);
    remember(w, segment_path(&w->b, 2));
    take_away(w, 6, PAGE);
}

/* The first of a log whose beginning was trimmed. */
static void very_first_block_comes(struct world *w)
{
    struct log_builder *b = &w->b;

    builder_open(b, harness_path("log"), 5);
    b->next_sequence = 40;
    builder_segment(b, 7);
    builder_block(b, 2, 50);
    builder_block(b, 3, 20);
    remember(w, segment_path(b, 7));
    take_away(w, 0, 2 * PAGE);
}

static void very_first_hole_is_filled(struct world *w)
{
    very_first_block_comes(w);
    w->files = 0;
    bytes_free(&w->later[0].content);
    w->b.offset = PAGE;
    w->b.next_sequence = 40;
    w->b.record_count = w->b.block_count = 0;
    builder_block(&w->b, 2, 50);
    builder_block(&w->b, 3, 20);
    builder_live(&w->b, 0);
    remember(w, segment_path(&w->b, 7));
    remember(w, live_path(w));
    take_away(w, 0, PAGE);
    struct log_builder early = w->b;
    early.next_sequence = 40;
    early.offset = PAGE;
    builder_live(&early, 0);
}

/* The writer goes on in another segment, with what failed in the one before. */
static void writer_goes_on(struct world *w)
{
    struct log_builder *b = &w->b;

    three_segments(w);
    b->next_sequence = b->blocks[8].first_sequence;
    b->record_count = b->next_sequence - 1;
    builder_segment(b, 4);
    builder_block(b, 3, 20);
    builder_block(b, 3, 20);
    builder_live(b, 0);
    remember(w, segment_path(b, 4));
    remember(w, live_path(w));
    REQUIRE_INT(unlink(segment_path(b, 4)), 0);
    hurt(b, 3, b->blocks[8].offset, "a write that failed", 19);
    live_until(w, 7);
}

/* What a writer that died left is cut off, and written over. */
static void tail_is_cut(struct world *w)
{
    three_segments(w);
    remember(w, segment_path(&w->b, 3));
    remember(w, live_path(w));
    hurt(&w->b, 3, w->b.blocks[8].offset, "torn", 4);
    live_until(w, 7);
}

/* The segment that seemed to be the first is never used, or is gone when the next comes. */
static void first_stays_empty(struct world *w)
{
    struct log_builder *b = &w->b;

    builder_open(b, harness_path("log"), 5);
    b->next_sequence = 40;
    builder_segment(b, 7);
    builder_segment(b, 8);
    builder_block(b, 2, 50);
    builder_block(b, 3, 20);
    remember(w, segment_path(b, 8));
    REQUIRE_INT(unlink(segment_path(b, 8)), 0);
}

static void sealed(struct world *w)
{
    three_segments(w);
    builder_footer(&w->b);
    builder_live(&w->b, 0);
}

/* A hole in front of a segment that was never filled: damage, as soon as it is seen. */
static void segments_not_filled(struct world *w)
{
    struct log_builder *b = &w->b;

    builder_open(b, harness_path("log"), 5);
    builder_segment(b, 1);
    builder_block(b, 3, 30);
    builder_segment(b, 2);
    builder_segment(b, 3);
    b->next_sequence += 4;
    builder_segment(b, 4);
    builder_block(b, 3, 30);
}

static const struct change comings[] = {
    {"block", block_comes, 0, 0},
    {"block_told", block_comes_and_is_told, 0, 0},
    {"block_unknown", block_comes_unknown, 0, 0},
    {"block_to_zeros", block_comes_to_zeros, 0, 0},
    {"hole", hole_is_filled, 0, 0},
    {"hole_over_an_end", hole_over_an_end_is_filled, 0, 0},
    {"segment", segment_comes, 0, 0},
    {"first_page", first_page_comes, 0, 0},
    {"first_block", first_block_comes, 0, 0},
    {"two_segments", two_segments_come, 0, 0},
    {"footer", footer_comes, 0, 0},
    {"very_first_block", very_first_block_comes, 0, 0},
    {"very_first_hole", very_first_hole_is_filled, 0, 0},
    {"elsewhere", writer_goes_on, 0, 0},
    {"tail", tail_is_cut, 0, 0},
    {"second", first_stays_empty, 0, 0},
    {"second_for_first", first_stays_empty, SEVENTH, 0},
};

static const struct change goings[] = {
    {"first", three_segments, FIRST, 0},
    {"two", three_segments, FIRST | SECOND, 0},
    {"first_hole", hole_is_filled, FIRST, 0},
    {"two_hole", hole_is_filled, FIRST | SECOND, 0},
    {"first_over_an_end", hole_over_an_end_is_filled, FIRST, 0},
    {"hole_filled", hole_without_live_is_filled, 0, WITH_DAMAGE},
    {"hole_in_front", segments_not_filled, FIRST | SECOND | THIRD, WITH_DAMAGE},
    {"all", three_segments, FIRST | SECOND | THIRD, TO_THE_END},
    {"all_sealed", sealed, FIRST | SECOND | THIRD, TO_THE_END},
    {"last_sealed", sealed, THIRD, TO_THE_END},
};

/* ---- reading */

struct reading {
    struct world *w;
    struct steps steps;
    struct quire_damage damage;
    quire_reader *reader;
    uint64_t last; /* the sequence given last */
    uint64_t count;
    uint64_t trimmed; /* how many times that was said */
    unsigned expects;
};

static void note(struct reading *r, const struct quire_record *record)
{
    if (record->sequence <= r->last)
        FAIL("record %" PRIu64 " behind %" PRIu64, record->sequence, r->last);
    if (!is_right(&r->w->b, record))
        FAIL("record %" PRIu64 " is wrong", record->sequence);
    r->last = record->sequence;
    r->count++;
}

/* False: it is no use any more. */
static bool pass_over(struct reading *r, int rc)
{
    if (r->expects & WITH_DAMAGE && r->reader->obstacle.damage.code != 0 && !r->reader->obstacle.is_final)
        return quire_reader_skip(r->reader) == 0;
    if (rc != QUIRE_E_TRIMMED || ++r->trimmed > ENDS)
        return false;
    /* There may be nothing left. */
    return quire_reader_seek_begin(r->reader) == 0;
}

static int read_on(struct reading *r)
{
    struct quire_record record;

    for (int ends = 0; ends < ENDS;) {
        int rc = quire_reader_next(r->reader, &record);
        if (rc == 1)
            note(r, &record);
        else if (rc == 0)
            ends++;
        else if (!pass_over(r, rc))
            return rc;
        /* The second half is for what has come in the end. */
        if (rc == 0 && !r->w->is_changed && ends == ENDS - 1)
            happen(r->w);
    }
    return 0;
}

static int open_on_steps(struct reading *r, uint32_t flags)
{
    struct quire_reader_options options = {.size = sizeof options, .flags = flags, .damage = &r->damage};

    return quire__reader_open_on(&r->steps.io, r->w->b.directory, &options, &r->reader);
}

/* False: the change was not made before a step, but at the end. */
static bool begin(struct reading *r, struct world *w, const struct change *change, uint64_t at)
{
    *r = (struct reading){.w = w, .expects = change->expects};
    steps_begin(&r->steps);
    r->steps.act = happen;
    r->steps.world = w;
    steps_arm(&r->steps, at, 1, 0);
    int rc = open_on_steps(r, 0);
    /* All the segments there were went while it was opened: others may have come. */
    if (rc == -ENOENT)
        rc = open_on_steps(r, 0);
    return rc == 0;
}

static void end(struct reading *r)
{
    REQUIRE_OK(quire_reader_close(r->reader));
    CHECK_INT(r->steps.open, 0);
}

/* Was there a step to happen at? */
typedef bool attempt(struct world *w, const struct change *change, uint64_t at);

static void at_each_step(const struct change *change, attempt *try)
{
    static struct world w;
    uint64_t at = 1;
    bool hit = true;

    w.gone = change->gone;
    change->make(&w);
    for (; hit && at < MOST_STEPS; at++) {
        hit = try(&w, change, at);
        put_back(&w, change->make);
    }
    CHECK(at > 20 && at < MOST_STEPS);
    builder_close(&w.b);
}

static bool come(struct world *w, const struct change *change, uint64_t at)
{
    struct reading r;

    REQUIRE(begin(&r, w, change, at));
    int rc = read_on(&r);
    if (rc != 0)
        FAIL("at %" PRIu64 ": %s in segment %" PRIu64 " at %" PRIu64, at, quire_strerror(rc), r.damage.segment,
             r.damage.offset);
    uint64_t first = w->b.records[0].record.sequence;
    if (r.last != w->b.next_sequence - 1 || r.count != w->b.next_sequence - first)
        FAIL("at %" PRIu64 ": %" PRIu64 " records, up to %" PRIu64, at, r.count, r.last);
    bool hit = r.steps.hits > 0;
    end(&r);
    return hit;
}

TEST_EACH(comes_meanwhile, struct change, comings)
{
    at_each_step(it, come);
}

static bool go(struct world *w, const struct change *change, uint64_t at)
{
    struct reading r;

    if (begin(&r, w, change, at)) {
        int rc = read_on(&r);
        bool is_to_the_end = rc == 0 && r.last == w->b.next_sequence - 1;
        if (change->expects != TO_THE_END && !is_to_the_end)
            FAIL("at %" PRIu64 ": up to %" PRIu64 ", and %s in segment %" PRIu64 " at %" PRIu64, at, r.last,
                 quire_strerror(rc), r.damage.segment, r.damage.offset);
        end(&r);
    } else if (change->expects != TO_THE_END) {
        FAIL("at %" PRIu64 ": not to be opened", at);
    }
    return r.steps.hits > 0;
}

/* Where all goes there is no log any more, and whatever is said of it is right. */
TEST_EACH(goes_meanwhile, struct change, goings)
{
    at_each_step(it, go);
}
