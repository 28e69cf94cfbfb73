/* Where uring cannot be had: an error that says which, or the paged method, if that was allowed.
 *
 * The refusals that need a kernel told to refuse are in tests/fault/opening.c; here it is a real tmpfs.
 *
 * SPDX-License-Identifier: MIT */
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "support.h"

static const char *tmpfs_path(void)
{
    static char path[64] = "/dev/shm/quire-test-XXXXXX";
    struct statfs fs;
    if (statfs("/dev/shm", &fs) < 0 || fs.f_type != TMPFS_MAGIC || access("/dev/shm", W_OK) < 0)
        SKIP("no tmpfs at /dev/shm that can be written to");
    int fd = mkstemp(path);
    REQUIRE(fd >= 0);
    close(fd);
    REQUIRE_INT(unlink(path), 0);
    return path;
}

TEST(fallback_not_allowed)
{
    const char *path = tmpfs_path();
    struct quire_writer_options o = options_for(QUIRE_METHOD_URING);
    struct quire_failure failure = {0};
    quire_writer *w = NULL;
    o.failure = &failure;
    int rc = quire_writer_open(path, &o, &w);
    CHECK(rc == QUIRE_E_NO_DIRECT || rc == QUIRE_E_NO_URING);
    CHECK_INT(failure.code, rc);
    CHECK(w == NULL);
    CHECK_INT(file_size(path), -1);
    write_file(path, "kept", 4);
    CHECK_CODE(quire_writer_open(path, &o, &w), rc);
    CHECK_INT(file_size(path), 4);
    unlink(path);
}

TEST(fallback_allowed)
{
    const char *path = tmpfs_path();
    struct quire_writer_options o = options_for(QUIRE_METHOD_URING);
    quire_writer *w = NULL;
    o.flags = QUIRE_OPEN_ALLOW_FALLBACK;
    REQUIRE_OK(quire_writer_open(path, &o, &w));
    struct quire_writer_stats s = stats_of(w);
    CHECK_UINT(s.method, QUIRE_METHOD_PAGED);
    CHECK_UINT(s.method_asked, QUIRE_METHOD_URING);
    CHECK(s.fallback_reason == QUIRE_E_NO_DIRECT || s.fallback_reason == QUIRE_E_NO_URING);
    CHECK_UINT(s.direct, 0);
    CHECK_UINT(s.registered, 0);
    struct bytes model = {0};
    for (uint64_t i = 0; i < 100; i++)
        REQUIRE_OK(quire_writer_append(w, bytes_add_filled(&model, 777, i), 777, NULL));
    REQUIRE_OK(quire_writer_sync(w));
    REQUIRE_OK(quire_writer_close(w));
    CHECK_FILE(path, &model);
    bytes_free(&model);
    unlink(path);
}

/* Where it can be had nothing falls back, and it says nothing of the kind. */
TEST(fallback_not_needed)
{
    skip_without_uring(QUIRE_METHOD_URING);
    struct quire_writer_options o = options_for(QUIRE_METHOD_URING);
    o.flags = QUIRE_OPEN_ALLOW_FALLBACK;
    quire_writer *w = open_writer(harness_path("file"), &o);
    CHECK_UINT(stats_of(w).method, QUIRE_METHOD_URING);
    CHECK_INT(stats_of(w).fallback_reason, 0);
    REQUIRE_OK(quire_writer_close(w));
}

/* The other methods work on a tmpfs as anywhere. */
TEST_EACH(fallback_others, struct method, methods)
{
    const char *path = tmpfs_path();
    struct quire_writer_options o = options_for(it->method);
    o.flags = QUIRE_OPEN_ALLOW_FALLBACK;
    quire_writer *w = open_writer(path, &o);
    struct bytes model = {0};
    for (uint64_t i = 0; i < 100; i++)
        REQUIRE_OK(quire_writer_append(w, bytes_add_filled(&model, 7777, i), 7777, NULL));
    REQUIRE_OK(quire_writer_close(w));
    CHECK_FILE(path, &model);
    bytes_free(&model);
    unlink(path);
}
