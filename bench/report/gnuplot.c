/* Plots by gnuplot. See gnuplot.h.
 *
 * SPDX-License-Identifier: MIT */
#include "report/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cost.h"
#include "base/stop.h"

/* A plot takes some tenths of a second: one that has taken so long will never come. */
static const double patience_seconds = 20;
enum { LOOK_MS = 100 };

/* Starts gnuplot with a file as its input and a pipe as its output. */
static int start(int input, int output, char *const arguments[], pid_t *child)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t usual;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    /* What this process ignores, a child should not. */
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    sigaddset(&usual, SIGXFSZ);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigdefault(&attributes, &usual);
    int rc = -posix_spawnp(child, "gnuplot", &actions, &attributes, arguments, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return rc;
}

/* The script in a file without a name: a pipe for it, beside the one for what comes out, could fill up both ways. */
static int script_file(const char *script)
{
    int fd = memfd_create("plot", MFD_CLOEXEC);
    size_t length = strlen(script);
    if (fd < 0)
        return -errno;
    if (write(fd, script, length) != (ssize_t)length || lseek(fd, 0, SEEK_SET) != 0) {
        close(fd);
        return -EIO;
    }
    return fd;
}

/* Whether something can be read before the moment, or the program is told to stop. */
static bool wait_for(int fd, double moment)
{
    struct pollfd waiting = {.fd = fd, .events = POLLIN};
    while (!bench_stop_signal && bench_now() < moment)
        if (poll(&waiting, 1, LOOK_MS) > 0)
            return true;
    return false;
}

/* All that comes out of a pipe until its end; *whole says whether that was seen. To be freed; NULL: no memory. */
static char *read_all(int fd, bool *whole)
{
    double moment = bench_now() + patience_seconds;
    char *text = NULL, piece[16384];
    size_t length = 0;
    FILE *memory = open_memstream(&text, &length);
    if (!memory)
        return NULL;
    while (wait_for(fd, moment)) {
        ssize_t n = read(fd, piece, sizeof piece);
        *whole = n == 0;
        if (n == 0 || (n < 0 && errno != EINTR))
            break;
        if (n > 0)
            fwrite(piece, 1, (size_t)n, memory);
    }
    if (fclose(memory) == 0)
        return text;
    free(text);
    return NULL;
}

/* The user's own settings (-d) would not make the plots that the page describes. */
static int run(const char *script, char **drawn)
{
    char *const arguments[] = {"gnuplot", "-d", "-", NULL};
    int input = script_file(script), ends[2], status = -1;
    pid_t child;
    bool whole = false;
    if (input < 0)
        return input;
    if (pipe2(ends, O_CLOEXEC) != 0) {
        close(input);
        return -EIO;
    }
    int rc = start(input, ends[1], arguments, &child);
    close(input);
    close(ends[1]);
    if (rc == 0) {
        *drawn = read_all(ends[0], &whole);
        if (!whole)
            kill(child, SIGKILL);
        while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
        }
        rc = *drawn && whole && status == 0 ? 0 : -EIO;
    }
    close(ends[0]);
    return rc;
}

bool bench_gnuplot_available(void)
{
    char *drawn = NULL;
    int rc = run("", &drawn);
    free(drawn);
    return rc == 0;
}

/* What stands before an id: a prefix belongs behind it. */
static const char *const marks[] = {" id='", " id=\"", "href='#", "href=\"#", "url(#"};

/* The grey of whatever is written, and the black that gnuplot has where nobody asked for a colour. */
static const char *const colours[][2] = {
    {"rgb(136, 136, 136)", "currentColor"},
    {"rgb(136,136,136)", "currentColor"},
    {" color=\"black\"", " color=\"inherit\""},
};

static bool starts_with(const char *text, const char *begin)
{
    return strncmp(text, begin, strlen(begin)) == 0;
}

/* Writes one character of the svg, or what is to stand in place of several; how many it was. */
static size_t write_piece(const char *from, const char *prefix, FILE *out)
{
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (starts_with(from, marks[i])) {
            fprintf(out, "%s%s", marks[i], prefix);
            return strlen(marks[i]);
        }
    for (size_t i = 0; i < sizeof colours / sizeof colours[0]; i++)
        if (starts_with(from, colours[i][0])) {
            fputs(colours[i][1], out);
            return strlen(colours[i][0]);
        }
    fputc(*from, out);
    return 1;
}

int bench_gnuplot_run(const char *script, const char *prefix, FILE *out)
{
    char *drawn = NULL;
    int rc = run(script, &drawn);
    const char *begin = rc == 0 ? strstr(drawn, "<svg") : NULL, *end = begin ? strstr(begin, "</svg>") : NULL;
    if (rc == 0 && !end)
        rc = -EIO;
    if (rc == 0)
        for (end += strlen("</svg>"); begin < end;)
            begin += write_piece(begin, prefix, out);
    free(drawn);
    return rc;
}
