/* quire-mount: the program behind `quire mount`. Reads the command line, goes to the background, and serves.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command.h"
#include "options.h"
#include "prepare.h"
#include "say.h"
#include "session.h"

/* How each mode keeps files. NULL: not in this build. */
static const struct content *const contents[] = {
    [MODE_PLAIN] = &content_plain, [MODE_PASSTHROUGH] = &content_plain, [MODE_LOG] = &content_log};

/* In the background: where the parent waits for a byte. */
static int ready_pipe = -1;

/* The parent waits until the mount answers, and is what the shell sees end. The child returns. */
static int go_to_background(void)
{
    int ends[2], status;
    char byte;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return -errno;
    pid_t child = fork();
    if (child < 0)
        return -errno;
    if (child == 0) {
        close(ends[0]);
        ready_pipe = ends[1];
        setsid();
        return 0;
    }
    close(ends[1]);
    if (read(ends[0], &byte, 1) == 1)
        _exit(EXIT_DONE);
    /* It has said why. */
    bool has_ended = waitpid(child, &status, 0) == child && WIFEXITED(status);
    _exit(has_ended && WEXITSTATUS(status) != EXIT_DONE ? WEXITSTATUS(status) : EXIT_FAILED);
}

/* The terminal, or whatever it is, belongs to others from now on. */
static void answers(void)
{
    if (ready_pipe < 0)
        return;
    say_to_system_log();
    int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int standard = STDIN_FILENO; fd >= 0 && standard <= STDERR_FILENO; standard++)
        dup2(fd, standard);
    if (fd > STDERR_FILENO)
        close(fd);
    /* Fails if nobody waits any more. */
    (void)!write(ready_pipe, "", 1);
    close(ready_pipe);
}

static int run(struct mount *mount)
{
    int rc = prepare(mount);

    if (rc == 0) {
        rc = tree_init(mount, mount->backing);
        if (rc < 0)
            say("cannot begin: %s", strerror(-rc));
    }
    if (rc < 0)
        return rc;
    /* New files have the mode that the kernel says, which knows the caller's umask. */
    umask(0);
    if (chdir("/") != 0)
        return -errno;
    rc = session_run(mount, answers);
    if (mount->settings.stats)
        statistics_print(mount, stderr);
    tree_free(mount);
    return rc;
}

int main(int argc, char **argv)
{
    static struct mount mount;
    int code;

    setlocale(LC_CTYPE, "");
    if (!options_take(argc, argv, &mount.settings, &code))
        return fflush(stdout) == 0 ? code : EXIT_FAILED;
    mount.content = contents[mount.settings.mode];
    if (!mount.content)
        return command_complain(MOUNT_COMMAND, EXIT_FAILED, "--mode log is not in this build");
    int rc = mount.settings.foreground ? 0 : go_to_background();
    if (rc < 0)
        return command_complain(MOUNT_COMMAND, EXIT_FAILED, "cannot go to the background: %s", strerror(-rc));
    return run(&mount) == 0 ? EXIT_DONE : EXIT_FAILED;
}
