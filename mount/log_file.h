/* What the mode log knows of one file: its bytes in a log, who has it open, and what must still be done for it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MOUNT_LOG_FILE_H
#define MOUNT_LOG_FILE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "bytes/file.h"
#include "mount.h"

struct log_file {
    struct bytes_file *bytes; /* NULL: the log cannot be read at all, */
    int code;                 /* for this reason */
    _Atomic int said;         /* the last code that a sentence was said about */

    /* Under the node's lock. */
    unsigned writers; /* open files */
    bool lingers;     /* its log is open, and nobody writes to it any more */
    bool fresh;       /* appended to since it was settled last */
    bool nameless;    /* it was made, and its name in BACKING may not be durable yet */
    bool removed;     /* it lies among those that were unlinked while open */
    bool has_times;   /* set by utimens after the last append */
    struct timespec times[2];
    uint64_t stored; /* bytes given to BACKING that were counted */
};

/* What the mode log knows of all files: mount->state. */
struct log_mode {
    _Atomic uint64_t lingerers; /* logs that wait for a writer to come back */
    int failure;                /* at the end: the first log that could not be closed as it should, -errno */
};

/* A path that leads to the node's log, whatever it is called meanwhile. */
enum { LOG_PATH_TEXT = 40 };
const char *log_path(const struct node *node, char text[LOG_PATH_TEXT]);

/* The file of a node, made when it is first asked for. -ENOMEM, -EMFILE, ...: not now; what is wrong with the log itself is
 * log_file->code. */
int log_file_of(struct mount *mount, struct node *node, struct log_file **file);

/* -errno for what quire said of the node's log, after a sentence to whoever looks after the mount, once for each code. */
int log_errno(struct node *node, int code);

/* Counts what was given to BACKING since the last time. */
void log_count_stored(struct mount *mount, struct log_file *file);

/* Puts the times of utimens to the log again, after it was written to without an append. */
void log_keep_times(struct node *node, struct log_file *file);

/* times: as of utimensat; taken: what they are then. */
int log_set_times(const struct node *node, const struct timespec times[2], struct timespec taken[2]);

#endif
