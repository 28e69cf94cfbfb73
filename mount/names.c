/* Making, moving and taking away what has a name.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "durable.h"
#include "requests.h"

static void reply_entry(fuse_req_t req, int rc, const struct fuse_entry_param *entry)
{
    if (rc == 0)
        fuse_reply_entry(req, entry);
    else
        reply_code(req, rc);
}

/* The place for something that is no file of the content's, under a name that is free. The directory counts as changed. */
static int find_free(struct mount *mount, struct node *directory, const char *name, struct place *place)
{
    int rc = place_check_new(mount, directory, name);

    if (rc == 0)
        rc = place_find(mount, directory, name, place);
    durable_mark(mount, directory);
    return rc == 0 && place->is_there ? -EEXIST : rc;
}

/* made: 0, or what making it said in errno. */
static int enter_made(fuse_req_t req, int made, struct place *place, mode_t mode, struct fuse_entry_param *entry)
{
    struct mount *mount = request_mount(req);

    if (made != 0)
        return -errno;
    int rc = place_own(mount, place, -1, fuse_req_ctx(req), mode);
    return rc == 0 ? place_enter(mount, place, entry) : rc;
}

void request_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode)
{
    struct place place;
    struct fuse_entry_param entry;

    request_count(req, REQUEST_OTHER);
    int rc = find_free(request_mount(req), request_node(req, parent), name, &place);
    if (rc == 0)
        rc = enter_made(req, mkdirat(place.parent, name, mode), &place, 0, &entry);
    reply_entry(req, rc, &entry);
}

void request_symlink(fuse_req_t req, const char *target, fuse_ino_t parent, const char *name)
{
    struct place place;
    struct fuse_entry_param entry;

    request_count(req, REQUEST_OTHER);
    int rc = find_free(request_mount(req), request_node(req, parent), name, &place);
    if (rc == 0)
        rc = enter_made(req, symlinkat(target, place.parent, name), &place, 0, &entry);
    reply_entry(req, rc, &entry);
}

void request_mknod(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, dev_t device)
{
    struct mount *mount = request_mount(req);
    struct place place;
    struct fuse_entry_param entry;
    int rc;

    request_count(req, REQUEST_OTHER);
    if (S_ISREG(mode)) {
        rc = file_make(mount, fuse_req_ctx(req), request_node(req, parent), name, mode, &entry);
    } else {
        rc = find_free(mount, request_node(req, parent), name, &place);
        if (rc == 0)
            rc = enter_made(req, mknodat(place.parent, name, mode, device), &place, mode & 07777, &entry);
    }
    reply_entry(req, rc, &entry);
}

static int link_file(struct mount *mount, const struct node *node, const struct place *place)
{
    char path[sizeof "/proc/self/fd/" + 3 * sizeof(int)];

    /* A directory, which a file of such a content is, has one name. */
    if (node == &mount->tree.statistics || (node->content && *node->content->suffix))
        return -EPERM;
    snprintf(path, sizeof path, "/proc/self/fd/%d", node->fd);
    if (linkat(AT_FDCWD, path, place->parent, place->name, AT_SYMLINK_FOLLOW) != 0)
        return -errno;
    return 0;
}

void request_link(fuse_req_t req, fuse_ino_t number, fuse_ino_t parent, const char *name)
{
    struct mount *mount = request_mount(req);
    struct node *node = request_node(req, number);
    struct place place;
    struct fuse_entry_param entry;

    request_count(req, REQUEST_OTHER);
    int rc = find_free(mount, request_node(req, parent), name, &place);
    if (rc == 0)
        rc = link_file(mount, node, &place);
    place.is_file = node->content == mount->content;
    if (rc == 0)
        rc = place_enter(mount, &place, &entry);
    reply_entry(req, rc, &entry);
}

void request_readlink(fuse_req_t req, fuse_ino_t number)
{
    char target[PATH_MAX + 1];

    request_count(req, REQUEST_OTHER);
    ssize_t length = readlinkat(request_node(req, number)->fd, "", target, sizeof target - 1);
    if (length < 0) {
        reply_code(req, -errno);
        return;
    }
    target[length] = '\0';
    fuse_reply_readlink(req, target);
}

/* What is there now, for taking it away or moving it. The directory counts as changed. */
static int find_there(struct mount *mount, struct node *directory, const char *name, struct place *place)
{
    int rc = place_check_new(mount, directory, name);

    if (rc == -EINVAL) /* is not of the mount, whatever BACKING has */
        return -ENOENT;
    if (rc == 0)
        rc = place_find(mount, directory, name, place);
    durable_mark(mount, directory);
    return rc == 0 && !place->is_there ? -ENOENT : rc;
}

static int remove_file(struct mount *mount, const struct place *place)
{
    if (!place->is_file || !mount->content->remove)
        return unlinkat(place->parent, place->name, 0) == 0 ? 0 : -errno;
    struct node *node = tree_find(mount, &place->st);
    int rc = mount->content->remove(mount, place, node);
    if (node)
        tree_leave(mount, node, 1);
    return rc;
}

void request_unlink(fuse_req_t req, fuse_ino_t parent, const char *name)
{
    struct mount *mount = request_mount(req);
    struct place place;

    request_count(req, REQUEST_OTHER);
    int rc = find_there(mount, request_node(req, parent), name, &place);
    if (rc == 0)
        rc = remove_file(mount, &place);
    reply_code(req, rc);
}

void request_rmdir(fuse_req_t req, fuse_ino_t parent, const char *name)
{
    struct mount *mount = request_mount(req);
    struct place place;

    request_count(req, REQUEST_OTHER);
    int rc = find_there(mount, request_node(req, parent), name, &place);
    if (rc == 0 && place.is_file)
        rc = -ENOTDIR;
    if (rc == 0 && unlinkat(place.parent, place.name, AT_REMOVEDIR) != 0)
        rc = -errno;
    reply_code(req, rc);
}

static int move(struct mount *mount, const struct place *from, const struct place *to, unsigned flags)
{
    /* RENAME_WHITEOUT is for file systems below others. */
    if (flags & ~(unsigned)(RENAME_NOREPLACE | RENAME_EXCHANGE))
        return -EINVAL;
    if (!mount->content->rename || !(from->is_file || to->is_file))
        return renameat2(from->parent, from->name, to->parent, to->name, flags) == 0 ? 0 : -errno;
    struct node *replaced = to->is_there ? tree_find(mount, &to->st) : NULL;
    int rc = mount->content->rename(mount, from, to, flags, replaced);
    if (replaced)
        tree_leave(mount, replaced, 1);
    return rc;
}

void request_rename(fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t new_parent, const char *new_name,
                    unsigned flags)
{
    struct mount *mount = request_mount(req);
    struct node *to_directory = request_node(req, new_parent);
    struct place from, to;

    request_count(req, REQUEST_OTHER);
    int rc = find_there(mount, request_node(req, parent), name, &from);
    if (rc == 0)
        rc = place_check_new(mount, to_directory, new_name);
    if (rc == 0)
        rc = place_find(mount, to_directory, new_name, &to);
    durable_mark(mount, to_directory);
    reply_code(req, rc == 0 ? move(mount, &from, &to, flags) : rc);
}
