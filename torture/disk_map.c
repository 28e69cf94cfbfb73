/* Mappings of a file on the disk in memory: memory beside it, of which what was stored is noticed later.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "torture/disk_internal.h"

/* Where a mapping has page i of a file; NULL: it has not. */
static unsigned char *page_in(const struct disk_map *map, uint32_t file, uint64_t i)
{
    uint64_t at = i * TORTURE_PAGE;
    bool is_there = map->memory && map->file == file && at >= map->offset && at < map->offset + map->length;

    return is_there ? map->memory + (at - map->offset) : NULL;
}

/* Mappings of one page are the same memory: what was stored through one of them since, is in all of them. */
static void notice_page(struct torture_disk *disk, uint32_t file, uint64_t i, const unsigned char *known)
{
    unsigned char page[TORTURE_PAGE];

    memcpy(page, known, TORTURE_PAGE);
    for (int m = 0; m < DISK_MAPS; m++) {
        const unsigned char *mapped = page_in(&disk->maps[m], file, i);
        for (uint64_t n = 0; mapped && n < TORTURE_PAGE; n++)
            if (mapped[n] != known[n])
                page[n] = mapped[n];
    }
    for (int m = 0; m < DISK_MAPS; m++) {
        unsigned char *mapped = page_in(&disk->maps[m], file, i);
        if (mapped)
            memcpy(mapped, page, TORTURE_PAGE);
    }
    if ((i + 1) * TORTURE_PAGE > disk->image.files[file].size)
        disk_complain(disk, "something was stored into a mapping behind the end of the file");
    else if (disk_store(disk, file, i * TORTURE_PAGE, TORTURE_PAGE, page, true, NULL) < 0)
        disk_complain(disk, "no memory for what was stored into a mapping");
}

static void notice_in(struct torture_disk *disk, const struct disk_map *map)
{
    static const unsigned char zeros[TORTURE_PAGE];

    for (uint64_t at = 0; at < map->length; at += TORTURE_PAGE) {
        const struct torture_file *file = &disk->image.files[map->file];
        uint64_t i = (map->offset + at) / TORTURE_PAGE;
        const unsigned char *known = i < file->pages && file->page[i] ? file->page[i] : zeros;
        if (memcmp(map->memory + at, known, TORTURE_PAGE) != 0)
            notice_page(disk, map->file, i, known);
    }
}

void disk_notice_stores(struct torture_disk *disk)
{
    for (int i = 0; i < DISK_MAPS; i++)
        if (disk->maps[i].memory)
            notice_in(disk, &disk->maps[i]);
}

void disk_cut_maps(struct torture_disk *disk, uint32_t file, uint64_t size)
{
    for (int i = 0; i < DISK_MAPS; i++) {
        struct disk_map *map = &disk->maps[i];
        uint64_t from = size > map->offset ? size - map->offset : 0;
        if (map->memory && map->file == file && from < map->length)
            memset(map->memory + from, 0, map->length - from);
    }
}

int disk_map(struct quire__io *io, int file, uint64_t offset, uint64_t length, void **memory)
{
    struct torture_disk *disk = (struct torture_disk *)io;
    struct disk_map *map = NULL;
    int rc = -ENOMEM;

    const struct disk_handle *handle = disk_handle_of(disk, file);
    for (int i = 0; i < DISK_MAPS && !map; i++)
        if (!disk->maps[i].memory)
            map = &disk->maps[i];
    void *mapped =
        handle && map ? mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) : MAP_FAILED;
    if (mapped != MAP_FAILED) {
        torture_image_read(&disk->image, handle->file, offset, length, mapped);
        *map = (struct disk_map){mapped, handle->file, offset, length};
        *memory = mapped;
        rc = 0;
    }
    return rc;
}

int disk_populate(struct quire__io *io, void *memory, uint64_t length)
{
    (void)io;
    (void)memory;
    (void)length;
    return 0;
}

int disk_unmap(struct quire__io *io, void *memory, uint64_t length)
{
    struct torture_disk *disk = (struct torture_disk *)io;
    int rc = -EINVAL;

    disk_notice_stores(disk);
    for (int i = 0; i < DISK_MAPS; i++)
        if (disk->maps[i].memory == memory && disk->maps[i].length == length) {
            munmap(memory, length); /* of a whole mapping of ours: cannot fail */
            disk->maps[i].memory = NULL;
            rc = 0;
        }
    if (rc < 0)
        disk_complain(disk, "a mapping was given back that is not there");
    return rc;
}
