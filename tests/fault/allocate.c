/* Space that cannot be had: mmap and uring allocate before they accept, so a refusal is the answer to one append,
 * nothing of that record is in the file, nothing is poisoned, and it works again once there is space.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "fault.h"

enum { RECORD = 1000, PREPARED = 64 * 1024 };

static const struct method allocating[] = {{"mmap", QUIRE_METHOD_MMAP}, {"uring", QUIRE_METHOD_URING}};

static struct fault *new_fault(void)
{
    return fault_new((struct fault_setup){.align = 512, .watch_durable = 1 << 20});
}

static struct quire_writer_options small(uint32_t method)
{
    struct quire_writer_options o = options_for(method);
    set_buffers(&o, 2 * PAGE, 3);
    o.lane_bytes = 2 * PAGE;
    return o;
}

static void check_not_poisoned(quire_writer *w)
{
    struct quire_failure failure = {.code = 1};
    CHECK_OK(quire_writer_failure(w, &failure));
    CHECK_INT(failure.code, 0);
}

static void append_refused(quire_writer *w, uint64_t length, int code)
{
    static uint8_t data[1 << 18];
    uint64_t offset = 77;
    struct iovec pieces[] = {{data, length / 2}, {data, length - length / 2}};
    CHECK_CODE(quire_writer_append(w, data, length, &offset), code);
    CHECK_CODE(quire_writer_appendv(w, pieces, 2, &offset), code);
    CHECK_UINT(offset, 77);
    check_not_poisoned(w);
}

static void append_some(quire_writer *w, struct bytes *model, uint64_t records)
{
    for (uint64_t i = 0; i < records; i++) {
        uint64_t at = model->length, offset = 0;
        REQUIRE_OK(quire_writer_append(w, bytes_add_filled(model, RECORD, i), RECORD, &offset));
        REQUIRE_UINT(offset, at);
    }
}

struct refusal {
    const char *name;
    uint32_t method;
    struct fault_rule rule;
    int code;
};

#define BY_SPACE(method_, number)                                                                                   \
    {method_ "_full", number, {.op = FAULT_ALLOCATE, .code = -ENOSPC}, -ENOSPC},                                    \
        {method_ "_quota", number, {.op = FAULT_ALLOCATE, .code = -EDQUOT}, -EDQUOT},                               \
        {method_ "_limit", number, {.op = FAULT_ALLOCATE, .code = -EFBIG}, -EFBIG},                                 \
        {method_ "_full_but_grown", number, {.op = FAULT_ALLOCATE, .kind = FAULT_AFTER, .code = -ENOSPC}, -ENOSPC}, \
    {                                                                                                               \
        method_ "_full_half", number, {.op = FAULT_ALLOCATE, .kind = FAULT_SHORT, .code = -ENOSPC}, -ENOSPC         \
    }

static const struct refusal by_space[] = {BY_SPACE("mmap", QUIRE_METHOD_MMAP), BY_SPACE("uring", QUIRE_METHOD_URING)};
static const struct refusal refusals[] = {BY_SPACE("mmap", QUIRE_METHOD_MMAP),
                                          BY_SPACE("uring", QUIRE_METHOD_URING),
                                          {"mmap_map", QUIRE_METHOD_MMAP, {.op = FAULT_MAP, .code = -ENOMEM}, -ENOMEM}};

static void inject_for_ever(struct fault *fault, const struct refusal *it)
{
    struct fault_rule rule = it->rule;
    rule.times = UINT64_MAX;
    fault_add(fault, rule);
}

TEST_EACH(allocate_refused, struct refusal, refusals)
{
    struct fault *fault = new_fault();
    struct quire_writer_options o = small(it->method);
    const char *path = harness_path("file");
    struct bytes model = {0};
    bytes_add_filled(&model, 5001, 1);
    write_file(path, model.data, model.length);
    quire_writer *w = fault_open_writer(fault, path, &o);
    inject_for_ever(fault, it);
    append_refused(w, RECORD, it->code);
    if (it->rule.op == FAULT_ALLOCATE)
        CHECK_INT(file_size(path), 5001); /* what grew was cut off again */
    CHECK_OK(quire_writer_flush(w));
    CHECK_OK(quire_writer_sync(w));
    CHECK_UINT(watermarks_of(w).appended, 5001);
    CHECK_UINT(stats_of(w).appends, 0);
    fault_clear(fault);
    append_some(w, &model, 100);
    REQUIRE_OK(quire_writer_close(w));
    CHECK_FILE(path, &model);
    bytes_free(&model);
    fault_free(fault);
}

/* After bytes were accepted into what was prepared: they stay, and become durable. */
TEST_EACH(allocate_refused_later, struct refusal, refusals)
{
    struct fault *fault = new_fault();
    struct quire_writer_options o = small(it->method);
    const char *path = harness_path("file");
    struct bytes model = {0};
    o.prepare = QUIRE_PREPARE_ALLOCATED;
    o.prepare_bytes = PREPARED;
    quire_writer *w = fault_open_writer(fault, path, &o);
    append_some(w, &model, 10);
    inject_for_ever(fault, it);
    int rc = 0;
    for (uint64_t i = 0; rc == 0 && i < 1000; i++) {
        uint64_t before = model.length;
        rc = quire_writer_append(w, bytes_add_filled(&model, RECORD, i), RECORD, NULL);
        if (rc < 0)
            model.length = before;
    }
    CHECK_CODE(rc, it->code);
    append_refused(w, RECORD, it->code);
    CHECK_OK(quire_writer_sync(w));
    CHECK_UINT(watermarks_of(w).durable, model.length);
    struct bytes left = fault_durable(fault);
    REQUIRE(left.length >= model.length);
    CHECK_BYTES(left.data, model.data, model.length);
    bytes_free(&left);
    fault_clear(fault);
    append_some(w, &model, 50);
    REQUIRE_OK(quire_writer_close(w));
    CHECK_FILE(path, &model);
    bytes_free(&model);
    fault_free(fault);
}

/* A record larger than all buffers goes in pieces. If its space cannot be had, none of them may be in the file. */
TEST_EACH(allocate_refused_in_pieces, struct refusal, by_space)
{
    struct fault *fault = new_fault();
    struct quire_writer_options o = small(it->method);
    const char *path = harness_path("file");
    struct bytes model = {0};
    o.prepare = QUIRE_PREPARE_ALLOCATED;
    o.prepare_bytes = PREPARED;
    quire_writer *w = fault_open_writer(fault, path, &o);
    append_some(w, &model, 3);
    inject_for_ever(fault, it);
    append_refused(w, 2 * PREPARED, it->code);
    CHECK_UINT(watermarks_of(w).appended, model.length);
    fault_clear(fault);
    append_some(w, &model, 5);
    CHECK_OK(quire_writer_append(w, bytes_add_filled(&model, 2 * PREPARED, 7), 2 * PREPARED, NULL));
    CHECK_UINT(stats_of(w).appends, 9);
    REQUIRE_OK(quire_writer_close(w));
    CHECK_FILE(path, &model);
    bytes_free(&model);
    fault_free(fault);
}

/* A lane keeps its records until they can be handed over; only the one that found no room is refused. */
TEST_EACH(allocate_refused_to_a_lane, struct refusal, refusals)
{
    struct fault *fault = new_fault();
    struct quire_writer_options o = small(it->method);
    const char *path = harness_path("file");
    struct bytes model = {0};
    quire_lane *lane = NULL;
    quire_writer *w = fault_open_writer(fault, path, &o);
    REQUIRE_OK(quire_lane_open(w, &lane));
    inject_for_ever(fault, it);
    int rc = 0;
    for (uint64_t i = 0; rc == 0 && i < 1000; i++) {
        uint64_t before = model.length;
        rc = quire_lane_append(lane, bytes_add_filled(&model, RECORD, i), RECORD);
        if (rc < 0)
            model.length = before;
    }
    CHECK_CODE(rc, it->code);
    CHECK_UINT(model.length, 2 * PAGE / RECORD * RECORD);
    CHECK_CODE(quire_lane_flush(lane, NULL), it->code);
    CHECK_CODE(quire_writer_flush(w), it->code);
    CHECK_CODE(quire_writer_sync(w), it->code);
    check_not_poisoned(w);
    fault_clear(fault);
    CHECK_OK(quire_lane_append(lane, bytes_add_filled(&model, RECORD, 1), RECORD));
    CHECK_OK(quire_lane_close(lane));
    REQUIRE_OK(quire_writer_close(w));
    CHECK_FILE(path, &model);
    bytes_free(&model);
    fault_free(fault);
}

/* Less than the step that is allocated ahead may be left, and is used. */
TEST_EACH(allocate_little_is_left, struct method, allocating)
{
    struct fault *fault = new_fault();
    struct quire_writer_options o = small(it->method);
    const char *path = harness_path("file");
    struct bytes model = {0};
    quire_writer *w = fault_open_writer(fault, path, &o);
    fault_once(fault, FAULT_ALLOCATE, 1, -ENOSPC);
    append_some(w, &model, 1);
    CHECK_UINT(fault_hits(fault), 1);
    REQUIRE_OK(quire_writer_close(w));
    CHECK_FILE(path, &model);
    bytes_free(&model);
    fault_free(fault);
}

/* No allocation to be had, and then the zeros that take its place do not fit either. */
TEST_EACH(allocate_by_zeros_refused, struct method, allocating)
{
    struct fault *fault = new_fault();
    struct quire_writer_options o = small(it->method);
    const char *path = harness_path("file");
    struct bytes model = {0};
    bytes_add_filled(&model, 5001, 1);
    write_file(path, model.data, model.length);
    quire_writer *w = fault_open_writer(fault, path, &o);
    fault_ever(fault, FAULT_ALLOCATE, 1, -EOPNOTSUPP);
    fault_ever(fault, FAULT_WRITE, 4, -ENOSPC);
    append_refused(w, RECORD, -ENOSPC);
    CHECK_INT(file_size(path), 5001);
    fault_clear(fault);
    append_some(w, &model, 10);
    REQUIRE_OK(quire_writer_close(w));
    CHECK_FILE(path, &model);
    bytes_free(&model);
    fault_free(fault);
}
