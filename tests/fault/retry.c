/* What is tried again: writes and allocations that were interrupted or fell short. The file is right, and no caller
 * hears of it.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <unistd.h>

#include "fault.h"

static const struct fault_setup setup = {.align = 512};

enum { RECORD = 777, RECORDS = 200 };

static struct quire_writer_options small(uint32_t method)
{
    struct quire_writer_options o = options_for(method);
    set_buffers(&o, 2 * PAGE, 3);
    return o;
}

/* The file is the model in spite of the rules in place, which were met. */
static void run(struct fault *fault, uint32_t method)
{
    struct quire_writer_options o = small(method);
    const char *path = harness_path("file");
    struct bytes model = {0};
    quire_writer *w = fault_open_writer(fault, path, &o);
    for (uint64_t i = 0; i < RECORDS; i++) {
        uint64_t at = model.length, offset = 0;
        REQUIRE_OK(quire_writer_append(w, bytes_add_filled(&model, RECORD, i), RECORD, &offset));
        REQUIRE_UINT(offset, at);
        if (i % 50 == 20)
            REQUIRE_OK(quire_writer_sync(w));
    }
    struct quire_failure failure = {.code = 1};
    REQUIRE_OK(quire_writer_failure(w, &failure));
    CHECK_INT(failure.code, 0);
    REQUIRE_OK(quire_writer_close(w));
    CHECK_FILE(path, &model);
    CHECK(fault_hits(fault) > 0);
    bytes_free(&model);
    fault_free(fault);
}

static const struct method writing[] = {{"write", QUIRE_METHOD_WRITE},
                                        {"stdio", QUIRE_METHOD_STDIO},
                                        {"paged", QUIRE_METHOD_PAGED},
                                        {"uring", QUIRE_METHOD_URING}};

TEST_EACH(retry_write_interrupted, struct method, writing)
{
    struct fault *fault = fault_new(setup);
    for (uint64_t nth = 1; nth < 9; nth += 2)
        fault_once(fault, FAULT_WRITE, nth, -EINTR);
    run(fault, it->method);
}

/* Every write falls short, down to the single byte. */
TEST_EACH(retry_write_short, struct method, writing)
{
    struct fault *fault = fault_new(setup);
    fault_add(fault, (struct fault_rule){.op = FAULT_WRITE, .kind = FAULT_SHORT, .times = UINT64_MAX});
    run(fault, it->method);
}

TEST_EACH(retry_write_short_then_interrupted, struct method, writing)
{
    struct fault *fault = fault_new(setup);
    fault_add(fault, (struct fault_rule){.op = FAULT_WRITE, .kind = FAULT_SHORT, .times = 1});
    fault_once(fault, FAULT_WRITE, 1, -EINTR);
    fault_add(fault, (struct fault_rule){.op = FAULT_WRITE, .kind = FAULT_SHORT, .times = 1});
    run(fault, it->method);
}

struct completions {
    const char *name;
    struct fault_rule rule;
    struct fault_setup setup;
};

static const struct completions completions[] = {
    {"first_first", {.op = FAULT_COMPLETION, .kind = FAULT_SHORT, .nth = 2}, {.align = 512}},
    {"all_short", {.op = FAULT_COMPLETION, .kind = FAULT_SHORT, .times = UINT64_MAX}, {.align = 512}},
    {"all_short_4096", {.op = FAULT_COMPLETION, .kind = FAULT_SHORT, .times = UINT64_MAX}, {.align = 4096}},
    {"last_first_short",
     {.op = FAULT_COMPLETION, .kind = FAULT_SHORT, .times = 5},
     {.align = 512, .order = FAULT_LAST_FIRST, .lazy = true}},
    {"shuffled_short",
     {.op = FAULT_COMPLETION, .kind = FAULT_SHORT, .times = 5},
     {.align = 512, .order = FAULT_SHUFFLED, .lazy = true}},
    {"interrupted", {.op = FAULT_COMPLETION, .code = -EINTR, .times = 3}, {.align = 512, .order = FAULT_SHUFFLED}},
    {"again",
     {.op = FAULT_COMPLETION, .code = -EAGAIN, .nth = 2, .times = 4},
     {.align = 512, .order = FAULT_LAST_FIRST}},
};

TEST_EACH(retry_completion, struct completions, completions)
{
    struct fault *fault = fault_new(it->setup);
    fault_add(fault, it->rule);
    run(fault, QUIRE_METHOD_URING);
}

/* Nothing fails, but writes end as late as they may, in another order: a buffer used again too early would show. */
TEST(retry_not_needed)
{
    for (enum fault_order order = FAULT_FIRST_FIRST; order <= FAULT_SHUFFLED; order++)
        for (uint32_t depth = 0; depth < 3; depth++) {
            struct fault_setup late = {.align = 512, .order = order, .lazy = true, .depth = depth};
            struct fault *fault = fault_new(late);
            fault_once(fault, FAULT_ALLOCATE, 1, -EINTR);
            run(fault, QUIRE_METHOD_URING);
            REQUIRE_INT(unlink(harness_path("file")), 0);
        }
}

static const struct method allocating[] = {{"mmap", QUIRE_METHOD_MMAP}, {"uring", QUIRE_METHOD_URING}};

TEST_EACH(retry_allocate_interrupted, struct method, allocating)
{
    struct fault *fault = fault_new(setup);
    fault_add(fault, (struct fault_rule){.op = FAULT_ALLOCATE, .code = -EINTR, .times = 5});
    run(fault, it->method);
}

TEST_EACH(retry_truncate_interrupted, struct method, allocating)
{
    struct fault *fault = fault_new(setup);
    fault_add(fault, (struct fault_rule){.op = FAULT_TRUNCATE, .code = -EINTR, .times = 3});
    run(fault, it->method);
}

/* A file system that cannot allocate gets zeros written, whatever else happens to the writes. */
TEST_EACH(retry_allocate_unsupported, struct method, allocating)
{
    struct fault *fault = fault_new(setup);
    fault_ever(fault, FAULT_ALLOCATE, 1, -EOPNOTSUPP);
    fault_once(fault, FAULT_WRITE, 3, -EINTR);
    fault_add(fault, (struct fault_rule){.op = FAULT_WRITE, .kind = FAULT_SHORT, .nth = 5});
    run(fault, it->method);
}

TEST_EACH(retry_open_interrupted, struct method, methods)
{
    struct fault *fault = fault_new(setup);
    fault_add(fault, (struct fault_rule){.op = FAULT_OPEN, .code = -EINTR, .times = 2});
    run(fault, it->method);
}

/* Advice may be refused. */
TEST_EACH(retry_advice_refused, struct method, methods)
{
    struct fault *fault = fault_new(setup);
    struct quire_writer_options o = small(it->method);
    static uint8_t data[9 << 20]; /* beyond the step after which writeback is begun */
    fill(data, sizeof data, 1);
    o.prepare = QUIRE_PREPARE_WRITTEN;
    o.prepare_bytes = PAGE;
    fault_ever(fault, FAULT_WRITEBACK, 1, -EIO);
    fault_ever(fault, FAULT_DROP_CACHE, 1, -EIO);
    quire_writer *w = fault_open_writer(fault, harness_path("file"), &o);
    REQUIRE_OK(quire_writer_append(w, data, sizeof data, NULL));
    REQUIRE_OK(quire_writer_sync(w));
    REQUIRE_OK(quire_writer_close(w));
    CHECK_FILE(harness_path("file"), &((struct bytes){.data = data, .length = sizeof data}));
    CHECK(fault_hits(fault) > 0);
    fault_free(fault);
}

/* The queue is full sooner than it should be: one write must come to its end first. */
TEST(retry_queue_busy)
{
    struct fault *fault = fault_new((struct fault_setup){.align = 512, .order = FAULT_SHUFFLED, .lazy = true});
    fault_once(fault, FAULT_QUEUE_WRITE, 2, -EBUSY);
    run(fault, QUIRE_METHOD_URING);
}
