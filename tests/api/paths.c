/* Paths that are not to be had: a code that says why, for every method, and nothing left behind.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include "support.h"

enum { NOBODY = 65534 };

static int open_code(const char *path, uint32_t method)
{
    struct quire_writer_options o = options_for(method);
    struct quire_failure failure = {0};
    quire_writer *marker = (quire_writer *)(uintptr_t)0x1234, *w = marker;
    o.failure = &failure;
    int rc = quire_writer_open(path, &o, &w);
    if (rc == 0) {
        REQUIRE_OK(quire_writer_close(w));
        return 0;
    }
    CHECK(w == marker);
    CHECK_INT(failure.code, rc);
    CHECK(failure.call == QUIRE_CALL_OPEN || failure.call == QUIRE_CALL_STAT);
    return rc;
}

TEST_EACH(paths_not_a_file, struct method, methods)
{
    const char *directory = harness_path("directory"), *fifo = harness_path("fifo"), *socket_ = harness_path("socket");
    REQUIRE_INT(mkdir(directory, 0700), 0);
    REQUIRE_INT(mkfifo(fifo, 0600), 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int s = socket(AF_UNIX, SOCK_STREAM, 0);
    REQUIRE(s >= 0 && strlen(socket_) < sizeof address.sun_path);
    memcpy(address.sun_path, socket_, strlen(socket_) + 1);
    REQUIRE_INT(bind(s, (struct sockaddr *)&address, sizeof address), 0);
    close(s);
    CHECK_CODE(open_code(directory, it->method), -EISDIR);
    CHECK_CODE(open_code(harness_path("directory/"), it->method), -EISDIR);
    CHECK_CODE(open_code(fifo, it->method), QUIRE_E_NOT_REGULAR);
    CHECK_CODE(open_code(socket_, it->method), QUIRE_E_NOT_REGULAR);
    CHECK_CODE(open_code("/dev/null", it->method), QUIRE_E_NOT_REGULAR);
    CHECK_CODE(open_code("/dev/zero", it->method), QUIRE_E_NOT_REGULAR);
    CHECK_INT(count_files(), 3);
}

/* A FIFO that somebody reads opens at once, and is still no file. */
TEST_EACH(paths_fifo_with_a_reader, struct method, methods)
{
    const char *fifo = harness_path("fifo");
    REQUIRE_INT(mkfifo(fifo, 0600), 0);
    int reader = open(fifo, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    REQUIRE(reader >= 0);
    CHECK_CODE(open_code(fifo, it->method), QUIRE_E_NOT_REGULAR);
    close(reader);
}

TEST_EACH(paths_symlink, struct method, methods)
{
    const char *target = harness_path("target"), *link_ = harness_path("link"), *loop = harness_path("loop");
    const char *dangling = harness_path("dangling"), *directory = harness_path("directory");
    write_file(target, "kept", 4);
    REQUIRE_INT(mkdir(directory, 0700), 0);
    REQUIRE_INT(symlink("target", link_), 0);
    REQUIRE_INT(symlink("nowhere", dangling), 0);
    REQUIRE_INT(symlink("loop", loop), 0);
    REQUIRE_INT(symlink("directory", harness_path("to_directory")), 0);
    CHECK_CODE(open_code(link_, it->method), QUIRE_E_SYMLINK);
    CHECK_CODE(open_code(dangling, it->method), QUIRE_E_SYMLINK);
    CHECK_CODE(open_code(loop, it->method), QUIRE_E_SYMLINK);
    CHECK_CODE(open_code(harness_path("to_directory"), it->method), QUIRE_E_SYMLINK);
    CHECK_INT(file_size(target), 4);
    CHECK_INT(file_size(harness_path("nowhere")), -1);
    CHECK_INT(count_files(), 6);
}

TEST_EACH(paths_that_lead_nowhere, struct method, methods)
{
    static char long_name[PATH_MAX + 100];
    const char *file = harness_path("file");
    write_file(file, "kept", 4);
    memset(long_name, 'x', sizeof long_name - 1);
    CHECK_CODE(open_code("", it->method), -ENOENT);
    CHECK_CODE(open_code(harness_path("missing/file"), it->method), -ENOENT);
    CHECK_CODE(open_code(harness_path("file/file"), it->method), -ENOTDIR);
    CHECK_CODE(open_code(long_name, it->method), -ENAMETOOLONG);
    long_name[300] = '\0';
    CHECK_CODE(open_code(long_name, it->method), -ENAMETOOLONG);
    int rc = open_code("/proc/quire-test", it->method);
    CHECK(rc == -ENOENT || rc == -EACCES);
    CHECK_INT(count_files(), 1);
}

/* Root may do everything, so this is tried as nobody. */
static void become_nobody(void)
{
    if (geteuid() != 0)
        return;
    REQUIRE_INT(chown(harness_directory(), NOBODY, NOBODY), 0);
    if (setgroups(0, NULL) < 0 || setgid(NOBODY) < 0 || setuid(NOBODY) < 0)
        SKIP("cannot become another user: %s", strerror(errno));
}

TEST_EACH(paths_not_permitted, struct method, methods)
{
    const char *closed = harness_path("closed"), *hidden = harness_path("hidden"),
               *read_only = harness_path("read_only");
    become_nobody();
    REQUIRE_INT(mkdir(closed, 0700), 0);
    REQUIRE_INT(mkdir(hidden, 0700), 0);
    write_file(harness_path("hidden/file"), "kept", 4);
    write_file(read_only, "kept", 4);
    REQUIRE_INT(chmod(closed, 0500), 0);
    REQUIRE_INT(chmod(hidden, 0000), 0);
    REQUIRE_INT(chmod(read_only, 0400), 0);
    CHECK_CODE(open_code(harness_path("closed/file"), it->method), -EACCES);
    CHECK_CODE(open_code(harness_path("hidden/file"), it->method), -EACCES);
    CHECK_CODE(open_code(read_only, it->method), -EACCES);
    REQUIRE_INT(chmod(closed, 0700), 0);
    REQUIRE_INT(chmod(hidden, 0700), 0);
    CHECK_INT(file_size(harness_path("closed/file")), -1);
    CHECK_INT(file_size(read_only), 4);
}

/* A directory that lets files be made but not be listed: its name cannot be made durable. Said, or done; nothing
 * left. */
TEST_EACH(paths_directory_not_readable, struct method, methods)
{
    const char *blind = harness_path("blind"), *path = harness_path("blind/file");
    become_nobody();
    skip_without_uring(it->method);
    REQUIRE_INT(mkdir(blind, 0700), 0);
    REQUIRE_INT(chmod(blind, 0300), 0);
    struct quire_writer_options o = options_for(it->method);
    struct quire_failure failure = {0};
    quire_writer *w = NULL;
    o.failure = &failure;
    int rc = quire_writer_open(path, &o, &w);
    if (rc == 0) {
        REQUIRE_OK(quire_writer_close(w));
        CHECK_INT(file_size(path), 0);
    } else {
        CHECK_CODE(rc, -EACCES);
        CHECK_INT(failure.call, QUIRE_CALL_SYNC_DIRECTORY);
        CHECK_INT(file_size(path), -1);
    }
}

/* Two files by one name each, and a file of two names: all are files. */
TEST_EACH(paths_hard_link, struct method, methods)
{
    const char *file = harness_path("file"), *alias = harness_path("alias");
    skip_without_uring(it->method);
    write_file(file, "kept", 4);
    REQUIRE_INT(link(file, alias), 0);
    CHECK_CODE(open_code(alias, it->method), 0);
    CHECK_INT(file_size(file), 4);
}
