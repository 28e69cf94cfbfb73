/* Which function serves which request. What is left out the kernel does by itself, or refuses: extended attributes, locks.
 *
 * SPDX-License-Identifier: MIT */
#include "requests.h"

#include "session.h"

const struct fuse_lowlevel_ops request_table = {.init = session_begins,
                                                .lookup = request_lookup,
                                                .forget = request_forget,
                                                .forget_multi = request_forget_multi,
                                                .getattr = request_getattr,
                                                .setattr = request_setattr,
                                                .readlink = request_readlink,
                                                .mknod = request_mknod,
                                                .mkdir = request_mkdir,
                                                .unlink = request_unlink,
                                                .rmdir = request_rmdir,
                                                .symlink = request_symlink,
                                                .rename = request_rename,
                                                .link = request_link,
                                                .open = request_open,
                                                .read = request_read,
                                                .write = request_write,
                                                .flush = request_flush,
                                                .release = request_release,
                                                .fsync = request_fsync,
                                                .opendir = request_opendir,
                                                .readdir = request_readdir,
                                                .readdirplus = request_readdirplus,
                                                .releasedir = request_releasedir,
                                                .fsyncdir = request_fsyncdir,
                                                .statfs = request_statfs,
                                                .create = request_create,
                                                .fallocate = request_fallocate,
                                                .lseek = request_lseek};
