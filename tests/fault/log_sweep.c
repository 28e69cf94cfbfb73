/* Each operation of the seam, each of its calls in turn, once and for ever: made to fail under a log at work.
 *
 * Whatever fails: nothing that was said to be durable is lost, what can be read is what was appended, in order, from the
 * first on, nothing hangs, nothing is left open, and the next open works.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>

#include "fault_log.h"
#include "sanitizers.h"

enum { COARSE = SANITIZED ? 1 : 3 };
enum { RECORDS = 260, MOST_CALLS = 400 };

struct sweep {
    const char *name;
    uint32_t method, flags, sync_policy;
    enum fault_op op;
    int code;
    uint64_t times;
};

/* Appends; what was acknowledged as durable. accepted: the last sequence that an append gave. */
static void do_work(quire_log *log, uint64_t *durable, uint64_t *accepted)
{
    uint64_t next = log_marks(log).appended + 1;

    for (int i = 0; i < RECORDS; i++) {
        unsigned char record[700];
        uint64_t sequence = 0;
        record_fill(record, next);
        int rc = quire_log_append(log, record, record_length(next), &sequence);
        if (rc == 0)
            CHECK_UINT(sequence, next);
        /* Where durability is part of it, a record may be there although its append failed. */
        *accepted = log_marks(log).appended;
        next = *accepted + 1;
        if (i % 40 == 39 && quire_log_sync(log, 0) == 0)
            *durable = *accepted;
        if (i == 150)
            quire_log_rotate(log);
    }
    struct quire_watermarks marks = log_marks(log);
    CHECK(marks.durable >= *durable && marks.written >= marks.durable && marks.appended >= marks.written);
    *durable = marks.durable;
}

/* Everything from the first on, up to the end, which lies between what was durable and what was accepted. */
static void check_what_is_left(const char *directory, uint64_t durable, uint64_t accepted)
{
    uint64_t records, lost, last;

    int rc = count_log(directory, &records, &lost, &last);
    if (rc < 0 || lost > 0 || last < durable || last > accepted)
        FAIL("%s: %" PRIu64 " records, %" PRIu64 " lost, up to %" PRIu64 ", durable were %" PRIu64 " of %" PRIu64,
             quire_strerror(rc), records, lost, last, durable, accepted);
    CHECK_LOG(directory, 1, last);
}

/* There is something to recover already. */
static void make_log(const char *directory, uint64_t *durable)
{
    struct quire_log_options o = small_log(0);

    o.sync_policy = QUIRE_SYNC_NONE; /* of no use to who crashes in thought only, and slow */
    o.flags = QUIRE_LOG_NO_LIVE;     /* which would spare the next open the list of the directory */
    quire_log *log = open_log(directory, &o);
    append_many(log, 1, 20);
    REQUIRE_OK(quire_log_close(log));
    *durable = 20;
}

/* False when the rule met no call: then all have had their turn. */
static bool work_with(const struct sweep *sweep, const char *directory, uint64_t nth)
{
    struct quire_log_options o = small_log(sweep->method);
    struct fault *fault = fault_new((struct fault_setup){.align = 512, .order = FAULT_SHUFFLED});
    uint64_t durable = 0;
    uint64_t accepted = 0;
    quire_log *log = NULL;

    o.flags = sweep->flags;
    o.sync_policy = sweep->sync_policy;
    make_log(directory, &durable);
    accepted = durable;
    fault_add(fault, (struct fault_rule){.op = sweep->op, .code = sweep->code, .nth = nth, .times = sweep->times});
    if (quire__log_open_on(fault_io(fault), directory, &o, &log) == 0) {
        do_work(log, &durable, &accepted);
        int rc = quire_log_close(log);
        if (rc == 0)
            durable = accepted;
    }
    bool hit = fault_hits(fault) > 0;
    fault_free(fault);

    /* After it, and after it was recovered, and gone on with. */
    check_what_is_left(directory, durable, accepted);
    o.flags = 0;
    o.sync_policy = QUIRE_SYNC_NONE;
    o.method = QUIRE_METHOD_PAGED;
    REQUIRE_OK(quire_log_open(directory, &o, &log));
    uint64_t next = log_marks(log).appended + 1;
    CHECK(next > durable && next <= accepted + 1);
    append_many(log, next, next + 9);
    REQUIRE_OK(quire_log_close(log));
    CHECK_LOG(directory, 1, next + 9);
    return hit;
}

static void run_sweep(const void *argument)
{
    const struct sweep *sweep = argument;
    uint64_t nth = 1;
    char name[32];

    for (; nth < MOST_CALLS; nth += 1 + nth / COARSE) {
        snprintf(name, sizeof name, "log-%" PRIu64, nth);
        if (!work_with(sweep, harness_path(name), nth))
            break;
    }
    CHECK(nth > 1);
}

struct target {
    enum fault_op op;
    int code;
    uint32_t methods; /* bit by place in log_methods */
};

static const struct target targets[] = {
    {FAULT_OPEN, -EMFILE, 15},
    {FAULT_ALLOCATE, -ENOSPC, 15},
    {FAULT_ALLOCATE, -EIO, 1},
    {FAULT_WRITE, -EIO, 15},
    {FAULT_WRITE, -ENOSPC, 1},
    {FAULT_WRITE, -EFBIG, 1},
    {FAULT_WRITE, -EINTR, 15},
    {FAULT_SYNC, -EIO, 15},
    {FAULT_WRITE_DURABLY, -EIO, 9},
    {FAULT_WRITE_DURABLY, -EINTR, 9},
    {FAULT_RENAME, -EIO, 1},
    {FAULT_SYNC_DIRECTORY, -EIO, 1},
    {FAULT_READ, -EIO, 1},
    {FAULT_FACTS, -EIO, 1},
    {FAULT_MAP, -ENOMEM, 4},
    {FAULT_POPULATE, -EIO, 4},
    {FAULT_QUEUE_WRITE, -EIO, 8},
    {FAULT_QUEUE_REAP, -EIO, 8},
    {FAULT_COMPLETION, -EIO, 8},
    {FAULT_COMPLETION, -EAGAIN, 8},
    {FAULT_TRUNCATE, -EIO, 1},
    {FAULT_UNLINK, -EIO, 1},
    {FAULT_LIST, -EIO, 1},
    {FAULT_LOCK, -EIO, 1},
    {FAULT_MAKE_DIRECTORY, -EACCES, 1},
};
enum { TARGETS = sizeof targets / sizeof targets[0] };

struct mode {
    const char *name;
    uint32_t flags, sync_policy;
};

static const struct mode modes[] = {{"request", 0, QUIRE_SYNC_REQUEST},
                                    {"each", 0, QUIRE_SYNC_EACH},
                                    {"continue", QUIRE_LOG_CONTINUE, QUIRE_SYNC_REQUEST}};
enum { MODES = sizeof modes / sizeof modes[0] };

__attribute__((constructor)) static void add_sweeps(void)
{
    static struct sweep sweeps[TARGETS * LOG_METHODS * MODES * 2];
    static char names[TARGETS * LOG_METHODS * MODES * 2][80];
    uint32_t count = 0;

    for (uint32_t t = 0; t < TARGETS; t++)
        for (uint32_t m = 0; m < LOG_METHODS; m++)
            for (uint32_t d = 0; d < MODES; d++)
                for (uint32_t ever = 0; ever < 2; ever++) {
                    if (!(targets[t].methods & 1u << m) || (ever && targets[t].code == -EINTR) ||
                        (ever && targets[t].code == -EAGAIN))
                        continue;
                    /* What was written with zeros is not cut off at close, and single blocks do not go by the queue. */
                    if (modes[d].sync_policy == QUIRE_SYNC_EACH &&
                        (targets[t].op == FAULT_TRUNCATE || targets[t].op >= FAULT_QUEUE_OPEN))
                        continue;
                    snprintf(names[count], sizeof names[count], "%s%d_%s_%s_%s", fault_op_name(targets[t].op),
                             -targets[t].code, log_methods[m].name, modes[d].name, ever ? "ever" : "once");
                    sweeps[count] =
                        (struct sweep){names[count],  log_methods[m].method, modes[d].flags,       modes[d].sync_policy,
                                       targets[t].op, targets[t].code,       ever ? UINT64_MAX : 1};
                    harness_add_of_many("log_sweep", names[count], run_sweep, &sweeps[count]);
                    count++;
                }
}
