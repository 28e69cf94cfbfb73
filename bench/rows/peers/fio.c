/* A peer that is no way of appending but another instrument: fio, writing as many bytes past the page cache as the
 * limits do, by its own best engine. Its figure stands beside "limit: direct" as a check of it.
 *
 * It is a program of its own and takes a while to start, so what counts is the time that it reports itself, the final
 * sync included. It fills its file with bytes of its own, and its CPU time is not this process's.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rows/peers/peers.h"

struct fio_state {
    char filename[4200], size[48], report[4200];
    uint64_t bytes; /* whole requests: the last one would be a short one else */
    bool sync;
    double seconds;
};

/* Runs a program to its end, silently. */
static int run(char *const arguments[])
{
    posix_spawn_file_actions_t actions;
    pid_t child;
    int status = -1;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    int rc = -posix_spawnp(&child, arguments[0], &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (rc < 0)
        return rc;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return status == 0 ? 0 : -EIO;
}

static int open_job(const struct bench_job *job, void **state)
{
    struct fio_state *s = calloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    int rc = run((char *[]){"fio", "--version", NULL});
    if (rc < 0) {
        free(s);
        return rc;
    }
    snprintf(s->filename, sizeof s->filename, "--filename=%s", job->path);
    snprintf(s->report, sizeof s->report, "%s-journal", job->path); /* removed with the file */
    s->bytes = (job->work->bytes + (1 << 20) - 1) >> 20 << 20;
    snprintf(s->size, sizeof s->size, "--size=%" PRIu64, s->bytes);
    s->sync = job->sync != BENCH_SYNC_NONE;
    *state = s;
    return 0;
}

static int run_fio(struct fio_state *s, const char *engine)
{
    char output[4300];
    snprintf(output, sizeof output, "--output=%s", s->report);
    char *const arguments[] = {"fio",
                               "--name=append",
                               s->filename,
                               s->size,
                               "--rw=write",
                               "--bs=1M",
                               "--iodepth=16",
                               (char *)(uintptr_t)engine,
                               "--direct=1",
                               "--fallocate=posix",
                               "--output-format=json",
                               output,
                               s->sync ? "--end_fsync=1" : "--end_fsync=0",
                               NULL};
    return run(arguments);
}

/* jobs[0].write.runtime, in milliseconds; jobs[0].error must be 0. */
static int read_report(struct fio_state *s)
{
    json_error_t error;
    json_t *root = json_load_file(s->report, JSON_DISABLE_EOF_CHECK, &error);
    json_t *job = json_array_get(json_object_get(root, "jobs"), 0);
    json_int_t runtime = json_integer_value(json_object_get(json_object_get(job, "write"), "runtime"));
    bool failed = !job || json_integer_value(json_object_get(job, "error")) != 0 || runtime <= 0;
    json_decref(root);
    if (failed)
        return -EIO;
    s->seconds = (double)runtime * 1e-3;
    return 0;
}

static int append(void *thread, struct bench_cursor *cursor)
{
    (void)cursor;
    int rc = run_fio(thread, "--ioengine=io_uring");
    if (rc < 0)
        rc = run_fio(thread, "--ioengine=libaio");
    /* What another program cannot do is no failure of this run. */
    return rc == 0 && read_report(thread) == 0 ? 0 : -ENOEXEC;
}

static int nothing(void *state)
{
    (void)state;
    return 0;
}

static int close_job(void *state)
{
    free(state);
    return 0;
}

/* fio fills its file with bytes of its own: how many is all that can be looked at. */
static const char *verify(const struct bench_job *job)
{
    struct stat st;
    if (stat(job->path, &st) != 0)
        return "is not there";
    return (uint64_t)st.st_size >= job->work->bytes ? NULL : "is shorter than was asked for";
}

static uint64_t buffer_bytes(void *state)
{
    (void)state;
    return 1 << 20;
}

static void use(void *state, struct bench_use *use)
{
    struct fio_state *s = state;
    use->seconds = s->seconds;
    use->bytes = s->bytes;
}

const struct bench_adapter bench_peer_fio = {
    .open = open_job,
    .append = append,
    .finish = nothing,
    .close = close_job,
    .verify = verify,
    .buffer_bytes = buffer_bytes,
    .use = use,
    .no_sync = true,
    .no_records = true,
    .how = {[BENCH_SYNC_END] = "io_uring (or libaio), O_DIRECT, 1 MiB x 16, end_fsync; its own clock, in whole "
                               "milliseconds; bytes not compared"},
};
