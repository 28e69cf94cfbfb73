/* What a log does with its directory, its files and its descriptors, when somebody else has prepared them.
 *
 * SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "log_support.h"

static quire_log *make_log(uint32_t method, uint64_t records)
{
    struct quire_log_options o = small_log(method);

    quire_log *log = open_log(harness_path("log"), &o);
    append_many(log, 1, records);
    return log;
}

/* ---- modes ---- */

struct modes {
    const char *name;
    uint32_t asked;
    mode_t mask, file, folder;
};

static const struct modes modes[] = {
    {"default_umask_0", 0, 0, 0600, 0700},
    {"default_umask_022", 0, 022, 0600, 0700},
    {"group_reads", 0640, 0, 0640, 0750},
    {"umask_takes_away", 0666, 027, 0640, 0750},
};

static int check_modes(const char *directory, mode_t should)
{
    DIR *folder = opendir(directory);
    int count = 0;

    REQUIRE(folder != NULL);
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        struct stat st;
        if (entry->d_name[0] == '.')
            continue;
        /* A segment made ready gets its number meanwhile. */
        int rc = fstatat(dirfd(folder), entry->d_name, &st, AT_SYMLINK_NOFOLLOW);
        if (rc < 0 && errno == ENOENT)
            continue;
        REQUIRE_INT(rc, 0);
        if (!S_ISREG(st.st_mode) || (st.st_mode & 07777) != should)
            FAIL("%s has mode %o", entry->d_name, st.st_mode);
        count++;
    }
    closedir(folder);
    return count;
}

TEST_EACH(security_modes, struct modes, modes)
{
    struct quire_log_options o = small_log(0);
    struct stat st;

    umask(it->mask);
    o.file_mode = it->asked;
    o.keep_segments = 2;
    o.prepare = QUIRE_LOG_PREPARE_WRITTEN; /* with a spare file */
    quire_log *log = open_log(harness_path("log"), &o);
    append_many(log, 1, 1500);
    REQUIRE_OK(quire_log_rotate(log));
    CHECK(check_modes(harness_path("log"), it->file) >= 4); /* segments, live, reserve */
    REQUIRE_OK(quire_log_close(log));
    REQUIRE_INT(stat(harness_path("log"), &st), 0);
    CHECK_INT(st.st_mode & 07777, it->folder);
    CHECK(check_modes(harness_path("log"), it->file) >= 3);
}

/* What recovery keeps aside is as private as anything can be, whoever made the log. */
TEST(security_mode_of_torn_files)
{
    struct stat st;

    umask(0);
    REQUIRE_OK(quire_log_close(make_log(0, 20)));
    const char *name = segment_name(harness_path("log"), 1);
    uint64_t size = (uint64_t)file_size(name);
    overwrite(name, size, "torn", 4);
    REQUIRE_OK(quire_log_close(make_log(0, 0)));
    char torn[64];
    snprintf(torn, sizeof torn, "log/%016d-%" PRIu64 ".torn", 1, size);
    REQUIRE_INT(stat(harness_path(torn), &st), 0);
    CHECK_INT(st.st_mode & 07777, 0600);
}

/* ---- descriptors ---- */

/* Of those that this process has beyond the standard ones. */
static int count_descriptors(bool *all_closed_on_exec)
{
    DIR *folder = opendir("/proc/self/fd");
    int count = 0;

    REQUIRE(folder != NULL);
    *all_closed_on_exec = true;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        int fd = atoi(entry->d_name);
        if (fd <= STDERR_FILENO || fd == dirfd(folder))
            continue;
        if (!(fcntl(fd, F_GETFD) & FD_CLOEXEC)) {
            char link[64], target[256] = "";
            snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
            if (readlink(link, target, sizeof target - 1) < 0)
                continue; /* gone meanwhile: the keeper's */
            fprintf(stderr, "  stays open in programs: %s\n", target);
            *all_closed_on_exec = false;
        }
        count++;
    }
    closedir(folder);
    return count;
}

TEST_EACH(security_close_on_exec, struct method, log_methods)
{
    bool closed = false;

    for (int fd = STDERR_FILENO + 1; fd < 4096; fd++)
        fcntl(fd, F_SETFD, FD_CLOEXEC); /* what the harness has open is its own affair */
    int before = count_descriptors(&closed);
    quire_log *log = make_log(it->method, 400);
    quire_reader *reader = NULL;
    struct quire_record record;
    REQUIRE_OK(quire_reader_open(harness_path("log"), NULL, &reader));
    CHECK(quire_reader_next(reader, &record) >= 0);
    REQUIRE(quire_reader_wait(reader, 0) >= 0); /* watches the directory */
    CHECK(count_descriptors(&closed) >= before + 4);
    CHECK(closed);
    REQUIRE_OK(quire_reader_close(reader));
    REQUIRE_OK(quire_log_close(log));
}

/* ---- what lies in the place of a file ---- */

enum { LINK, DANGLING, FOLDER, PIPE, PIPE_WITH_READER, SOCKET, DEVICE };

struct stranger {
    const char *name;
    int kind;
};

static const struct stranger strangers[] = {
    {"link", LINK},
    {"dangling", DANGLING},
    {"folder", FOLDER},
    {"pipe", PIPE},
    {"pipe_with_reader", PIPE_WITH_READER},
    {"socket", SOCKET},
    {"device", DEVICE},
};

/* Gives a descriptor to be held, or -1. */
static int put_stranger(const char *path, int kind)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = -1;

    unlink(path);
    if (kind == LINK || kind == DANGLING)
        REQUIRE_INT(symlink(kind == LINK ? harness_path("victim") : harness_path("nowhere"), path), 0);
    if (kind == FOLDER)
        REQUIRE_INT(mkdir(path, 0700), 0);
    if (kind == PIPE || kind == PIPE_WITH_READER)
        REQUIRE_INT(mkfifo(path, 0600), 0);
    if (kind == PIPE_WITH_READER)
        fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (kind == SOCKET) {
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
        REQUIRE_INT(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    }
    if (kind == DEVICE && mknod(path, S_IFCHR | 0600, makedev(1, 3)) < 0) /* null */
        SKIP("devices cannot be made: %s", strerror(errno));
    return fd;
}

static void check_stranger(const char *path, int kind)
{
    static const mode_t types[] = {S_IFLNK, S_IFLNK, S_IFDIR, S_IFIFO, S_IFIFO, S_IFSOCK, S_IFCHR};
    struct stat st;

    if (lstat(path, &st) == 0 && (st.st_mode & S_IFMT) != types[kind])
        CHECK(S_ISREG(st.st_mode)); /* replaced by a file of its own, not written through */
    CHECK_INT(file_size(harness_path("victim")), 6);
    CHECK_INT(file_size(harness_path("nowhere")), -1);
    struct bytes victim = read_file(harness_path("victim"));
    CHECK_BYTES(victim.data, "victim", 6);
    bytes_free(&victim);
}

/* In the place of each file that opening a log opens or makes. */
static void open_beside(const char *name, int kind, bool is_needed)
{
    struct quire_log_options o = small_log(0);
    char relative[64];
    quire_log *log = NULL;

    write_file(harness_path("victim"), "victim", 6);
    o.keep_segments = 1;
    o.prepare = QUIRE_LOG_PREPARE_WRITTEN;
    o.segment_bytes = 8 * PAGE;
    o.block_bytes = 2 * PAGE;
    snprintf(relative, sizeof relative, "log/%s", name);
    const char *path = harness_path(relative);
    int held = put_stranger(path, kind);
    alarm(20); /* a pipe must not be waited for */
    int rc = quire_log_open(harness_path("log"), &o, &log);
    if (rc == 0) {
        for (int i = 0; i < 300; i++)
            quire_log_append(log, "0123456789012345678901234567890123456789", 40, NULL);
        quire_log_close(log);
    }
    if (is_needed)
        CHECK(rc == QUIRE_E_SYMLINK || rc == QUIRE_E_NOT_REGULAR || rc == -EISDIR || rc == QUIRE_E_DAMAGED);
    check_stranger(path, kind);
    /* Who reads and who mends is no more careless. */
    struct quire_verify_result result = {.size = sizeof result};
    struct quire_log_info info = {.size = sizeof info};
    quire_verify(harness_path("log"), NULL, &result);
    quire_inspect(harness_path("log"), NULL, NULL, &info);
    quire_repair(harness_path("log"), 0, NULL, NULL, NULL);
    quire_repair(harness_path("log"), 1, NULL, NULL, NULL);
    check_stranger(path, kind);
    if (held >= 0)
        close(held);
}

TEST_EACH(security_segment, struct stranger, strangers)
{
    REQUIRE_OK(quire_log_close(make_log(0, 200)));
    open_beside("0000000000000002.quire", it->kind, false);
}

TEST_EACH(security_last_segment, struct stranger, strangers)
{
    REQUIRE_OK(quire_log_close(make_log(0, 20)));
    open_beside("0000000000000001.quire", it->kind, true);
}

TEST_EACH(security_live, struct stranger, strangers)
{
    REQUIRE_OK(quire_log_close(make_log(0, 20)));
    open_beside("live.quire", it->kind, true);
}

TEST_EACH(security_reserve, struct stranger, strangers)
{
    REQUIRE_OK(quire_log_close(make_log(0, 20)));
    open_beside("reserve.quire", it->kind, false);
}

TEST_EACH(security_next, struct stranger, strangers)
{
    REQUIRE_OK(quire_log_close(make_log(0, 20)));
    open_beside("next.quire", it->kind, false);
}

TEST_EACH(security_spare, struct stranger, strangers)
{
    REQUIRE_OK(quire_log_close(make_log(0, 20)));
    open_beside("spare.quire", it->kind, false);
}

/* Where recovery would keep a torn tail: another name is taken, nothing is written through it. */
TEST_EACH(security_torn, struct stranger, strangers)
{
    char name[64];

    REQUIRE_OK(quire_log_close(make_log(0, 20)));
    const char *segment = segment_name(harness_path("log"), 1);
    uint64_t size = (uint64_t)file_size(segment);
    overwrite(segment, size, "torn", 4);
    snprintf(name, sizeof name, "%016d-%" PRIu64 ".torn", 1, size);
    struct quire_verify_result result = {.size = sizeof result};
    open_beside(name, it->kind, false);
    CHECK_OK(quire_verify(harness_path("log"), NULL, &result));
}

TEST(security_log_that_is_a_link)
{
    struct quire_log_options o = small_log(0);
    quire_log *log = NULL;

    REQUIRE_OK(quire_log_close(make_log(0, 20)));
    REQUIRE_INT(symlink("log", harness_path("link")), 0);
    int rc = quire_log_open(harness_path("link"), &o, &log);
    CHECK(rc == QUIRE_E_SYMLINK || rc == -ENOTDIR);
}

/* ---- names ---- */

TEST(security_names_are_parsed_strictly)
{
    static const char *const foreign[] = {
        "1.quire",
        "000000000000002.quire",
        "00000000000000002.quire",
        "99999999999999999999999999.quire",
        "0000000000000002.quire.bak",
        "0000000000000002.QUIRE",
        "000000000000000x.quire",
        "-000000000000002.quire",
        "+000000000000002.quire",
        " 000000000000002.quire",
        "0x00000000000002.quire",
        "0000000000000002",
        "..quire",
        "\xff\xfe.quire",
        "%s%n.quire",
    };
    struct quire_log_info info = {.size = sizeof info};

    REQUIRE_OK(quire_log_close(make_log(0, 20)));
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
        char path[128];
        snprintf(path, sizeof path, "log/%s", foreign[i]);
        write_file(harness_path(path), "foreign", 7);
    }
    REQUIRE_OK(quire_inspect(harness_path("log"), NULL, NULL, &info));
    CHECK_UINT(info.segments, 1);
    quire_log *log = make_log(0, 0);
    append_many(log, 21, 30);
    REQUIRE_OK(quire_log_close(log));
    CHECK_OK(quire_trim(harness_path("log"), 30, NULL));
    CHECK_LOG(harness_path("log"), 1, 30);
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
        char path[128];
        snprintf(path, sizeof path, "log/%s", foreign[i]);
        CHECK_INT(file_size(harness_path(path)), 7);
    }
}

/* ---- one writer ---- */

static int try_to_open(void)
{
    struct quire_log_options o = small_log(0);
    quire_log *log = NULL;

    int rc = quire_log_open(harness_path("log"), &o, &log);
    if (rc == 0)
        quire_log_close(log);
    return rc;
}

/* Another descriptor of the directory that is closed takes no lock with it. */
TEST(security_lock_survives_another_close)
{
    quire_log *log = make_log(0, 20);

    int other = open(harness_path("log"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    REQUIRE(other >= 0);
    close(other);
    CHECK_CODE(try_to_open(), QUIRE_E_LOCKED);
    CHECK_CODE(quire_repair(harness_path("log"), 0, NULL, NULL, NULL), QUIRE_E_LOCKED);
    CHECK_CODE(quire_trim(harness_path("log"), 1, NULL), QUIRE_E_LOCKED);
    CHECK_CODE(quire_truncate(harness_path("log"), 1, NULL), QUIRE_E_LOCKED);
    REQUIRE_OK(quire_log_close(log));
    CHECK_OK(try_to_open());
}

/* There is no lock file to be removed: the directory itself is locked, whatever is removed from it. */
TEST(security_lock_needs_no_file)
{
    quire_log *log = make_log(0, 20);

    unlink(harness_path("log/live.quire"));
    unlink(harness_path("log/reserve.quire"));
    CHECK_CODE(try_to_open(), QUIRE_E_LOCKED);
    REQUIRE_OK(quire_log_close(log));
    CHECK_LOG(harness_path("log"), 1, 20);
}

/* A child has the descriptors, and with them the lock; but what it closes closes nothing of its parent's. */
TEST(security_lock_and_fork)
{
    quire_log *log = make_log(0, 20);
    int status = 0;

    pid_t child = fork();
    if (child == 0) {
        bool right = quire_log_append(log, "x", 1, NULL) == QUIRE_E_FORKED && quire_log_close(log) == QUIRE_E_FORKED &&
                     try_to_open() == QUIRE_E_LOCKED;
        _exit(right ? 0 : 1);
    }
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK_INT(status, 0);
    CHECK_CODE(try_to_open(), QUIRE_E_LOCKED);
    append_many(log, 21, 25);
    REQUIRE_OK(quire_log_close(log));
    CHECK_LOG(harness_path("log"), 1, 25);
}
