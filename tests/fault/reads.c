/* Who reads a log, and the system fails once in a way that is no damage: the error comes out, or what was read is what it
 * is when nothing fails. Each call of each operation, under each way of reading, over a log that is hurt in several places.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <quire/check.h>

#include "base/crc32c.h"
#include "fault.h"
#include "log_builder.h"
#include "mend/mend.h"
#include "reader/reader.h"
#include "reader/whole.h"

enum { SEGMENTS = 3, BLOCKS = 6, EACH = 5, ALL = SEGMENTS * BLOCKS * EACH, CODE = -EACCES, MOST_CALLS = 2000 };

/* Broken in the middle, at the beginning of a segment, and torn at its end. */
static void build(struct log_builder *b)
{
    static const char junk[3 * PAGE + 700] = {0x5a};

    builder_open(b, harness_path("log"), 3);
    b->times = true;
    for (uint64_t number = 1; number <= SEGMENTS; number++) {
        builder_segment(b, number);
        for (int i = 0; i < BLOCKS; i++)
            builder_block(b, EACH, i == 3 ? 20000 : 100);
        if (number < SEGMENTS)
            builder_footer(b);
    }
    flip(b, 2, b->blocks[BLOCKS + 4].offset + 20, 1);
    flip(b, 3, b->blocks[2 * (BLOCKS + 1)].offset + 200, 1);
    overwrite(segment_path(b, SEGMENTS), b->offset, junk, sizeof junk);
    builder_live(b, ALL - EACH);
}

/* What one way of reading came to. */
struct outcome {
    int code; /* CODE if any call gave it */
    uint32_t sum;
};

static void note(struct outcome *outcome, const void *what, uint64_t length)
{
    outcome->sum = quire__crc32c(outcome->sum, what, length);
}

static int note_code(struct outcome *outcome, int rc)
{
    if (rc == CODE)
        outcome->code = rc;
    note(outcome, &rc, sizeof rc);
    return rc;
}

static void note_record(struct outcome *outcome, const struct quire_record *record)
{
    note(outcome, &record->sequence, sizeof record->sequence);
    note(outcome, &record->lost, sizeof record->lost);
    note(outcome, record->data, record->length);
}

static quire_reader *open_on(struct quire__io *io, struct outcome *outcome, uint32_t flags)
{
    struct quire_reader_options o = {.size = sizeof o, .flags = flags};
    quire_reader *reader = NULL;

    note_code(outcome, quire__reader_open_on(io, harness_path("log"), &o, &reader));
    return reader;
}

/* One way until there is no more; over damage. */
static void read_on(quire_reader *reader, struct outcome *outcome, int (*step)(quire_reader *, struct quire_record *))
{
    struct quire_record record;
    int rc;

    while ((rc = note_code(outcome, step(reader, &record))) != 0 && rc != CODE) {
        if (rc > 0)
            note_record(outcome, &record);
        else if (quire_reader_skip(reader) < 0)
            break;
    }
}

static void read_both_ways(struct quire__io *io, struct outcome *outcome)
{
    for (uint32_t flags = 0; flags <= QUIRE_READ_GAPS && outcome->code == 0; flags += QUIRE_READ_GAPS) {
        quire_reader *reader = open_on(io, outcome, flags);
        if (!reader)
            return;
        read_on(reader, outcome, quire_reader_next);
        if (outcome->code == 0 && flags == QUIRE_READ_GAPS)
            read_on(reader, outcome, quire_reader_previous);
        REQUIRE_OK(quire_reader_close(reader));
    }
}

static void read_durable(struct quire__io *io, struct outcome *outcome)
{
    struct quire_watermarks marks = {0};
    quire_reader *reader = open_on(io, outcome, QUIRE_READ_GAPS | QUIRE_READ_DURABLE);

    if (!reader)
        return;
    read_on(reader, outcome, quire_reader_next);
    if (outcome->code == 0 && note_code(outcome, quire_reader_watermarks(reader, &marks)) == 0)
        note(outcome, &marks, sizeof marks);
    if (outcome->code == 0)
        note_code(outcome, quire_reader_wait(reader, 0));
    REQUIRE_OK(quire_reader_close(reader));
}

/* After each: the record there, and the one in front of it. */
static void look_around(quire_reader *reader, struct outcome *outcome, int rc)
{
    struct quire_record record;
    int (*const steps[])(quire_reader *, struct quire_record *) = {quire_reader_next, quire_reader_previous,
                                                                   quire_reader_previous};

    note_code(outcome, rc);
    for (size_t i = 0; i < 3 && rc >= 0 && outcome->code == 0; i++)
        if ((rc = note_code(outcome, steps[i](reader, &record))) > 0)
            note_record(outcome, &record);
}

static void seek(struct quire__io *io, struct outcome *outcome)
{
    quire_reader *reader = open_on(io, outcome, QUIRE_READ_GAPS);
    struct quire_cursor cursor;

    if (!reader)
        return;
    for (uint64_t sequence = 1; sequence <= ALL + 2 && outcome->code == 0; sequence += 13)
        look_around(reader, outcome, quire_reader_seek_sequence(reader, sequence));
    for (uint64_t time = 900; time < 1000 + 10 * ALL && outcome->code == 0; time += 171)
        look_around(reader, outcome, quire_reader_seek_time(reader, time));
    if (outcome->code == 0)
        look_around(reader, outcome, quire_reader_seek_end(reader));
    REQUIRE_OK(quire_reader_tell(reader, &cursor));
    if (outcome->code == 0)
        look_around(reader, outcome, quire_reader_seek_begin(reader));
    if (outcome->code == 0)
        look_around(reader, outcome, quire_reader_resume(reader, &cursor));
    REQUIRE_OK(quire_reader_close(reader));
}

static void see_damage(void *context, const struct quire_damage *damage)
{
    struct outcome *outcome = context;

    note(outcome, &damage->segment, sizeof damage->segment);
    note(outcome, &damage->offset, sizeof damage->offset);
}

static void verify(struct quire__io *io, struct outcome *outcome)
{
    struct quire_verify_options o = {.size = sizeof o, .threads = 1, .damaged = see_damage, .context = outcome};
    struct quire_verify_result result = {.size = sizeof result};

    note_code(outcome, quire__verify_on(io, harness_path("log"), &o, &result));
    /* A footer is passed over where its segment was not known to be one when the work was shared out. */
    result.blocks = result.bytes = 0;
    note(outcome, &result, sizeof result);
}

static int see_segment(void *context, const struct quire_segment_info *segment)
{
    note_code(context, segment->code);
    note(context, &segment->records, sizeof segment->records);
    return 0;
}

static void inspect(struct quire__io *io, struct outcome *outcome)
{
    struct quire_log_info info = {.size = sizeof info};

    note_code(outcome, quire__inspect_on(io, harness_path("log"), see_segment, outcome, &info));
    note(outcome, &info, sizeof info);
}

static int see_record(void *context, uint32_t thread, const struct quire_record *record)
{
    (void)thread;
    note_record(context, record);
    return 0;
}

static void scan(struct quire__io *io, struct outcome *outcome)
{
    struct quire_reader_options o = {.size = sizeof o, .flags = QUIRE_READ_GAPS};

    note_code(outcome, quire__scan_on(io, harness_path("log"), &o, 1, see_record, outcome));
}

static int see_step(void *context, const struct quire_repair_step *step)
{
    note(context, step, sizeof *step);
    return 0;
}

static void plan(struct quire__io *io, struct outcome *outcome)
{
    uint64_t steps = 0;

    note_code(outcome, quire__repair_on(io, harness_path("log"), 0, see_step, outcome, &steps));
    note(outcome, &steps, sizeof steps);
}

struct way {
    const char *name;
    void (*read)(struct quire__io *io, struct outcome *outcome);
};

static const struct way ways[] = {{"both_ways", read_both_ways},
                                  {"durable", read_durable},
                                  {"seek", seek},
                                  {"verify", verify},
                                  {"inspect", inspect},
                                  {"scan", scan},
                                  {"plan", plan}};

/* The end is lost, and live.quire alone says that it was there. Whatever is not given once, verify does not call the log
 * whole. */
TEST(verify_without_live)
{
    struct fault *fault = fault_new((struct fault_setup){.align = 512});
    struct quire_verify_options options = {.size = sizeof options, .threads = 1};
    struct quire_verify_result result = {.size = sizeof result};
    struct log_builder b;
    bool hit = true;

    builder_open(&b, harness_path("log"), 3);
    builder_segment(&b, 1);
    builder_block(&b, EACH, 100);
    uint64_t end = b.offset;
    builder_block(&b, EACH, 100);
    builder_live(&b, 2 * EACH);
    REQUIRE_INT(truncate(segment_path(&b, 1), (off_t)end), 0);
    for (uint64_t nth = 1; hit && nth < MOST_CALLS; nth++) {
        uint64_t before = fault_hits(fault);
        fault_once(fault, FAULT_READ, nth, CODE);
        int rc = quire__verify_on(fault_io(fault), b.directory, &options, &result);
        hit = fault_hits(fault) > before;
        if (rc >= 0)
            FAIL("call %" PRIu64 " failed, and all is well", nth);
        if (!hit)
            CHECK_CODE(rc, QUIRE_E_DAMAGED);
        fault_clear(fault);
    }
    builder_close(&b);
    fault_free(fault);
}

TEST_EACH(reads, struct way, ways)
{
    static const enum fault_op operations[] = {FAULT_OPEN,  FAULT_LIST,     FAULT_LOCK,
                                               FAULT_FACTS, FAULT_IDENTIFY, FAULT_READ};
    struct fault *fault = fault_new((struct fault_setup){.align = 512});
    struct log_builder b;
    struct outcome well = {0};
    uint64_t reported = 0;

    build(&b);
    it->read(fault_io(fault), &well);
    REQUIRE_INT(well.code, 0);
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++)
        for (uint64_t nth = 1; nth < MOST_CALLS; nth++) {
            struct outcome outcome = {0};
            uint64_t before = fault_hits(fault);
            fault_once(fault, operations[i], nth, CODE);
            it->read(fault_io(fault), &outcome);
            fault_clear(fault);
            if (fault_hits(fault) == before)
                break;
            reported += outcome.code != 0;
            if (outcome.code == 0 && outcome.sum != well.sum)
                FAIL("%s %" PRIu64 ": nothing was reported, and what was read is not the same",
                     fault_op_name(operations[i]), nth);
        }
    CHECK(reported > 3);
    fault_free(fault);
    builder_close(&b);
}
