/* Locking, listing and removing. See folder.h.
 *
 * SPDX-License-Identifier: MIT */
#include "mend/folder.h"

#include <errno.h>

#include "io/retry.h"

/* The last segments are the likeliest to be whole, and the first may be of another log. */
static int learn_id(struct quire__folder *folder)
{
    int code = QUIRE_E_NOT_A_LOG;

    for (uint64_t i = folder->list.count; i > 0; i--) {
        struct quire__segment_header header;
        uint64_t bytes;
        int file;
        int rc = quire__segment_open(folder->io, folder->directory, folder->list.numbers[i - 1], NULL, &file, &header,
                                     &bytes);
        if (rc == 0) {
            folder->io->ops->close(folder->io, file);
            memcpy(folder->log_id, header.identity.log_id, sizeof folder->log_id);
            return 0;
        }
        code = rc;
    }
    return code;
}

int quire__folder_open(struct quire__folder *folder, struct quire__io *io, const char *directory)
{
    *folder = (struct quire__folder){.io = io, .directory = directory, .file = -1};
    int rc = quire__io_open_file(io, directory, QUIRE__IO_READ_ONLY | QUIRE__IO_FOLDER, 0, &folder->file);
    if (rc < 0)
        return rc;
    rc = io->ops->lock(io, folder->file);
    if (rc == 0)
        rc = quire__segment_list_read(io, directory, &folder->list);
    if (rc == 0)
        rc = learn_id(folder);
    if (rc < 0)
        quire__folder_close(folder);
    return rc;
}

void quire__folder_close(struct quire__folder *folder)
{
    quire__segment_list_free(&folder->list);
    if (folder->file >= 0)
        folder->io->ops->close(folder->io, folder->file); /* with it goes the lock */
    folder->file = -1;
}

static int remove_name(struct quire__folder *folder, const char *path)
{
    int rc = folder->io->ops->unlink(folder->io, path);

    if (rc == -ENOENT)
        return 0;
    return rc < 0 ? rc : folder->io->ops->sync_directory(folder->io, path);
}

int quire__folder_remove(struct quire__folder *folder, uint64_t number)
{
    struct quire__path path;

    int rc = quire__segment_path(folder->directory, number, &path);
    return rc < 0 ? rc : remove_name(folder, path.text);
}

int quire__folder_forget_live(struct quire__folder *folder)
{
    struct quire__path path;

    int rc = quire__path_join(folder->directory, QUIRE__LIVE_NAME, &path);
    return rc < 0 ? rc : remove_name(folder, path.text);
}
