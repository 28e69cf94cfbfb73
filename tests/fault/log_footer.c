/* A footer that is written late: in the background, when the segments behind it are durable already.
 *
 * SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "fault_log.h"
#include "log/format.h"

/* The footer at the end of segment 1, whose file ends with it or with zeros. */
static struct quire__disk_block read_footer(const char *directory)
{
    struct quire__disk_block block = {0}, footer = {0};
    char path[4096];

    snprintf(path, sizeof path, "%s/0000000000000001.quire", directory);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    REQUIRE(file >= 0);
    for (off_t at = QUIRE__SEGMENT_BEGIN; pread(file, &block, sizeof block, at) == (ssize_t)sizeof block;
         at += QUIRE__PAGE)
        if (block.magic == QUIRE__BLOCK_MAGIC && block.type == QUIRE__BLOCK_FOOTER)
            footer = block;
    close(file);
    REQUIRE(footer.first_sequence > 0);
    return footer;
}

/* It must not say so of them: cut off on purpose they would be missed at the next open. */
TEST(log_truncate_behind_a_late_footer)
{
    struct fault *fault = fault_new((struct fault_setup){.align = 512});
    struct quire_log_options o = small_log(0);
    const char *directory = harness_path("log");
    quire_log *log = fault_open_log(fault, directory, &o);
    uint64_t next = 1;

    /* Whoever finishes segments makes the next one first. */
    fault_hold(fault, FAULT_RENAME);
    while (log_stats(log).rotations == 0)
        REQUIRE_OK(append_next(log, next++));
    fault_await(fault, FAULT_RENAME, 1);
    append_many(log, next, next + 60);
    REQUIRE_OK(quire_log_sync(log, 0));
    CHECK_UINT(log_marks(log).durable, next + 60);
    fault_release(fault, FAULT_RENAME);
    REQUIRE_OK(quire_log_close(log));
    fault_free(fault);
    struct quire__disk_block footer = read_footer(directory);
    CHECK_UINT(footer.durable, footer.first_sequence - 1);

    REQUIRE_OK(quire_truncate(directory, next + 20, NULL));
    CHECK_LOG(directory, 1, next + 20);
    log = open_log(directory, &o);
    append_many(log, next + 21, next + 30);
    REQUIRE_OK(quire_log_close(log));
    CHECK_LOG(directory, 1, next + 30);
}
