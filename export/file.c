/* A file that is there whole or not at all. See file.h.
 *
 * SPDX-License-Identifier: MIT */
#include "file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define BESIDE ".tmp-"

/* More at once than this gains nothing, and less than 2 GiB the kernel takes. */
enum { WRITE_MOST = 64 << 20 };

static void release(struct export_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    if (file->directory >= 0)
        close(file->directory);
    free(file->name);
    free(file->beside);
    *file = (struct export_file){.fd = -1, .directory = -1};
}

/* The path as its directory, opened, and a name in it. */
static int take_apart(struct export_file *file, const char *path)
{
    char *copy = strdup(path), *other = strdup(path);
    int rc = -ENOMEM;
    if (copy && other) {
        file->directory = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        rc = file->directory < 0 ? -errno : 0;
        file->name = strdup(basename(other));
        if (!file->name)
            rc = -ENOMEM;
    }
    free(copy);
    free(other);
    return rc;
}

/* NAME.tmp-PID, and behind that a number if such a file is there: of a process that was killed, or of one that has the
 * same number in another container and is at work. */
static int open_beside(struct export_file *file)
{
    enum { TRIES = 100 };
    size_t room = strlen(file->name) + 64;
    file->beside = malloc(room);
    if (!file->beside)
        return -ENOMEM;
    for (int i = 0; i < TRIES; i++) {
        snprintf(file->beside, room, "%s" BESIDE "%ld-%d", file->name, (long)getpid(), i);
        file->fd = openat(file->directory, file->beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (file->fd >= 0 || errno != EEXIST)
            return file->fd >= 0 ? 0 : -errno;
    }
    return -EBUSY;
}

int export_file_open(struct export_file *file, const char *path, bool replace)
{
    *file = (struct export_file){.fd = -1, .directory = -1};
    int rc = *path ? take_apart(file, path) : -ENOENT;
    if (rc == 0 && !replace && faccessat(file->directory, file->name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
        rc = -EEXIST;
    if (rc == 0)
        rc = open_beside(file);
    if (rc < 0)
        release(file);
    return rc;
}

int export_file_write(struct export_file *file, const void *data, size_t length)
{
    const char *at = data;
    while (length > 0) {
        ssize_t done = write(file->fd, at, length < WRITE_MOST ? length : WRITE_MOST);
        if (done < 0 && errno != EINTR)
            return -errno;
        if (done == 0)
            return -EIO;
        at += done > 0 ? done : 0;
        length -= done > 0 ? (size_t)done : 0;
    }
    return 0;
}

/* Without replacing a file that came to be there meanwhile. Where the file system cannot do that in one, by a second
 * name. */
static int give_name(const struct export_file *file, bool replace)
{
    int at = file->directory;
    if (replace)
        return renameat(at, file->beside, at, file->name) == 0 ? 0 : -errno;
    if (renameat2(at, file->beside, at, file->name, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -errno;
    if (linkat(at, file->beside, at, file->name, 0) != 0)
        return -errno;
    return unlinkat(at, file->beside, 0) == 0 ? 0 : -errno;
}

int export_file_finish(struct export_file *file, bool replace)
{
    int rc = fsync(file->fd) == 0 ? 0 : -errno;
    if (rc == 0)
        rc = give_name(file, replace);
    if (rc == 0 && fsync(file->directory) != 0)
        rc = -errno;
    if (rc < 0)
        export_file_abandon(file);
    else
        release(file);
    return rc;
}

void export_file_abandon(struct export_file *file)
{
    if (file->fd >= 0)
        unlinkat(file->directory, file->beside, 0);
    release(file);
}

/* Of files that are not finished only this process has any, while it holds the lock. */
static int remove_unfinished(int directory)
{
    int copy = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *names = copy >= 0 ? fdopendir(copy) : NULL;
    if (!names) {
        int rc = -errno;
        if (copy >= 0)
            close(copy);
        return rc;
    }
    for (const struct dirent *entry; (entry = readdir(names));)
        if (strstr(entry->d_name, ".parquet" BESIDE))
            unlinkat(directory, entry->d_name, 0);
    closedir(names);
    return 0;
}

/* A directory that was made is durable by its parent. */
static int make(const char *path)
{
    struct export_file parent = {.fd = -1, .directory = -1};
    if (mkdir(path, 0777) != 0)
        return errno == EEXIST ? 0 : -errno;
    int rc = take_apart(&parent, path);
    if (rc == 0 && fsync(parent.directory) != 0)
        rc = -errno;
    release(&parent);
    return rc;
}

int export_directory_open(const char *path)
{
    int rc = make(path);
    if (rc < 0)
        return rc;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    rc = flock(fd, LOCK_EX | LOCK_NB) == 0 ? remove_unfinished(fd) : -errno;
    if (rc == 0)
        return fd;
    close(fd);
    return rc;
}
