/* A file that is there whole or not at all: written beside its name, made durable, then renamed.
 *
 * SPDX-License-Identifier: MIT */
#ifndef EXPORT_FILE_H
#define EXPORT_FILE_H

#include <stdbool.h>
#include <stddef.h>

struct export_file {
    int directory; /* where it is to stand */
    int fd;
    char *name, *beside; /* in the directory: its own, and that under which it is written */
};

/* Begins a file that is to have this path: beside it, as PATH.tmp-PID-0. It has mode 0600 less the umask, as a log's
 * files do. 0 or -errno; -EEXIST: there is such a file, and it is not to be replaced. */
int export_file_open(struct export_file *file, const char *path, bool replace);

/* All of it, whatever the kernel takes at once. */
int export_file_write(struct export_file *file, const void *data, size_t length);

/* Durable, under its own name, and that durable too. 0, or -errno, and nothing is left then. Closes it either way. */
int export_file_finish(struct export_file *file, bool replace);

/* A directory for such files, made if it is missing, and locked for as long as the descriptor is open; what files that
 * were never finished left in it goes. The descriptor, or -errno; -EWOULDBLOCK: another process has it. */
int export_directory_open(const char *path);

/* As if it had not been begun. */
void export_file_abandon(struct export_file *file);

#endif
