/* Appending, claiming, flushing, syncing, closing, opening again. See plain.h.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <string.h>

#include "torture/disk_internal.h"
#include "torture/plain.h"
#include "torture/schedule.h"
#include "writer/writer.h"

enum { MILLISECOND = 1000000 };

struct run {
    struct torture_plain *plain;
    struct torture_disk *disk;
    struct torture_verdict *verdict;
    quire_writer *writer;
    uint64_t told;                             /* by the marks */
    uint32_t of_thread[TORTURE_PLAIN_THREADS]; /* records appended, where they are named */
    bool is_over;                              /* the writer has failed, as it was to, or there was an objection */
    bool has_failed;                           /* and will not again */
};

struct appender {
    struct run *run;
    uint32_t number;
    quire_lane *lane; /* NULL: the writer itself */
    pthread_t thread;
};

/* And all is over. */
#define OBJECT(run, ...) ((run)->is_over = !torture_object((run)->verdict, __VA_ARGS__))

static bool one_in(uint32_t count)
{
    return torture_schedule_random() % count == 0;
}

/* So many bytes are durable, and the name. */
static void mark(struct run *run, uint64_t bytes)
{
    run->told = bytes + 1 > run->told ? bytes + 1 : run->told;
    torture_disk_mark(run->disk, run->told, 0);
}

/* Where a fault is due, the writer may fail with its code, and then this session is over; otherwise nothing fails. */
static bool went_well(struct run *run, int rc, const char *what)
{
    const struct torture_plain *p = run->plain;

    if (rc >= 0)
        return !run->is_over;
    if (p->fault != TORTURE_NO_FAULT && rc == p->fault_code && !run->has_failed)
        run->is_over = true;
    else
        OBJECT(run, "%s: %s", what, quire_strerror(rc));
    return false;
}

/* Nothing was appended, as the policy has it. */
static bool is_refused(const struct run *run, int rc)
{
    uint32_t on_full = run->plain->options.on_full;

    return (rc == -EAGAIN && on_full == QUIRE_FULL_AGAIN) || (rc == QUIRE_E_DROPPED && on_full == QUIRE_FULL_DROP);
}

static bool is_each(const struct run *run)
{
    return run->plain->options.sync_policy == QUIRE_SYNC_EACH;
}

static struct quire_watermarks marks_of(const struct run *run)
{
    struct quire_watermarks marks = {0};

    quire_writer_watermarks(run->writer, &marks); /* of an open writer: cannot fail */
    return marks;
}

/* This thread's records up to now lie before end, which is durable. */
static void promise(struct run *run, uint32_t thread, uint64_t end)
{
    struct torture_plain *p = run->plain;

    mark(run, end);
    if (p->named && p->promise_count < TORTURE_PLAIN_PROMISES && run->of_thread[thread] > 0)
        p->promises[p->promise_count++] =
            (struct torture_plain_promise){.end = end, .thread = thread, .number = run->of_thread[thread]};
}

static uint64_t draw_length(const struct run *run)
{
    return run->plain->named ? run->plain->length_most : 1 + torture_schedule_random() % run->plain->length_most;
}

/* In one piece, or in three of which one is empty. */
static int put(struct run *run, const unsigned char *record, uint64_t length, uint64_t *offset)
{
    uint64_t first = length / 3;
    struct iovec pieces[] = {
        {(void *)(uintptr_t)record, first}, {NULL, 0}, {(void *)(uintptr_t)(record + first), length - first}};

    return one_in(4) ? quire_writer_appendv(run->writer, pieces, 3, offset)
                     : quire_writer_append(run->writer, record, length, offset);
}

static void append(struct run *run, struct appender *self)
{
    unsigned char record[TORTURE_PLAIN_RECORD];
    const struct torture_plain *p = run->plain;
    uint64_t length = draw_length(run);
    uint64_t offset = UINT64_MAX;
    uint64_t expected = marks_of(run).appended;

    if (p->named)
        torture_plain_name(p, self->number, run->of_thread[self->number] + 1, record);
    else
        torture_plain_fill(p, expected, length, record);
    int rc = self->lane ? quire_lane_append(self->lane, record, length) : put(run, record, length, &offset);
    if (is_refused(run, rc) || !went_well(run, rc, "append"))
        return;
    if (p->named)
        run->of_thread[self->number]++;
    else if (offset != expected)
        OBJECT(run, "an append behind byte %" PRIu64 " went to %" PRIu64, expected, offset);
    if (is_each(run))
        promise(run, self->number, self->lane ? 0 : offset + length);
}

/* What is appended later waits behind it; what lies before it can be made durable. */
static void sync_before(struct run *run, uint64_t offset)
{
    int rc = quire_writer_sync(run->writer);

    if (rc == QUIRE_E_CLAIM_OPEN)
        mark(run, offset);
    else if (rc < 0)
        went_well(run, rc, "sync before a claim");
}

static void claim(struct run *run, bool publish)
{
    struct quire_claim claim;
    uint64_t length = draw_length(run);

    int rc = quire_writer_claim(run->writer, length, &claim);
    if (is_refused(run, rc) || !went_well(run, rc, "claim"))
        return;
    torture_plain_fill(run->plain, claim.offset, length, claim.memory);
    if (!publish)
        return;
    torture_schedule_pause();
    if (run->plain->threads == 1 && one_in(6))
        sync_before(run, claim.offset);
    rc = quire_writer_publish(run->writer, &claim);
    if (went_well(run, rc, "publish") && is_each(run))
        mark(run, claim.offset + length);
}

/* Whoever syncs, all that this thread appended before is covered. */
static void sync_some(struct run *run, struct appender *self)
{
    uint64_t end = marks_of(run).appended;
    int rc = 0;

    if (self->lane && one_in(2))
        rc = quire_lane_flush(self->lane, &end);
    if (!went_well(run, rc, "flush of a lane"))
        return;
    if (self->lane && rc == 0 && end > 0 && one_in(2)) {
        if (went_well(run, quire_writer_wait_durable(run->writer, end), "wait"))
            mark(run, end);
    } else if (!self->lane && one_in(3)) {
        if (went_well(run, quire_writer_wait_durable(run->writer, end), "wait"))
            promise(run, self->number, end);
    } else if (went_well(run, quire_writer_sync(run->writer), "sync")) {
        promise(run, self->number, marks_of(run).durable);
        if (marks_of(run).durable < end)
            OBJECT(run, "after a sync %" PRIu64 " bytes are durable, of %" PRIu64, marks_of(run).durable, end);
    }
}

static void do_one(struct run *run, struct appender *self)
{
    if (run->plain->claims)
        claim(run, true);
    else
        append(run, self);
    if (!run->is_over && one_in(run->plain->sync_every))
        sync_some(run, self);
    if (!run->is_over && one_in(6))
        went_well(run, quire_writer_flush(run->writer), "flush");
    /* What the writer says is durable by now, whoever made it so; an existing file's bytes were before. */
    if (!run->is_over && one_in(10) && marks_of(run).durable > 0)
        mark(run, marks_of(run).durable);
    if (one_in(8))
        torture_schedule_skip(torture_schedule_random() % 5 * MILLISECOND);
}

static void *append_all(void *argument)
{
    struct appender *self = argument;
    struct run *run = self->run;

    if (run->plain->lanes && !went_well(run, quire_lane_open(run->writer, &self->lane), "opening a lane"))
        return NULL;
    for (uint32_t i = 0; i < run->plain->records && !run->is_over; i++)
        do_one(run, self);
    if (self->lane)
        went_well(run, quire_lane_close(self->lane), "closing a lane");
    return NULL;
}

static void append_by_all(struct run *run)
{
    struct appender appenders[TORTURE_PLAIN_THREADS] = {{.run = run}};
    uint32_t started = 1;

    for (uint32_t i = 0; i < run->plain->threads; i++)
        appenders[i] = (struct appender){.run = run, .number = i};
    while (started < run->plain->threads &&
           pthread_create(&appenders[started].thread, NULL, append_all, &appenders[started]) == 0)
        started++;
    append_all(&appenders[0]);
    for (uint32_t i = 1; i < started; i++)
        pthread_join(appenders[i].thread, NULL);
}

static uint64_t size_of(const struct torture_disk *disk)
{
    uint32_t file = torture_image_find(&disk->image, TORTURE_PLAIN_NAME);

    return file == TORTURE_NO_FILE ? 0 : disk->image.files[file].size;
}

/* A flush that failed is not made good by that of a later session, which cannot know of it. */
static void note_failure(struct run *run)
{
    struct torture_plain *p = run->plain;

    run->has_failed = true;
    if (p->fault != TORTURE_FAIL_SYNC)
        return;
    p->doubt_from = run->told > 0 ? run->told - 1 : 0;
    p->doubt_end = size_of(run->disk);
}

static void end_session(struct run *run, uint32_t session)
{
    const struct torture_plain *p = run->plain;
    bool leaves = p->leaves && !run->is_over;

    if (leaves)
        claim(run, false);
    struct quire_watermarks marks = marks_of(run);
    int rc = quire_writer_close(run->writer);
    if (run->is_over)
        return;
    /* It stands in the way of nothing but itself, where it is not refused. */
    if (leaves && rc == QUIRE_E_CLAIM_OPEN) {
        if (p->options.sync_policy != QUIRE_SYNC_NONE)
            mark(run, size_of(run->disk));
        return;
    }
    if (!went_well(run, rc, "close"))
        return;
    if (size_of(run->disk) < marks.appended || (!p->lanes && size_of(run->disk) != marks.appended))
        OBJECT(run, "closed with %" PRIu64 " bytes, of %" PRIu64, size_of(run->disk), marks.appended);
    if (p->options.sync_policy == QUIRE_SYNC_NONE)
        return;
    for (uint32_t i = 0; i < p->threads; i++)
        promise(run, i, size_of(run->disk));
    /* Of a size whose flush failed nobody knows. */
    if (session + 1 == p->sessions && p->doubt_end == 0)
        torture_disk_mark(run->disk, run->told, size_of(run->disk) + 1);
}

static void live_through(struct run *run, uint32_t session)
{
    struct torture_plain *p = run->plain;
    struct quire_writer_options options = p->options;
    bool is_there = torture_image_find(&run->disk->image, TORTURE_PLAIN_NAME) != TORTURE_NO_FILE;
    uint64_t size = size_of(run->disk);

    if (session > 0 && options.on_full == QUIRE_FULL_BLOCK && !p->claims)
        torture_plain_fit(&options, QUIRE_METHOD_WRITE + (uint32_t)(torture_schedule_random() % QUIRE_METHOD_URING));
    if (!went_well(run, quire__writer_open_on(torture_disk_io(run->disk), TORTURE_PLAIN_PATH, &options, &run->writer),
                   "open"))
        return;
    if (!is_there)
        p->has_name = p->options.sync_policy != QUIRE_SYNC_NONE;
    mark(run, 0);
    if (marks_of(run).appended != size)
        OBJECT(run, "opened behind %" PRIu64 " bytes, of %" PRIu64, marks_of(run).appended, size);
    append_by_all(run);
    end_session(run, session);
}

static void body(void *argument)
{
    struct run *run = argument;
    const struct torture_plain *p = run->plain;

    if (p->before > 0)
        mark(run, p->before);
    torture_disk_fail(run->disk, p->fault, p->fault_at, p->fault_code);
    for (uint32_t i = 0; i < p->sessions && run->verdict->why[0] == '\0'; i++) {
        live_through(run, i);
        if (run->is_over && run->verdict->why[0] == '\0')
            note_failure(run);
        run->is_over = false;
    }
}

/* A directory, and in it the file, if there is one already. */
static bool prepare(struct torture_plain *p)
{
    unsigned char bytes[TORTURE_PLAIN_RECORD];

    torture_arena_reset(&p->arena);
    p->image = (struct torture_image){.arena = &p->arena, .directory = true};
    p->has_name = p->before > 0;
    p->doubt_from = p->doubt_end = 0;
    p->promise_count = 0;
    if (p->before == 0)
        return true;
    torture_plain_fill(p, 0, p->before, bytes);
    uint32_t file = torture_image_new_file(&p->image);
    return torture_image_bind(&p->image, TORTURE_PLAIN_NAME, file) &&
           torture_image_write(&p->image, file, 0, p->before, bytes, TORTURE_ALL) &&
           torture_image_resize(&p->image, file, p->before);
}

void torture_plain_run(struct torture_plain *plain, struct torture_trace *trace, struct torture_verdict *verdict)
{
    struct run run = {.plain = plain, .verdict = verdict};

    run.disk = prepare(plain) ? torture_disk_new(&plain->image, trace, plain->seed) : NULL;
    if (!run.disk) {
        OBJECT(&run, "no memory");
        return;
    }
    const char *why = torture_schedule_run(plain->seed, body, &run);
    if (why)
        OBJECT(&run, "%s", why);
    if (torture_disk_complaint(run.disk))
        OBJECT(&run, "%s", torture_disk_complaint(run.disk));
    plain->file = torture_image_find(&run.disk->image, TORTURE_PLAIN_NAME);
    torture_plain_is_true(plain, trace, verdict);
    if (torture_disk_free(run.disk) > 0 && !why)
        OBJECT(&run, "a handle, a mapping or a queue was left open");
}
