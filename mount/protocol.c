/* What libfuse does not know, by the kernel's own protocol. See passing.h; structures and numbers are those of version 7.40.
 *
 * SPDX-License-Identifier: MIT */
#include "protocol.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/vfs.h>

#include "say.h"

struct request_header {
    uint32_t length, opcode;
    uint64_t unique, node;
    uint32_t owner, group, process;
    uint16_t extensions, padding;
};

struct init_request {
    struct request_header header;
    uint32_t major, minor, read_ahead, flags, flags2, unused[11];
};

struct write_request {
    struct request_header header;
    uint64_t file, offset;
    uint32_t size, flags;
    uint64_t lock_owner;
    uint32_t open_flags, padding;
};

struct init_reply {
    uint32_t major, minor, read_ahead, flags;
    uint16_t background, congestion;
    uint32_t write_most, time_step;
    uint16_t pages_most, map_alignment;
    uint32_t flags2, stack_depth, unused[6];
};

struct attributes {
    uint64_t inode, size, blocks, accessed, modified, changed;
    uint32_t accessed_ns, modified_ns, changed_ns, mode, links, owner, group, device, block_size, flags;
};

struct entry_reply {
    uint64_t node, generation, entry_valid, attributes_valid;
    uint32_t entry_valid_ns, attributes_valid_ns;
    struct attributes attributes;
};

struct open_reply {
    uint64_t file;
    uint32_t flags;
    int32_t backing;
};

struct backing_map {
    int32_t fd;
    uint32_t flags;
    uint64_t padding;
};

_Static_assert(sizeof(struct init_reply) == 64, "as the kernel has it");
_Static_assert(sizeof(struct entry_reply) == 128, "as the kernel has it");
_Static_assert(sizeof(struct open_reply) == 16, "as the kernel has it");

enum { OPCODE_WRITE = 16, OPCODE_INIT = 26, MINOR_OF_PASSTHROUGH = 40 };
#define WRITE_DROPS_SET_IDS (UINT32_C(1) << 2)
#define INIT_HAS_FLAGS2 (UINT32_C(1) << 30)
#define MAPS_IN_FLAGS2 (UINT32_C(1) << 4)
#define PASSTHROUGH_IN_FLAGS2 (UINT32_C(1) << 5)
#define OPEN_PASSES (UINT32_C(1) << 7)
#define BACKING_OPEN _IOW(229, 1, struct backing_map)
#define BACKING_CLOSE _IOW(229, 2, uint32_t)
#define OVERLAY_FILE_SYSTEM 0x794c7630

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static uint32_t offered; /* of flags2 */

static _Thread_local bool drops_set_ids;

bool protocol_drops_set_ids(void)
{
    return drops_set_ids;
}

static void hear_init(struct mount *mount, const struct init_request *init, size_t size)
{
    if (size >= sizeof *init && init->flags & INIT_HAS_FLAGS2)
        offered = init->flags2;
    if (mount->passes && !(offered & PASSTHROUGH_IN_FLAGS2)) {
        mount->passes = false;
        mount->why = "the kernel has no passthrough, which came with Linux 6.9";
        say("goes on as plain: %s", mount->why);
    }
}

void protocol_hear(struct mount *mount, const void *request, size_t size)
{
    const struct request_header *header = request;
    const struct write_request *writing = request;

    if (size < sizeof *header)
        return;
    drops_set_ids = header->opcode == OPCODE_WRITE && size >= sizeof *writing && writing->flags & WRITE_DROPS_SET_IDS;
    if (header->opcode == OPCODE_INIT)
        hear_init(mount, request, size);
}

/* A file system on top of others lies one deeper, and this one must lie deeper still. */
static uint32_t stack_depth(const struct mount *mount)
{
    struct statfs fs;

    return fstatfs(mount->backing, &fs) == 0 && fs.f_type == OVERLAY_FILE_SYSTEM ? 2 : 1;
}

void protocol_answer(struct mount *mount, void *reply, size_t size)
{
    struct init_reply *init = reply;

    if (size != sizeof *init || !offered)
        return;
    init->flags |= INIT_HAS_FLAGS2;
    init->flags2 |= offered & MAPS_IN_FLAGS2;
    if (!mount->passes)
        return;
    init->minor = init->minor > MINOR_OF_PASSTHROUGH ? init->minor : MINOR_OF_PASSTHROUGH;
    init->flags2 |= PASSTHROUGH_IN_FLAGS2;
    init->stack_depth = stack_depth(mount);
}

int passing_begin(struct mount *mount, struct node *node, int fd)
{
    struct backing_map map = {.fd = fd};
    int rc = 0;

    pthread_mutex_lock(&lock);
    if (node->passing_users == 0) {
        rc = ioctl(mount->fuse, BACKING_OPEN, &map);
        rc = rc < 0 ? -errno : rc;
        node->passing_id = rc > 0 ? rc : 0;
    }
    if (node->passing_id > 0) {
        node->passing_users++;
        rc = node->passing_id;
    } else if (rc == 0) {
        rc = -EIO; /* the kernel's numbers begin with 1 */
    }
    pthread_mutex_unlock(&lock);
    return rc;
}

void passing_end(struct mount *mount, struct node *node)
{
    pthread_mutex_lock(&lock);
    if (--node->passing_users == 0) {
        uint32_t id = (uint32_t)node->passing_id;
        /* Fails only after the connection ended, and its numbers with it. */
        (void)ioctl(mount->fuse, BACKING_CLOSE, &id);
        node->passing_id = 0;
    }
    pthread_mutex_unlock(&lock);
}

static struct open_reply opened(const struct file *file, int id)
{
    return (struct open_reply){.file = (uintptr_t)file, .flags = OPEN_PASSES, .backing = id};
}

int passing_reply_open(fuse_req_t req, const struct file *file, int id)
{
    struct open_reply reply = opened(file, id);

    return fuse_reply_buf(req, (const char *)&reply, sizeof reply);
}

static struct attributes told(const struct stat *st)
{
    return (struct attributes){.inode = st->st_ino,
                               .size = (uint64_t)st->st_size,
                               .blocks = (uint64_t)st->st_blocks,
                               .accessed = (uint64_t)st->st_atim.tv_sec,
                               .modified = (uint64_t)st->st_mtim.tv_sec,
                               .changed = (uint64_t)st->st_ctim.tv_sec,
                               .accessed_ns = (uint32_t)st->st_atim.tv_nsec,
                               .modified_ns = (uint32_t)st->st_mtim.tv_nsec,
                               .changed_ns = (uint32_t)st->st_ctim.tv_nsec,
                               .mode = st->st_mode,
                               .links = (uint32_t)st->st_nlink,
                               .owner = st->st_uid,
                               .group = st->st_gid,
                               .block_size = (uint32_t)st->st_blksize};
}

int passing_reply_create(fuse_req_t req, const struct fuse_entry_param *entry, const struct file *file, int id)
{
    struct {
        struct entry_reply entry;
        struct open_reply opened;
    } reply = {.entry = {.node = entry->ino,
                         .generation = entry->generation,
                         .entry_valid = (uint64_t)entry->entry_timeout,
                         .attributes_valid = (uint64_t)entry->attr_timeout,
                         .attributes = told(&entry->attr)},
               .opened = opened(file, id)};

    return fuse_reply_buf(req, (const char *)&reply, sizeof reply);
}
