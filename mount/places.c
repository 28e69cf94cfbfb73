/* What a name of the mount is in BACKING, and what the kernel is told of it. See requests.h.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "requests.h"

static bool ends_in_suffix(const struct mount *mount, const char *name)
{
    const char *suffix = mount->content->suffix;
    size_t length = strlen(name), of_suffix = strlen(suffix);

    return of_suffix > 0 && length >= of_suffix && strcmp(name + length - of_suffix, suffix) == 0;
}

static bool is_hidden(const struct mount *mount, const struct node *directory, const char *name)
{
    if (directory != &mount->tree.root)
        return false;
    for (const char *const *hidden = mount->content->hidden; hidden && *hidden; hidden++)
        if (strcmp(name, *hidden) == 0)
            return true;
    return false;
}

static bool is_statistics(const struct mount *mount, const struct node *directory, const char *name)
{
    return directory == &mount->tree.root && strcmp(name, STATISTICS_NAME) == 0;
}

static bool is_file_of_content(const struct mount *mount, const struct stat *st)
{
    return *mount->content->suffix ? S_ISDIR(st->st_mode) : S_ISREG(st->st_mode);
}

/* 1: something is called so in BACKING, and what was said of it is in place->st. */
static int look(struct place *place, const char *name)
{
    if (fstatat(place->parent, name, &place->st, AT_SYMLINK_NOFOLLOW) == 0)
        return 1;
    return errno == ENOENT ? 0 : -errno;
}

int place_find(struct mount *mount, const struct node *directory, const char *name, struct place *place)
{
    const char *suffix = mount->content->suffix;
    int rc = 0;

    *place = (struct place){.parent = directory->fd, .name = name};
    if (snprintf(place->file, sizeof place->file, "%s%s", name, suffix) >= (int)sizeof place->file)
        place->file[0] = '\0';
    if (is_hidden(mount, directory, name) || ends_in_suffix(mount, name))
        return 0;
    if (place->file[0])
        rc = look(place, place->file);
    place->is_file = rc > 0 && is_file_of_content(mount, &place->st);
    /* Without a suffix that was the name already. */
    if (!place->is_file && *suffix)
        rc = look(place, name);
    place->is_there = rc > 0;
    return rc < 0 ? rc : 0;
}

int place_check_new(struct mount *mount, const struct node *directory, const char *name)
{
    if (is_hidden(mount, directory, name) || is_statistics(mount, directory, name))
        return -EPERM;
    return ends_in_suffix(mount, name) ? -EINVAL : 0;
}

static int take_node(struct mount *mount, const struct place *place, struct node **node)
{
    struct stat st;
    int fd = openat(place->parent, place_backing(place), O_PATH | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0)
        return -errno;
    if (fstat(fd, &st) != 0) {
        int rc = -errno;
        close(fd);
        return rc;
    }
    /* It may have been replaced since it was looked for. */
    bool is_file = place->is_file && is_file_of_content(mount, &st);
    return tree_take(mount, fd, &st, is_file, node);
}

static int fill_entry(struct mount *mount, struct node *node, struct fuse_entry_param *entry)
{
    double told_for = node == &mount->tree.statistics ? 0 : TOLD_FOR;

    memset(entry, 0, sizeof *entry);
    entry->ino = tree_number(mount, node);
    entry->attr_timeout = entry->entry_timeout = told_for;
    return node_attributes(mount, node, &entry->attr);
}

int place_enter(struct mount *mount, const struct place *place, struct fuse_entry_param *entry)
{
    struct node *node = NULL;

    int rc = take_node(mount, place, &node);
    if (rc < 0)
        return rc;
    rc = fill_entry(mount, node, entry);
    if (rc < 0)
        tree_leave(mount, node, 1);
    return rc;
}

int place_own(struct mount *mount, const struct place *place, int fd, const struct fuse_ctx *caller, mode_t mode)
{
    struct stat parent;
    int base = fd >= 0 ? fd : place->parent, flags = fd >= 0 ? AT_EMPTY_PATH : AT_SYMLINK_NOFOLLOW;
    const char *name = fd >= 0 ? "" : place_backing(place);

    if (!mount->is_root || (caller->uid == 0 && caller->gid == 0))
        return 0;
    if (fstat(place->parent, &parent) != 0)
        return -errno;
    /* In a setgid directory the file system has chosen the group. */
    if (fchownat(base, name, caller->uid, parent.st_mode & S_ISGID ? (gid_t)-1 : caller->gid, flags) != 0)
        return -errno;
    return mode & (S_ISUID | S_ISGID) && fchmodat(place->parent, place_backing(place), mode, 0) != 0 ? -errno : 0;
}

void request_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
    struct mount *mount = request_mount(req);
    struct node *directory = request_node(req, parent);
    struct fuse_entry_param entry;
    struct place place;
    int rc;

    if (is_statistics(mount, directory, name)) {
        rc = fill_entry(mount, &mount->tree.statistics, &entry);
    } else {
        request_count(req, REQUEST_LOOKUP);
        rc = place_find(mount, directory, name, &place);
        if (rc == 0)
            rc = place.is_there ? place_enter(mount, &place, &entry) : -ENOENT;
    }
    if (rc == 0)
        fuse_reply_entry(req, &entry);
    else
        reply_code(req, rc);
}

void request_forget(fuse_req_t req, fuse_ino_t number, uint64_t holds)
{
    tree_leave(request_mount(req), request_node(req, number), holds);
    fuse_reply_none(req);
}

void request_forget_multi(fuse_req_t req, size_t count, struct fuse_forget_data *forgets)
{
    for (size_t i = 0; i < count; i++)
        tree_leave(request_mount(req), request_node(req, forgets[i].ino), forgets[i].nlookup);
    fuse_reply_none(req);
}
