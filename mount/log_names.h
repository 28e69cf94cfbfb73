/* Making, moving and taking away files of the mode log: directories in BACKING that look like files.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MOUNT_LOG_NAMES_H
#define MOUNT_LOG_NAMES_H

#include "mount.h"

/* As struct content has them. */
extern const char *const log_names_hidden[];
int log_names_create(struct mount *mount, const struct place *place, mode_t mode, int flags, int *fd);
int log_names_remove(struct mount *mount, const struct place *place, struct node *node);
int log_names_rename(struct mount *mount, const struct place *from, const struct place *to, unsigned flags,
                     struct node *replaced);

/* What was unlinked while open, and is hidden: emptied at the start, gone at the end unless something has to stay. */
void log_names_start(const struct mount *mount);
void log_names_stop(const struct mount *mount);

/* Deletes the log of a node that was removed while it was known. */
void log_names_delete(struct mount *mount, const struct node *node);

#endif
