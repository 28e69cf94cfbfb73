/* Append from pieces: one record, however many pieces it comes in.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "support.h"

#ifndef IOV_MAX
#define IOV_MAX 1024
#endif

static quire_writer *open_small(const char *path, uint32_t method)
{
    struct quire_writer_options o = options_for(method);
    set_buffers(&o, 2 * PAGE, 2);
    o.sync_policy = QUIRE_SYNC_NONE;
    return open_writer(path, &o);
}

TEST_EACH(vector_pieces, struct method, methods)
{
    const char *path = harness_path("file");
    quire_writer *w = open_small(path, it->method);
    static uint8_t source[IOV_MAX * 30];
    struct iovec pieces[IOV_MAX];
    struct bytes model = {0};
    fill(source, sizeof source, 1);
    static const int counts[] = {0, 1, 2, 3, 17, IOV_MAX};
    for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++) {
        uint64_t at = 0, offset = UINT64_MAX, start = model.length;
        for (int i = 0; i < counts[c]; i++) {
            size_t length = (size_t)(i * 7 % 30);
            pieces[i] = (struct iovec){.iov_base = length ? source + at : NULL, .iov_len = length};
            bytes_add(&model, source + at, length);
            at += length;
        }
        REQUIRE_OK(quire_writer_appendv(w, pieces, counts[c], &offset));
        CHECK_UINT(offset, start);
    }
    CHECK_UINT(watermarks_of(w).appended, model.length);
    CHECK_CODE(quire_writer_appendv(w, pieces, IOV_MAX + 1, NULL), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_writer_appendv(w, pieces, -1, NULL), QUIRE_E_ARGUMENT);
    REQUIRE_OK(quire_writer_close(w));
    CHECK_FILE(path, &model);
    bytes_free(&model);
}

/* Larger than all buffers together: the pieces still land back to back. */
TEST_EACH(vector_larger_than_all, struct method, methods)
{
    const char *path = harness_path("file");
    quire_writer *w = open_small(path, it->method);
    struct bytes model = {0};
    for (uint64_t tag = 0; tag < 4; tag++) {
        uint64_t start = model.length, first = 7 + tag, second = 5 * 2 * PAGE + tag, third = PAGE;
        bytes_add_filled(&model, first + second + third, tag);
        uint8_t *data = model.data + start;
        struct iovec pieces[] = {{data, first}, {data + first, second}, {NULL, 0}, {data + first + second, third}};
        uint64_t offset = UINT64_MAX;
        REQUIRE_OK(quire_writer_appendv(w, pieces, 4, &offset));
        CHECK_UINT(offset, start);
    }
    CHECK_UINT(stats_of(w).appends, 4);
    REQUIRE_OK(quire_writer_close(w));
    CHECK_FILE(path, &model);
    bytes_free(&model);
}

TEST_EACH(vector_lane, struct method, methods)
{
    const char *path = harness_path("file");
    quire_writer *w = open_small(path, it->method);
    quire_lane *lane = NULL;
    struct bytes model = {0};
    REQUIRE_OK(quire_lane_open(w, &lane));
    for (uint64_t i = 0; i < 200; i++) {
        uint64_t start = model.length, first = i * 11 % 300, second = i == 77 ? 9 * PAGE : i * 17 % 500;
        bytes_add_filled(&model, first + second, i);
        struct iovec pieces[] = {{model.data + start, first}, {model.data + start + first, second}};
        REQUIRE_OK(quire_lane_appendv(lane, pieces, 2));
    }
    CHECK_CODE(quire_lane_appendv(lane, NULL, -1), QUIRE_E_ARGUMENT);
    CHECK_OK(quire_lane_appendv(lane, NULL, 0));
    REQUIRE_OK(quire_lane_close(lane));
    REQUIRE_OK(quire_writer_close(w));
    CHECK_FILE(path, &model);
    bytes_free(&model);
}

/* Lengths whose sum is no length at all must be seen before a byte is read. */
TEST_EACH(vector_overflow, struct method, methods)
{
    const char *path = harness_path("file");
    quire_writer *w = open_small(path, it->method);
    char byte = 'x';
    struct iovec pieces[] = {{&byte, 1}, {&byte, SIZE_MAX}, {&byte, SIZE_MAX}};
    uint64_t offset = 5;
    int rc = quire_writer_appendv(w, pieces, 3, &offset);
    CHECK(rc == QUIRE_E_ARGUMENT || rc == QUIRE_E_TOO_LARGE || rc == -EFBIG);
    CHECK_UINT(offset, 5);
    CHECK_OK(quire_writer_append(w, "ok", 2, NULL));
    REQUIRE_OK(quire_writer_close(w));
    CHECK_INT(file_size(path), 2);
}
