/* disk-fault: a disk that fails when told to: one file in a directory of its own (FUSE), over a backing file.
 *
 *     disk-fault BACKING CONTROL DIRECTORY     serves DIRECTORY/disk until it is unmounted
 *
 * CONTROL is a file that holds a struct disk_fault_control. Like a disk with a write cache it may lose, at a flush that
 * fails, what was written since the last one that did not: that is taken back then.
 *
 * SPDX-License-Identifier: MIT */
#define FUSE_USE_VERSION 31
#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fault_control.h"

enum { PAGE = 4096 };

/* What a write since the last flush has replaced. */
struct replaced {
    struct replaced *before;
    off_t offset;
    size_t length;
    unsigned char bytes[];
};

static int backing;
static off_t disk_bytes;
static struct disk_fault_control *control;
static struct replaced *cache; /* the newest first */

static int disk_getattr(const char *path, struct stat *status, struct fuse_file_info *info)
{
    (void)info;
    memset(status, 0, sizeof *status);
    if (strcmp(path, "/") == 0) {
        status->st_mode = S_IFDIR | 0700;
        status->st_nlink = 2;
    } else if (strcmp(path, "/disk") == 0) {
        status->st_mode = S_IFREG | 0600;
        status->st_nlink = 1;
        status->st_size = disk_bytes;
    } else {
        return -ENOENT;
    }
    return 0;
}

static int disk_readdir(const char *path, void *to, fuse_fill_dir_t fill, off_t offset, struct fuse_file_info *info,
                        enum fuse_readdir_flags flags)
{
    (void)path, (void)offset, (void)info, (void)flags;
    fill(to, ".", NULL, 0, 0);
    fill(to, "..", NULL, 0, 0);
    fill(to, "disk", NULL, 0, 0);
    return 0;
}

static int disk_open(const char *path, struct fuse_file_info *info)
{
    (void)path;
    info->direct_io = 1; /* every request is to come here */
    return 0;
}

static int disk_read(const char *path, char *to, size_t length, off_t offset, struct fuse_file_info *info)
{
    (void)path, (void)info;
    ssize_t got = pread(backing, to, length, offset);
    return got < 0 ? -errno : (int)got;
}

static int remember(off_t offset, size_t length)
{
    struct replaced *replaced = malloc(sizeof *replaced + length);

    if (!replaced)
        return -ENOMEM;
    *replaced = (struct replaced){.before = cache, .offset = offset, .length = length};
    if (pread(backing, replaced->bytes, length, offset) != (ssize_t)length) {
        free(replaced);
        return -EIO;
    }
    cache = replaced;
    return 0;
}

static int begins_a_block(const char *from, size_t length)
{
    for (size_t at = 0; at + PAGE <= length; at += PAGE)
        if (memcmp(from + at, "QBLK", 4) == 0)
            return 1;
    return 0;
}

static int disk_write(const char *path, const char *from, size_t length, off_t offset, struct fuse_file_info *info)
{
    (void)path, (void)info;
    control->writes++;
    if (control->data_error && begins_a_block(from, length)) {
        control->failed++;
        return -control->data_error;
    }
    int rc = remember(offset, length);
    if (rc < 0)
        return rc;
    ssize_t done = pwrite(backing, from, length, offset);
    return done < 0 ? -errno : (int)done;
}

static void empty_cache(int lose)
{
    while (cache) {
        struct replaced *newest = cache;
        if (lose && pwrite(backing, newest->bytes, newest->length, newest->offset) != (ssize_t)newest->length)
            perror("disk-fault: what was lost cannot be taken back");
        cache = newest->before;
        free(newest);
    }
}

static int disk_fsync(const char *path, int data_only, struct fuse_file_info *info)
{
    (void)path, (void)data_only, (void)info;
    control->flushes++;
    int error = control->flush_error;
    control->failed += error != 0;
    empty_cache(error != 0);
    return -error;
}

static int disk_fallocate(const char *path, int mode, off_t offset, off_t length, struct fuse_file_info *info)
{
    (void)path, (void)info;
    int rc = remember(offset, (size_t)length);
    if (rc < 0)
        return rc;
    return fallocate(backing, mode, offset, length) < 0 ? -errno : 0;
}

static const struct fuse_operations operations = {
    .getattr = disk_getattr,
    .readdir = disk_readdir,
    .open = disk_open,
    .read = disk_read,
    .write = disk_write,
    .fsync = disk_fsync,
    .fallocate = disk_fallocate,
};

static int map_control(const char *path)
{
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (file < 0 || ftruncate(file, sizeof *control) < 0)
        return -1;
    void *mapped = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    control = mapped;
    return mapped == MAP_FAILED ? -1 : 0;
}

int main(int argc, char **argv)
{
    char single[] = "-s";
    char front[] = "-f";
    char with[] = "-o";
    char options[] = "fsname=disk-fault";

    if (argc != 4) {
        fputs("usage: disk-fault BACKING CONTROL DIRECTORY\n", stderr);
        return 2;
    }
    backing = open(argv[1], O_RDWR | O_CLOEXEC);
    disk_bytes = backing < 0 ? -1 : lseek(backing, 0, SEEK_END);
    if (disk_bytes < 0 || map_control(argv[2]) < 0) {
        fprintf(stderr, "disk-fault: %s or %s cannot be opened: %s\n", argv[1], argv[2], strerror(errno));
        return 1;
    }
    char *arguments[] = {argv[0], front, single, with, options, argv[3], NULL};
    return fuse_main(6, arguments, &operations, NULL);
}
