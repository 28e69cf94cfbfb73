/* A machine and its disk, as processes. See machine.h.
 *
 * SPDX-License-Identifier: MIT */
#include "machine.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "entries.h"

enum { TRIES = 1000, PAUSE_NS = 10 * 1000 * 1000 };
#define LOG_ROOM (INT64_C(4) << 30) /* bytes; it is sparse */

/* In a child: goes to directory, becomes the program, and dies with its parent. What it has to say, of a client that
 * is no more for instance, is kept there. */
static _Noreturn void become(const char *directory, char *const *arguments)
{
    int said = -1;

    if (chdir(directory) == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0)
        said = open("said", O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (said >= 0 && dup2(said, STDERR_FILENO) == STDERR_FILENO)
        execvp(arguments[0], arguments);
    fprintf(stderr, "%s cannot be started: %s\n", arguments[0], strerror(errno));
    _exit(127);
}

static pid_t start_disk(const char *directory)
{
    static char *const arguments[] = {
        "qemu-storage-daemon", "--blockdev", "driver=file,node-name=file,filename=disk", "--blockdev",
        "driver=file,node-name=log,filename=log", "--blockdev",
        "driver=blklogwrites,node-name=both,file=file,log=log,log-sector-size=512,log-super-update-interval=1",
        "--nbd-server", "addr.type=unix,addr.path=socket", "--export",
        "type=nbd,id=export,node-name=both,name=disk,writable=on",
        /* Made when it is ready. */
        "--pidfile", "server", NULL};
    pid_t child = fork();

    if (child == 0)
        become(directory, arguments);
    return child < 0 ? -errno : child;
}

static pid_t start_machine(const char *directory, int in, int out, int memory)
{
    /* As scripts/test-vm starts the one whose memory is saved. */
    char incoming[20];
    char *const arguments[] = {"qemu-system-x86_64",
                               "-M",
                               "q35",
                               "-cpu",
                               "max",
                               "-accel",
                               "tcg",
                               "-m",
                               "256",
                               "-smp",
                               "2",
                               "-display",
                               "none",
                               "-nodefaults",
                               "-no-reboot",
                               "-serial",
                               "file:console",
                               "-serial",
                               "stdio",
                               "-blockdev",
                               "driver=nbd,node-name=disk,server.type=unix,server.path=socket,export=disk",
                               "-device",
                               "virtio-blk-pci,drive=disk",
                               "-incoming",
                               incoming,
                               NULL};
    pid_t child = fork();

    if (child != 0)
        return child < 0 ? -errno : child;
    snprintf(incoming, sizeof incoming, "fd:%d", memory);
    if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 || fcntl(memory, F_SETFD, 0) < 0)
        _exit(127);
    become(directory, arguments);
}

static bool is_there(int directory, const char *name)
{
    struct stat status;

    return fstatat(directory, name, &status, 0) == 0 && (S_ISSOCK(status.st_mode) || status.st_size > 0);
}

static int wait_for_disk(int directory, pid_t disk)
{
    for (int i = 0; i < TRIES; i++) {
        if (is_there(directory, "server") && is_there(directory, "socket"))
            return 0;
        if (waitpid(disk, NULL, WNOHANG) == disk)
            return -ECHILD;
        nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
    }
    return -ETIMEDOUT;
}

/* A new block log, and no socket of the disk before. */
static int prepare(int directory, struct vm_machine *machine)
{
    static const char *const old[] = {"log", "server", "socket"};

    for (size_t i = 0; i < sizeof old / sizeof old[0]; i++)
        if (unlinkat(directory, old[i], 0) < 0 && errno != ENOENT)
            return -errno;
    machine->block_log = openat(directory, "log", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (machine->block_log < 0 || ftruncate(machine->block_log, LOG_ROOM) < 0)
        return -errno;
    return 0;
}

static int connect_machine(const char *path, int directory, struct vm_machine *machine)
{
    int in[2];
    int out[2];
    int memory = openat(directory, "memory", O_RDONLY | O_CLOEXEC);

    if (memory < 0 || pipe2(in, O_CLOEXEC) < 0)
        return -errno;
    machine->to = in[1];
    if (pipe2(out, O_CLOEXEC) < 0)
        return -errno;
    machine->from = out[0];
    machine->machine = start_machine(path, in[0], out[1], memory);
    close(in[0]);
    close(out[1]);
    close(memory);
    return machine->machine < 0 ? machine->machine : 0;
}

int vm_machine_start(const char *path, struct vm_machine *machine)
{
    int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    *machine = (struct vm_machine){.disk = -1, .machine = -1, .to = -1, .from = -1, .block_log = -1};
    if (directory < 0)
        return -errno;
    int rc = prepare(directory, machine);
    if (rc == 0)
        machine->disk = start_disk(path);
    if (rc == 0)
        rc = machine->disk < 0 ? machine->disk : wait_for_disk(directory, machine->disk);
    if (rc == 0)
        rc = connect_machine(path, directory, machine);
    close(directory);
    if (rc < 0)
        vm_machine_stop(machine);
    return rc;
}

/* A line out of what was heard. */
static bool take_line(struct vm_machine *machine, char *line)
{
    char *end = memchr(machine->heard, '\n', machine->heard_bytes);

    if (!end)
        return false;
    size_t length = (size_t)(end - machine->heard);
    snprintf(line, VM_LINE_MOST, "%.*s", (int)length, machine->heard);
    machine->heard_bytes -= length + 1;
    memmove(machine->heard, end + 1, machine->heard_bytes);
    return true;
}

int vm_machine_hear(struct vm_machine *machine, int milliseconds, char *line)
{
    struct pollfd wanted = {.fd = machine->from, .events = POLLIN};

    while (!take_line(machine, line)) {
        if (machine->heard_bytes == sizeof machine->heard)
            return -EINVAL;
        int ready = poll(&wanted, 1, milliseconds);
        if (ready <= 0)
            return ready < 0 ? -errno : -ETIMEDOUT;
        ssize_t got =
            read(machine->from, machine->heard + machine->heard_bytes, sizeof machine->heard - machine->heard_bytes);
        if (got <= 0)
            return got < 0 ? -errno : -EPIPE;
        machine->heard_bytes += (size_t)got;
    }
    return 0;
}

void vm_machine_answer(struct vm_machine *machine, const char *text)
{
    ssize_t done = write(machine->to, text, strlen(text));

    (void)done; /* that it is no more is noticed when nothing is heard */
}

int vm_machine_entries(const struct vm_machine *machine, uint64_t *count)
{
    return disk_entries_count(machine->block_log, count);
}

static void end(pid_t *child, int signal)
{
    if (*child <= 0)
        return;
    kill(*child, signal);
    while (waitpid(*child, NULL, 0) < 0 && errno == EINTR)
        ;
    *child = -1;
}

void vm_machine_cut(struct vm_machine *machine)
{
    end(&machine->machine, SIGKILL);
}

void vm_machine_end_disk(struct vm_machine *machine)
{
    end(&machine->disk, SIGTERM);
}

static void shut(int *file)
{
    if (*file >= 0)
        close(*file);
    *file = -1;
}

void vm_machine_stop(struct vm_machine *machine)
{
    vm_machine_cut(machine);
    vm_machine_end_disk(machine);
    shut(&machine->to);
    shut(&machine->from);
    shut(&machine->block_log);
}
