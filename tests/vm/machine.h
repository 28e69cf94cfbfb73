/* A machine and its disk, as processes: a qemu that goes on from where its memory was saved, and a server of the disk
 * that keeps a block log (entries.h). The power of the machine can be cut, and the disk lives on, so that the block
 * log is whole.
 *
 * In the directory they have: "memory", the machine as it was saved; "disk", which is there; and of their own "log",
 * the block log; "console", what the kernel says; "said", what the programs say; "socket", "server".
 *
 * SPDX-License-Identifier: MIT */
#ifndef VM_MACHINE_H
#define VM_MACHINE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "line.h"

struct vm_machine {
    pid_t disk, machine;
    int to, from;  /* the ends of the serial line */
    int block_log; /* open for reading */
    char heard[4 * VM_LINE_MOST];
    size_t heard_bytes;
};

/* Starts both. 0 or -errno; then nothing runs. */
int vm_machine_start(const char *directory, struct vm_machine *machine);

/* Waits for the next line, without its newline, at most so many milliseconds. 0, -ETIMEDOUT, -EINTR, -EPIPE (the
 * machine is no more) or another -errno. */
int vm_machine_hear(struct vm_machine *machine, int milliseconds, char *line);

/* text ends with a newline. A machine that is no more hears nothing. */
void vm_machine_answer(struct vm_machine *machine, const char *text);

/* How many writes and flushes the disk has ended. 0 or -errno. */
int vm_machine_entries(const struct vm_machine *machine, uint64_t *count);

/* Kills the machine. What it had told the serial line can still be heard. */
void vm_machine_cut(struct vm_machine *machine);

/* Ends the disk: what it has begun, it ends before. */
void vm_machine_end_disk(struct vm_machine *machine);

/* Ends what still runs, and closes all. */
void vm_machine_stop(struct vm_machine *machine);

#endif
