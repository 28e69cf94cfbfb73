/* disk-gate: a disk fails beneath a file system beneath a log. The log must say so, to everybody, for good, must not sync
 * again what failed to sync, and must have what it acknowledged when the disk is well again.
 *
 *     disk-gate FILE_SYSTEM METHOD FAULT SIZE SEED DISK MOUNT CONTROL
 *
 * FAULT: data (EIO of quire's blocks), space (ENOSPC of them, though the space was there), flush (EIO, and what was not
 * flushed is gone). SIZE: small (one block a sync) or large (several). Prints one row; exit 0 if nothing is wrong.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "common.h"
#include "device.h"
#include "fault_control.h"
#include "gate_syncs.h"
#include "guard.h"
#include "record.h"

enum { BEFORE = 24, LARGE = 60, HUNG_SECONDS = 20, SETTLE_NS = 60 * 1000 * 1000 };

struct gate {
    const char *file_system, *mount, *fault;
    struct disk_device device;
    const struct disk_profile *profile;
    uint32_t method;
    uint64_t at_once; /* records between two syncs */
    struct disk_fault_control *control;
    char directory[300];
    quire_log *log;
    uint64_t appended, begun;
    struct disk_expectation expectation;
    uint64_t violations, again, faults;
    bool reopened; /* the file system had not given up */
};

static void must(int rc, const char *what)
{
    if (rc < 0)
        disk_give_up("%s: %s", what, quire_strerror(rc));
}

__attribute__((format(printf, 2, 3))) static void complain(struct gate *g, const char *format, ...)
{
    va_list arguments;

    g->violations++;
    fprintf(stderr, "disk-gate: %s, %s: ", g->file_system, g->fault);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

static int append(struct gate *g)
{
    unsigned char memory[DISK_RECORD_MOST];
    uint64_t sequence = g->appended + 1;
    uint64_t seed = g->expectation.seed;

    disk_record_fill(memory, seed, sequence, 0);
    g->begun = sequence;
    int rc = quire_log_append(g->log, memory, disk_record_length(seed, sequence), NULL);
    g->appended += rc == 0;
    return rc;
}

static int append_and_sync(struct gate *g, uint64_t records)
{
    int rc = 0;

    for (uint64_t i = 0; i < records && rc == 0; i++)
        rc = append(g);
    if (rc == 0)
        rc = quire_log_sync(g->log, 0);
    if (rc == 0)
        g->expectation.durable = g->appended;
    return rc;
}

static void begin(struct gate *g)
{
    struct quire_log_options options = disk_profile_options(g->profile, g->method);

    options.segment_bytes = 1 << 20;
    must(disk_mount(g->device.path, g->mount, g->file_system), "cannot be mounted");
    snprintf(g->directory, sizeof g->directory, "%s/log", g->mount);
    int rc = quire_log_open(g->directory, &options, &g->log);
    disk_skip_unavailable(rc);
    must(rc, "the log cannot be opened");
    for (int i = 0; i < BEFORE; i++)
        must(append_and_sync(g, 1), "the log cannot be appended to");
    /* The keeper has made the next segment ready by then: the fault is to meet the appends. */
    nanosleep(&(struct timespec){.tv_nsec = SETTLE_NS}, NULL);
}

static void arm(struct gate *g)
{
    if (strcmp(g->fault, "flush") == 0)
        g->control->flush_error = EIO;
    else
        g->control->data_error = strcmp(g->fault, "space") == 0 ? ENOSPC : EIO;
}

static void disarm(struct gate *g)
{
    g->control->flush_error = g->control->data_error = 0;
}

static void must_stay(struct gate *g, int code, int rc, const char *what)
{
    if (rc != code)
        complain(g, "after '%s' %s gave '%s'", quire_strerror(code), what, quire_strerror(rc));
}

/* A sync of what had been durable all along is no lie; any other is. */
static void must_not_sync(struct gate *g, int code, uint64_t sequence, const char *what)
{
    struct quire_watermarks marks = {0};

    must(quire_log_watermarks(g->log, &marks), "the watermarks cannot be had");
    int rc = quire_log_sync(g->log, sequence);
    if (rc != 0 || marks.appended > g->expectation.durable)
        must_stay(g, code, rc, what);
}

/* The disk is well again, and the log must not pretend that nothing was. */
static void try_again(struct gate *g, int code)
{
    disarm(g);
    must_not_sync(g, code, 0, "sync");
    must_stay(g, code, append(g), "append");
    must_stay(g, code, append_and_sync(g, 1), "append and sync");
    must_not_sync(g, code, 0, "sync");
    must_stay(g, code, quire_log_flush(g->log), "flush");
}

static void break_it(struct gate *g)
{
    struct quire_failure failure = {0};

    arm(g);
    int code = append_and_sync(g, g->at_once);
    if (code == 0)
        complain(g, "the sync over a disk that failed %" PRIu64 " times gave 0", (uint64_t)g->control->failed);
    g->faults = g->control->failed;
    try_again(g, code);
    if (code < 0 && (quire_log_failure(g->log, &failure) < 0 || failure.code != code))
        complain(g, "the failure that is told is '%s'", quire_strerror(failure.code));
    must_stay(g, code, quire_log_close(g->log), "close");
    if (disk_syncs().calls < BEFORE)
        complain(g, "only %" PRIu64 " syncs were seen: they are not counted", disk_syncs().calls);
    if (strcmp(g->fault, "flush") == 0 && disk_syncs().failed == 0)
        complain(g, "no sync failed over a disk that could not flush");
    g->again = disk_syncs().again;
    if (g->again > 0)
        complain(g, "%" PRIu64 " syncs of a file that had failed to sync", g->again);
    if (g->faults == 0)
        complain(g, "the disk was not asked to do what it would have refused");
}

/* Opened again at once, on the same mount: what it recovers then it must not have from a page cache that the disk does not
 * agree with. The file system may have given up, and refuse. */
static void reopen(struct gate *g)
{
    struct quire_recovery found = {.size = sizeof found};
    struct quire_log_options options = disk_profile_options(g->profile, g->method);

    options.recovery = &found;
    if (quire_log_open(g->directory, &options, &g->log) < 0)
        return;
    g->reopened = true;
    if (found.last_sequence < g->expectation.durable)
        complain(g, "opened again at once it has %" PRIu64 " records", found.last_sequence);
    else
        g->expectation.durable = found.last_sequence; /* what open recovers is durable */
    int rc = quire_log_close(g->log);
    if (rc < 0)
        complain(g, "opened again at once it cannot be closed: %s", quire_strerror(rc));
}

static void look_afterwards(struct gate *g)
{
    struct disk_findings findings;

    must(disk_unmount(g->mount), "cannot be unmounted");
    must(disk_mount(g->device.path, g->mount, g->file_system), "cannot be mounted again");
    g->expectation.begun = g->begun;
    if (!disk_check_guarded(g->directory, g->profile, g->method, &g->expectation, &findings))
        complain(g, "%s", findings.why);
    must(disk_unmount(g->mount), "cannot be unmounted");
}

/* A log that hangs over a disk that failed is a finding. Whoever mounted what is still mounted takes it away. */
static void hung(int signal)
{
    static const char words[] = "disk-gate: a call did not return\n";

    (void)signal;
    _exit(write(STDERR_FILENO, words, sizeof words - 1) < 0 ? 3 : 1);
}

static struct disk_fault_control *map_control(const char *path)
{
    int file = open(path, O_RDWR | O_CLOEXEC);

    if (file < 0)
        disk_give_up("%s cannot be opened: %s", path, strerror(errno));
    void *mapped = mmap(NULL, sizeof(struct disk_fault_control), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (mapped == MAP_FAILED)
        disk_give_up("%s cannot be mapped", path);
    return mapped;
}

int main(int argc, char **argv)
{
    if (argc != 9)
        disk_usage("usage: disk-gate FILE_SYSTEM METHOD FAULT SIZE SEED DISK MOUNT CONTROL");
    struct gate g = {.file_system = argv[1],
                     .method = disk_method_of(argv[2]),
                     .fault = argv[3],
                     .at_once = strcmp(argv[4], "large") == 0 ? LARGE : 1,
                     .expectation = {.seed = disk_number_of(argv[5]), .first_most = 1},
                     .mount = argv[7],
                     .profile = disk_profile_of("request"),
                     .control = map_control(argv[8])};
    double begun = disk_now();
    signal(SIGALRM, hung);
    alarm(HUNG_SECONDS);
    must(disk_device_open(argv[6], &g.device), "no loop device is to be had");
    begin(&g);
    break_it(&g);
    reopen(&g);
    look_afterwards(&g);
    disk_device_detach(&g.device);
    struct disk_line line = {.part = "gate",
                             .file_system = argv[1],
                             .method = argv[2],
                             .profile = argv[3],
                             .tried = 1,
                             .violations = g.violations,
                             .seconds = disk_now() - begun};
    snprintf(line.note, sizeof line.note,
             "%s, %" PRIu64 " faults, %" PRIu64 " records acknowledged, synced again %" PRIu64 "%s", argv[4], g.faults,
             g.expectation.durable, g.again, g.reopened ? ", opened again at once" : "");
    disk_line_print(&line);
    return g.violations > 0;
}
