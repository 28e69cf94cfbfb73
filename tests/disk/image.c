/* A disk at a place of a block log. See image.h.
 *
 * SPDX-License-Identifier: MIT */
#include "image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int disk_image_open(uint64_t bytes, int file, struct disk_image *image)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    unsigned char *known = calloc(bytes / DISK_PAGE, 1);

    if (memory == MAP_FAILED || !known) {
        if (memory != MAP_FAILED)
            munmap(memory, bytes);
        free(known);
        return -ENOMEM;
    }
    *image = (struct disk_image){.bytes = bytes, .memory = memory, .known = known, .file = file};
    return 0;
}

void disk_image_close(struct disk_image *image)
{
    munmap(image->memory, image->bytes);
    free(image->known);
    free(image->undo);
    *image = (struct disk_image){.file = -1};
}

static void clear(struct disk_image *image)
{
    for (uint64_t page = 0; page < image->bytes / DISK_PAGE; page++)
        if (image->known[page])
            memset(image->memory + page * DISK_PAGE, 0, DISK_PAGE);
    memset(image->known, 0, image->bytes / DISK_PAGE);
    disk_image_settle(image);
}

/* From offset to end, whole pages. */
static int load_pages(struct disk_image *image, int file, uint64_t offset, uint64_t end)
{
    if (end > image->bytes)
        return -EINVAL;
    for (; offset < end; offset += DISK_PAGE) {
        if (pread(file, image->memory + offset, DISK_PAGE, (off_t)offset) != DISK_PAGE)
            return -EIO;
        image->known[offset / DISK_PAGE] = 1;
    }
    return 0;
}

int disk_image_load(struct disk_image *image, int file)
{
    off_t data = 0;
    int rc = 0;

    clear(image);
    while (rc == 0 && (data = lseek(file, data, SEEK_DATA)) >= 0) {
        off_t hole = lseek(file, data, SEEK_HOLE);
        rc = load_pages(image, file, (uint64_t)data, (uint64_t)hole);
        data = hole;
    }
    return rc < 0 || errno == ENXIO ? rc : -errno;
}

static int write_piece(struct disk_image *image, uint64_t offset, const unsigned char *from, uint64_t length)
{
    if (offset > image->bytes || length > image->bytes - offset)
        return -EINVAL;
    if (length == 0)
        return 0;
    if (from)
        memcpy(image->memory + offset, from, length);
    else
        memset(image->memory + offset, 0, length);
    memset(image->known + offset / DISK_PAGE, 1, (offset + length - 1) / DISK_PAGE - offset / DISK_PAGE + 1);
    return 0;
}

static const unsigned char *bytes_of(const struct disk_entries *entries, const struct disk_entry *entry)
{
    return entry->data == UINT64_MAX ? NULL : entries->file + entry->data;
}

int disk_image_advance(struct disk_image *image, const struct disk_entries *entries, uint64_t position)
{
    while (image->position < position) {
        const struct disk_entry *entry = &entries->entries[image->position];
        int rc = write_piece(image, entry->offset, bytes_of(entries, entry), entry->length);
        if (rc < 0)
            return rc;
        image->position++;
    }
    return 0;
}

/* Of each piece in the undo log: the bytes that were there, then where, so that it is read from its end. */
struct piece {
    uint64_t offset, length;
};

static int remember(struct disk_image *image, uint64_t offset, uint64_t length)
{
    struct piece piece = {offset, length};
    uint64_t needed = image->undo_bytes + length + sizeof piece;

    if (offset > image->bytes || length > image->bytes - offset)
        return -EINVAL;
    if (needed > image->undo_room) {
        unsigned char *larger = realloc(image->undo, needed * 2);
        if (!larger)
            return -ENOMEM;
        image->undo = larger;
        image->undo_room = needed * 2;
    }
    memcpy(image->undo + image->undo_bytes, image->memory + offset, length);
    memcpy(image->undo + image->undo_bytes + length, &piece, sizeof piece);
    image->undo_bytes = needed;
    return 0;
}

static int take_piece(struct disk_image *image, uint64_t offset, const unsigned char *from, uint64_t length)
{
    int rc = remember(image, offset, length);

    return rc < 0 ? rc : write_piece(image, offset, from, length);
}

static int take_torn(struct disk_image *image, const struct disk_entries *entries, const struct disk_plan *plan)
{
    const struct disk_entry *entry = &entries->entries[plan->torn];
    uint64_t block = disk_plan_block_bytes(entries, entry);
    const unsigned char *from = bytes_of(entries, entry);
    int rc = 0;

    for (uint64_t at = 0; at < block && rc == 0; at += plan->unit)
        if (disk_plan_keeps(plan, at))
            rc = take_piece(image, entry->offset + at, from + at, plan->unit);
    /* What the write has behind the block is not torn: it may be another file's. */
    return rc < 0 ? rc : take_piece(image, entry->offset + block, from + block, entry->length - block);
}

int disk_image_take(struct disk_image *image, const struct disk_entries *entries, const struct disk_plan *plan)
{
    int rc = image->position == plan->window ? 0 : -EINVAL;

    for (uint64_t i = plan->window; i < plan->position && rc == 0; i++) {
        const struct disk_entry *entry = &entries->entries[i];
        unsigned char fate = plan->fates[i - plan->window];
        if (fate == DISK_FATE_KEPT)
            rc = take_piece(image, entry->offset, bytes_of(entries, entry), entry->length);
        else if (fate != DISK_FATE_GONE)
            rc = take_torn(image, entries, plan);
    }
    return rc;
}

void disk_image_restore(struct disk_image *image)
{
    struct piece piece;

    while (image->undo_bytes > 0) {
        image->undo_bytes -= sizeof piece;
        memcpy(&piece, image->undo + image->undo_bytes, sizeof piece);
        image->undo_bytes -= piece.length;
        memcpy(image->memory + piece.offset, image->undo + image->undo_bytes, piece.length);
    }
}

void disk_image_settle(struct disk_image *image)
{
    image->undo_bytes = 0;
    image->position = 0;
}

static int put_page(struct disk_image *image, uint64_t page, uint64_t *pages)
{
    unsigned char there[DISK_PAGE];
    off_t at = (off_t)(page * DISK_PAGE);
    const unsigned char *wanted = image->memory + page * DISK_PAGE;

    if (pread(image->file, there, sizeof there, at) != (ssize_t)sizeof there)
        return -EIO;
    if (memcmp(there, wanted, sizeof there) == 0)
        return 0;
    *pages += 1;
    return pwrite(image->file, wanted, DISK_PAGE, at) == DISK_PAGE ? 0 : -EIO;
}

/* Pages of the file that have something, and that the log never wrote: the file system or the check did. */
static int put_unknown(struct disk_image *image, uint64_t *pages)
{
    off_t data = 0;
    int rc = 0;

    while (rc == 0 && (data = lseek(image->file, data, SEEK_DATA)) >= 0) {
        off_t hole = lseek(image->file, data, SEEK_HOLE);
        for (uint64_t page = (uint64_t)data / DISK_PAGE; page < (uint64_t)hole / DISK_PAGE && rc == 0; page++)
            if (!image->known[page])
                rc = put_page(image, page, pages);
        data = hole;
    }
    return rc < 0 || errno == ENXIO ? rc : -errno;
}

int disk_image_put(struct disk_image *image, uint64_t *pages)
{
    uint64_t differed = 0;
    int rc = 0;

    for (uint64_t page = 0; page < image->bytes / DISK_PAGE && rc == 0; page++)
        if (image->known[page])
            rc = put_page(image, page, &differed);
    if (rc == 0)
        rc = put_unknown(image, &differed);
    if (rc == 0 && pages)
        *pages = differed;
    return rc;
}
