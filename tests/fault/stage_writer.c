/* The acts of a plain writer, one for each method and policy. See stage.h.
 *
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "stage.h"

enum { RECORDS = 16 };

static void append(struct stage *stage, quire_writer *writer, uint64_t length)
{
    uint64_t before = stage->model.length;

    int rc = quire_writer_append(writer, bytes_add_filled(&stage->model, length, stage->attempt++), length, NULL);
    if (stage_note(stage, rc) < 0)
        stage->model.length = before;
    else if (stage->act->sync_policy == QUIRE_SYNC_EACH)
        stage->durable = stage->model.length;
}

static void sync_all(struct stage *stage, quire_writer *writer)
{
    uint64_t accepted = stage->model.length;

    if (stage_note(stage, quire_writer_sync(writer)) == 0)
        stage->durable = accepted;
}

static void write_file_of(struct stage *stage)
{
    struct quire_writer_options o = options_for(stage->act->method);
    quire_writer *writer = NULL;

    set_buffers(&o, PAGE, 3);
    o.sync_policy = stage->act->sync_policy;
    if (stage_note(stage, quire__writer_open_on(fault_io(stage->fault), harness_path("file"), &o, &writer)) < 0)
        return;
    for (uint64_t i = 0; i < RECORDS; i++) {
        append(stage, writer, i % 5 == 3 ? 3 * PAGE + i : 1 + i * 997 % 3000);
        if (i == 6)
            sync_all(stage, writer);
        if (i == 10)
            stage_note(stage, quire_writer_flush(writer));
    }
    sync_all(stage, writer);
    append(stage, writer, 100);
    if (stage_note(stage, quire_writer_close(writer)) == 0)
        stage->durable = stage->model.length;
}

static void judge_file(struct stage *stage)
{
    const char *path = harness_path("file");

    if (file_size(path) < 0 && stage->durable == 0 && stage->told != 0)
        return;
    struct bytes is = read_file(path);
    REQUIRE(is.length >= stage->durable);
    CHECK_BYTES(is.data, stage->model.data, stage->durable);
    if (stage->told == 0 && (is.length != stage->model.length || memcmp(is.data, stage->model.data, is.length) != 0))
        stage->silent = "the file is not what was accepted";
    else if (stage->told == 0 && fault_sync_failed(stage->fault, path))
        stage->silent = "the file's flush failed";
    else if (stage->told == 0 && fault_name_failed(stage->fault, path))
        stage->silent = "the directory's flush failed";
    bytes_free(&is);
    bytes_free(&stage->model);
}

#define WRITER(name_, method_, policy_, first_)                                                           \
    {                                                                                                     \
        .name = name_, .first = first_, .method = method_, .sync_policy = policy_, .work = write_file_of, \
        .judge = judge_file,                                                                              \
    }

const struct act stage_writer_acts[] = {
    WRITER("writer_paged", QUIRE_METHOD_PAGED, QUIRE_SYNC_REQUEST, false),
    WRITER("writer_stdio", QUIRE_METHOD_STDIO, QUIRE_SYNC_REQUEST, false),
    WRITER("writer_write", QUIRE_METHOD_WRITE, QUIRE_SYNC_REQUEST, false),
    WRITER("writer_mmap", QUIRE_METHOD_MMAP, QUIRE_SYNC_REQUEST, false),
    WRITER("writer_uring", QUIRE_METHOD_URING, QUIRE_SYNC_REQUEST, true),
    WRITER("writer_each_paged", QUIRE_METHOD_PAGED, QUIRE_SYNC_EACH, false),
    WRITER("writer_each_uring", QUIRE_METHOD_URING, QUIRE_SYNC_EACH, false),
};
const size_t stage_writer_act_count = sizeof stage_writer_acts / sizeof stage_writer_acts[0];
