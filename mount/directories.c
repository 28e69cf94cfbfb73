/* Reading directories.
 *
 * SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "requests.h"

struct listing {
    DIR *stream;
    pthread_mutex_t lock; /* two threads may read from one descriptor */
    off_t offset;         /* of the stream */
    struct dirent *entry; /* read, and not yet given */
};

static struct listing *listing_of(const struct fuse_file_info *info)
{
    return (struct listing *)(uintptr_t)info->fh;
}

static DIR *open_stream(const struct node *node)
{
    int fd = openat(node->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;

    if (fd >= 0 && !stream)
        close(fd);
    return stream;
}

/* NULL: errno says why. */
static struct listing *open_listing(const struct node *node)
{
    DIR *stream = open_stream(node);
    struct listing *listing = stream ? calloc(1, sizeof *listing) : NULL;

    if (stream && !listing)
        closedir(stream);
    if (!listing)
        return NULL;
    listing->stream = stream;
    pthread_mutex_init(&listing->lock, NULL);
    return listing;
}

void request_opendir(fuse_req_t req, fuse_ino_t number, struct fuse_file_info *info)
{
    request_count(req, REQUEST_OTHER);
    struct listing *listing = open_listing(request_node(req, number));
    if (!listing) {
        reply_code(req, -errno);
        return;
    }
    info->fh = (uintptr_t)listing;
    fuse_reply_open(req, info);
}

/* The name that an entry of BACKING has in the mount, cut off in place if need be. False: the mount does not have it. */
static bool show(struct mount *mount, const struct node *directory, struct dirent *entry, struct place *place)
{
    const char *suffix = mount->content->suffix;
    size_t length = strlen(entry->d_name), of_suffix = strlen(suffix);

    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
        return true;
    if (directory == &mount->tree.root && strcmp(entry->d_name, STATISTICS_NAME) == 0)
        return false;
    if (of_suffix == 0 && entry->d_type != DT_UNKNOWN) {
        *place = (struct place){.parent = directory->fd, .name = entry->d_name, .is_there = true};
        place->is_file = entry->d_type == DT_REG;
        snprintf(place->file, sizeof place->file, "%s", entry->d_name);
        place->st.st_mode = (mode_t)DTTOIF(entry->d_type);
        return true;
    }
    bool is_file = of_suffix > 0 && length > of_suffix && strcmp(entry->d_name + length - of_suffix, suffix) == 0;
    if (is_file)
        entry->d_name[length - of_suffix] = '\0';
    if (place_find(mount, directory, entry->d_name, place) < 0 || !place->is_there)
        return false;
    /* What has the name of a file of the content's as well is hidden by that. */
    return *suffix ? place->is_file == is_file : true;
}

/* Without attributes: the kernel asks for them. */
static struct fuse_entry_param bare_entry(const struct dirent *entry, const struct place *place)
{
    struct fuse_entry_param told = {.attr = {.st_ino = entry->d_ino, .st_mode = S_IFDIR}}; /* . and .. */

    if (place->name)
        told.attr.st_mode = place->is_file ? S_IFREG : place->st.st_mode & S_IFMT;
    return told;
}

/* Adds one entry; more than room: it did not fit. */
static size_t add(fuse_req_t req, bool plus, char *at, size_t room, const struct dirent *entry,
                  const struct place *place)
{
    struct mount *mount = request_mount(req);
    struct fuse_entry_param told = bare_entry(entry, place);

    if (!plus)
        return fuse_add_direntry(req, at, room, entry->d_name, &told.attr, entry->d_off);
    if (place->name && place_enter(mount, place, &told) < 0)
        told = bare_entry(entry, place);
    size_t size = fuse_add_direntry_plus(req, at, room, entry->d_name, &told, entry->d_off);
    if (size > room && told.ino)
        tree_leave(mount, tree_node(mount, told.ino), 1);
    return size;
}

/* Bytes of entries, or -errno. */
static ssize_t fill(fuse_req_t req, const struct node *directory, struct listing *l, off_t offset, bool plus,
                    char *bytes, size_t room)
{
    struct mount *mount = request_mount(req);
    size_t used = 0;

    if (offset != l->offset) {
        seekdir(l->stream, offset);
        l->entry = NULL;
        l->offset = offset;
    }
    while (true) {
        struct place place = {.name = NULL};
        errno = 0;
        if (!l->entry && !(l->entry = readdir(l->stream)))
            return used > 0 || errno == 0 ? (ssize_t)used : -errno;
        if (show(mount, directory, l->entry, &place)) {
            size_t size = add(req, plus, bytes + used, room - used, l->entry, &place);
            if (size > room - used)
                break;
            used += size;
        }
        l->offset = l->entry->d_off;
        l->entry = NULL;
    }
    /* Its name may have been cut off: it is read anew. */
    l->entry = NULL;
    seekdir(l->stream, l->offset);
    return (ssize_t)used;
}

static void read_listing(fuse_req_t req, fuse_ino_t number, size_t size, off_t offset,
                         const struct fuse_file_info *info, bool plus)
{
    struct listing *listing = listing_of(info);
    char *bytes = malloc(size);
    ssize_t used = -ENOMEM;

    request_count(req, REQUEST_OTHER);
    if (bytes) {
        pthread_mutex_lock(&listing->lock);
        used = fill(req, request_node(req, number), listing, offset, plus, bytes, size);
        pthread_mutex_unlock(&listing->lock);
    }
    if (used < 0)
        reply_code(req, (int)used);
    else
        fuse_reply_buf(req, bytes, (size_t)used);
    free(bytes);
}

void request_readdir(fuse_req_t req, fuse_ino_t number, size_t size, off_t offset, struct fuse_file_info *info)
{
    read_listing(req, number, size, offset, info, false);
}

void request_readdirplus(fuse_req_t req, fuse_ino_t number, size_t size, off_t offset, struct fuse_file_info *info)
{
    read_listing(req, number, size, offset, info, true);
}

void request_releasedir(fuse_req_t req, fuse_ino_t number, struct fuse_file_info *info)
{
    struct listing *listing = listing_of(info);

    (void)number;
    request_count(req, REQUEST_OTHER);
    closedir(listing->stream);
    pthread_mutex_destroy(&listing->lock);
    free(listing);
    reply_code(req, 0);
}

void request_fsyncdir(fuse_req_t req, fuse_ino_t number, int only_data, struct fuse_file_info *info)
{
    int fd = dirfd(listing_of(info)->stream);

    (void)number;
    request_count(req, REQUEST_FSYNC);
    reply_code(req, (only_data ? fdatasync(fd) : fsync(fd)) == 0 ? 0 : -errno);
}
