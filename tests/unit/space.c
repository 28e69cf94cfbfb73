/* No more room, the real thing: a limit on the file's size, and a file system that is full.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support.h"

enum { LIMIT = 1 << 20, RECORD = 1000 };

static bool allocates_ahead(uint32_t method)
{
    return method == QUIRE_METHOD_MMAP || method == QUIRE_METHOD_URING;
}

static quire_writer *open_small(const char *path, uint32_t method)
{
    struct quire_writer_options o = options_for(method);
    set_buffers(&o, 4 * PAGE, 2);
    return open_writer(path, &o);
}

/* Appends until something gives, and flushes if nothing did; gives the code, and the bytes accepted. */
static int append_until(quire_writer *w, int code, struct bytes *model)
{
    int rc = 0;
    for (uint64_t i = 0; rc == 0 && model->length < 4 * LIMIT; i++) {
        uint64_t before = model->length;
        rc = quire_writer_append(w, bytes_add_filled(model, RECORD, i), RECORD, NULL);
        if (rc < 0)
            model->length = before;
    }
    CHECK_CODE(rc, code);
    return rc;
}

/* The file begins with what was accepted, as far as it goes. */
static void check_prefix(const char *path, const struct bytes *model)
{
    struct bytes is = read_file(path);
    uint64_t common = is.length < model->length ? is.length : model->length;
    CHECK_BYTES(is.data, model->data, common);
    CHECK(is.length <= LIMIT);
    bytes_free(&is);
}

static void check_poisoned(quire_writer *w, int code, int call)
{
    struct quire_failure failure = {0};
    CHECK_CODE(quire_writer_append(w, "x", 1, NULL), code);
    CHECK_CODE(quire_writer_flush(w), code);
    CHECK_CODE(quire_writer_sync(w), code);
    CHECK_OK(quire_writer_failure(w, &failure));
    CHECK_INT(failure.code, code);
    CHECK_INT(failure.call, call);
    CHECK_INT(failure.os_error, -code);
    CHECK(failure.offset <= LIMIT);
}

/* Under a limit on the size of files a write is first short, then EFBIG; an allocation is EFBIG at once, and
 * harmless. */
TEST_EACH(space_file_size_limit, struct method, methods)
{
    signal(SIGXFSZ, SIG_IGN);
    const char *path = harness_path("file");
    quire_writer *w = open_small(path, it->method);
    REQUIRE_INT(setrlimit(RLIMIT_FSIZE, &(struct rlimit){LIMIT, LIMIT}), 0);
    struct bytes model = {0};
    append_until(w, -EFBIG, &model);
    CHECK(model.length + 16 * PAGE > LIMIT);
    if (allocates_ahead(it->method)) {
        CHECK(model.length <= LIMIT);
        CHECK_CODE(quire_writer_append(w, model.data, 2 * LIMIT, NULL), -EFBIG);
        CHECK_OK(quire_writer_sync(w));
        CHECK_UINT(watermarks_of(w).durable, model.length);
        CHECK_OK(quire_writer_close(w));
        CHECK_FILE(path, &model);
    } else {
        check_poisoned(w, -EFBIG, QUIRE_CALL_WRITE);
        CHECK_CODE(quire_writer_close(w), -EFBIG);
        check_prefix(path, &model);
    }
    bytes_free(&model);
}

/* A tmpfs of 1 MiB in a mount namespace of this case's own. */
static void mount_small(const char *path)
{
    if (geteuid() != 0)
        SKIP("needs root to mount a small file system");
    if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        SKIP("cannot have a mount namespace: %s", strerror(errno));
    REQUIRE_INT(mkdir(path, 0700), 0);
    if (mount("tmpfs", path, "tmpfs", 0, "size=1m") < 0)
        SKIP("cannot mount a tmpfs: %s", strerror(errno));
}

TEST_EACH(space_full, struct method, methods)
{
    const char *directory = harness_path("small"), *path = harness_path("small/file");
    const char *filler = harness_path("small/filler");
    mount_small(directory);
    write_file(filler, (uint8_t[RECORD]){1}, RECORD);
    REQUIRE_INT(truncate(filler, 0), 0);
    quire_writer *w = open_small(path, it->method);
    struct bytes model = {0};
    append_until(w, -ENOSPC, &model);
    CHECK(model.length > LIMIT / 2);
    if (it->method == QUIRE_METHOD_MMAP) {
        CHECK_OK(quire_writer_sync(w)); /* everything accepted has its room */
        CHECK_OK(quire_writer_close(w));
        CHECK_FILE(path, &model);
    } else {
        check_poisoned(w, -ENOSPC, QUIRE_CALL_WRITE);
        CHECK_CODE(quire_writer_close(w), -ENOSPC);
        check_prefix(path, &model);
    }
    bytes_free(&model);
    REQUIRE_INT(umount2(directory, MNT_DETACH), 0);
}

/* Nothing was appended, and it works again once there is space. */
TEST(space_again)
{
    const char *directory = harness_path("small"), *path = harness_path("small/file");
    const char *filler = harness_path("small/filler");
    static uint8_t ballast[LIMIT / 2];
    mount_small(directory);
    memset(ballast, 1, sizeof ballast);
    write_file(filler, ballast, sizeof ballast);
    quire_writer *w = open_small(path, QUIRE_METHOD_MMAP);
    struct bytes model = {0};
    append_until(w, -ENOSPC, &model);
    CHECK(model.length < LIMIT / 2);
    REQUIRE_INT(unlink(filler), 0);
    for (uint64_t i = 0; i < 300; i++)
        REQUIRE_OK(quire_writer_append(w, bytes_add_filled(&model, RECORD, i), RECORD, NULL));
    REQUIRE_OK(quire_writer_close(w));
    CHECK_FILE(path, &model);
    bytes_free(&model);
    REQUIRE_INT(umount2(directory, MNT_DETACH), 0);
}

/* Space that cannot be prepared is said at open, and the file that open made is gone. */
TEST_EACH(space_for_preparation, struct method, methods)
{
    const char *directory = harness_path("small"), *path = harness_path("small/file");
    mount_small(directory);
    for (uint32_t prepare = QUIRE_PREPARE_ALLOCATED; prepare <= QUIRE_PREPARE_WRITTEN; prepare++) {
        struct quire_writer_options o = options_for(it->method);
        struct quire_failure failure = {0};
        quire_writer *w = NULL;
        o.prepare = prepare;
        o.prepare_bytes = 3 * LIMIT;
        o.failure = &failure;
        int rc = quire_writer_open(path, &o, &w);
        if (rc == QUIRE_E_NO_DIRECT || rc == QUIRE_E_NO_URING)
            SKIP("%s", quire_strerror(rc));
        CHECK_CODE(rc, -ENOSPC);
        CHECK_INT(failure.code, -ENOSPC);
        CHECK_INT(failure.os_error, ENOSPC);
        CHECK_INT(failure.call, QUIRE_CALL_ALLOCATE);
        CHECK_INT(file_size(path), -1);
        write_file(path, "kept", 4); /* and one that was there is as it was */
        CHECK_CODE(quire_writer_open(path, &o, &w), -ENOSPC);
        CHECK_INT(file_size(path), 4);
        REQUIRE_INT(unlink(path), 0);
    }
    REQUIRE_INT(umount2(directory, MNT_DETACH), 0);
}
