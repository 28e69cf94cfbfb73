/* Running the command.
 *
 * SPDX-License-Identifier: MIT */
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support.h"

enum { MOST_ARGUMENTS = 32 };

const char *command_path(void)
{
    const char *path = getenv("QUIRE");
    if (!path)
        SKIP("QUIRE does not name the command");
    return path;
}

static _Noreturn void become_command(const char *const *arguments, const int out[2], const int err[2])
{
    char *all[MOST_ARGUMENTS] = {(char *)(uintptr_t) "quire"};
    for (int i = 0; arguments[i] && i + 2 < MOST_ARGUMENTS; i++)
        all[i + 1] = (char *)(uintptr_t)arguments[i];
    int empty = open("/dev/null", O_RDONLY);
    if (empty < 0 || dup2(empty, 0) < 0 || dup2(out[1], 1) < 0 || dup2(err[1], 2) < 0)
        _exit(127);
    close(empty);
    /* Tests that are run by nohup or in the background must not pass on what is ignored there. */
    static const int usual[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE};
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++)
        signal(usual[i], SIG_DFL);
    execv(getenv("QUIRE"), all);
    _exit(127);
}

struct running start_command(const char *const *arguments)
{
    int out[2], err[2];
    command_path();
    REQUIRE(pipe2(out, O_CLOEXEC) == 0 && pipe2(err, O_CLOEXEC) == 0);
    pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0)
        become_command(arguments, out, err);
    close(out[1]);
    close(err[1]);
    return (struct running){.child = child, .out = out[0], .err = err[0]};
}

/* True until the pipe has ended. */
static bool take(struct pollfd *pipe_, struct bytes *all)
{
    char piece[4096];
    if (!(pipe_->revents & (POLLIN | POLLHUP | POLLERR)))
        return true;
    ssize_t got = read(pipe_->fd, piece, sizeof piece);
    if (got > 0)
        bytes_add(all, piece, (uint64_t)got);
    if (got > 0 || (got < 0 && errno == EINTR))
        return true;
    close(pipe_->fd);
    pipe_->fd = -1;
    return false;
}

struct outcome finish_command(struct running *running)
{
    struct pollfd pipes[2] = {{.fd = running->out, .events = POLLIN}, {.fd = running->err, .events = POLLIN}};
    struct bytes out = {0}, err = {0};
    int open_pipes = 2, status = 0;
    while (open_pipes > 0)
        if (poll(pipes, 2, -1) > 0) {
            open_pipes -= pipes[0].fd >= 0 && !take(&pipes[0], &out);
            open_pipes -= pipes[1].fd >= 0 && !take(&pipes[1], &err);
        }
    REQUIRE(waitpid(running->child, &status, 0) == running->child);
    bytes_add(&out, "", 1);
    bytes_add(&err, "", 1);
    return (struct outcome){.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
                            .out = (char *)out.data,
                            .err = (char *)err.data};
}

struct outcome run_command(const char *const *arguments)
{
    struct running running = start_command(arguments);
    return finish_command(&running);
}

void outcome_free(struct outcome *outcome)
{
    free(outcome->out);
    free(outcome->err);
    *outcome = (struct outcome){0};
}

int lines_of(const char *text)
{
    int lines = 0;
    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

int longest_line(const char *text)
{
    int longest = 0;
    for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
        int length = (int)strcspn(text, "\n");
        longest = length > longest ? length : longest;
    }
    return longest;
}

void check_refusal(const char *const *arguments, int status, const char *who, const char *says)
{
    struct outcome o = run_command(arguments);
    size_t length = strlen(who);
    bool good = CHECK_INT(o.status, status);
    good &= CHECK_STR(o.out, "");
    good &= CHECK_INT(lines_of(o.err), 1);
    good &= CHECK(strncmp(o.err, who, length) == 0 && strncmp(o.err + length, ": ", 2) == 0);
    good &= CHECK(strstr(o.err, says) != NULL);
    if (!good)
        fprintf(stderr, "  to be said: \"%s\"; standard error: %s\n", says, o.err);
    outcome_free(&o);
}

void check_garbled(const char *command, const struct garbled *rows, size_t count)
{
    char who[64];
    snprintf(who, sizeof who, "quire bench%s%s", command ? " " : "", command ? command : "");
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; rows[i].values[j]; j++) {
            const char *arguments[5] = {"bench"};
            size_t words = 1;
            if (command)
                arguments[words++] = command;
            arguments[words++] = rows[i].option;
            arguments[words] = rows[i].values[j];
            check_refusal(arguments, 2, who, rows[i].option);
        }
}

void check_help(const char *const *arguments, const char *const *options)
{
    struct outcome o = run_command(arguments);
    CHECK_INT(o.status, 0);
    CHECK_STR(o.err, "");
    CHECK(lines_of(o.out) >= 5 && lines_of(o.out) <= 40);
    CHECK(longest_line(o.out) <= 100);
    for (size_t i = 0; options[i]; i++)
        if (!strstr(o.out, options[i]))
            FAIL("help does not name %s", options[i]);
    outcome_free(&o);
}
