/* What the whole of a mount is: what was asked, the directory behind it, its tree, its counters. One for a process.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MOUNT_MOUNT_H
#define MOUNT_MOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "content.h"
#include "statistics.h"
#include "tree.h"

enum mode { MODE_PLAIN, MODE_PASSTHROUGH, MODE_LOG };

/* The command line, after its defaults were filled in. */
struct settings {
    const char *backing, *mountpoint; /* absolute, without links */
    enum mode mode;                   /* asked */
    uint32_t codec;                   /* QUIRE_CODEC_..., of log, as are: */
    int32_t codec_level;
    uint64_t block_bytes, segment_bytes; /* 0: quire's default */
    uint64_t gather_bytes;               /* of plain; 0: nothing is gathered */
    unsigned flush_ms;
    bool is_compress_given, is_gather_given;
    bool writeback, allow_other, stats, foreground;
};

struct fuse_session;
struct later;

struct mount {
    struct settings settings;
    const struct content *content;
    int backing;         /* descriptor of BACKING */
    bool is_root;        /* new files are given to who asked for them */
    bool is_read_only;   /* as BACKING is */
    const char *network; /* NULL, or the kind of network file system that BACKING is on */
    bool passes;         /* files are led to those of BACKING by the kernel */
    const char *why;     /* NULL, or why that is not so although it was asked */
    int fuse;            /* descriptor of /dev/fuse */
    struct fuse_session *session;
    struct tree tree;
    struct statistics statistics;
    _Atomic uint64_t unsynced;          /* nodes that are marked; durable.h's, as is: */
    _Atomic bool is_unsynced_forgotten; /* one of them is no longer known */
    struct later *later;
    struct file *files; /* all that are open */
    void *state;        /* the content's */
};

const char *mode_name(enum mode mode);

/* The mode that the mount is in, whatever was asked. */
static inline enum mode mount_mode(const struct mount *mount)
{
    return mount->settings.mode == MODE_PASSTHROUGH && !mount->passes ? MODE_PLAIN : mount->settings.mode;
}

#endif
