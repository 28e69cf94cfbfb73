/* Lines of the serial line. See line.h.
 *
 * SPDX-License-Identifier: MIT */
#include "line.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const row_names[] = {
    [DISK_ROW_BEGIN] = "begin", [DISK_ROW_DURABLE] = "ack", [DISK_ROW_LOST] = "lost",
    [DISK_ROW_TRIM] = "trim",   [DISK_ROW_END] = "end",
};
enum { ROW_NAMES = sizeof row_names / sizeof row_names[0] };

void vm_line_of_row(const struct disk_row *row, char *text)
{
    snprintf(text, VM_LINE_MOST, "%s %" PRIu64 " %" PRIu64 "\n", row_names[row->kind], row->sequence, row->segment);
}

static int read_row(const char *text, struct disk_row *row)
{
    char name[8];
    int end = 0;

    if (sscanf(text, "%7s %" SCNu64 " %" SCNu64 "%n", name, &row->sequence, &row->segment, &end) != 3 || text[end])
        return -EINVAL;
    for (uint64_t kind = DISK_ROW_BEGIN; kind < ROW_NAMES; kind++)
        if (strcmp(name, row_names[kind]) == 0) {
            row->kind = kind;
            return 0;
        }
    return -EINVAL;
}

int vm_line_read(const char *text, struct vm_line *line)
{
    struct vm_line read = {.kind = VM_LINE_ROW};

    if (strcmp(text, "up") == 0)
        read.kind = VM_LINE_UP;
    else if (strcmp(text, "mount") == 0)
        read.kind = VM_LINE_MOUNT;
    else if (strcmp(text, "open") == 0)
        read.kind = VM_LINE_OPEN;
    else if (strncmp(text, "failed ", 7) == 0) {
        read.kind = VM_LINE_FAILED;
        snprintf(read.why, sizeof read.why, "%s", text + 7);
    } else {
        int rc = read_row(text, &read.row);
        if (rc < 0)
            return rc;
    }
    *line = read;
    return 0;
}
