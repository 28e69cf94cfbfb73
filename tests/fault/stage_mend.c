/* The acts of who reads a log, checks it, or changes it from outside. See stage.h.
 *
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include <unistd.h>

#include "mend/mend.h"
#include "reader/reader.h"
#include "reader/whole.h"
#include "stage.h"

enum { SEGMENTS = 4, EACH = 30, ALL = SEGMENTS * EACH, TRIM = 2 * EACH + 1, KEEP = EACH + 20 };

enum wound { WHOLE, TORN_AND_MISSING, NO_HEADER, NO_BEGINNING, LOST_END };

static void hurt_log(const char *directory, uint64_t wound)
{
    char junk[700];

    memset(junk, 0x5a, sizeof junk);
    if (wound == TORN_AND_MISSING) {
        const char *last = segment_name(directory, SEGMENTS);
        overwrite(last, (uint64_t)file_size(last), junk, sizeof junk);
        overwrite(segment_name(directory, 1), 3 * PAGE + 100, junk, 1);
        REQUIRE_INT(unlink(segment_name(directory, 3)), 0);
    } else if (wound == NO_HEADER) {
        overwrite(segment_name(directory, 2), 0, junk, 40);
    } else if (wound == NO_BEGINNING) {
        /* What the first one lost is declared in the second. */
        overwrite(segment_name(directory, 1), 0, junk, 40);
        overwrite(segment_name(directory, 2), PAGE + 100, junk, 1);
    } else if (wound == LOST_END) {
        REQUIRE_INT(truncate(segment_name(directory, SEGMENTS), 2 * PAGE), 0);
    }
}

/* Sealed segments of EACH records, several blocks each; then what is wrong with them. */
static void prepare(struct stage *stage)
{
    struct quire_log_options o = small_log(0);
    struct fault *fault = NULL;

    o.flags = stage->act->flags & QUIRE_LOG_CHAIN;
    quire_log *log = stage_open_well(stage->directory, &o, &fault);
    for (uint64_t i = 1; i <= ALL; i++) {
        REQUIRE_OK(append_next(log, i));
        if (i % 5 == 0)
            REQUIRE_OK(quire_log_sync(log, 0));
        if (i % EACH == 0 && i != ALL)
            REQUIRE_OK(quire_log_rotate(log));
    }
    REQUIRE_OK(quire_log_close(log));
    fault_free(fault);
    stage->durable = stage->accepted = ALL;
    hurt_log(stage->directory, stage->act->wound);
}

static bool is_right(const struct quire_record *record)
{
    unsigned char should[700];

    record_fill(should, record->sequence);
    return record->length == record_length(record->sequence) && memcmp(record->data, should, record->length) == 0;
}

/* ---- reading ---- */

static uint64_t read_on(struct stage *stage, quire_reader *reader, uint64_t next, int step)
{
    struct quire_record record;
    uint64_t count = 0;
    int rc;

    while ((rc = step > 0 ? quire_reader_next(reader, &record) : quire_reader_previous(reader, &record)) > 0) {
        REQUIRE_UINT(record.sequence, next);
        REQUIRE(record.kind == QUIRE_RECORD_DATA && is_right(&record));
        next += (uint64_t)step;
        count++;
    }
    stage_note(stage, rc);
    return count;
}

static void expect(struct stage *stage, bool truth, const char *what)
{
    if (!truth && stage->told == 0)
        stage->silent = what;
}

static void read_both_ways(struct stage *stage)
{
    struct quire_reader_options o = {.size = sizeof o, .flags = stage->act->flags & QUIRE_READ_DURABLE};
    struct quire_watermarks marks = {0};
    struct quire_record record;
    struct quire_cursor cursor;
    quire_reader *reader = NULL;

    if (stage_note(stage, quire__reader_open_on(fault_io(stage->fault), stage->directory, &o, &reader)) < 0)
        return;
    expect(stage, read_on(stage, reader, 1, 1) == ALL, "the log ended early");
    if (stage->told == 0)
        expect(stage, read_on(stage, reader, ALL, -1) == ALL, "the log began late");
    if (stage_note(stage, quire_reader_seek_sequence(reader, 50)) == 0 &&
        stage_note(stage, quire_reader_next(reader, &record)) > 0)
        expect(stage, record.sequence == 50 && is_right(&record), "another record than was sought");
    if (stage_note(stage, quire_reader_tell(reader, &cursor)) == 0 &&
        stage_note(stage, quire_reader_resume(reader, &cursor)) == 0 &&
        stage_note(stage, quire_reader_next(reader, &record)) > 0)
        expect(stage, record.sequence == 51 && is_right(&record), "it did not resume where it was");
    if (stage_note(stage, quire_reader_seek_end(reader)) == 0)
        expect(stage, stage_note(stage, quire_reader_next(reader, &record)) <= 0, "a record behind the end");
    if (stage_note(stage, quire_reader_watermarks(reader, &marks)) == 0)
        expect(stage, marks.written == ALL, "watermarks that are not so");
    REQUIRE_OK(quire_reader_close(reader));
}

struct seen {
    _Atomic uint64_t records, wrong;
};

static int see_record(void *context, uint32_t thread, const struct quire_record *record)
{
    struct seen *seen = context;

    (void)thread;
    atomic_fetch_add(&seen->records, 1);
    atomic_fetch_add(&seen->wrong, !is_right(record));
    return 0;
}

static void scan(struct stage *stage)
{
    struct seen seen = {0};

    stage_note(stage, quire__scan_on(fault_io(stage->fault), stage->directory, NULL, 2, see_record, &seen));
    REQUIRE_UINT(seen.wrong, 0);
    REQUIRE(seen.records <= ALL);
    expect(stage, seen.records == ALL, "a scan that saw less");
}

static int see_segment(void *context, const struct quire_segment_info *segment)
{
    stage_note(context, segment->code);
    return 0;
}

static void inspect(struct stage *stage)
{
    struct quire_log_info info = {.size = sizeof info};

    stage_note(stage, quire__inspect_on(fault_io(stage->fault), stage->directory, see_segment, stage, &info));
    expect(stage, info.segments == SEGMENTS && info.last_sequence == ALL && info.first_sequence == 1, "not all of it");
}

static void verify(struct stage *stage)
{
    struct quire_verify_options o = {.size = sizeof o, .threads = 2};
    struct quire_verify_result result = {.size = sizeof result};

    if (stage->act->flags & QUIRE_LOG_CHAIN)
        o.flags = QUIRE_VERIFY_CHAIN;
    int rc = quire__verify_on(fault_io(stage->fault), stage->directory, &o, &result);
    if (stage->act->wound == LOST_END) {
        /* That it is damaged is right. */
        stage_note(stage, rc == QUIRE_E_DAMAGED ? 0 : rc);
        expect(stage, rc != 0, "damage that was not found");
        return;
    }
    stage_note(stage, rc);
    expect(stage, result.records == ALL && result.damaged == 0, "not all was looked at");
}

static void judge_unchanged(struct stage *stage)
{
    if (stage->act->wound == WHOLE)
        CHECK_LOG(stage->directory, 1, ALL);
}

/* ---- changing ---- */

struct content {
    uint64_t first, last, records, lost;
};

static struct content read_log(const char *directory)
{
    struct content content = {0};
    struct quire_record record;
    quire_reader *reader = NULL;
    uint64_t next = 0;
    int rc;

    REQUIRE_OK(quire_reader_open(directory, NULL, &reader));
    while ((rc = quire_reader_next(reader, &record)) > 0) {
        if (next == 0)
            content.first = next = record.sequence;
        REQUIRE_UINT(record.sequence, next);
        REQUIRE(record.kind == QUIRE_RECORD_GAP || is_right(&record));
        content.records += record.kind == QUIRE_RECORD_DATA;
        content.lost += record.lost;
        next += record.kind == QUIRE_RECORD_GAP ? record.lost : 1;
    }
    CHECK_CODE(rc, 0);
    REQUIRE_OK(quire_reader_close(reader));
    content.last = next - 1;
    return content;
}

static void check_whole(const char *directory)
{
    struct quire_verify_result result = {.size = sizeof result};

    CHECK_OK(quire_verify(directory, NULL, &result));
}

static void repair(struct stage *stage)
{
    uint64_t steps = 0;
    bool apply = stage->act->keeps;

    stage_note(stage, quire__repair_on(fault_io(stage->fault), stage->directory, apply, NULL, NULL, &steps));
    expect(stage, steps >= (stage->act->wound == TORN_AND_MISSING ? 3 : 1), "steps that were not found");
}

static uint64_t repair_well(const char *directory, int apply)
{
    struct fault *fault = fault_new((struct fault_setup){.align = 512});
    uint64_t steps = 0;

    REQUIRE_OK(quire__repair_on(fault_io(fault), directory, apply, NULL, NULL, &steps));
    fault_free(fault);
    return steps;
}

/* What a repair of that wound leaves when nothing fails. */
static struct content repaired(const struct stage *stage)
{
    static struct content content;
    struct stage well = {.act = stage->act, .directory = harness_path("well")};

    if (content.records > 0)
        return content;
    prepare(&well);
    REQUIRE(repair_well(well.directory, 1) > 0);
    content = read_log(well.directory);
    stage_clear(well.directory);
    return content;
}

static void judge_repaired(struct stage *stage)
{
    struct quire_verify_result result = {.size = sizeof result};
    struct content should = repaired(stage);

    if (stage->told == 0 && quire_verify(stage->directory, NULL, &result) != 0)
        stage->silent = "a repair after which it is not whole";
    uint64_t steps = repair_well(stage->directory, 1);
    if (stage->told == 0 && steps > 0)
        stage->silent = "a repair that left something to repair";
    check_whole(stage->directory);
    struct content is = read_log(stage->directory);
    CHECK_UINT(is.records + is.lost, should.records + should.lost);
    if (is.records < should.records)
        FAIL("%" PRIu64 " records, %" PRIu64 " could be saved", is.records, should.records);
}

static void judge_plan(struct stage *stage)
{
    uint64_t steps = repair_well(stage->directory, 0);

    REQUIRE(steps >= (stage->act->wound == TORN_AND_MISSING ? 3 : 1));
}

static void trim(struct stage *stage)
{
    uint64_t segments = 0;

    stage_note(stage, quire__trim_on(fault_io(stage->fault), stage->directory, TRIM, &segments));
    expect(stage, segments == 2, "segments that stayed");
}

static void judge_trimmed(struct stage *stage)
{
    struct content is = read_log(stage->directory);

    check_whole(stage->directory);
    CHECK_UINT(is.last, ALL);
    CHECK(is.first <= TRIM && is.first % EACH == 1 && is.lost == 0);
    expect(stage, is.first == TRIM, "segments that stayed");
    REQUIRE_OK(quire_trim(stage->directory, TRIM, NULL));
    CHECK_LOG(stage->directory, TRIM, ALL);
}

static void cut(struct stage *stage)
{
    uint64_t records = 0;

    stage_note(stage, quire__truncate_on(fault_io(stage->fault), stage->directory, KEEP, &records));
    expect(stage, records == ALL - KEEP, "records that stayed");
}

static void judge_cut(struct stage *stage)
{
    struct quire_log_options o = small_log(0);
    struct fault *fault = NULL;
    struct content is = read_log(stage->directory);

    check_whole(stage->directory);
    CHECK(is.first == 1 && is.last >= KEEP && is.last <= ALL && is.lost == 0);
    expect(stage, is.last == KEEP, "records that stayed");
    REQUIRE_OK(quire_truncate(stage->directory, KEEP, NULL));
    quire_log *log = stage_open_well(stage->directory, &o, &fault);
    REQUIRE_OK(append_next(log, KEEP + 1));
    REQUIRE_OK(quire_log_close(log));
    fault_free(fault);
    CHECK_LOG(stage->directory, 1, KEEP + 1);
}

#define READ(name_, work_, ...)                                                                 \
    {                                                                                           \
        .name = name_, .prepare = prepare, .work = work_, .judge = judge_unchanged, __VA_ARGS__ \
    }

const struct act stage_read_acts[] = {
    READ("reader", read_both_ways, .wound = WHOLE, .first = true),
    READ("reader_durable", read_both_ways, .flags = QUIRE_READ_DURABLE),
    READ("scan", scan, .wound = WHOLE),
    READ("inspect", inspect, .wound = WHOLE),
    READ("verify", verify, .wound = WHOLE, .first = true),
    READ("verify_chain", verify, .flags = QUIRE_LOG_CHAIN),
    READ("verify_lost_end", verify, .wound = LOST_END),
};
const size_t stage_read_act_count = sizeof stage_read_acts / sizeof stage_read_acts[0];

#define MEND(name_, work_, judge_, ...)                                                \
    {                                                                                  \
        .name = name_, .prepare = prepare, .work = work_, .judge = judge_, __VA_ARGS__ \
    }

const struct act stage_mend_acts[] = {
    MEND("repair", repair, judge_repaired, .wound = TORN_AND_MISSING, .keeps = true, .first = true, .every = true),
    MEND("repair_header", repair, judge_repaired, .wound = NO_HEADER, .keeps = true),
    MEND("repair_beginning", repair, judge_repaired, .wound = NO_BEGINNING, .keeps = true, .first = true),
    MEND("repair_lost_end", repair, judge_repaired, .wound = LOST_END, .keeps = true),
    MEND("repair_plan", repair, judge_plan, .wound = TORN_AND_MISSING),
    MEND("trim", trim, judge_trimmed, .wound = WHOLE),
    MEND("truncate", cut, judge_cut, .wound = WHOLE, .first = true),
};
const size_t stage_mend_act_count = sizeof stage_mend_acts / sizeof stage_mend_acts[0];
