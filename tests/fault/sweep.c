/* Each operation of the seam, each of its calls in turn, once and for ever: made to fail under a fixed piece of work.
 *
 * Whatever fails: either every call returned success and the file is right, or somebody was told; what was said to be
 * durable is in what a power cut would leave; nothing hangs, and nothing is left open.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "fault.h"
#include "sanitizers.h"

enum { COARSE = SANITIZED ? 3 : 10 };
enum { RECORDS = 36, MOST_CALLS = 400 };

struct work {
    struct fault *fault;
    quire_writer *writer;
    struct bytes model; /* what was accepted */
    uint64_t durable;   /* what a sync acknowledged */
    int first;          /* the first error */
};

static void note(struct work *work, int rc)
{
    if (rc < 0 && work->first == 0)
        work->first = rc;
}

static uint64_t length_of(uint64_t i)
{
    return i % 9 == 5 ? 3 * PAGE + i : 1 + i * 997 % 3000;
}

static void append(struct work *work, uint64_t i)
{
    uint64_t before = work->model.length, length = length_of(i);
    int rc = quire_writer_append(work->writer, bytes_add_filled(&work->model, length, i), length, NULL);
    if (rc < 0)
        work->model.length = before;
    note(work, rc);
}

static void append_claimed(struct work *work, uint64_t i)
{
    struct quire_claim claim;
    int rc = quire_writer_claim(work->writer, 300, &claim);
    if (rc == 0) {
        fill(claim.memory, 300, i);
        rc = quire_writer_publish(work->writer, &claim);
        if (rc == 0)
            bytes_add_filled(&work->model, 300, i);
    }
    note(work, rc);
}

static void sync_all(struct work *work)
{
    uint64_t accepted = work->model.length;
    int rc = quire_writer_sync(work->writer);
    if (rc == 0)
        work->durable = accepted;
    note(work, rc);
}

static void do_work(struct work *work)
{
    for (uint64_t i = 0; i < RECORDS; i++) {
        if (i % 7 == 3)
            append_claimed(work, i);
        else
            append(work, i);
        if (i == 10 || i == 25)
            sync_all(work);
        if (i == 18)
            note(work, quire_writer_flush(work->writer));
    }
    sync_all(work);
    append(work, 1);
}

static void check_work(struct work *work, const char *path)
{
    struct bytes left = fault_durable(work->fault);
    REQUIRE(left.length >= work->durable);
    if (work->durable)
        CHECK_BYTES(left.data, work->model.data, work->durable);
    bytes_free(&left);
    /* A refusal that left nothing behind is no failure: then all that was accepted is there. */
    struct bytes is = read_file(path);
    REQUIRE(is.length >= work->durable);
    bytes_free(&is);
    if (work->first == 0)
        CHECK_FILE(path, &work->model);
}

static struct quire_writer_options small(uint32_t method, bool each)
{
    struct quire_writer_options o = options_for(method);
    set_buffers(&o, PAGE, 3);
    o.sync_policy = each ? QUIRE_SYNC_EACH : QUIRE_SYNC_REQUEST;
    return o;
}

/* False when the rule met no call: then all have had their turn. */
static bool work_with(uint32_t method, const struct fault_rule *rule, bool each)
{
    struct fault_setup setup = {.align = 512, .watch_durable = 1 << 17, .order = FAULT_SHUFFLED};
    struct work work = {.fault = fault_new(setup)};
    struct quire_writer_options o = small(method, each);
    const char *path = harness_path("file");
    fault_add(work.fault, *rule);
    int rc = quire__writer_open_on(fault_io(work.fault), path, &o, &work.writer);
    bool hit;
    if (rc == 0) {
        do_work(&work);
        int closed = quire_writer_close(work.writer);
        struct bytes accepted = work.model;
        /* What close says of the writer's life it says rightly. */
        if (closed == 0)
            CHECK_FILE(path, &accepted);
        note(&work, closed);
        check_work(&work, path);
        hit = fault_hits(work.fault) > 0;
    } else {
        hit = fault_hits(work.fault) > 0;
        CHECK(hit);
    }
    unlink(path);
    bytes_free(&work.model);
    fault_free(work.fault);
    return hit;
}

struct swept {
    const char *name;
    enum fault_op op;
};

static const struct swept ops[] = {
    {"open", FAULT_OPEN},
    {"close", FAULT_CLOSE},
    {"lock", FAULT_LOCK},
    {"facts", FAULT_FACTS},
    {"identify", FAULT_IDENTIFY},
    {"allocate", FAULT_ALLOCATE},
    {"truncate", FAULT_TRUNCATE},
    {"write", FAULT_WRITE},
    {"sync", FAULT_SYNC},
    {"sync_directory", FAULT_SYNC_DIRECTORY},
    {"map", FAULT_MAP},
    {"populate", FAULT_POPULATE},
    {"unmap", FAULT_UNMAP},
    {"queue_open", FAULT_QUEUE_OPEN},
    {"queue_write", FAULT_QUEUE_WRITE},
    {"queue_reap", FAULT_QUEUE_REAP},
    {"completion", FAULT_COMPLETION},
};

/* Where the policy matters. */
static const struct swept each_ops[] = {
    {"write", FAULT_WRITE},
    {"sync", FAULT_SYNC},
    {"queue_write", FAULT_QUEUE_WRITE},
    {"completion", FAULT_COMPLETION},
};

struct sweep {
    uint32_t method;
    enum fault_op op;
    bool each;
};

static void sweep(const void *argument)
{
    const struct sweep *it = argument;
    static const int codes[] = {-EIO, -ENOSPC, 0};
    for (size_t c = 0; c < sizeof codes / sizeof codes[0]; c++)
        for (int ever = 0; ever < 2; ever++) {
            bool writing = it->op == FAULT_WRITE || it->op == FAULT_COMPLETION;
            if ((codes[c] == 0 && !writing) || (codes[c] == -ENOSPC && !writing && it->op != FAULT_ALLOCATE))
                continue; /* only a write can fall short; only these need space */
            struct fault_rule rule = {.op = it->op,
                                      .kind = codes[c] ? FAULT_FAIL : FAULT_SHORT,
                                      .code = codes[c],
                                      .times = ever ? UINT64_MAX : 1,
                                      .nth = 1};
            while (work_with(it->method, &rule, it->each) && rule.nth < MOST_CALLS)
                rule.nth += 1 + rule.nth / COARSE; /* all of the first, fewer of those that repeat */
            CHECK(rule.nth < MOST_CALLS);
        }
}

static void add_sweep(const char *group, const struct swept *op, const struct method *method, bool each)
{
    static struct sweep sweeps[METHODS * FAULT_OPS * 2];
    static size_t used;
    char name[64];
    snprintf(name, sizeof name, "%s/%s", op->name, method->name);
    sweeps[used] = (struct sweep){method->method, op->op, each};
    harness_add_of_many(group, name, sweep, &sweeps[used++]);
}

__attribute__((constructor)) static void add_sweeps(void)
{
    for (size_t m = 0; m < METHODS; m++) {
        for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++)
            add_sweep("sweep_by_request", &ops[i], &methods[m], false);
        for (size_t i = 0; i < sizeof each_ops / sizeof each_ops[0]; i++)
            add_sweep("sweep_each", &each_ops[i], &methods[m], true);
    }
}
