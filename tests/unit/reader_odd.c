/* Reading and checking what is seldom met: a directory whose name leaves no room, marks that are not this log's, a log large
 * enough for its progress to be told.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <quire/check.h>

#include "log_builder.h"

enum { EACH = 5, BLOCKS = 4, ALL = EACH * BLOCKS };

static void build(struct log_builder *b)
{
    builder_open(b, harness_path("log"), 3);
    builder_segment(b, 1);
    for (int i = 0; i < BLOCKS; i++)
        builder_block(b, EACH, 50);
}

/* The directory can be opened, and no file in it named. */
TEST(name_without_room)
{
    struct log_builder b;
    struct quire_log_info info = {.size = sizeof info};
    struct quire_verify_result result = {.size = sizeof result};
    char name[PATH_MAX];
    quire_reader *reader = NULL;
    quire_log *log = NULL;

    build(&b);
    size_t length = strlen(b.directory);
    memcpy(name, b.directory, length);
    while (length < sizeof name - 12) {
        memcpy(name + length, "/.", 2);
        length += 2;
    }
    name[length] = '\0';
    REQUIRE_INT(access(name, R_OK), 0);
    CHECK_CODE(quire_reader_open(name, NULL, &reader), -ENAMETOOLONG);
    CHECK_CODE(quire_log_open(name, NULL, &log), -ENAMETOOLONG);
    CHECK_CODE(quire_inspect(name, NULL, NULL, &info), -ENAMETOOLONG);
    CHECK_CODE(quire_verify(name, NULL, &result), -ENAMETOOLONG);
    CHECK_CODE(quire_repair(name, 1, NULL, NULL, NULL), -ENAMETOOLONG);
    CHECK_CODE(quire_trim(name, 1, NULL), -ENAMETOOLONG);
    CHECK_CODE(quire_truncate(name, 1, NULL), -ENAMETOOLONG);
    CHECK(reader == NULL && log == NULL);
    CHECK_OK(quire_verify(b.directory, NULL, &result));
    CHECK_UINT(result.records, ALL);
    builder_close(&b);
}

static uint64_t durable(const struct log_builder *b)
{
    struct quire_watermarks marks = {0};
    quire_reader *reader = open_reader(b->directory, QUIRE_READ_DURABLE, NULL);

    REQUIRE_OK(quire_reader_watermarks(reader, &marks));
    CHECK_UINT(marks.written, ALL);
    REQUIRE_OK(quire_reader_close(reader));
    return marks.durable;
}

/* live.quire says how far the log is durable, if it is this log's, and whole, and what it says can be. */
TEST(marks_of_another)
{
    struct log_builder b;
    const char *live = harness_path("log/" QUIRE__LIVE_NAME);

    build(&b);
    CHECK_UINT(durable(&b), 0);
    builder_live(&b, ALL - 1);
    CHECK_UINT(durable(&b), ALL - 1);
    for (uint64_t byte = 0; byte < sizeof(struct quire__disk_live); byte++) {
        flip_byte(live, byte, 1);
        REQUIRE_UINT(durable(&b), 0);
        flip_byte(live, byte, 1);
    }
    CHECK_UINT(durable(&b), ALL - 1);
    b.header.identity.log_id[0] ^= 1;
    builder_live(&b, ALL - 1);
    CHECK_UINT(durable(&b), 0);
    b.header.identity.log_id[0] ^= 1;
    builder_live(&b, QUIRE__SEQUENCE_MOST + 1);
    CHECK_UINT(durable(&b), 0);
    b.next_sequence = QUIRE__SEQUENCE_MOST + 2;
    builder_live(&b, ALL - 1);
    CHECK_UINT(durable(&b), 0);
    REQUIRE_INT(truncate(live, 20), 0);
    CHECK_UINT(durable(&b), 0);
    builder_close(&b);
}

struct told {
    uint64_t times, last, total, stop_at;
};

static int tell(void *context, uint64_t done, uint64_t total)
{
    struct told *told = context;

    CHECK(done >= told->last && done <= total);
    CHECK(told->total == 0 || told->total == total);
    told->last = done;
    told->total = total;
    return ++told->times == told->stop_at ? 7 : 0;
}

/* Progress is told every 8 MiB and at the end, and may stop it. */
TEST(verify_progress)
{
    struct told told = {.stop_at = 0};
    struct quire_verify_options o = {.size = sizeof o, .threads = 1, .progress = tell, .context = &told};
    struct quire_verify_result result = {.size = sizeof result};
    struct log_builder b;

    builder_open(&b, harness_path("log"), 3);
    builder_segment(&b, 1);
    for (int i = 0; i < 20; i++)
        builder_block(&b, 1, 1000000);
    builder_footer(&b);
    CHECK_OK(quire_verify(b.directory, &o, &result));
    CHECK_UINT(result.records, 20);
    CHECK(told.times >= 3);
    CHECK_UINT(told.last, told.total);
    for (uint64_t at = 1, times = told.times; at <= times; at++) {
        told = (struct told){.stop_at = at};
        CHECK_INT(quire_verify(b.directory, &o, &result), 7);
        CHECK_UINT(told.times, at);
    }
    builder_close(&b);
}
