/* The kernel's requests: one function each, by the table in requests.c. What those functions share is here.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MOUNT_REQUESTS_H
#define MOUNT_REQUESTS_H

#define FUSE_USE_VERSION 314
#include <fuse_lowlevel.h>

#include "mount.h"

extern const struct fuse_lowlevel_ops request_table;

static inline struct mount *request_mount(fuse_req_t req)
{
    return fuse_req_userdata(req);
}

static inline struct node *request_node(fuse_req_t req, fuse_ino_t number)
{
    return tree_node(request_mount(req), number);
}

static inline void request_count(fuse_req_t req, enum request_kind kind)
{
    statistics_add(&request_mount(req)->statistics.requests[kind], 1);
}

/* Reading the counters does not count. */
static inline void request_count_on(fuse_req_t req, const struct node *node, enum request_kind kind)
{
    if (node != &request_mount(req)->tree.statistics)
        request_count(req, kind);
}

/* rc: 0 or -errno. */
static inline void reply_code(fuse_req_t req, int rc)
{
    fuse_reply_err(req, -rc);
}

/* How long the kernel may believe what it was told, in seconds: so long a change made straight in BACKING goes unseen. */
#define TOLD_FOR 1.0

/* The most bytes of one read or write request: as many as the kernel ever sends. */
#define READ_MOST ((size_t)1 << 20)
#define WRITE_MOST (1U << 20)

/* places.c */

/* What `name` is in a directory: place->is_there says whether it is anything. -errno: that cannot be told. */
int place_find(struct mount *mount, const struct node *directory, const char *name, struct place *place);

/* 0 if a file or anything else may get this name there. */
int place_check_new(struct mount *mount, const struct node *directory, const char *name);

/* The node of what is there, held once more for the kernel, and all that the kernel is told of it. */
int place_enter(struct mount *mount, const struct place *place, struct fuse_entry_param *entry);

/* What was just made gets the owner of who asked for it, and the bits of mode that chown takes away. fd: it, or -1: by
 * the name that it has in BACKING. */
int place_own(struct mount *mount, const struct place *place, int fd, const struct fuse_ctx *caller, mode_t mode);

/* attributes.c */
int node_attributes(struct mount *mount, struct node *node, struct stat *st);

/* What an ordinary user writes to loses the bits that make it run as its owner or group. */
int node_drop_set_ids(const struct node *node);

/* files.c: all that are open are released, after the last request; and a regular file that mknod asks for. */
void files_close_all(struct mount *mount);
int file_make(struct mount *mount, const struct fuse_ctx *caller, struct node *directory, const char *name, mode_t mode,
              struct fuse_entry_param *entry);

/* One function for each request. */
void request_lookup(fuse_req_t req, fuse_ino_t parent, const char *name);
void request_forget(fuse_req_t req, fuse_ino_t number, uint64_t holds);
void request_forget_multi(fuse_req_t req, size_t count, struct fuse_forget_data *forgets);
void request_readlink(fuse_req_t req, fuse_ino_t number);
void request_mknod(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, dev_t device);
void request_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode);
void request_symlink(fuse_req_t req, const char *target, fuse_ino_t parent, const char *name);
void request_link(fuse_req_t req, fuse_ino_t number, fuse_ino_t parent, const char *name);
void request_unlink(fuse_req_t req, fuse_ino_t parent, const char *name);
void request_rmdir(fuse_req_t req, fuse_ino_t parent, const char *name);
void request_rename(fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t new_parent, const char *new_name,
                    unsigned flags);
void request_getattr(fuse_req_t req, fuse_ino_t number, struct fuse_file_info *info);
void request_setattr(fuse_req_t req, fuse_ino_t number, struct stat *wanted, int which, struct fuse_file_info *info);
void request_statfs(fuse_req_t req, fuse_ino_t number);
void request_opendir(fuse_req_t req, fuse_ino_t number, struct fuse_file_info *info);
void request_readdir(fuse_req_t req, fuse_ino_t number, size_t size, off_t offset, struct fuse_file_info *info);
void request_readdirplus(fuse_req_t req, fuse_ino_t number, size_t size, off_t offset, struct fuse_file_info *info);
void request_releasedir(fuse_req_t req, fuse_ino_t number, struct fuse_file_info *info);
void request_fsyncdir(fuse_req_t req, fuse_ino_t number, int only_data, struct fuse_file_info *info);
void request_create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, struct fuse_file_info *info);
void request_open(fuse_req_t req, fuse_ino_t number, struct fuse_file_info *info);
void request_read(fuse_req_t req, fuse_ino_t number, size_t size, off_t offset, struct fuse_file_info *info);
void request_write(fuse_req_t req, fuse_ino_t number, const char *bytes, size_t size, off_t offset,
                   struct fuse_file_info *info);
void request_flush(fuse_req_t req, fuse_ino_t number, struct fuse_file_info *info);
void request_fsync(fuse_req_t req, fuse_ino_t number, int only_data, struct fuse_file_info *info);
void request_release(fuse_req_t req, fuse_ino_t number, struct fuse_file_info *info);
void request_fallocate(fuse_req_t req, fuse_ino_t number, int mode, off_t offset, off_t length,
                       struct fuse_file_info *info);
void request_lseek(fuse_req_t req, fuse_ino_t number, off_t offset, int whence, struct fuse_file_info *info);

#endif
