/* The mounts of quire in the kernel's table. See table.h.
 *
 * SPDX-License-Identifier: MIT */
#include "table.h"

#include <mntent.h>
#include <stdio.h>
#include <string.h>

bool table_is_mount(const char *mountpoint)
{
    FILE *table = setmntent("/proc/self/mounts", "re");
    bool is_ours = false;

    if (!table)
        return false;
    for (const struct mntent *entry; (entry = getmntent(table));)
        if (strcmp(entry->mnt_dir, mountpoint) == 0)
            is_ours = strcmp(entry->mnt_type, MOUNT_TYPE) == 0;
    endmntent(table);
    return is_ours;
}

bool table_find_backing(const char *backing, char mountpoint[PATH_MAX])
{
    FILE *table = setmntent("/proc/self/mounts", "re");
    bool found = false;

    if (!table)
        return false;
    for (const struct mntent *entry; !found && (entry = getmntent(table));)
        if (strcmp(entry->mnt_type, MOUNT_TYPE) == 0 && strcmp(entry->mnt_fsname, backing) == 0)
            found = snprintf(mountpoint, PATH_MAX, "%s", entry->mnt_dir) < PATH_MAX;
    endmntent(table);
    return found;
}
