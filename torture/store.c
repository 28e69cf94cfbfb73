/* Making the files. See store.h.
 *
 * SPDX-License-Identifier: MIT */
#include "torture/store.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static int write_page(int fd, const struct torture_file *file, uint64_t i)
{
    uint64_t offset = i * TORTURE_PAGE;
    uint64_t length = file->size - offset < TORTURE_PAGE ? file->size - offset : TORTURE_PAGE;

    if (i >= file->pages || !file->page[i])
        return 0;
    ssize_t written = pwrite(fd, file->page[i], length, (off_t)offset);
    if (written < 0)
        return -errno;
    return (uint64_t)written < length ? -ENOSPC : 0;
}

static int write_file(int fd, const struct torture_file *file)
{
    int rc = ftruncate(fd, (off_t)file->size) == 0 ? 0 : -errno;

    for (uint64_t i = 0; i * TORTURE_PAGE < file->size && rc == 0; i++)
        rc = write_page(fd, file, i);
    return rc;
}

static int save_file(int folder, const char *name, const struct torture_file *file)
{
    int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd < 0)
        return -errno;
    int rc = write_file(fd, file);
    if (close(fd) != 0 && rc == 0)
        rc = -errno;
    return rc;
}

int torture_image_save(const struct torture_image *image, const char *directory)
{
    if (mkdir(directory, 0700) != 0)
        return -errno;
    int folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return -errno;
    int rc = 0;
    for (uint32_t i = 0; i < image->name_count && rc == 0; i++)
        if (image->names[i].file != TORTURE_NO_FILE)
            rc = save_file(folder, image->names[i].text, &image->files[image->names[i].file]);
    close(folder); /* opened for reading */
    return rc;
}
