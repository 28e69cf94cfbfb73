/* Any sequence of operations, by chance, against a model of the file: for every method, through the writer and
 * through a lane, over buffers of any size, with the file closed and opened again in between.
 *
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "support.h"

enum { ROUNDS = 6, STEPS = 150, PIECES = 5 };

struct run {
    const char *path;
    struct quire_writer_options options;
    quire_writer *writer;
    quire_lane *lane;
    uint64_t begin; /* where the lane's first record went */
    uint64_t most;  /* the longest record to try */
    struct bytes model;
};

static uint64_t some_length(const struct run *r)
{
    switch (harness_below(8)) {
    case 0:
        return harness_below(r->most);
    case 1:
        return PAGE * harness_below(4);
    case 2:
        return PAGE - r->model.length % PAGE; /* just to the end of the page */
    default:
        return harness_below(700);
    }
}

static void step_append(struct run *r)
{
    uint64_t length = some_length(r), at = r->model.length, offset = UINT64_MAX;
    const uint8_t *data = bytes_add_filled(&r->model, length, harness_random());
    if (r->lane) {
        REQUIRE_OK(quire_lane_append(r->lane, data, length));
    } else {
        REQUIRE_OK(quire_writer_append(r->writer, data, length, &offset));
        REQUIRE_UINT(offset, at);
    }
}

static void step_appendv(struct run *r)
{
    struct iovec pieces[PIECES];
    uint64_t lengths[PIECES], at = r->model.length, end = at, offset = UINT64_MAX;
    for (int i = 0; i < PIECES; i++) {
        end += lengths[i] = harness_below(3) ? some_length(r) / 2 : 0;
        bytes_add_filled(&r->model, lengths[i], harness_random());
    }
    for (int i = 0; i < PIECES; i++) {
        pieces[i] = (struct iovec){.iov_base = lengths[i] ? r->model.data + at : NULL, .iov_len = lengths[i]};
        at += lengths[i];
    }
    if (r->lane) {
        REQUIRE_OK(quire_lane_appendv(r->lane, pieces, PIECES));
        return;
    }
    uint64_t start = end;
    for (int i = 0; i < PIECES; i++)
        start -= lengths[i];
    REQUIRE_OK(quire_writer_appendv(r->writer, pieces, PIECES, &offset));
    REQUIRE_UINT(offset, start);
}

static void step_claim(struct run *r)
{
    struct quire_claim claim = {0};
    uint64_t length = 1 + harness_below(r->options.buffer_bytes);
    if (r->lane) {
        uint64_t used = harness_below(length + 1);
        REQUIRE_OK(quire_lane_claim(r->lane, length, &claim));
        REQUIRE_UINT(claim.offset, UINT64_MAX);
        fill(claim.memory, length, length);
        REQUIRE_OK(quire_lane_publish(r->lane, &claim, used));
        bytes_add_filled(&r->model, length, length);
        r->model.length -= length - used;
        return;
    }
    REQUIRE_OK(quire_writer_claim(r->writer, length, &claim));
    REQUIRE_UINT(claim.offset, r->model.length);
    REQUIRE_UINT(claim.length, length);
    fill(claim.memory, length, length);
    REQUIRE_OK(quire_writer_publish(r->writer, &claim));
    bytes_add_filled(&r->model, length, length);
}

/* What the watermark calls written, another process can read. */
static void check_written(const struct run *r)
{
    struct quire_watermarks marks = watermarks_of(r->writer);
    REQUIRE(marks.written <= marks.appended && marks.durable <= marks.written);
    REQUIRE_UINT(marks.written, r->model.length);
    struct bytes is = read_beginning(r->path, marks.written);
    REQUIRE(is.length >= marks.written);
    REQUIRE(CHECK_BYTES(is.data, r->model.data, marks.written));
    bytes_free(&is);
}

static void step_flush(struct run *r)
{
    uint64_t end = 0;
    if (r->lane && harness_below(2)) {
        REQUIRE_OK(quire_lane_flush(r->lane, &end));
        REQUIRE_UINT(end, r->model.length > r->begin ? r->model.length : 0);
        REQUIRE_UINT(watermarks_of(r->writer).appended, r->model.length);
        return;
    }
    REQUIRE_OK(quire_writer_flush(r->writer));
    check_written(r);
}

static void step_sync(struct run *r)
{
    if (harness_below(2) || r->lane) {
        REQUIRE_OK(quire_writer_sync(r->writer));
        REQUIRE_UINT(watermarks_of(r->writer).durable, r->model.length);
        return;
    }
    uint64_t offset = harness_below(r->model.length + 1);
    REQUIRE_OK(quire_writer_wait_durable(r->writer, offset));
    REQUIRE(watermarks_of(r->writer).durable >= offset);
}

static void step(struct run *r)
{
    uint64_t chance = harness_below(30);
    if (chance < 16)
        step_append(r);
    else if (chance < 21)
        step_appendv(r);
    else if (chance < 27)
        step_claim(r);
    else if (chance < 29)
        step_flush(r);
    else
        step_sync(r);
}

static void open_run(struct run *r, bool with_lane)
{
    set_buffers(&r->options, PAGE * (1 + harness_below(5)), 2 + (uint32_t)harness_below(4));
    r->options.sync_policy = harness_below(2) ? QUIRE_SYNC_NONE : QUIRE_SYNC_REQUEST;
    r->options.prepare = (uint32_t)harness_below(3);
    r->options.prepare_bytes = r->options.prepare ? 1 + harness_below(1 << 20) : 0;
    r->most = r->options.buffer_bytes * (r->options.buffer_count + 3);
    r->writer = open_writer(r->path, &r->options);
    r->begin = r->model.length;
    REQUIRE_UINT(watermarks_of(r->writer).appended, r->begin);
    if (with_lane)
        REQUIRE_OK(quire_lane_open(r->writer, &r->lane));
}

static void run_all(uint32_t method, bool with_lane)
{
    struct run r = {.path = harness_path("file"), .options = options_for(method)};
    for (int round = 0; round < ROUNDS; round++) {
        open_run(&r, with_lane);
        for (uint64_t i = 0, steps = harness_below(STEPS); i < steps; i++)
            step(&r);
        if (r.lane && harness_below(2)) /* else close hands the lane over and frees it */
            REQUIRE_OK(quire_lane_close(r.lane));
        r.lane = NULL;
        REQUIRE_OK(quire_writer_close(r.writer));
        REQUIRE(CHECK_FILE(r.path, &r.model));
    }
    bytes_free(&r.model);
}

TEST_EACH(random_writer, struct method, methods)
{
    run_all(it->method, false);
}

TEST_EACH(random_lane, struct method, methods)
{
    run_all(it->method, true);
}
