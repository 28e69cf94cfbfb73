/* Loop devices, mounts, and shutting a file system down. Root, Linux.
 *
 * A loop device goes by itself when nobody has it open or mounted any more, so that a program that is killed leaves none.
 *
 * SPDX-License-Identifier: MIT */
#ifndef DISK_DEVICE_H
#define DISK_DEVICE_H

struct disk_device {
    int fd; /* -1: none */
    char path[32];
};

/* Puts a loop device over the open file; over the file at path. 0 or -errno. */
int disk_device_attach(int file, struct disk_device *device);
int disk_device_open(const char *path, struct disk_device *device);
void disk_device_detach(struct disk_device *device);

/* What the kernel keeps in memory of the device is forgotten: its file has changed beneath it. 0 or -errno. */
int disk_device_forget(const struct disk_device *device);

/* 0 or -errno. */
int disk_mount(const char *device, const char *directory, const char *file_system);
int disk_unmount(const char *directory);

/* The file system at directory stops at once, as if the power had gone: what it has not written is lost, and its journal
 * is not flushed. 0 or -errno: -ENOTTY, -EOPNOTSUPP: it cannot. */
int disk_shut_down(const char *directory);

#endif
