/* Pages and names. See image.h.
 *
 * SPDX-License-Identifier: MIT */
#include "torture/image.h"

#include <string.h>

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

void torture_image_copy(struct torture_image *copy, const struct torture_image *image, struct torture_arena *arena)
{
    copy->arena = arena;
    copy->file_count = image->file_count;
    copy->name_count = image->name_count;
    copy->directory = image->directory;
    memcpy(copy->files, image->files, image->file_count * sizeof image->files[0]);
    memcpy(copy->names, image->names, image->name_count * sizeof image->names[0]);
    for (uint32_t i = 0; i < copy->file_count; i++)
        copy->files[i].owned = false;
}

/* A list of pages of the file's own, with room for so many. */
static bool own(struct torture_image *image, struct torture_file *file, uint64_t pages)
{
    if (file->owned && file->pages >= pages)
        return true;
    uint64_t room = pages > file->pages ? pages + pages / 2 : file->pages;
    const unsigned char **page = torture_arena_take(image->arena, room * sizeof *page);
    if (!page)
        return false;
    if (file->pages > 0)
        memcpy(page, file->page, file->pages * sizeof *page);
    memset(page + file->pages, 0, (room - file->pages) * sizeof *page);
    file->page = page;
    file->pages = room;
    file->owned = true;
    return true;
}

static bool reaches(uint64_t sectors, uint64_t n)
{
    return sectors >> n % 64 & 1;
}

/* The part of a write that lies in one page. first: the number of the sector in which the write began. */
static bool write_page(struct torture_image *image, const unsigned char **page, uint64_t from, uint64_t to,
                       uint64_t offset, const unsigned char *data, uint64_t sectors)
{
    unsigned char *new_page = torture_arena_take(image->arena, TORTURE_PAGE);

    if (!new_page)
        return false;
    if (*page)
        memcpy(new_page, *page, TORTURE_PAGE);
    else
        memset(new_page, 0, TORTURE_PAGE);
    for (uint64_t at = from, next; at < to; at = next) {
        next = least((at / TORTURE_SECTOR + 1) * TORTURE_SECTOR, to);
        if (reaches(sectors, at / TORTURE_SECTOR - offset / TORTURE_SECTOR))
            memcpy(new_page + at % TORTURE_PAGE, data + (at - offset), next - at);
    }
    *page = new_page;
    return true;
}

bool torture_image_write(struct torture_image *image, uint32_t number, uint64_t offset, uint64_t length,
                         const unsigned char *data, uint64_t sectors)
{
    struct torture_file *file = &image->files[number];
    uint64_t end = offset + length;

    if (!own(image, file, (end + TORTURE_PAGE - 1) / TORTURE_PAGE))
        return false;
    for (uint64_t at = offset, next; at < end; at = next) {
        next = least((at / TORTURE_PAGE + 1) * TORTURE_PAGE, end);
        const unsigned char **page = &file->page[at / TORTURE_PAGE];
        if (sectors == TORTURE_ALL && next - at == TORTURE_PAGE)
            *page = data + (at - offset);
        else if (!write_page(image, page, at, next, offset, data, sectors))
            return false;
    }
    return true;
}

/* From offset on, up to the end of all pages. */
static bool clear(struct torture_image *image, struct torture_file *file, uint64_t offset)
{
    static const unsigned char zeros[TORTURE_PAGE];
    uint64_t first = (offset + TORTURE_PAGE - 1) / TORTURE_PAGE;
    bool is_clear = true;

    for (uint64_t i = offset / TORTURE_PAGE; i < file->pages && is_clear; i++)
        is_clear = file->page[i] == NULL;
    if (is_clear)
        return true;
    if (!own(image, file, file->pages))
        return false;
    for (uint64_t i = first; i < file->pages; i++)
        file->page[i] = NULL;
    uint64_t inner = offset % TORTURE_PAGE;
    if (inner == 0 || offset / TORTURE_PAGE >= file->pages || !file->page[offset / TORTURE_PAGE])
        return true;
    return write_page(image, &file->page[offset / TORTURE_PAGE], offset, first * TORTURE_PAGE, offset, zeros,
                      TORTURE_ALL);
}

bool torture_image_resize(struct torture_image *image, uint32_t number, uint64_t size)
{
    struct torture_file *file = &image->files[number];
    bool done = clear(image, file, least(file->size, size));

    file->size = size;
    return done;
}

uint64_t torture_image_read(const struct torture_image *image, uint32_t number, uint64_t offset, uint64_t length,
                            unsigned char *to)
{
    const struct torture_file *file = &image->files[number];
    uint64_t end = offset >= file->size ? offset : offset + least(length, file->size - offset);

    for (uint64_t at = offset, next; at < end; at = next) {
        next = least((at / TORTURE_PAGE + 1) * TORTURE_PAGE, end);
        uint64_t i = at / TORTURE_PAGE;
        if (i < file->pages && file->page[i])
            memcpy(to + (at - offset), file->page[i] + at % TORTURE_PAGE, next - at);
        else
            memset(to + (at - offset), 0, next - at);
    }
    return end - offset;
}

static struct torture_name *find_name(struct torture_image *image, const char *name)
{
    for (uint32_t i = 0; i < image->name_count; i++)
        if (image->names[i].file != TORTURE_NO_FILE && strcmp(image->names[i].text, name) == 0)
            return &image->names[i];
    return NULL;
}

uint32_t torture_image_find(const struct torture_image *image, const char *name)
{
    const struct torture_name *found = find_name((struct torture_image *)(uintptr_t)image, name);

    return found ? found->file : TORTURE_NO_FILE;
}

bool torture_image_bind(struct torture_image *image, const char *name, uint32_t file)
{
    struct torture_name *found = find_name(image, name);

    for (uint32_t i = 0; i < image->name_count && !found; i++)
        if (image->names[i].file == TORTURE_NO_FILE)
            found = &image->names[i];
    if (!found && image->name_count < TORTURE_NAMES)
        found = &image->names[image->name_count++];
    size_t length = strlen(name);
    if (!found || length >= sizeof found->text)
        return false;
    memcpy(found->text, name, length + 1);
    found->file = file;
    return true;
}

void torture_image_unbind(struct torture_image *image, const char *name)
{
    struct torture_name *found = find_name(image, name);

    if (found)
        found->file = TORTURE_NO_FILE;
}

uint32_t torture_image_new_file(struct torture_image *image)
{
    if (image->file_count == TORTURE_FILES)
        return TORTURE_NO_FILE;
    image->files[image->file_count] = (struct torture_file){.size = 0};
    return image->file_count++;
}
