/* Locking, listing and removing. See folder.h.
 *
 * SPDX-License-Identifier: MIT */
#include "mend/folder.h"

#include <errno.h>

#include "io/retry.h"
#include "reader/catalog.h"

/* As a reader has it: what it reads must not be set aside for what it does not. */
static int learn_id(struct quire__folder *folder)
{
    struct quire__catalog catalog;
    uint64_t number;

    int rc = quire__catalog_open(&catalog, folder->io, folder->directory, &number);
    if (rc < 0)
        return rc;
    memcpy(folder->log_id, catalog.log_id, sizeof folder->log_id);
    quire__catalog_close(&catalog);
    return 0;
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
    if (rc == 0)
        rc = quire__names_settle(io, directory);
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
