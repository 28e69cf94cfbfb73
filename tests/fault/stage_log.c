/* The acts of a log: from open to close, through every way in, and recovery. See stage.h.
 *
 * What a record holds says which attempt it was, so that one that was refused shows wherever it turns up.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "stage.h"

enum {
    RECORD_MOST = 900000,
    BIG = 40000,
    SMALL_MOST = 1000,
    LARGE_FROM = 400,
    BATCH = 4,
    LANE = 3,
    SEGMENTS_MOST = 40
};

static uint64_t length_of(uint64_t attempt)
{
    if (attempt >= LARGE_FROM)
        return RECORD_MOST;
    return attempt % 37 == 5 ? BIG : 8 + attempt * 97 % 600;
}

static uint64_t make_record(unsigned char *memory, uint64_t attempt)
{
    uint64_t length = length_of(attempt);

    fill(memory, length, attempt);
    memcpy(memory, &attempt, sizeof attempt);
    return length;
}

static struct quire_log_options options_of(const struct act *act)
{
    struct quire_log_options o = small_log(act->method);

    o.flags = act->flags;
    o.sync_policy = act->sync_policy;
    o.codec = act->codec;
    o.on_full = act->on_full;
    o.segment_bytes = 24 * PAGE;
    if (act->keeps) {
        o.keep_segments = 3;
        o.keep_free = 1;
        o.prepare = QUIRE_LOG_PREPARE_WRITTEN;
    }
    return o;
}

/* What came of the last count attempts: all were given sequences, or none. */
static void learn(struct stage *stage, quire_log *log, uint64_t count)
{
    struct quire_watermarks marks = log_marks(log);
    uint64_t appended = marks.appended;

    if (stage->told != 0 && !stage->told_seen) {
        stage->told_seen = true;
        stage->durable_when_told = marks.durable;
    }
    if (appended == stage->accepted)
        return;
    REQUIRE_UINT(appended, stage->accepted + count);
    REQUIRE(appended < STAGE_ATTEMPTS);
    for (uint64_t i = 0; i < count; i++)
        stage->content[stage->accepted + 1 + i] = stage->attempt - count + i;
    stage->accepted = appended;
}

static void append_one(struct stage *stage, quire_log *log)
{
    static unsigned char record[RECORD_MOST];
    uint64_t length = make_record(record, stage->attempt++);

    int rc = stage_note(stage, quire_log_append(log, record, length, NULL));
    learn(stage, log, 1);
    if (rc == 0 && stage->act->sync_policy == QUIRE_SYNC_EACH)
        stage->durable = stage->accepted;
}

/* The next count attempts fit a block together. */
static void pass_large(struct stage *stage, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        if (length_of(stage->attempt + i) > SMALL_MOST) {
            stage->attempt += i + 1;
            i = UINT64_MAX;
        }
}

static void append_batch(struct stage *stage, quire_log *log)
{
    static unsigned char records[BATCH][SMALL_MOST];
    struct iovec pieces[BATCH];

    pass_large(stage, BATCH);
    for (int i = 0; i < BATCH; i++)
        pieces[i] = (struct iovec){records[i], make_record(records[i], stage->attempt++)};
    stage_note(stage, quire_log_append_batch(log, pieces, BATCH, NULL));
    learn(stage, log, BATCH);
}

static void append_claimed(struct stage *stage, quire_log *log)
{
    struct quire_log_claim claim;

    pass_large(stage, 1);
    if (stage_note(stage, quire_log_claim(log, length_of(stage->attempt), &claim)) == 0) {
        make_record(claim.memory, stage->attempt);
        stage_note(stage, quire_log_publish(log, &claim));
    }
    stage->attempt++;
    learn(stage, log, 1);
}

static void append_to_lane(struct stage *stage, quire_log *log)
{
    unsigned char record[SMALL_MOST];
    quire_log_lane *lane = NULL;
    uint64_t count = 0;

    if (stage_note(stage, quire_log_lane_open(log, &lane)) < 0)
        return;
    pass_large(stage, LANE);
    for (int i = 0; i < LANE; i++) {
        int rc = stage_note(stage, quire_log_lane_append(lane, record, make_record(record, stage->attempt)));
        /* A lane that holds nothing back works like the log. */
        bool at_once = stage->act->sync_policy == QUIRE_SYNC_EACH || stage->act->method == QUIRE_METHOD_WRITE;
        stage->attempt += rc == 0 || at_once;
        if (at_once)
            learn(stage, log, 1);
        if (rc < 0)
            break;
        count++; /* only what was taken is handed over */
    }
    stage_note(stage, quire_log_lane_close(lane));
    if (log_marks(log).appended != stage->accepted)
        learn(stage, log, count);
}

static void sync_all(struct stage *stage, quire_log *log)
{
    int rc = stage_note(stage, quire_log_sync(log, 0));
    learn(stage, log, 0);
    if (rc == 0)
        stage->durable = stage->accepted;
}

static void append_everywhere(struct stage *stage, quire_log *log)
{
    for (int i = 0; i < 24; i++) {
        append_one(stage, log);
        if (i % 5 == 1)
            append_batch(stage, log);
        if (i % 8 == 2)
            append_claimed(stage, log);
        if (i % 9 == 3)
            append_to_lane(stage, log);
        if (i % 8 == 7)
            sync_all(stage, log);
        if (i == 12)
            stage_note(stage, quire_log_rotate(log));
        if (i == 17)
            stage_note(stage, quire_log_flush(log));
    }
}

static void close_log(struct stage *stage, quire_log *log)
{
    struct quire_watermarks marks = log_marks(log);

    CHECK(marks.durable >= stage->durable && marks.written >= marks.durable && marks.appended >= marks.written);
    stage->durable = marks.durable;
    if (stage_note(stage, quire_log_close(log)) == 0)
        stage->durable = stage->accepted;
}

static void live(struct stage *stage)
{
    struct quire_log_options o = options_of(stage->act);
    quire_log *log = NULL;

    if (stage_note(stage, quire__log_open_on(fault_io(stage->fault), stage->directory, &o, &log)) < 0)
        return;
    append_everywhere(stage, log);
    if (stage->act->keeps)
        append_everywhere(stage, log);
    close_log(stage, log);
}

/* Enough at a time for the kernel to be asked to begin with it. */
static void write_large(struct stage *stage)
{
    struct quire_log_options o = {.size = sizeof o, .method = stage->act->method, .block_count = 4};
    quire_log *log = NULL;

    o.block_bytes = 256 * PAGE;
    o.segment_bytes = 3072 * PAGE;
    stage->attempt = LARGE_FROM;
    if (stage_note(stage, quire__log_open_on(fault_io(stage->fault), stage->directory, &o, &log)) < 0)
        return;
    for (int i = 0; i < 7; i++)
        append_one(stage, log);
    sync_all(stage, log);
    append_one(stage, log);
    close_log(stage, log);
}

/* A log to be recovered: three segments, and behind its end what a torn write leaves. */
static void prepare_torn(struct stage *stage)
{
    struct quire_log_options o = options_of(stage->act);
    struct fault *fault = NULL;
    char junk[700];

    o.method = QUIRE_METHOD_PAGED;
    quire_log *log = stage_open_well(stage->directory, &o, &fault);
    for (int i = 0; i < 30; i++) {
        append_one(stage, log);
        if (i % 6 == 5)
            REQUIRE_OK(quire_log_sync(log, 0));
        if (i == 10 || i == 20)
            REQUIRE_OK(quire_log_rotate(log));
    }
    REQUIRE_OK(quire_log_close(log));
    fault_free(fault);
    stage->durable = stage->accepted;
    memset(junk, 0x5a, sizeof junk);
    uint64_t last = SEGMENTS_MOST;
    while (last > 1 && access(segment_name(stage->directory, last), F_OK) < 0)
        last--;
    const char *name = segment_name(stage->directory, last);
    overwrite(name, (uint64_t)file_size(name), junk, sizeof junk);
}

static void recover(struct stage *stage)
{
    struct quire_log_options o = options_of(stage->act);
    quire_log *log = NULL;

    if (stage_note(stage, quire__log_open_on(fault_io(stage->fault), stage->directory, &o, &log)) < 0)
        return;
    for (int i = 0; i < 6; i++)
        append_one(stage, log);
    sync_all(stage, log);
    append_one(stage, log);
    if (stage->act->keeps)
        stage_note(stage, quire_log_trim(log, 8, NULL));
    close_log(stage, log);
}

static bool is_right(const struct stage *stage, const struct quire_record *record)
{
    static unsigned char should[RECORD_MOST];
    uint64_t length = make_record(should, stage->content[record->sequence]);

    return record->kind == QUIRE_RECORD_DATA && record->length == length && memcmp(record->data, should, length) == 0;
}

/* From the first record that is there on, in order, each as it was accepted; the last. */
static uint64_t read_through(struct stage *stage, uint64_t *first)
{
    struct quire_record record;
    quire_reader *reader = NULL;
    uint64_t next = 0;
    int rc = quire_reader_open(stage->directory, NULL, &reader);

    *first = 0;
    /* Nothing was ever made. */
    if ((rc == QUIRE_E_NOT_A_LOG || rc == -ENOENT) && stage->durable == 0)
        return 0;
    REQUIRE_OK(rc);
    while ((rc = quire_reader_next(reader, &record)) > 0) {
        if (next == 0)
            *first = next = record.sequence;
        REQUIRE_UINT(record.sequence, next);
        if (record.sequence > stage->accepted || !is_right(stage, &record))
            FAIL("record %" PRIu64 " of %" PRIu64 " is not what was accepted", record.sequence, stage->accepted);
        next++;
    }
    CHECK_CODE(rc, 0);
    REQUIRE_OK(quire_reader_close(reader));
    return next ? next - 1 : 0;
}

/* A segment with records whose flush failed, or whose name's did. One that was only made ready is nobody's loss. */
static const char *relies_on_a_failed_sync(const struct stage *stage)
{
    bool goes_on = stage->act->flags & QUIRE_LOG_CONTINUE;

    for (uint64_t number = 1; number <= SEGMENTS_MOST; number++) {
        const char *name = segment_name(stage->directory, number);
        uint64_t magic = 0;
        if (file_size(name) < 2 * PAGE)
            continue;
        struct bytes beginning = read_beginning(name, 2 * PAGE);
        memcpy(&magic, beginning.data + PAGE, sizeof magic);
        bytes_free(&beginning);
        if (magic != 0 && !goes_on && fault_sync_failed(stage->fault, name))
            return "a segment whose flush failed was relied upon";
        if (magic != 0 && !stage->act->keeps && fault_name_failed(stage->fault, name))
            return "a segment whose directory's flush failed was relied upon";
    }
    return NULL;
}

static void judge_log(struct stage *stage)
{
    struct quire_log_options o = {
        .size = sizeof o, .block_bytes = 4 * PAGE, .segment_bytes = 24 * PAGE, .method = QUIRE_METHOD_PAGED};
    struct quire_verify_result result = {.size = sizeof result};
    struct fault *fault = NULL;
    uint64_t first;
    uint64_t last = read_through(stage, &first);

    if (last < stage->durable)
        FAIL("up to %" PRIu64 " of %" PRIu64 " that were durable", last, stage->durable);
    if (first > 1 && !stage->act->keeps)
        FAIL("begins at %" PRIu64, first);
    if (stage->told == 0 && last != stage->accepted)
        stage->silent = "records that were accepted are not there";
    else if (stage->told == 0)
        stage->silent = relies_on_a_failed_sync(stage);
    else if (stage->told_seen && stage->act->sync_policy != QUIRE_SYNC_EACH && /* where writes make durable, too */
             stage->durable > stage->durable_when_told && relies_on_a_failed_sync(stage))
        stage->silent = "durable, after a flush of it had failed";

    /* Again, and on: nothing is lost by it, and nothing comes back. */
    quire_log *log = stage_open_well(stage->directory, &o, &fault);
    uint64_t recovered = log_marks(log).appended;
    if (recovered < stage->durable || recovered > stage->accepted)
        FAIL("recovered up to %" PRIu64 ", durable were %" PRIu64 " of %" PRIu64, recovered, stage->durable,
             stage->accepted);
    stage->accepted = recovered;
    stage->attempt %= LARGE_FROM;
    append_one(stage, log);
    append_batch(stage, log);
    REQUIRE_UINT(stage->accepted, recovered + 1 + BATCH);
    REQUIRE_OK(quire_log_close(log));
    fault_free(fault);
    CHECK_UINT(read_through(stage, &first), stage->accepted);
    CHECK_OK(quire_verify(stage->directory, NULL, &result));
}

#define LIFE(name_, method_, ...)                                                       \
    {                                                                                   \
        .name = name_, .method = method_, .work = live, .judge = judge_log, __VA_ARGS__ \
    }
#define RECOVERY(name_, method_, ...)                                                                               \
    {                                                                                                               \
        .name = name_, .method = method_, .prepare = prepare_torn, .work = recover, .judge = judge_log, __VA_ARGS__ \
    }

const struct act stage_log_acts[] = {
    LIFE("log_paged", QUIRE_METHOD_PAGED, .sync_policy = QUIRE_SYNC_REQUEST, .first = true),
    LIFE("log_write", QUIRE_METHOD_WRITE, .sync_policy = QUIRE_SYNC_REQUEST),
    LIFE("log_mmap", QUIRE_METHOD_MMAP, .sync_policy = QUIRE_SYNC_REQUEST),
    LIFE("log_uring", QUIRE_METHOD_URING, .sync_policy = QUIRE_SYNC_REQUEST, .first = true),
    LIFE("log_each_paged", QUIRE_METHOD_PAGED, .sync_policy = QUIRE_SYNC_EACH),
    LIFE("log_each_write", QUIRE_METHOD_WRITE, .sync_policy = QUIRE_SYNC_EACH),
    LIFE("log_each_mmap", QUIRE_METHOD_MMAP, .sync_policy = QUIRE_SYNC_EACH, .first = true),
    LIFE("log_each_uring", QUIRE_METHOD_URING, .sync_policy = QUIRE_SYNC_EACH),
    LIFE("log_continue_paged", QUIRE_METHOD_PAGED, .flags = QUIRE_LOG_CONTINUE),
    LIFE("log_continue_write", QUIRE_METHOD_WRITE, .flags = QUIRE_LOG_CONTINUE, .first = true),
    LIFE("log_continue_mmap", QUIRE_METHOD_MMAP, .flags = QUIRE_LOG_CONTINUE),
    LIFE("log_continue_uring", QUIRE_METHOD_URING, .flags = QUIRE_LOG_CONTINUE),
    LIFE("log_keep_paged", QUIRE_METHOD_PAGED, .keeps = true, .first = true),
    LIFE("log_keep_write", QUIRE_METHOD_WRITE, .keeps = true),
    LIFE("log_keep_mmap", QUIRE_METHOD_MMAP, .keeps = true),
    LIFE("log_keep_uring", QUIRE_METHOD_URING, .keeps = true),
    LIFE("log_times_again", QUIRE_METHOD_PAGED, .flags = QUIRE_LOG_RECORD_TIMES | QUIRE_LOG_NO_LIVE,
         .on_full = QUIRE_FULL_AGAIN),
    {.name = "log_large",
     .first = true,
     .only = FAULT_WRITEBACK,
     .method = QUIRE_METHOD_PAGED,
     .work = write_large,
     .judge = judge_log},
    RECOVERY("recover_paged", QUIRE_METHOD_PAGED, .sync_policy = QUIRE_SYNC_REQUEST, .first = true),
    RECOVERY("recover_write", QUIRE_METHOD_WRITE, .sync_policy = QUIRE_SYNC_REQUEST),
    RECOVERY("recover_mmap", QUIRE_METHOD_MMAP, .sync_policy = QUIRE_SYNC_REQUEST),
    RECOVERY("recover_uring", QUIRE_METHOD_URING, .sync_policy = QUIRE_SYNC_REQUEST),
    RECOVERY("recover_no_live", QUIRE_METHOD_PAGED, .flags = QUIRE_LOG_NO_LIVE, .first = true),
    RECOVERY("recover_keep", QUIRE_METHOD_PAGED, .keeps = true),
};
const size_t stage_log_act_count = sizeof stage_log_acts / sizeof stage_log_acts[0];
