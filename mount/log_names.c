/* Names of logs. See log_names.h.
 *
 * A directory is not taken away at once, as a file is, nor replaced by rename. So a log that goes is first moved, under the
 * number of its inode, to a directory that the mount does not show, and deleted there: at once, or when the kernel has
 * forgotten it. What a killed daemon left there goes at the next start.
 *
 * SPDX-License-Identifier: MIT */
#include "log_names.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "log_file.h"

#define REMOVED ".quire-removed"

enum { REMOVED_TEXT = sizeof REMOVED + 24 };

const char *const log_names_hidden[] = {REMOVED, NULL};

static const char *removed_path(ino_t inode, char text[REMOVED_TEXT])
{
    snprintf(text, REMOVED_TEXT, REMOVED "/%" PRIu64, (uint64_t)inode);
    return text;
}

/* A log has no directories in it. 0 or -errno. */
static int delete_log(int parent, const char *name)
{
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), rc = 0;
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;

    if (!directory) {
        rc = -errno;
        if (fd >= 0)
            close(fd);
        return rc;
    }
    while ((entry = readdir(directory)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 && unlinkat(fd, entry->d_name, 0) < 0)
            rc = -errno;
    closedir(directory);
    return unlinkat(parent, name, AT_REMOVEDIR) < 0 && rc == 0 ? -errno : rc;
}

static void empty_removed(const struct mount *mount)
{
    int fd = openat(mount->backing, REMOVED, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;

    if (!directory) {
        if (fd >= 0)
            close(fd);
        return;
    }
    while ((entry = readdir(directory)))
        if (entry->d_name[0] != '.')
            delete_log(fd, entry->d_name); /* what stays is tried again the next time */
    closedir(directory);
}

void log_names_start(const struct mount *mount)
{
    if (mount->is_read_only)
        return;
    empty_removed(mount);
    /* Before the disk is full: taking files away is how room is made. Without it a file cannot be removed, and that says why.
     */
    (void)mkdirat(mount->backing, REMOVED, 0700);
}

void log_names_stop(const struct mount *mount)
{
    if (!mount->is_read_only)
        unlinkat(mount->backing, REMOVED, AT_REMOVEDIR); /* unless something stayed */
}

int log_names_create(struct mount *mount, const struct place *place, mode_t mode, int flags, int *fd)
{
    (void)flags;
    if (mkdirat(place->parent, place->file, mount->content->backing_mode(mode)) < 0)
        return -errno;
    int made = openat(place->parent, place->file, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (made < 0)
        return -errno;
    *fd = made;
    return 0;
}

/* Moves a log out of sight. */
static int set_aside(const struct mount *mount, int parent, const char *name, ino_t inode)
{
    char path[REMOVED_TEXT];

    return renameat(parent, name, mount->backing, removed_path(inode, path)) < 0 ? -errno : 0;
}

static bool is_known(struct node *node)
{
    if (!node)
        return false;
    pthread_mutex_lock(&node->lock);
    struct log_file *file = node->state;
    if (file)
        file->removed = true;
    pthread_mutex_unlock(&node->lock);
    return file != NULL;
}

static int remove_log(struct mount *mount, int parent, const char *name, ino_t inode, struct node *node)
{
    char path[REMOVED_TEXT];
    int rc = set_aside(mount, parent, name, inode);

    /* What cannot be deleted now is out of sight, and tried again at the next start. */
    if (rc == 0 && !is_known(node))
        delete_log(mount->backing, removed_path(inode, path));
    return rc;
}

int log_names_remove(struct mount *mount, const struct place *place, struct node *node)
{
    return remove_log(mount, place->parent, place->file, place->st.st_ino, node);
}

void log_names_delete(struct mount *mount, const struct node *node)
{
    char path[REMOVED_TEXT];

    delete_log(mount->backing, removed_path(node->inode, path));
}

/* Over another log: they change places, so that there is a file under the name at every moment, and the other one goes. */
static int replace_log(struct mount *mount, const struct place *from, const struct place *to, struct node *replaced)
{
    if (renameat2(from->parent, from->file, to->parent, to->file, RENAME_EXCHANGE) == 0)
        return remove_log(mount, from->parent, from->file, to->st.st_ino, replaced);
    if (errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP)
        return -errno;
    int rc = remove_log(mount, to->parent, to->file, to->st.st_ino, replaced);
    return rc == 0 && renameat(from->parent, from->file, to->parent, to->file) < 0 ? -errno : rc;
}

/* A log over something that has a name of another kind, or over nothing. */
static int move_log(const struct place *from, const struct place *to)
{
    if (to->is_there && S_ISDIR(to->st.st_mode))
        return -EISDIR;
    if (renameat(from->parent, from->file, to->parent, to->file) < 0)
        return -errno;
    return to->is_there && unlinkat(to->parent, to->name, 0) < 0 ? -errno : 0;
}

/* A link, or a regular file, over a log. */
static int move_over_log(struct mount *mount, const struct place *from, const struct place *to, struct node *replaced)
{
    if (S_ISDIR(from->st.st_mode))
        return -ENOTDIR;
    if (renameat(from->parent, from->name, to->parent, to->name) < 0)
        return -errno;
    return remove_log(mount, to->parent, to->file, to->st.st_ino, replaced);
}

static int exchange(const struct place *from, const struct place *to)
{
    if (!to->is_there)
        return -ENOENT;
    /* Their names in BACKING are not each other's. */
    if (!from->is_file || !to->is_file)
        return -EINVAL;
    return renameat2(from->parent, from->file, to->parent, to->file, RENAME_EXCHANGE) < 0 ? -errno : 0;
}

int log_names_rename(struct mount *mount, const struct place *from, const struct place *to, unsigned flags,
                     struct node *replaced)
{
    if (from->is_file && !to->file[0])
        return -ENAMETOOLONG;
    if (flags & RENAME_EXCHANGE)
        return exchange(from, to);
    if (flags & RENAME_NOREPLACE && to->is_there)
        return -EEXIST;
    if (from->is_file && to->is_file)
        return replace_log(mount, from, to, replaced);
    return from->is_file ? move_log(from, to) : move_over_log(mount, from, to, replaced);
}
