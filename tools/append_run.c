/* quire append, at work. See append_run.h.
 *
 * Records go in batches, so that a lock is taken for many of them; then the group that was read is made safe, as the
 * policy says, and only then passed on.
 *
 * SPDX-License-Identifier: MIT */
#include "append_run.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/cost.h"
#include "base/number.h"
#include "command.h"
#include "log_words.h"
#include "stopping.h"

#define NAME "quire append"

enum {
    BATCH_RECORDS = 1024,          /* the library takes so many */
    BATCH_BYTES = 32 * 1024,       /* a batch lies in one block: several are to fit */
    GROUP_BYTES = 8 * 1024 * 1024, /* without a pause in the input, made safe after so many */
    IDLE_MS = 1000,                /* without input for so long, what is in memory is given to the kernel */
    TICK_MOST_MS = 100
};

struct run {
    struct append_request *request;
    quire_log *log;
    struct input *input;
    struct pass pass;
    int stopping;
    uint64_t batch_bytes;
    uint64_t first, last; /* sequences of what was appended; 0: nothing */
    uint64_t records, bytes, raw_bytes;
    uint64_t group_bytes; /* appended since this command last synced or flushed */
    bool ended;           /* by the input, a signal or a failure */
    bool failed;          /* and what was said already */
    int log_code;         /* the first failure of the log */
    int signal;           /* that asked to stop */
};

static void fail_log(struct run *run, int code)
{
    run->log_code = run->log_code ? run->log_code : code;
    run->ended = true;
}

static void complain_of_input(struct run *run, enum input_status status)
{
    if (status == INPUT_TOO_LARGE)
        command_complain(NAME, 0,
                         "record %" PRIu64 ", at byte %" PRIu64 " of the input, is longer than %" PRIu64
                         " bytes; --record-most takes longer ones, up to a segment (--rotate)",
                         run->records + 1, run->raw_bytes, run->input->record_most);
    else
        command_complain(NAME, 0, "the input ends within record %" PRIu64 ", at byte %" PRIu64 ": it was not stored",
                         run->records + 1, run->raw_bytes);
    run->ended = run->failed = true;
}

/* A reader that went away stops this command as it stops others: by SIGPIPE, but not before the log is closed. */
static void hand_on(struct run *run, uint64_t safe)
{
    int rc = pass_on(&run->pass, safe);
    if (rc == 0)
        return;
    run->ended = true;
    if (rc == -EPIPE)
        run->signal = SIGPIPE;
    else if (rc == -EINTR)
        run->signal = stopping_signal(run->stopping);
    else
        run->failed = true;
    if (run->failed)
        command_complain(NAME, 0, "cannot write standard output: %s", quire_strerror(rc));
    pass_drop(&run->pass);
}

static void append_batch(struct run *run, const struct iovec *records, int count, const struct iovec *raw)
{
    uint64_t first;
    int rc = quire_log_append_batch(run->log, records, count, &first);
    if (rc < 0) {
        fail_log(run, rc);
        return;
    }
    run->first = run->first ? run->first : first;
    run->last = first + (uint64_t)count - 1;
    run->records += (uint64_t)count;
    for (int i = 0; i < count; i++)
        run->bytes += records[i].iov_len;
    run->raw_bytes += raw->iov_len;
    run->group_bytes += raw->iov_len;
    if (pass_add(&run->pass, raw, first, (uint64_t)count) < 0)
        fail_log(run, -ENOMEM);
}

static void append_read(struct run *run)
{
    struct iovec records[BATCH_RECORDS], raw;
    enum input_status status = INPUT_FINE;
    int count = 1;
    while (!run->ended && count > 0) {
        count = input_take(run->input, records, BATCH_RECORDS, run->batch_bytes, &raw, &status);
        if (count > 0)
            append_batch(run, records, count, &raw);
        else if (status != INPUT_FINE)
            complain_of_input(run, status);
    }
}

/* Makes what was appended as safe as the policy says, at once, and only then passes it on. */
static void settle(struct run *run)
{
    if (run->last == 0 || run->log_code)
        return;
    int rc = run->request->sync == APPEND_NONE ? quire_log_flush(run->log) : quire_log_sync(run->log, run->last);
    run->group_bytes = 0;
    if (rc < 0)
        fail_log(run, rc);
    else
        hand_on(run, run->last);
}

/* The log's own clock syncs: what has it come to by now? */
static void hand_on_durable(struct run *run)
{
    struct quire_watermarks marks;
    int rc = quire_log_watermarks(run->log, &marks);
    if (rc < 0)
        fail_log(run, rc);
    else
        hand_on(run, marks.durable);
}

static bool is_settled_by_groups(const struct run *run)
{
    enum append_sync sync = run->request->sync;
    return sync == APPEND_EACH || sync == APPEND_BATCH || (sync == APPEND_NONE && run->pass.what != PASS_NOTHING);
}

static bool is_end_of_group(const struct run *run)
{
    if (pass_is_full(&run->pass))
        return true;
    if (!is_settled_by_groups(run) || run->group_bytes == 0)
        return false;
    return run->request->sync == APPEND_EACH || run->group_bytes >= GROUP_BYTES ||
           stopping_wait(run->stopping, STDIN_FILENO, false, 0) <= 0;
}

static void settle_read(struct run *run)
{
    if (is_end_of_group(run))
        settle(run);
    else if (run->request->sync == APPEND_INTERVAL && pass_waits(&run->pass))
        hand_on_durable(run);
}

/* How long to wait for input before something else is to be done. */
static int patience(const struct run *run)
{
    if (pass_waits(&run->pass)) {
        uint32_t interval = run->request->log.sync_interval_ms;
        return interval < TICK_MOST_MS ? (int)interval : TICK_MOST_MS;
    }
    return run->group_bytes > 0 && run->request->sync != APPEND_INTERVAL ? IDLE_MS : -1;
}

static void use_pause(struct run *run)
{
    if (pass_waits(&run->pass)) {
        hand_on_durable(run);
        return;
    }
    int rc = quire_log_flush(run->log);
    run->group_bytes = 0;
    if (rc < 0)
        fail_log(run, rc);
}

static void read_once(struct run *run)
{
    int rc = input_read(run->input);
    if (rc < 0) {
        command_complain(NAME, 0, "cannot read standard input: %s", quire_strerror(rc));
        run->ended = run->failed = true;
        return;
    }
    append_read(run);
    settle_read(run);
    run->ended |= run->input->ended;
}

static void take_input(struct run *run)
{
    while (!run->ended) {
        int ready = stopping_wait(run->stopping, STDIN_FILENO, false, patience(run));
        if (ready == -EINTR) {
            run->signal = stopping_signal(run->stopping);
            run->ended = true;
        } else if (ready == 0) {
            use_pause(run);
        } else {
            read_once(run);
        }
    }
}

static void complain_of_log(const struct run *run, uint64_t durable)
{
    uint64_t ours = run->first && durable >= run->first ? durable - run->first + 1 : 0;
    if (ours > run->records)
        ours = run->records;
    log_complain(NAME, run->request->directory, run->log_code, NULL);
    command_complain(NAME, 0,
                     "%" PRIu64 " records were appended, %" PRIu64 " of them are durable; the input from byte %" PRIu64
                     " on was not stored",
                     run->records, ours, run->raw_bytes);
}

/* The end, however it came: what was appended is made safe and passed on, and the log is closed. */
static void finish(struct run *run)
{
    struct quire_watermarks marks = {0};
    if (run->request->sync != APPEND_NONE || pass_waits(&run->pass))
        settle(run);
    if (quire_log_watermarks(run->log, &marks) < 0)
        marks.durable = 0;
    int rc = quire_log_close(run->log);
    if (rc < 0)
        fail_log(run, rc);
    if (run->log_code)
        complain_of_log(run, marks.durable);
    else if (run->signal && input_rest(run->input) > 0)
        command_complain(NAME, 0, "stopped: %" PRIu64 " bytes of an unfinished record were not stored",
                         input_rest(run->input));
}

static void print_summary(const struct run *run, double seconds)
{
    static const char *const safe[] = {"durable", "durable", "durable", "durable", "not synced"};
    const struct append_request *request = run->request;
    char records[BENCH_NUMBER_TEXT], time[BENCH_NUMBER_TEXT];
    if (run->log_code || request->quiet || !(request->verbose || isatty(STDERR_FILENO)))
        return;
    fprintf(stderr, "%s records, %.1f MB, in %s (%.1f MB/s)", bench_grouped((double)run->records, records),
            (double)run->bytes / 1e6, bench_duration_text(seconds, time),
            seconds > 0 ? (double)run->bytes / 1e6 / seconds : 0);
    if (run->records > 0)
        fprintf(stderr, ", sequences %" PRIu64 " to %" PRIu64 ", %s", run->first, run->last, safe[request->sync]);
    fputc('\n', stderr);
}

static int exit_code(const struct run *run)
{
    if (run->log_code || run->failed)
        return EXIT_FAILED;
    return run->signal ? 128 + run->signal : EXIT_DONE;
}

int append_run(struct append_request *request)
{
    struct run run = {.request = request, .input = &request->input, .pass = {.what = request->pass}};
    struct quire_damage damage = {0};
    double begin = bench_now();
    uint64_t block = request->log.block_bytes;
    run.batch_bytes = block && block / 2 < BATCH_BYTES ? block / 2 : BATCH_BYTES;
    /* What the log takes at once, be it a record or a batch. */
    request->log.record_most =
        request->input.record_most > run.batch_bytes ? request->input.record_most : run.batch_bytes;
    run.stopping = run.pass.stopping = stopping_open();
    if (run.stopping < 0)
        return command_complain(NAME, EXIT_FAILED, "cannot wait for signals: %s", quire_strerror(run.stopping));
    request->log.damage = &damage;
    int rc = quire_log_open(request->directory, &request->log, &run.log);
    if (rc == -ENOENT)
        return command_complain(NAME, EXIT_FAILED, "the directory in which \"%s\" is to be made does not exist",
                                request->directory);
    if (rc < 0)
        return log_complain(NAME, request->directory, rc, &damage);
    input_widen_pipe();
    take_input(&run);
    finish(&run);
    print_summary(&run, bench_now() - begin);
    pass_free(&run.pass);
    input_free(run.input);
    return exit_code(&run);
}
