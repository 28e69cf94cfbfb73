/* disk-cuts: a writer is killed at any moment, then the file system is shut down as if the power had gone, mounted again,
 * and the log on it recovered and compared with what the writer had acknowledged. Again and again, on one disk.
 *
 *     disk-cuts FILE_SYSTEM METHOD PROFILE SEED CYCLES DISK MOUNT
 *
 * The writer is dead before the shutdown: a call that is under way while a file system is shut down may return 0 for what
 * is lost. Every LIVES cycles the log is a new one. Prints one row; exit 0 if nothing is wrong.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common.h"
#include "device.h"
#include "guard.h"
#include "record.h"
#include "work.h"

enum { LIVES = 20, SHOWN_MOST = 5, VIOLATIONS_MOST = 20 };
enum { LOST_MOST = 1 << 16, PIPE_BYTES = 1 << 20 };

struct cuts {
    const char *file_system, *mount;
    struct disk_device device;
    const struct disk_profile *profile;
    uint32_t method;
    uint64_t state; /* of chance */
    uint64_t cycle, violations, acknowledged, torn;
    char directory[300];
    uint64_t durable; /* what the last check left */
    uint64_t lost[LOST_MOST];
    uint64_t lost_count;
    struct disk_life lives[2 * LIVES + 2];
    struct disk_expectation expectation;
};

static void must(int rc, const char *what)
{
    if (rc < 0)
        disk_give_up("%s: %s", what, strerror(-rc));
}

static int tell(void *context, enum disk_row_kind kind, uint64_t sequence, uint64_t segment)
{
    struct disk_row row = {.kind = kind, .sequence = sequence, .segment = segment};

    return write(*(int *)context, &row, sizeof row) == (ssize_t)sizeof row ? 0 : -EIO;
}

static _Noreturn void be_writer(const struct cuts *c, int to)
{
    struct disk_work work = {.directory = c->directory,
                             .profile = c->profile,
                             .method = c->method,
                             .seed = c->expectation.seed,
                             .generation = c->cycle + 1,
                             .records = UINT64_MAX,
                             .tell = tell,
                             .context = &to};

    signal(SIGINT, SIG_IGN);
    int rc = disk_work_run(&work);
    fprintf(stderr, "disk-cuts: the writer failed: %s\n", quire_strerror(rc));
    _exit(1);
}

/* Starts the writer, kills it, waits for it. What it said comes out of the returned end of a pipe. */
static int run_writer(struct cuts *c)
{
    int ends[2];
    int status = 0;

    must(pipe2(ends, O_CLOEXEC) < 0 ? -errno : 0, "a pipe cannot be made");
    fcntl(ends[1], F_SETPIPE_SZ, PIPE_BYTES); /* if not, the writer waits */
    pid_t writer = fork();
    must(writer < 0 ? -errno : 0, "the writer cannot be started");
    if (writer == 0)
        be_writer(c, ends[1]);
    close(ends[1]);
    nanosleep(&(struct timespec){.tv_nsec = (long)(1000000 * (3 + disk_below(&c->state, 40)))}, NULL);
    kill(writer, SIGKILL);
    must(waitpid(writer, &status, 0) < 0 ? -errno : 0, "the writer cannot be waited for");
    if (!WIFSIGNALED(status))
        c->violations++;
    return ends[0];
}

/* What the writer said, and what had been before. */
static void expect(struct cuts *c, int from)
{
    struct disk_rows rows;
    static uint64_t lost[LOST_MOST];

    int rc = disk_rows_read(from, &rows);
    close(from);
    must(rc, "what the writer said cannot be read");
    if (rows.count > LOST_MOST)
        disk_give_up("the writer said too much");
    disk_rows_expect(&rows, 0, 0, lost, &c->expectation);
    for (uint64_t i = 0; i < c->expectation.lost_count && c->lost_count < LOST_MOST; i++)
        c->lost[c->lost_count++] = lost[i];
    disk_rows_free(&rows);
    struct disk_expectation *e = &c->expectation;
    c->acknowledged += e->durable > c->durable ? e->durable - c->durable : 0;
    e->durable = e->durable > c->durable ? e->durable : c->durable;
    e->begun = e->begun > c->durable ? e->begun : c->durable;
    e->lost = c->lost;
    e->lost_count = c->lost_count;
    e->lives = c->lives;
    /* What was trimmed in the cycles before is not kept here: only that the last durable record is there. */
    e->first_most = c->profile->keep_segments || c->profile->session ? e->durable : 1;
}

/* The next life begins behind what was recovered. */
static void begin_life(struct cuts *c, uint64_t last)
{
    struct disk_expectation *e = &c->expectation;

    while (e->life_count > 0 && c->lives[e->life_count - 1].first > last)
        e->life_count--;
    c->lives[e->life_count++] = (struct disk_life){.first = last + 1, .generation = DISK_AFTERWARDS};
    c->lives[e->life_count++] = (struct disk_life){.first = last + DISK_APPENDED + 1, .generation = c->cycle + 2};
    c->durable = last + DISK_APPENDED;
}

static void begin_log(struct cuts *c)
{
    snprintf(c->directory, sizeof c->directory, "%s/log%" PRIu64, c->mount, c->cycle / LIVES);
    c->durable = c->lost_count = 0;
    c->lives[0] = (struct disk_life){.first = 1, .generation = c->cycle + 1};
    c->expectation.life_count = 1;
}

static void complain(struct cuts *c, const char *why)
{
    c->violations++;
    if (c->violations <= SHOWN_MOST)
        fprintf(stderr, "disk-cuts: %s, cycle %" PRIu64 ": %s\n", c->file_system, c->cycle, why);
}

static void run_cycle(struct cuts *c)
{
    struct disk_findings findings;

    must(disk_mount(c->device.path, c->mount, c->file_system), "cannot be mounted");
    int from = run_writer(c);
    must(disk_shut_down(c->mount), "cannot be shut down");
    expect(c, from);
    must(disk_unmount(c->mount), "cannot be unmounted");
    must(disk_mount(c->device.path, c->mount, c->file_system), "cannot be mounted again");
    bool right = disk_check_guarded(c->directory, c->profile, c->method, &c->expectation, &findings);
    if (!right)
        complain(c, findings.why);
    c->torn += findings.torn_bytes > 0;
    must(disk_unmount(c->mount), "cannot be unmounted");
    begin_life(c, findings.last);
    c->cycle++;
    /* A log with something wrong is of no use for the next cycle. */
    while (!right && c->cycle % LIVES != 0)
        c->cycle++;
}

int main(int argc, char **argv)
{
    static struct cuts c;
    uint64_t cycles = 0;

    if (argc != 8)
        disk_usage("usage: disk-cuts FILE_SYSTEM METHOD PROFILE SEED CYCLES DISK MOUNT");
    c.file_system = argv[1];
    c.method = disk_method_of(argv[2]);
    c.profile = disk_profile_of(argv[3]);
    c.expectation.seed = c.state = disk_number_of(argv[4]);
    c.mount = argv[7];
    double begun = disk_now();
    disk_stop_install();
    must(disk_device_open(argv[6], &c.device), "no loop device is to be had");
    for (; cycles < disk_number_of(argv[5]) && !disk_stopped && c.violations < VIOLATIONS_MOST; cycles++) {
        if (c.cycle % LIVES == 0)
            begin_log(&c);
        run_cycle(&c);
    }
    disk_device_detach(&c.device);
    struct disk_line line = {.part = "cuts",
                             .file_system = argv[1],
                             .method = argv[2],
                             .profile = argv[3],
                             .tried = cycles,
                             .violations = c.violations,
                             .seconds = disk_now() - begun};
    snprintf(line.note, sizeof line.note, "%" PRIu64 " records acknowledged, %" PRIu64 " tails cut", c.acknowledged,
             c.torn);
    disk_line_print(&line);
    return disk_stopped ? 128 + disk_stopped : c.violations > 0;
}
