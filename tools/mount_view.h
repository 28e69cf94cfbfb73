/* What a mount says of itself, in .quire.stats: read, and looked up in.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_MOUNT_VIEW_H
#define TOOLS_MOUNT_VIEW_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* The absolute path of a directory, also of one where a dead mount is. 0 or -errno. */
int mount_view_path(const char *given, char path[PATH_MAX]);

/* Memory that the caller frees; NULL: errno says why, ENOTCONN that the daemon is dead. */
char *mount_view_read(const char *mountpoint);

/* What is behind "name":, 0 if nothing is. */
uint64_t mount_view_number(const char *text, const char *name);

/* text of that, cut off where it does not fit; "" for null. */
const char *mount_view_text(const char *text, const char *name, char *value, size_t size);

/* All of it in words. */
void mount_view_print(const char *text, FILE *out);

/* All of it as JSON, laid out. 0 or -errno. In a build without jansson -ENOTSUP. */
int mount_view_print_json(const char *text, FILE *out);

#endif
