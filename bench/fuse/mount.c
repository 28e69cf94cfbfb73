/* A mount of one mode. See mount.h.
 *
 * SPDX-License-Identifier: MIT */
#include "fuse/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cost.h"
#include "base/stop.h"
#include "machine/mount.h"

enum { ARGUMENTS_MOST = 16 };
static const double patience_seconds = 20; /* to mount; to unmount, with what was gathered to be written */

static void pause_a_little(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
}

/* Only looks into a table: a mount that hangs is not asked. */
static bool stands(const struct bench_fuse_mount *mount)
{
    struct bench_mount found;
    return bench_mount_find(&found, "", mount->point) && strcmp(found.point, mount->point) == 0;
}

static const char *how_it_ended(int status, char how[BENCH_FUSE_WHY_ROOM])
{
    if (WIFSIGNALED(status))
        snprintf(how, BENCH_FUSE_WHY_ROOM, "was ended by signal %d", WTERMSIG(status));
    else
        snprintf(how, BENCH_FUSE_WHY_ROOM, "ended with exit code %d", WEXITSTATUS(status));
    return how;
}

bool bench_fuse_mount_has_died(struct bench_fuse_mount *mount, char how[BENCH_FUSE_WHY_ROOM])
{
    int status;
    if (mount->daemon <= 0 || waitpid(mount->daemon, &status, WNOHANG) != mount->daemon)
        return false;
    mount->daemon = 0;
    how_it_ended(status, how);
    return true;
}

/* The first line that the daemon said, without its name in front. False: it said nothing. */
static bool read_complaint(const struct bench_fuse_mount *mount, char why[BENCH_FUSE_WHY_ROOM])
{
    char line[BENCH_FUSE_WHY_ROOM] = "";
    FILE *file = fopen(mount->errors, "re");
    if (!file)
        return false;
    bool any = fgets(line, sizeof line, file) != NULL;
    fclose(file);
    line[strcspn(line, "\n")] = '\0';
    const char *colon = strncmp(line, "quire", 5) == 0 ? strstr(line, ": ") : NULL;
    snprintf(why, BENCH_FUSE_WHY_ROOM, "%s", colon ? colon + 2 : line);
    return any;
}

/* The daemon's life begins. It does not hear the terminal's Ctrl-C, which is for the one that measures, and is told to
 * end if that one is no more. */
__attribute__((noreturn)) static void live(const struct bench_fuse_mount *mount, const char *program,
                                           char *const *arguments, pid_t parent)
{
    int nothing = open("/dev/null", O_RDWR), errors = open(mount->errors, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (nothing < 0 || errors < 0 || getppid() != parent)
        _exit(1);
    dup2(nothing, STDIN_FILENO);
    dup2(nothing, STDOUT_FILENO);
    dup2(errors, STDERR_FILENO);
    execv(program, arguments);
    _exit(1);
}

static int start(struct bench_fuse_mount *mount, enum bench_fuse_mode mode, const char *program)
{
    const char *arguments[ARGUMENTS_MOST] = {"quire-mount"};
    const char *const *options = bench_fuse_mode_options(mode);
    unsigned count = 1;
    for (; *options; options++)
        arguments[count++] = *options;
    arguments[count++] = "-f";
    arguments[count++] = mount->backing;
    arguments[count] = mount->point;
    pid_t parent = getpid(), child = fork();
    if (child < 0)
        return -errno;
    if (child == 0)
        live(mount, program, (char *const *)arguments, parent);
    mount->daemon = child;
    return 0;
}

/* Until the mount stands, or its daemon has said why it does not. */
static int wait_until_it_stands(struct bench_fuse_mount *mount, char why[BENCH_FUSE_WHY_ROOM])
{
    double until = bench_now() + patience_seconds;
    char how[BENCH_FUSE_WHY_ROOM];
    for (; !stands(mount); pause_a_little()) {
        if (bench_stop_signal)
            return -EINTR;
        if (bench_fuse_mount_has_died(mount, how)) {
            if (!read_complaint(mount, why))
                snprintf(why, BENCH_FUSE_WHY_ROOM, "quire-mount %.200s", how);
            return -ECHILD;
        }
        if (bench_now() > until) {
            snprintf(why, BENCH_FUSE_WHY_ROOM, "quire-mount did not mount within %.0f seconds", patience_seconds);
            return -ETIMEDOUT;
        }
    }
    return 0;
}

/* What a mount needs that is not this program's to give. */
static int check_means(const char *program, char why[BENCH_FUSE_WHY_ROOM])
{
    if (!program) {
        snprintf(why, BENCH_FUSE_WHY_ROOM,
                 "there is no quire-mount that belongs to this quire: built without libfuse3");
        return -ENOENT;
    }
    if (access("/dev/fuse", R_OK | W_OK) != 0) {
        snprintf(why, BENCH_FUSE_WHY_ROOM, "/dev/fuse cannot be opened: %s", strerror(errno));
        return -ENODEV;
    }
    return 0;
}

/* A path in parent; false: too long. */
static bool path_in(char path[PATH_MAX], const char *parent, enum bench_fuse_mode mode, const char *end)
{
    int length = snprintf(path, PATH_MAX, "%s/%s%s", parent, bench_fuse_mode_name(mode), end);
    return length > 0 && length < PATH_MAX;
}

static int mount_it(struct bench_fuse_mount *mount, enum bench_fuse_mode mode, const char *program,
                    char why[BENCH_FUSE_WHY_ROOM])
{
    char how[BENCH_FUSE_WHY_ROOM]; /* why says more */
    int rc = check_means(program, why);
    if (rc < 0)
        return rc;
    if (mkdir(mount->point, 0700) != 0)
        return -errno;
    rc = start(mount, mode, program);
    if (rc < 0)
        return rc;
    rc = wait_until_it_stands(mount, why);
    if (rc < 0)
        bench_fuse_mount_stop(mount, how);
    return rc;
}

int bench_fuse_mount_start(struct bench_fuse_mount *mount, enum bench_fuse_mode mode, const char *program,
                           const char *parent, char why[BENCH_FUSE_WHY_ROOM])
{
    *mount = (struct bench_fuse_mount){.daemon = 0};
    int rc = 0;
    *why = '\0';
    if (!path_in(mount->backing, parent, mode, "") || !path_in(mount->errors, parent, mode, ".said") ||
        !path_in(mount->point, parent, mode, ".mount"))
        rc = -ENAMETOOLONG;
    else if (mkdir(mount->backing, 0700) != 0)
        rc = -errno;
    if (mode == BENCH_FUSE_NATIVE)
        mount->point[0] = '\0';
    else if (rc == 0)
        rc = mount_it(mount, mode, program, why);
    if (rc < 0 && !*why)
        snprintf(why, BENCH_FUSE_WHY_ROOM, "cannot be mounted: %s", strerror(-rc));
    return rc;
}

/* False: it is still there after that time. */
static bool ends_within(struct bench_fuse_mount *mount, double seconds, int *status)
{
    double until = bench_now() + seconds;
    for (; waitpid(mount->daemon, status, WNOHANG) == 0; pause_a_little())
        if (bench_now() > until)
            return false;
    return true;
}

/* A mount without its daemon. Who is not root needs fusermount3 for that. */
static void take_away(const struct bench_fuse_mount *mount)
{
    if (umount2(mount->point, MNT_DETACH) == 0 || errno != EPERM)
        return;
    pid_t child = fork();
    if (child == 0) {
        execlp("fusermount3", "fusermount3", "-u", "-z", "-q", mount->point, (char *)NULL);
        _exit(1);
    }
    while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR) {
    }
}

static bool end_daemon(struct bench_fuse_mount *mount, char how[BENCH_FUSE_WHY_ROOM])
{
    char said[BENCH_FUSE_WHY_ROOM];
    int status = 0;
    kill(mount->daemon, SIGTERM);
    if (!ends_within(mount, patience_seconds, &status)) {
        kill(mount->daemon, SIGKILL);
        while (waitpid(mount->daemon, &status, 0) < 0 && errno == EINTR) {
        }
    }
    mount->daemon = 0;
    if (status == 0)
        return true;
    how_it_ended(status, how);
    size_t length = strlen(how);
    if (read_complaint(mount, said))
        snprintf(how + length, BENCH_FUSE_WHY_ROOM - length, ": %s", said);
    return false;
}

bool bench_fuse_mount_stop(struct bench_fuse_mount *mount, char how[BENCH_FUSE_WHY_ROOM])
{
    bool good = mount->daemon <= 0 || end_daemon(mount, how);
    for (int i = 0; *mount->point && stands(mount) && i < 2; i++)
        take_away(mount);
    return good;
}
