/* Appending, syncing, rotating, trimming, closing, opening again. See run.h.
 *
 * A mark says two things: what was acknowledged as durable, and how far records had been begun, which is said before
 * an append so that no power cut can come between.
 *
 * SPDX-License-Identifier: MIT */
#include "torture/run.h"

#include <inttypes.h>
#include <pthread.h>
#include <string.h>

#include "log/log.h"
#include "torture/schedule.h"

enum { BATCH = 4, MILLISECOND = 1000000 };

struct run {
    struct torture_scenario *scenario;
    struct torture_disk *disk;
    struct torture_verdict *verdict;
    quire_log *log;
    uint64_t acknowledged, begun;
    uint64_t of_lane[TORTURE_LANES]; /* records appended */
    bool is_over;                    /* the log has failed, as it was to */
};

/* And all is over. */
#define OBJECT(run, ...) ((run)->is_over = !torture_object((run)->verdict, __VA_ARGS__))

static bool one_in(uint32_t count)
{
    return count > 0 && torture_schedule_random() % count == 0;
}

static void mark(struct run *run, uint64_t durable)
{
    run->acknowledged = durable > run->acknowledged ? durable : run->acknowledged;
    torture_disk_mark(run->disk, run->acknowledged, run->begun);
}

/* Where a fault is due, the log may fail with its code, and then all is over; otherwise nothing fails. */
static bool went_well(struct run *run, int rc, const char *what)
{
    const struct torture_scenario *s = run->scenario;

    if (rc >= 0)
        return !run->is_over;
    /* Once it has come to a failure, a claim may stand open: a thread that goes on elsewhere may be claiming at the time. */
    bool may_stand_open = run->is_over || s->options.flags & QUIRE_LOG_CONTINUE;
    bool is_expected = rc == s->fault_code || (may_stand_open && rc == QUIRE_E_CLAIM_OPEN);
    if (s->fault != TORTURE_NO_FAULT && !torture_disk_has_fault(run->disk) && is_expected)
        run->is_over = true;
    else
        OBJECT(run, "%s: %s", what, quire_strerror(rc));
    return false;
}

/* Before the next records are appended. */
static void begin_records(struct run *run, uint64_t count)
{
    run->begun += count;
    mark(run, 0);
}

static void append(struct run *run, uint32_t count)
{
    static unsigned char memory[BATCH][QUIRE__PAGE * 2];
    const struct torture_rules *rules = &run->scenario->rules;
    struct iovec records[BATCH];
    uint64_t first = run->begun + 1;
    uint64_t sequence = 0;

    begin_records(run, count);
    for (uint32_t i = 0; i < count; i++) {
        records[i] = (struct iovec){memory[i], torture_record_length(rules, first + i)};
        torture_record_fill(rules, first + i, memory[i]);
    }
    int rc = count == 1 ? quire_log_append(run->log, records[0].iov_base, records[0].iov_len, &sequence)
                        : quire_log_append_batch(run->log, records, (int)count, &sequence);
    if (!went_well(run, rc, "append"))
        return;
    if (sequence != first)
        OBJECT(run, "an append got sequence %" PRIu64 ", not %" PRIu64, sequence, first);
    if (run->scenario->options.sync_policy == QUIRE_SYNC_EACH)
        mark(run, first + count - 1);
}

/* Of several threads, who know the sequence of a record before they fill it. */
static void claim(struct run *run)
{
    struct quire_log_claim claim;

    begin_records(run, 1);
    int rc = quire_log_claim(run->log, run->scenario->rules.length_most, &claim);
    if (rc == QUIRE_E_DROPPED && run->scenario->rules.may_lose)
        return;
    if (!went_well(run, rc, "claim"))
        return;
    torture_record_fill(&run->scenario->rules, claim.sequence, claim.memory);
    torture_schedule_pause();
    uint64_t index = torture_rules_index(&run->scenario->rules, claim.sequence);
    if (index > 0)
        run->scenario->rules.stored[index] = true;
    rc = quire_log_publish(run->log, &claim);
    if (went_well(run, rc, "publish") && run->scenario->options.sync_policy == QUIRE_SYNC_EACH)
        mark(run, claim.sequence);
}

/* Past the lane, behind what it holds. */
static void append_beside_lane(struct run *run, quire_log_lane *lane, const unsigned char *record, uint64_t length)
{
    uint64_t sequence = 0;

    if (!went_well(run, quire_log_lane_flush(lane, NULL), "flush of a lane"))
        return;
    int rc = quire_log_append(run->log, record, length, &sequence);
    if (went_well(run, rc, "append beside a lane") && run->scenario->options.sync_policy == QUIRE_SYNC_EACH)
        mark(run, sequence);
}

/* One that fails says that the log has, or it would have gone on. */
static void sync_to(struct run *run, uint64_t sequence)
{
    struct quire_failure failure = {.code = 0};

    if (sequence == 0) /* it would be all there is */
        return;
    int rc = quire_log_sync(run->log, sequence);
    quire_log_failure(run->log, &failure); /* of an open log: cannot fail */
    if (rc < 0 && rc != QUIRE_E_CLAIM_OPEN && !run->is_over && failure.code == 0)
        OBJECT(run, "a sync says \"%s\", and the log has not failed", quire_strerror(rc));
    else if (went_well(run, rc, "sync"))
        mark(run, sequence);
}

static void sync_lane(struct run *run, quire_log_lane *lane)
{
    uint64_t sequence = 0;

    if (went_well(run, quire_log_lane_flush(lane, &sequence), "flush of a lane"))
        sync_to(run, sequence);
}

/* Sequences come with the hand-over; a flush says the last of them. */
static void append_to_lane(struct run *run, quire_log_lane *lane, uint32_t number)
{
    unsigned char record[QUIRE__PAGE * 2];
    uint64_t name = torture_record_of_lane(number, ++run->of_lane[number]);
    uint64_t length = torture_record_length(&run->scenario->rules, name);

    begin_records(run, 1);
    torture_record_fill(&run->scenario->rules, name, record);
    if (one_in(4))
        append_beside_lane(run, lane, record, length);
    else
        went_well(run, quire_log_lane_append(lane, record, length), "append to a lane");
    if (!run->is_over && one_in(run->scenario->sync_every))
        sync_lane(run, lane);
}

static void sync_some(struct run *run)
{
    struct quire_watermarks marks = {0};

    quire_log_watermarks(run->log, &marks); /* of an open log: cannot fail */
    uint64_t sequence = marks.appended - (marks.appended > 3 && one_in(3) ? torture_schedule_random() % 3 : 0);
    sync_to(run, sequence);
}

/* What the log says is durable by now, whoever made it so. */
static void look(struct run *run)
{
    struct quire_watermarks marks = {0};

    quire_log_watermarks(run->log, &marks);
    mark(run, marks.durable);
}

static void do_one(struct run *run, quire_log_lane *lane, uint32_t number)
{
    const struct torture_scenario *s = run->scenario;

    if (lane)
        append_to_lane(run, lane, number);
    else if (s->claims)
        claim(run);
    else
        append(run, s->batch_most > 1 && one_in(4) ? 2 + (uint32_t)(torture_schedule_random() % (BATCH - 1)) : 1);
    if (!run->is_over && one_in(s->sync_every))
        sync_some(run);
    if (!run->is_over && one_in(s->rotate_every))
        went_well(run, quire_log_rotate(run->log), "rotate");
    if (!run->is_over && one_in(s->trim_every))
        went_well(run, quire_log_trim(run->log, run->acknowledged, NULL), "trim");
    if (!run->is_over && one_in(20))
        look(run);
    if (one_in(10))
        torture_schedule_skip(torture_schedule_random() % 5 * MILLISECOND);
}

struct appender {
    struct run *run;
    uint32_t number;
    pthread_t thread;
};

static void *append_all(void *argument)
{
    const struct appender *self = argument;
    struct run *run = self->run;
    quire_log_lane *lane = NULL;

    if (run->scenario->lanes && !went_well(run, quire_log_lane_open(run->log, &lane), "opening a lane"))
        return NULL;
    for (uint32_t i = 0; i < run->scenario->records && !run->is_over; i++)
        do_one(run, lane, self->number);
    if (lane)
        went_well(run, quire_log_lane_close(lane), "closing a lane");
    return NULL;
}

static void append_by_all(struct run *run)
{
    struct appender appenders[TORTURE_LANES] = {{.run = run}};
    uint32_t started = 1;

    for (uint32_t i = 0; i < run->scenario->threads; i++)
        appenders[i] = (struct appender){.run = run, .number = i};
    while (started < run->scenario->threads &&
           pthread_create(&appenders[started].thread, NULL, append_all, &appenders[started]) == 0)
        started++;
    append_all(&appenders[0]);
    for (uint32_t i = 1; i < started; i++)
        pthread_join(appenders[i].thread, NULL);
}

/* A log goes on by whatever method, from session to session. */
static struct quire_log_options options_of(const struct torture_scenario *scenario, uint32_t session)
{
    static const uint32_t others[] = {QUIRE_METHOD_PAGED, QUIRE_METHOD_WRITE, QUIRE_METHOD_MMAP};
    struct quire_log_options options = scenario->options;

    if (session > 0 && scenario->options.on_full != QUIRE_FULL_DROP)
        options.method = others[torture_schedule_random() % 3];
    /* A mapping needs the space. */
    if (options.method == QUIRE_METHOD_MMAP && options.prepare == QUIRE_LOG_PREPARE_NONE)
        options.prepare = QUIRE_LOG_PREPARE_ALLOCATED;
    return options;
}

static void end_session(struct run *run)
{
    struct quire_watermarks marks = {0};
    bool is_none = run->scenario->options.sync_policy == QUIRE_SYNC_NONE;

    quire_log_watermarks(run->log, &marks);
    mark(run, marks.durable);
    /* What was dropped last is declared on the way out. */
    uint64_t last = run->scenario->options.on_full == QUIRE_FULL_DROP ? marks.durable : marks.appended;
    int rc = quire_log_close(run->log);
    if (run->is_over)
        return;
    if (went_well(run, rc, "close"))
        mark(run, is_none ? marks.durable : last);
}

static void live_through(struct run *run, uint32_t session)
{
    struct quire_log_options options = options_of(run->scenario, session);
    struct quire_watermarks marks = {0};

    if (!went_well(run, quire__log_open_on(torture_disk_io(run->disk), TORTURE_DIRECTORY, &options, &run->log), "open"))
        return;
    quire_log_watermarks(run->log, &marks);
    if (marks.appended > run->begun)
        OBJECT(run, "opened with %" PRIu64 " records, of %" PRIu64, marks.appended, run->begun);
    /* Of records begun that were refused, the sequences come again. */
    run->begun = marks.appended;
    append_by_all(run);
    end_session(run);
}

static void body(void *argument)
{
    struct run *run = argument;
    const struct torture_scenario *s = run->scenario;

    /* What it begins with was durable long ago. */
    if (run->begun > 0)
        mark(run, run->begun);
    torture_schedule_repeat(s->rules.repeats);
    torture_disk_fail(run->disk, s->fault, s->fault_at, s->fault_code);
    for (uint32_t i = 0; i < s->sessions && !run->is_over; i++)
        live_through(run, i);
}

void torture_run(struct torture_scenario *scenario, const struct torture_image *image, struct torture_trace *trace,
                 struct torture_verdict *verdict)
{
    struct run run = {.scenario = scenario, .verdict = verdict};

    verdict->why[0] = '\0';
    run.begun = torture_base_last(scenario->rules.base);
    run.disk = torture_disk_new(image, trace, scenario->seed);
    if (!run.disk) {
        OBJECT(&run, "no memory");
        return;
    }
    const char *why = torture_schedule_run(scenario->seed, body, &run);
    if (why)
        OBJECT(&run, "%s", why);
    if (torture_disk_complaint(run.disk))
        OBJECT(&run, "%s", torture_disk_complaint(run.disk));
    uint64_t left = torture_disk_free(run.disk);
    if (left > 0 && !why)
        OBJECT(&run, "a handle, a mapping or a queue was left open");
}
