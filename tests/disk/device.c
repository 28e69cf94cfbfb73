/* Loop devices and mounts. See device.h.
 *
 * SPDX-License-Identifier: MIT */
#include "device.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/btrfs.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <time.h>
#include <unistd.h>

/* XFS_IOC_GOINGDOWN, which ext4 knows too, and its flag XFS_FSOP_GOING_FLAGS_NOLOGFLUSH. */
#define GOING_DOWN _IOR('X', 125, uint32_t)
enum { NO_LOG_FLUSH = 2 };

enum { TRIES = 200, PAUSE_NS = 10 * 1000 * 1000 };

static void pause_a_little(void)
{
    nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
}

static int configure(int control, int file, struct disk_device *device)
{
    struct loop_config config = {.fd = (uint32_t)file, .info.lo_flags = LO_FLAGS_AUTOCLEAR};

    int number = ioctl(control, LOOP_CTL_GET_FREE);
    if (number < 0)
        return -errno;
    snprintf(device->path, sizeof device->path, "/dev/loop%d", number);
    device->fd = open(device->path, O_RDWR | O_CLOEXEC);
    if (device->fd < 0)
        return -errno;
    if (ioctl(device->fd, LOOP_CONFIGURE, &config) == 0)
        return 0;
    int rc = -errno;
    close(device->fd);
    device->fd = -1;
    return rc;
}

int disk_device_attach(int file, struct disk_device *device)
{
    int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
    int rc = -EBUSY;

    device->fd = -1;
    if (control < 0)
        return -errno;
    /* Somebody else may have taken it in between. */
    for (int i = 0; i < TRIES && rc == -EBUSY; i++)
        rc = configure(control, file, device);
    close(control);
    return rc;
}

int disk_device_open(const char *path, struct disk_device *device)
{
    int file = open(path, O_RDWR | O_CLOEXEC);

    if (file < 0)
        return -errno;
    int rc = disk_device_attach(file, device);
    close(file); /* the device has it */
    return rc;
}

void disk_device_detach(struct disk_device *device)
{
    if (device->fd >= 0)
        close(device->fd);
    device->fd = -1;
}

int disk_device_forget(const struct disk_device *device)
{
    return ioctl(device->fd, BLKFLSBUF) < 0 ? -errno : 0;
}

/* btrfs knows a file system by what is written in it, and remembers where it saw it and how far it had come: an image
 * that is older than one seen before would be refused. */
static void forget_btrfs(void)
{
    struct btrfs_ioctl_vol_args all = {0};
    int control = open("/dev/btrfs-control", O_RDWR | O_CLOEXEC);

    if (control < 0)
        return; /* then there is no btrfs, which mounting will say */
    ioctl(control, BTRFS_IOC_FORGET_DEV, &all);
    close(control);
}

int disk_mount(const char *device, const char *directory, const char *file_system)
{
    /* What is torn or left out is decided here, and not by when the file system gives blocks back. */
    const char *options = strcmp(file_system, "btrfs") == 0 ? "nodiscard" : "";

    if (strcmp(file_system, "btrfs") == 0)
        forget_btrfs();
    return mount(device, directory, file_system, 0, options) < 0 ? -errno : 0;
}

int disk_unmount(const char *directory)
{
    int rc = -EBUSY;

    for (int i = 0; i < TRIES && rc == -EBUSY; i++) {
        rc = umount(directory) < 0 ? -errno : 0;
        if (rc == -EBUSY)
            pause_a_little();
    }
    return rc;
}

int disk_shut_down(const char *directory)
{
    uint32_t flags = NO_LOG_FLUSH;
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return -errno;
    int rc = ioctl(fd, GOING_DOWN, &flags) < 0 ? -errno : 0;
    close(fd);
    return rc;
}
