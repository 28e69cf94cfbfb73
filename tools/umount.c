/* quire umount: ends a mount, and waits until its daemon has written everything and is gone.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <poll.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arguments.h"
#include "command.h"
#include "mount/table.h"
#include "mount_view.h"

#define NAME "quire umount"
#define COMPLAIN(...) command_complain(NAME, EXIT_FAILED, __VA_ARGS__)

static const char help[] =
    "usage: quire umount [OPTION...] MOUNTPOINT\n"
    "Takes a mount of quire's away, and waits until its daemon has written everything durably and ended.\n"
    "A dead one, whose daemon was killed, is taken away as well.\n"
    "\n"
    "  --help  print this\n"
    "\n"
    "exit: 0 gone, 1 failed, 2 not understood.\n";

static const struct option options[] = {{"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};

/* PIDFD_GET_INFO, of Linux 6.13; the exit code since 6.15. */
struct process_info {
    uint64_t mask, group;
    uint32_t ids[11];
    int32_t exit_code;
};
#define INFO_EXIT (UINT64_C(1) << 3)
enum { NOTED_AFTER_MS = 500, BUSY_FOR_MS = 500, BUSY_STEP_MS = 20 };
#define GET_INFO _IOWR(0xff, 11, struct process_info)

static int take_option(void *context, int code)
{
    (void)context;
    (void)code;
    return EXIT_USAGE;
}

/* As an ordinary user by the program that may do it for him. 0 or -errno. */
static int unmount_by_helper(const char *path)
{
    char *arguments[] = {"fusermount3", "-u", "-q", "--", (char *)(uintptr_t)path, NULL};
    pid_t child;
    int status;

    int rc = posix_spawnp(&child, arguments[0], NULL, NULL, arguments, environ);
    if (rc != 0)
        return -rc;
    if (waitpid(child, &status, 0) != child)
        return -errno;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EBUSY;
}

static int unmount_once(const char *path, int flags)
{
    if (geteuid() != 0)
        return unmount_by_helper(path);
    return umount2(path, flags) == 0 ? 0 : -errno;
}

/* Whatever looks at all mounts (df, monitors) is in this one for a moment, and so is a program that is just ending. */
static int unmount(const char *path, int flags)
{
    int rc = unmount_once(path, flags);

    for (int waited = 0; rc == -EBUSY && waited < BUSY_FOR_MS; waited += BUSY_STEP_MS) {
        (void)poll(NULL, 0, BUSY_STEP_MS);
        rc = unmount_once(path, flags);
    }
    return rc;
}

static int take_dead_away(const char *path)
{
    int rc = unmount(path, MNT_DETACH);

    if (rc < 0)
        return COMPLAIN("cannot take the dead mount at %s away: %s", path, strerror(-rc));
    fprintf(stderr, NAME ": the daemon of %s was dead already; what it had gathered and not written is lost\n", path);
    return EXIT_DONE;
}

/* Whether the daemon ended in failure, as far as this kernel tells: it does once the daemon's parent has taken note. */
static bool has_failed(int daemon)
{
    struct pollfd noted = {.fd = daemon};
    struct process_info info = {.mask = INFO_EXIT};

    if (ioctl(daemon, GET_INFO, &info) == 0 && !(info.mask & INFO_EXIT)) {
        (void)poll(&noted, 1, NOTED_AFTER_MS);
        info.mask = INFO_EXIT;
        (void)ioctl(daemon, GET_INFO, &info);
    }
    return info.mask & INFO_EXIT && info.exit_code != 0;
}

static int await_end(int daemon, const char *path)
{
    struct pollfd ended = {.fd = daemon, .events = POLLIN};

    while (poll(&ended, 1, -1) < 0)
        if (errno != EINTR)
            return COMPLAIN("cannot wait for the daemon of %s: %s", path, strerror(errno));
    if (has_failed(daemon))
        return COMPLAIN("%s is unmounted, but not everything could be written; the system's log says what failed",
                        path);
    return EXIT_DONE;
}

static int unmount_living(const char *path, const char *text)
{
    pid_t pid = (pid_t)mount_view_number(text, "pid");
    /* Without it (another's namespace of processes) nothing can be waited for. */
    int daemon = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
    int rc = unmount(path, 0);

    if (rc == -EBUSY)
        rc = COMPLAIN(
            "%s is in use; `fuser -vm %s` says by whom. (`kill %ld` ends the mount all the same: everything is "
            "written, and who has files open there finds them gone)",
            path, path, (long)pid);
    else if (rc < 0)
        rc = COMPLAIN("cannot unmount %s: %s", path, strerror(-rc));
    else if (daemon >= 0)
        rc = await_end(daemon, path);
    if (daemon >= 0)
        close(daemon);
    return rc;
}

static int unmount_at(const char *given)
{
    char path[PATH_MAX];
    int rc = mount_view_path(given, path);

    if (rc < 0)
        return COMPLAIN("%s: %s", given, strerror(-rc));
    if (!table_is_mount(path))
        return COMPLAIN("%s is no mount of quire's; `grep quire /proc/mounts` lists them", path);
    char *text = mount_view_read(path);
    if (!text && (errno == ENOTCONN || errno == ECONNABORTED))
        return take_dead_away(path);
    if (!text)
        return COMPLAIN("the mount at %s does not answer: %s", path, strerror(errno));
    rc = unmount_living(path, text);
    free(text);
    return rc;
}

int command_umount(int argc, char **argv)
{
    const struct command_options taken = {
        .command = NAME, .help = help, .options = options, .operands = true, .take = take_option};
    int rc;

    if (!command_take_line(&taken, argc, argv, NULL, &rc))
        return rc;
    if (argc - optind != 1)
        return command_complain(NAME, EXIT_USAGE, "it takes one MOUNTPOINT, not %d; see `" NAME " --help`",
                                argc - optind);
    return unmount_at(argv[optind]);
}
