/* Every method x every shape of records and of file x one thread, many on the shared lane, many with lanes.
 *
 * One thread: the file is the model, and each append returned the offset at which its record lies. Many threads: each
 * record is in the file once, whole, in its thread's order, and where the append said.
 *
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "identity.h"

enum { THREADS = 4, MOST_LENGTH = 1 << 18 };

enum shape { ALIGNED, UNALIGNED, OVER_A_BUFFER, OVER_ALL_BUFFERS, ZERO_LENGTH, SHAPES };
enum mode { ONE, SHARED, LANES, MODES };

struct file_before {
    const char *name;
    int64_t length; /* -1: no file */
};

struct geometry {
    uint64_t bytes;
    uint32_t count;
};

struct cell {
    uint32_t method;
    enum shape shape;
    enum mode mode;
    int64_t before;
};

static const char *const shape_names[SHAPES] = {"aligned", "unaligned", "over_a_buffer", "over_all_buffers", "zero"};
static const char *const mode_names[MODES] = {"one", "shared", "lanes"};
static const struct file_before files_before[] = {
    {"new", -1}, {"empty", 0}, {"whole_pages", 2 * PAGE}, {"odd_end", PAGE + 905}};
static const struct geometry geometries[] = {{PAGE, 2}, {3 * PAGE, 3}, {16 * PAGE, 4}};
static struct cell cells[METHODS * MODES * (SHAPES + 6)];

static uint64_t length_of(enum shape shape, const struct geometry *g, uint64_t tag)
{
    uint64_t all = g->bytes * g->count;
    switch (shape) {
    case ALIGNED:
        return PAGE;
    case OVER_A_BUFFER:
        return g->bytes + 1 + tag * 37 % PAGE;
    case OVER_ALL_BUFFERS:
        return all + IDENTITY_LEAST + tag * 101 % g->bytes;
    default:
        return IDENTITY_LEAST + tag * 61 % 300;
    }
}

/* As many as go round all the buffers a few times, but no more than need be. */
static uint32_t records_of(enum shape shape, const struct geometry *g)
{
    uint64_t goal = 5 * g->bytes * g->count, most = shape == OVER_ALL_BUFFERS ? 4 : 1500;
    uint64_t wanted = goal / length_of(shape, g, 5) + 3;
    return (uint32_t)(wanted < most ? wanted : most);
}

static struct bytes prepare_file(const char *path, int64_t before)
{
    struct bytes model = {0};
    if (before < 0)
        return model;
    bytes_add_filled(&model, (uint64_t)before, 99);
    write_file(path, model.data, model.length);
    return model;
}

static void run_one(quire_writer *w, const struct cell *it, const struct geometry *g, struct bytes *model)
{
    uint8_t *scratch = malloc(MOST_LENGTH + g->bytes * g->count * 2);
    uint32_t records = records_of(it->shape, g);
    REQUIRE(scratch != NULL);
    for (uint32_t i = 0; i < records; i++) {
        uint64_t length = length_of(it->shape, g, i), offset = UINT64_MAX;
        if (it->shape == ZERO_LENGTH && i % 2 == 0) {
            REQUIRE_OK(quire_writer_append(w, i % 4 ? scratch : NULL, 0, &offset));
            REQUIRE_UINT(offset, model->length);
            continue;
        }
        uint64_t should = model->length;
        memcpy(scratch, bytes_add_filled(model, length, i), length);
        REQUIRE_OK(quire_writer_append(w, scratch, length, &offset));
        REQUIRE_UINT(offset, should);
        memset(scratch, 0xee, length); /* the bytes are the writer's own by now */
    }
    free(scratch);
    CHECK_UINT(watermarks_of(w).appended, model->length);
}

struct crowd {
    quire_writer *writer;
    const struct cell *cell;
    const struct geometry *geometry;
    uint32_t records;
    uint64_t *offsets; /* [thread * records + number] */
};

static void append_many(void *argument, uint32_t thread)
{
    struct crowd *c = argument;
    quire_lane *lane = NULL;
    uint8_t *scratch = malloc(MOST_LENGTH + c->geometry->bytes * c->geometry->count * 2);
    REQUIRE(scratch != NULL);
    if (c->cell->mode == LANES)
        REQUIRE_OK(quire_lane_open(c->writer, &lane));
    for (uint32_t i = 0; i < c->records; i++) {
        uint64_t length = length_of(c->cell->shape, c->geometry, i + thread), offset = UINT64_MAX;
        identity_build(scratch, thread, i, (uint32_t)length);
        if (lane) {
            if (c->cell->shape == ZERO_LENGTH)
                REQUIRE_OK(quire_lane_append(lane, NULL, 0));
            REQUIRE_OK(quire_lane_append(lane, scratch, length));
        } else {
            if (c->cell->shape == ZERO_LENGTH)
                REQUIRE_OK(quire_writer_append(c->writer, NULL, 0, NULL));
            REQUIRE_OK(quire_writer_append(c->writer, scratch, length, &offset));
        }
        c->offsets[thread * c->records + i] = offset;
        memset(scratch, 0xee, length);
    }
    if (lane)
        REQUIRE_OK(quire_lane_close(lane));
    free(scratch);
}

static void check_offsets(const struct crowd *c, const struct bytes *is)
{
    for (uint32_t i = 0; i < THREADS * c->records; i++) {
        struct identity found;
        uint64_t at = c->offsets[i];
        REQUIRE(at <= is->length && identity_read(is->data + at, is->length - at, &found));
        REQUIRE_UINT(found.thread, i / c->records);
        REQUIRE_UINT(found.number, i % c->records);
    }
}

static void run_many(quire_writer *w, const struct cell *it, const struct geometry *g, struct crowd *crowd)
{
    *crowd = (struct crowd){.writer = w, .cell = it, .geometry = g};
    crowd->records = records_of(it->shape, g) / 2 + 1;
    crowd->offsets = calloc(THREADS * crowd->records, sizeof *crowd->offsets);
    REQUIRE(crowd->offsets != NULL);
    in_threads(THREADS, append_many, crowd);
}

static void check_many(const char *path, struct crowd *crowd, const struct bytes *before)
{
    struct bytes is = read_file(path);
    uint32_t per_thread[THREADS];
    for (uint32_t t = 0; t < THREADS; t++)
        per_thread[t] = crowd->records;
    REQUIRE(is.length >= before->length);
    if (before->length)
        CHECK_BYTES(is.data, before->data, before->length);
    CHECK(identity_check(&is, before->length, per_thread, THREADS));
    if (crowd->cell->mode == SHARED)
        check_offsets(crowd, &is);
    bytes_free(&is);
    free(crowd->offsets);
}

static void run_cell(const void *argument)
{
    const struct cell *it = argument;
    for (size_t i = 0; i < sizeof geometries / sizeof geometries[0]; i++) {
        const struct geometry *g = &geometries[i];
        struct quire_writer_options o = options_for(it->method);
        set_buffers(&o, g->bytes, g->count);
        o.sync_policy = i ? QUIRE_SYNC_NONE : QUIRE_SYNC_REQUEST;
        char name[32];
        snprintf(name, sizeof name, "file%zu", i);
        const char *path = harness_path(name);
        struct bytes model = prepare_file(path, it->before);
        quire_writer *w = open_writer(path, &o);
        struct crowd crowd;
        if (it->mode == ONE)
            run_one(w, it, g, &model);
        else
            run_many(w, it, g, &crowd);
        REQUIRE_OK(quire_writer_close(w));
        if (it->mode == ONE)
            CHECK_FILE(path, &model);
        else
            check_many(path, &crowd, &model);
        bytes_free(&model);
    }
}

static void add_cell(size_t *used, uint32_t method, enum shape shape, enum mode mode, const struct file_before *before)
{
    char name[128];
    snprintf(name, sizeof name, "%s/%s/%s/%s", methods[method].name, shape_names[shape], before->name,
             mode_names[mode]);
    cells[*used] = (struct cell){methods[method].method, shape, mode, before->length};
    harness_add_of_many("matrix", name, run_cell, &cells[(*used)++]);
}

/* All shapes into a new file, and the plain shapes behind each kind of existing one. */
__attribute__((constructor)) static void add_cells(void)
{
    size_t used = 0;
    for (uint32_t m = 0; m < METHODS; m++)
        for (enum mode mode = ONE; mode < MODES; mode++) {
            for (enum shape shape = ALIGNED; shape < SHAPES; shape++)
                add_cell(&used, m, shape, mode, &files_before[0]);
            for (size_t b = 1; b < sizeof files_before / sizeof files_before[0]; b++)
                for (enum shape shape = ALIGNED; shape <= UNALIGNED; shape++)
                    add_cell(&used, m, shape, mode, &files_before[b]);
        }
}

TEST(matrix_identical)
{
    struct bytes first = {0};
    for (uint32_t m = 0; m < METHODS; m++) {
        struct quire_writer_options o = options_for(methods[m].method);
        set_buffers(&o, 2 * PAGE, 2);
        const char *path = harness_path(methods[m].name);
        write_file(path, "before\n", 7);
        quire_writer *w = open_writer(path, &o);
        struct bytes model = {0};
        for (uint64_t i = 0; i < 300; i++)
            REQUIRE_OK(quire_writer_append(w, bytes_add_filled(&model, i * 7 % 1000, i), i * 7 % 1000, NULL));
        REQUIRE_OK(quire_writer_close(w));
        bytes_free(&model);
        if (m == 0)
            first = read_file(path);
        CHECK(first.length > 100000);
        CHECK_FILE(path, &first);
    }
    bytes_free(&first);
}
