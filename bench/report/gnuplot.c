/* Plots by gnuplot. See gnuplot.h.
 *
 * SPDX-License-Identifier: MIT */
#include "report/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

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

/* All that comes out of a pipe. To be freed; NULL: no memory. */
static char *read_all(int fd)
{
    char *text = NULL, piece[16384];
    size_t length = 0;
    FILE *memory = open_memstream(&text, &length);
    if (!memory)
        return NULL;
    for (ssize_t n; (n = read(fd, piece, sizeof piece)) != 0;) {
        if (n > 0)
            fwrite(piece, 1, (size_t)n, memory);
        else if (errno != EINTR)
            break;
    }
    if (fclose(memory) == 0)
        return text;
    free(text);
    return NULL;
}

static int run(const char *script, char **drawn)
{
    char *const arguments[] = {"gnuplot", "-", NULL};
    int input = script_file(script), ends[2], status = -1;
    pid_t child;
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
        *drawn = read_all(ends[0]);
        while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
        }
        rc = *drawn && status == 0 ? 0 : -EIO;
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

/* Writes svg with a prefix in front of every id of gnuplot's, and of whatever refers to one. */
static void write_unique(const char *from, const char *end, const char *prefix, FILE *out)
{
    static const char *const marks[] = {" id='", " id=\"", "href='#", "href=\"#", "url(#"};
    while (from < end) {
        size_t taken = 0;
        for (size_t m = 0; m < sizeof marks / sizeof marks[0] && !taken; m++)
            if (strncmp(from, marks[m], strlen(marks[m])) == 0)
                taken = strlen(marks[m]);
        if (taken) {
            fwrite(from, 1, taken, out);
            fputs(prefix, out);
            from += taken;
        } else {
            fputc(*from++, out);
        }
    }
}

int bench_gnuplot_run(const char *script, const char *prefix, FILE *out)
{
    char *drawn = NULL;
    int rc = run(script, &drawn);
    const char *begin = rc == 0 ? strstr(drawn, "<svg") : NULL, *end = begin ? strstr(begin, "</svg>") : NULL;
    if (rc == 0 && !end)
        rc = -EIO;
    if (rc == 0)
        write_unique(begin, end + strlen("</svg>"), prefix, out);
    free(drawn);
    return rc;
}
