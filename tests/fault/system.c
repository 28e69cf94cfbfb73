/* What the operating system says through the seam when it refuses: each operation of src/io/posix.c, on real files,
 * descriptors and mappings that it cannot be done with. The code is the kernel's, and nothing is left behind.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "io/io.h"
#include "kernel.h"
#include "support.h"

enum { NO_FILE = -1 };
static const uint64_t BEYOND = UINT64_C(1) << 63; /* of any file */

static const struct quire__io_ops *ops(void)
{
    return quire__io_system()->ops;
}

static int open_system(const char *path, unsigned how, int *file)
{
    return ops()->open(quire__io_system(), path, how, 0600, file);
}

static int open_new(const char *path)
{
    int file = NO_FILE;

    REQUIRE_OK(open_system(path, QUIRE__IO_CREATE | QUIRE__IO_READ, &file));
    return file;
}

static void check_refused(const char *path, unsigned how, int code)
{
    int file = 77;

    CHECK_CODE(open_system(path, how, &file), code);
    CHECK_INT(file, 77);
}

/* A link is named as such; too many on the way to it are the kernel's own word. */
TEST(system_open_links)
{
    write_file(harness_path("file"), "1", 1);
    REQUIRE_INT(symlink(harness_path("file"), harness_path("link")), 0);
    check_refused(harness_path("link"), 0, QUIRE_E_SYMLINK);
    REQUIRE_INT(symlink("circle", harness_path("circle")), 0);
    check_refused(harness_path("circle/file"), 0, -ELOOP);
}

TEST(system_open_strangers)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};

    REQUIRE_INT(mkfifo(harness_path("fifo"), 0600), 0);
    check_refused(harness_path("fifo"), 0, QUIRE_E_NOT_REGULAR);
    check_refused(harness_path("fifo"), QUIRE__IO_READ_ONLY, QUIRE_E_NOT_REGULAR);
    check_refused("/dev/null", 0, QUIRE_E_NOT_REGULAR);
    check_refused(harness_directory(), QUIRE__IO_READ_ONLY, QUIRE_E_NOT_REGULAR);
    check_refused(harness_directory(), 0, -EISDIR);

    int listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    REQUIRE(strlen(harness_path("socket")) < sizeof name.sun_path);
    strcpy(name.sun_path, harness_path("socket"));
    REQUIRE_INT(bind(listening, (const struct sockaddr *)&name, sizeof name), 0);
    check_refused(harness_path("socket"), 0, QUIRE_E_NOT_REGULAR);
    close(listening);
}

TEST(system_open_without_handles)
{
    struct rlimit before;

    write_file(harness_path("file"), "1", 1);
    REQUIRE_INT(getrlimit(RLIMIT_NOFILE, &before), 0);
    REQUIRE_INT(setrlimit(RLIMIT_NOFILE, &(struct rlimit){0, before.rlim_max}), 0);
    check_refused(harness_path("file"), 0, -EMFILE);
    CHECK_CODE(ops()->list(quire__io_system(), harness_directory(), NULL, NULL), -EMFILE);
    CHECK_CODE(ops()->sync_directory(quire__io_system(), harness_path("file")), -EMFILE);
    REQUIRE_INT(setrlimit(RLIMIT_NOFILE, &before), 0);
}

/* Opened, and then something about it cannot be had: it is closed again, as the harness sees. */
static void open_refused(void *code)
{
    check_refused(harness_path("file"), 0, -*(const int *)code);
    check_refused(harness_path("file"), QUIRE__IO_READ_ONLY, -*(const int *)code);
}

TEST(system_open_half)
{
    int code = EIO;
    const struct kernel_refusal facts[] = {
        {.call = SYS_fstat, .code = EIO},
        {.call = SYS_newfstatat, .code = EIO, .argument = 3, .mask = AT_EMPTY_PATH, .value = AT_EMPTY_PATH}};
    const struct kernel_refusal flags[] = {
        {.call = SYS_fcntl, .code = EIO, .argument = 1, .mask = UINT32_MAX, .value = F_SETFL}};

    write_file(harness_path("file"), "1", 1);
    kernel_refusing(facts, 2, open_refused, &code);
    kernel_refusing(flags, 1, open_refused, &code);
}

TEST(system_names)
{
    struct quire__io *io = quire__io_system();
    uint64_t number = 77;

    CHECK_CODE(ops()->unlink(io, harness_path("none")), -ENOENT);
    CHECK_CODE(ops()->rename(io, harness_path("none"), harness_path("other")), -ENOENT);
    CHECK_CODE(ops()->make_directory(io, harness_directory(), 0700), -EEXIST);
    CHECK_CODE(ops()->identify(io, harness_path("none"), &number, &number), -ENOENT);
    CHECK_CODE(ops()->free_space(io, harness_path("none"), &number), -ENOENT);
    CHECK_UINT(number, 77);
    CHECK_OK(ops()->free_space(io, harness_directory(), &number));
    CHECK(number != 77);
}

/* Counts names; of the most-th it has enough. */
struct seen {
    int names, most;
};

static int see(void *context, const char *name)
{
    struct seen *seen = context;

    CHECK(name[0] != '\0');
    return ++seen->names == seen->most ? 5 : 0;
}

static void list_refused(void *unused)
{
    struct seen seen = {0, 9};

    (void)unused;
    CHECK_CODE(ops()->list(quire__io_system(), harness_directory(), see, &seen), -EIO);
    CHECK_INT(seen.names, 0);
}

TEST(system_list)
{
    const struct kernel_refusal reading[] = {{.call = SYS_getdents64, .code = EIO}};
    struct quire__io *io = quire__io_system();
    struct seen all = {0, 9};
    struct seen some = {0, 2};

    write_file(harness_path("file"), "1", 1);
    CHECK_INT(ops()->list(io, harness_directory(), see, &all), 0);
    CHECK_INT(all.names, 3); /* with . and .. */
    CHECK_INT(ops()->list(io, harness_directory(), see, &some), 5);
    CHECK_INT(some.names, 2);
    CHECK_CODE(ops()->list(io, harness_path("none"), see, &some), -ENOENT);
    kernel_refusing(reading, 1, list_refused, NULL);
}

TEST(system_lock)
{
    int first = open_new(harness_path("file"));
    int second = open_new(harness_path("file"));

    CHECK_OK(ops()->lock(quire__io_system(), first));
    CHECK_CODE(ops()->lock(quire__io_system(), second), QUIRE_E_LOCKED);
    close(first);
    CHECK_OK(ops()->lock(quire__io_system(), second));
    close(second);
    CHECK_CODE(ops()->lock(quire__io_system(), NO_FILE), -EBADF);
}

TEST(system_facts)
{
    struct quire__io_facts facts = {.size = 77};
    int ends[2] = {NO_FILE, NO_FILE};
    int folder = NO_FILE;

    CHECK_CODE(ops()->facts(quire__io_system(), NO_FILE, &facts), -EBADF);
    CHECK_UINT(facts.size, 77);
    REQUIRE_INT(pipe2(ends, O_CLOEXEC), 0);
    REQUIRE_OK(open_system(harness_directory(), QUIRE__IO_READ_ONLY | QUIRE__IO_FOLDER, &folder));
    CHECK_OK(ops()->facts(quire__io_system(), ends[0], &facts));
    CHECK_INT(facts.kind, QUIRE__IO_OTHER);
    CHECK_UINT(facts.offset_align, 0); /* not stated */
    CHECK_OK(ops()->facts(quire__io_system(), folder, &facts));
    CHECK_INT(facts.kind, QUIRE__IO_DIRECTORY);
    close(folder);
    close(ends[0]);
    close(ends[1]);
}

/* No file is that long, and the kernel's numbers for it would be negative ones. */
TEST(system_beyond_any_file)
{
    struct quire__io *io = quire__io_system();
    int file = open_new(harness_path("file"));
    uint64_t count = 77;
    void *memory = &count;
    char byte = 0;
    const struct {
        uint64_t offset, length;
    } ranges[] = {{0, BEYOND}, {BEYOND, 1}, {BEYOND - 1, 4096}, {UINT64_MAX, UINT64_MAX}};

    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        uint64_t offset = ranges[i].offset;
        uint64_t length = ranges[i].length;
        CHECK_CODE(ops()->allocate(io, file, offset, length, true), -EFBIG);
        CHECK_CODE(ops()->write(io, file, &byte, length, offset, &count), -EFBIG);
        CHECK_CODE(ops()->write_durably(io, file, &byte, length, offset, &count), -EFBIG);
        CHECK_CODE(ops()->read(io, file, &byte, length, offset, &count), -EFBIG);
        CHECK_CODE(ops()->map(io, file, offset, length, &memory), -EFBIG);
    }
    CHECK_CODE(ops()->truncate(io, file, BEYOND), -EFBIG);
    CHECK_UINT(count, 77);
    CHECK(memory == &count);
    CHECK_INT(file_size(harness_path("file")), 0);
    close(file);
}

TEST(system_without_a_file)
{
    struct quire__io *io = quire__io_system();
    uint64_t count = 77;
    void *memory = &count;
    char byte = 0;

    CHECK_CODE(ops()->close(io, NO_FILE), -EBADF);
    CHECK_CODE(ops()->allocate(io, NO_FILE, 0, 1, true), -EBADF);
    CHECK_CODE(ops()->allocate(io, NO_FILE, 0, 1, false), -EBADF);
    CHECK_CODE(ops()->truncate(io, NO_FILE, 0), -EBADF);
    CHECK_CODE(ops()->write(io, NO_FILE, &byte, 1, 0, &count), -EBADF);
    CHECK_CODE(ops()->write_durably(io, NO_FILE, &byte, 1, 0, &count), -EBADF);
    CHECK_CODE(ops()->read(io, NO_FILE, &byte, 1, 0, &count), -EBADF);
    CHECK_CODE(ops()->sync(io, NO_FILE), -EBADF);
    CHECK_CODE(ops()->start_writeback(io, NO_FILE, 0, 1), -EBADF);
    CHECK_CODE(ops()->drop_cache(io, NO_FILE, 0, 1), -EBADF);
    CHECK_CODE(ops()->map(io, NO_FILE, 0, PAGE, &memory), -EBADF);
    CHECK_UINT(count, 77);
    CHECK(memory == &count);
}

/* The directory of a name: the working directory of one without a slash, the root of one right below it. */
TEST(system_sync_directory)
{
    struct quire__io *io = quire__io_system();
    static char long_name[PATH_MAX + 10];

    REQUIRE_INT(chdir(harness_directory()), 0);
    CHECK_OK(ops()->sync_directory(io, "file"));
    CHECK_OK(ops()->sync_directory(io, "/file"));
    CHECK_CODE(ops()->sync_directory(io, harness_path("none/file")), -ENOENT);
    CHECK_CODE(ops()->sync_directory(io, "/proc/self/status"), -EINVAL); /* procfs flushes nothing */
    memset(long_name, 'a', sizeof long_name - 1);
    long_name[sizeof long_name - 3] = '/';
    CHECK_CODE(ops()->sync_directory(io, long_name), -ENAMETOOLONG);
}

/* Storing where the file has no page would be a SIGBUS: populate says so first, and makes pages where it can. */
TEST(system_populate)
{
    struct quire__io *io = quire__io_system();
    int file = open_new(harness_path("file"));
    void *memory = NULL;

    REQUIRE_OK(ops()->truncate(io, file, PAGE));
    REQUIRE_OK(ops()->map(io, file, 0, (uint64_t)2 * PAGE, &memory));
    CHECK_OK(ops()->populate(io, memory, PAGE));
    CHECK_CODE(ops()->populate(io, memory, (uint64_t)2 * PAGE), -EIO);
    CHECK_CODE(ops()->unmap(io, (char *)memory + 1, PAGE), -EINVAL);
    REQUIRE_OK(ops()->unmap(io, memory, (uint64_t)2 * PAGE));
    CHECK_CODE(ops()->populate(io, memory, PAGE), -ENOMEM);
    close(file);
}

/* A kernel that does not know how: the pages come as they are stored into. */
static void populate_unknown(void *memory)
{
    CHECK_OK(ops()->populate(quire__io_system(), memory, PAGE));
}

TEST(system_populate_unknown)
{
    const struct kernel_refusal advice[] = {{.call = SYS_madvise, .code = EINVAL}};
    int file = open_new(harness_path("file"));
    void *memory = NULL;

    REQUIRE_OK(ops()->truncate(quire__io_system(), file, PAGE));
    REQUIRE_OK(ops()->map(quire__io_system(), file, 0, PAGE, &memory));
    kernel_refusing(advice, 1, populate_unknown, memory);
    memset(memory, 'x', PAGE);
    REQUIRE_OK(ops()->unmap(quire__io_system(), memory, PAGE));
    CHECK_INT(file_size(harness_path("file")), PAGE);
    close(file);
}
