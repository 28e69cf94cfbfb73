/* Opening: flags, modes, the lock, prepared space, and the true length that close leaves.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support.h"

static int open_code(const char *path, const struct quire_writer_options *o)
{
    quire_writer *marker = (quire_writer *)(uintptr_t)0x1234, *w = marker;
    int rc = quire_writer_open(path, o, &w);
    if (rc < 0)
        CHECK(w == marker);
    else
        REQUIRE_OK(quire_writer_close(w));
    return rc;
}

TEST_EACH(open_flags, struct method, methods)
{
    skip_without_uring(it->method);
    struct quire_writer_options o = options_for(it->method);
    const char *path = harness_path("file");
    o.flags = QUIRE_OPEN_EXISTING;
    CHECK_CODE(open_code(path, &o), -ENOENT);
    CHECK_INT(file_size(path), -1);
    o.flags = QUIRE_OPEN_EXCLUSIVE;
    CHECK_CODE(open_code(path, &o), 0);
    CHECK_INT(file_size(path), 0);
    CHECK_CODE(open_code(path, &o), -EEXIST);
    CHECK_INT(file_size(path), 0);
    o.flags = QUIRE_OPEN_EXISTING;
    CHECK_CODE(open_code(path, &o), 0);
    o.flags = QUIRE_OPEN_EXISTING | QUIRE_OPEN_EXCLUSIVE;
    CHECK_CODE(open_code(path, &o), QUIRE_E_OPTIONS);
}

TEST(open_defaults)
{
    quire_writer *w = NULL;
    const char *path = harness_path("file");
    REQUIRE_OK(quire_writer_open(path, NULL, &w));
    struct quire_writer_stats stats = stats_of(w);
    CHECK_UINT(stats.method, QUIRE_METHOD_PAGED);
    CHECK_UINT(stats.method_asked, QUIRE_METHOD_PAGED);
    CHECK_INT(stats.fallback_reason, 0);
    CHECK(stats.buffer_bytes > 0 && stats.buffer_bytes % PAGE == 0 && stats.buffer_count >= 2);
    REQUIRE_OK(quire_writer_append(w, "x", 1, NULL));
    REQUIRE_OK(quire_writer_close(w));
    CHECK_INT(file_size(path), 1);
}

TEST_EACH(open_mode, struct method, methods)
{
    static const struct {
        uint32_t asked;
        mode_t mask, should;
    } rows[] = {{0, 022, 0600}, {0644, 022, 0644}, {0666, 027, 0640}, {0400, 0, 0400}, {0777, 0, 0777}};
    skip_without_uring(it->method);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct quire_writer_options o = options_for(it->method);
        struct stat st;
        const char *path = harness_path("file");
        o.file_mode = rows[i].asked;
        umask(rows[i].mask);
        /* Without write permission nobody but root could open a second descriptor. */
        if (rows[i].should == 0400 && geteuid() != 0)
            continue;
        CHECK_CODE(open_code(path, &o), 0);
        REQUIRE_INT(stat(path, &st), 0);
        CHECK_INT(st.st_mode & 07777, rows[i].should);
        REQUIRE_INT(unlink(path), 0);
    }
}

TEST_EACH(open_locked, struct method, methods)
{
    struct quire_writer_options o = options_for(it->method);
    const char *path = harness_path("file"), *alias = harness_path("alias");
    quire_writer *w = open_writer(path, &o);
    struct quire_failure failure = {0};
    struct quire_writer_options other = options_for(QUIRE_METHOD_PAGED);
    other.failure = &failure;
    CHECK_CODE(open_code(path, &other), QUIRE_E_LOCKED);
    CHECK_INT(failure.code, QUIRE_E_LOCKED);
    CHECK_INT(failure.call, QUIRE_CALL_LOCK);
    REQUIRE_INT(link(path, alias), 0);
    CHECK_CODE(open_code(alias, &o), QUIRE_E_LOCKED);
    REQUIRE_OK(quire_writer_append(w, "mine", 4, NULL));
    REQUIRE_OK(quire_writer_close(w));
    CHECK_INT(file_size(path), 4);
    CHECK_CODE(open_code(path, &o), 0);
    CHECK_CODE(open_code(alias, &other), 0);
    CHECK_INT(file_size(path), 4);
}

/* A refused open leaves a file that was there as it was. */
TEST_EACH(open_locked_prepared, struct method, methods)
{
    struct quire_writer_options o = options_for(it->method);
    const char *path = harness_path("file");
    quire_writer *w = open_writer(path, &o);
    REQUIRE_OK(quire_writer_append(w, "mine", 4, NULL));
    REQUIRE_OK(quire_writer_flush(w));
    struct quire_writer_options other = options_for(it->method);
    other.prepare = QUIRE_PREPARE_WRITTEN;
    other.prepare_bytes = 1 << 20;
    int64_t before = file_size(path);
    CHECK_CODE(open_code(path, &other), QUIRE_E_LOCKED);
    CHECK_INT(file_size(path), before);
    REQUIRE_OK(quire_writer_close(w));
    CHECK_FILE(path, &((struct bytes){.data = (uint8_t *)(uintptr_t) "mine", .length = 4}));
}

static uint64_t blocks_of(const char *path)
{
    struct stat st;
    REQUIRE_INT(stat(path, &st), 0);
    return (uint64_t)st.st_blocks * 512;
}

TEST_EACH(open_prepared, struct method, methods)
{
    for (uint32_t prepare = QUIRE_PREPARE_ALLOCATED; prepare <= QUIRE_PREPARE_WRITTEN; prepare++) {
        struct quire_writer_options o = options_for(it->method);
        const char *path = harness_path("file");
        struct bytes model = {0};
        bytes_add_filled(&model, 5001, 1);
        write_file(path, model.data, model.length);
        o.prepare = prepare;
        o.prepare_bytes = (1 << 20) + 77;
        o.buffer_bytes = 4 * PAGE;
        quire_writer *w = open_writer(path, &o);
        CHECK(blocks_of(path) >= 5001 + (1 << 20));
        CHECK_UINT(watermarks_of(w).appended, 5001);
        if (prepare == QUIRE_PREPARE_WRITTEN)
            CHECK(file_size(path) >= 5001 + (1 << 20) + 77);
        for (uint64_t i = 0; i < 50; i++)
            REQUIRE_OK(quire_writer_append(w, bytes_add_filled(&model, 3000 + i, i), 3000 + i, NULL));
        REQUIRE_OK(quire_writer_close(w));
        CHECK_FILE(path, &model);
        CHECK(blocks_of(path) < (1 << 19)); /* what was not used is given back */

        w = open_writer(path, &o); /* and past the end of what was prepared */
        for (uint64_t i = 0; i < 30; i++)
            REQUIRE_OK(quire_writer_append(w, bytes_add_filled(&model, 1 << 16, i), 1 << 16, NULL));
        REQUIRE_OK(quire_writer_close(w));
        CHECK_FILE(path, &model);
        bytes_free(&model);
        REQUIRE_INT(unlink(path), 0);
    }
}

TEST_EACH(open_true_length, struct method, methods)
{
    static const uint64_t lengths[] = {0, 1, 511, 512, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE, 100003};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        struct quire_writer_options o = options_for(it->method);
        const char *path = harness_path("file");
        struct bytes model = {0};
        o.sync_policy = i % 2 ? QUIRE_SYNC_NONE : QUIRE_SYNC_REQUEST;
        for (int again = 0; again < 2; again++) {
            quire_writer *w = open_writer(path, &o);
            REQUIRE_OK(quire_writer_append(w, bytes_add_filled(&model, lengths[i], i), lengths[i], NULL));
            REQUIRE_OK(quire_writer_close(w));
            CHECK_FILE(path, &model);
        }
        bytes_free(&model);
        REQUIRE_INT(unlink(path), 0);
    }
}

/* A name without a directory: the directory that is synced is the current one. */
TEST_EACH(open_relative, struct method, methods)
{
    struct quire_writer_options o = options_for(it->method);
    REQUIRE_INT(chdir(harness_directory()), 0);
    quire_writer *w = open_writer("plain", &o);
    REQUIRE_INT(mkdir("elsewhere", 0700), 0);
    REQUIRE_INT(chdir("elsewhere"), 0); /* the path was for open only */
    REQUIRE_OK(quire_writer_append(w, "abc", 3, NULL));
    REQUIRE_OK(quire_writer_sync(w));
    REQUIRE_OK(quire_writer_close(w));
    CHECK_INT(file_size("../plain"), 3);
}

/* Handles of quire's do not leak into programs that the process starts. */
TEST_EACH(open_close_on_exec, struct method, methods)
{
    struct quire_writer_options o = options_for(it->method);
    quire_writer *w = open_writer(harness_path("file"), &o);
    for (int fd = 3; fd < 64; fd++) {
        char link[64], target[4096];
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        ssize_t length = readlink(link, target, sizeof target - 1);
        if (length <= 0)
            continue;
        target[length] = '\0';
        if (strstr(target, harness_directory()) || strstr(target, "io_uring"))
            CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    }
    REQUIRE_OK(quire_writer_close(w));
}
