/* What goes over the serial line: a line of text for each thing that the machine tells.
 *
 *     up                      the machine runs; its disk is still untouched
 *     mount                   it mounts its disk
 *     open                    it opens the log, and with that recovers it
 *     begin SEQUENCE SEGMENT  and ack, lost, trim, end: the rows of witness.h
 *     failed WHY              something that must not fail
 *
 * Each is answered by a line, before which the machine does not go on: by an empty one, and "up" by its orders:
 *
 *     FILE_SYSTEM METHOD PROFILE SEED GENERATION
 *
 * SPDX-License-Identifier: MIT */
#ifndef VM_LINE_H
#define VM_LINE_H

#include <stddef.h>

#include "witness.h"

enum { VM_LINE_MOST = 200 };

enum vm_line_kind { VM_LINE_UP = 1, VM_LINE_MOUNT, VM_LINE_OPEN, VM_LINE_ROW, VM_LINE_FAILED };

struct vm_line {
    enum vm_line_kind kind;
    struct disk_row row;    /* of VM_LINE_ROW; its position is 0 */
    char why[VM_LINE_MOST]; /* of VM_LINE_FAILED */
};

/* The line of a row, with its newline, in VM_LINE_MOST bytes. */
void vm_line_of_row(const struct disk_row *row, char *text);

/* Reads one line, without its newline. 0, or -EINVAL: it is none of the above. */
int vm_line_read(const char *text, struct vm_line *line);

#endif
