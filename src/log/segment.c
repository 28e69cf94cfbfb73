/* Names, first pages and listings of segments. See segment.h.
 *
 * SPDX-License-Identifier: MIT */
#include "log/segment.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <quire/error.h>

#include "base/crc32c.h"
#include "io/retry.h"

static int joined(int length)
{
    return length < 0 || length >= PATH_MAX ? -ENAMETOOLONG : 0;
}

int quire__path_join(const char *directory, const char *name, struct quire__path *path)
{
    return joined(snprintf(path->text, sizeof path->text, "%s/%s", directory, name));
}

int quire__segment_path(const char *directory, uint64_t number, struct quire__path *path)
{
    return joined(snprintf(path->text, sizeof path->text, "%s/" QUIRE__SEGMENT_NAME, directory, number));
}

int quire__torn_path(const char *directory, uint64_t number, uint64_t offset, uint32_t again, struct quire__path *path)
{
    if (again == 0)
        return joined(snprintf(path->text, sizeof path->text, "%s/" QUIRE__TORN_NAME, directory, number, offset));
    return joined(
        snprintf(path->text, sizeof path->text, "%s/" QUIRE__TORN_AGAIN_NAME, directory, number, offset, again));
}

bool quire__segment_parse_name(const char *name, uint64_t *number)
{
    uint64_t n = 0;

    for (int i = 0; i < QUIRE__SEGMENT_DIGITS; i++) {
        if (name[i] < '0' || name[i] > '9')
            return false;
        n = n * 10 + (uint64_t)(name[i] - '0');
    }
    if (n == 0 || strcmp(name + QUIRE__SEGMENT_DIGITS, ".quire") != 0)
        return false;
    *number = n;
    return true;
}

static uint32_t page_checksum(const void *page)
{
    return quire__crc32c(0, (const unsigned char *)page + 12, QUIRE__PAGE - 12);
}

void quire__segment_encode(const struct quire__segment_header *header, void *page)
{
    struct quire__disk_segment disk = {
        .version = QUIRE__FORMAT_VERSION,
        .compatible = header->identity.reused ? QUIRE__SEGMENT_REUSED : 0,
        .epoch = header->identity.epoch,
        .number = header->number,
        .created = header->created,
        .segment_bytes = header->segment_bytes,
    };

    memcpy(disk.magic, QUIRE__SEGMENT_MAGIC, sizeof disk.magic);
    memcpy(disk.log_id, header->identity.log_id, sizeof disk.log_id);
    memset(page, 0, QUIRE__PAGE);
    memcpy(page, &disk, sizeof disk);
    disk.checksum = page_checksum(page);
    memcpy(page, &disk, sizeof disk);
}

int quire__segment_decode(const void *page, struct quire__segment_header *header)
{
    struct quire__disk_segment disk;

    memcpy(&disk, page, sizeof disk);
    if (memcmp(disk.magic, QUIRE__SEGMENT_MAGIC, sizeof disk.magic) != 0 || disk.checksum != page_checksum(page))
        return QUIRE_E_DAMAGED;
    if (disk.version != QUIRE__FORMAT_VERSION || disk.incompatible & ~(uint64_t)QUIRE__INCOMPATIBLE_KNOWN)
        return QUIRE_E_VERSION;
    header->identity.epoch = disk.epoch;
    memcpy(header->identity.log_id, disk.log_id, sizeof disk.log_id);
    header->number = disk.number;
    header->created = disk.created;
    header->segment_bytes = disk.segment_bytes;
    header->identity.reused = disk.compatible & QUIRE__SEGMENT_REUSED;
    return 0;
}

int quire__segment_open_file(struct quire__io *io, const char *directory, uint64_t number, unsigned how, int *file)
{
    struct quire__path path;

    int rc = quire__segment_path(directory, number, &path);
    return rc < 0 ? rc : quire__io_open_file(io, path.text, how, 0, file);
}

static int read_header(struct quire__io *io, int file, uint64_t number, const unsigned char *log_id,
                       struct quire__segment_header *header)
{
    unsigned char page[QUIRE__PAGE];
    uint64_t got;

    int rc = quire__io_read_all(io, file, page, sizeof page, 0, &got);
    if (rc < 0)
        return rc;
    if (got < sizeof page)
        return QUIRE_E_DAMAGED;
    rc = quire__segment_decode(page, header);
    if (rc < 0)
        return rc;
    if (header->number != number || (log_id && memcmp(log_id, header->identity.log_id, 16) != 0))
        return QUIRE_E_FOREIGN;
    return 0;
}

int quire__segment_open(struct quire__io *io, const char *directory, uint64_t number, const unsigned char *log_id,
                        int *file, struct quire__segment_header *header, uint64_t *file_bytes)
{
    struct quire__segment_header found;
    struct quire__io_facts facts;
    int opened;

    int rc = quire__segment_open_file(io, directory, number, QUIRE__IO_READ_ONLY, &opened);
    if (rc < 0)
        return rc;
    rc = io->ops->facts(io, opened, &facts);
    if (rc == 0)
        rc = read_header(io, opened, number, log_id, &found);
    if (rc < 0) {
        io->ops->close(io, opened); /* opened for reading: nothing to lose */
        return rc;
    }
    *file = opened;
    *header = found;
    *file_bytes = facts.size;
    return 0;
}

int quire__segment_is_unborn(struct quire__io *io, const char *directory, uint64_t number, bool *unborn)
{
    unsigned char page[QUIRE__PAGE] = {0};
    uint64_t got = 0;
    int file = -1;

    *unborn = false;
    int rc = quire__segment_open_file(io, directory, number, QUIRE__IO_READ_ONLY, &file);
    if (rc < 0)
        return rc;
    rc = quire__io_read_all(io, file, page, sizeof page, 0, &got);
    io->ops->close(io, file); /* opened for reading: nothing to lose */
    *unborn = rc == 0 && quire__page_is_zero(page);
    return rc;
}

int quire__segment_look(struct quire__io *io, int file, const struct quire__identity *identity, uint64_t offset,
                        enum quire__block_look *look, struct quire__disk_block *header)
{
    unsigned char page[QUIRE__PAGE];
    uint64_t got;

    int rc = quire__io_read_all(io, file, page, sizeof page, offset, &got);
    if (rc < 0)
        return rc;
    /* A piece of a page at the end is no block, and no emptiness either. */
    if (got == 0)
        *look = QUIRE__LOOK_ZERO;
    else
        *look = got < sizeof page ? QUIRE__LOOK_UNKNOWN : quire__block_look(page, identity, offset, header);
    return 0;
}

int quire__live_load(struct quire__io *io, const char *directory, struct quire__disk_live *live, bool *found)
{
    struct quire__path path;
    uint64_t got = 0;
    int file;

    *found = false;
    int rc = quire__path_join(directory, QUIRE__LIVE_NAME, &path);
    if (rc < 0)
        return rc;
    rc = quire__io_open_file(io, path.text, QUIRE__IO_READ_ONLY, 0, &file);
    if (rc == -ENOENT)
        return 0;
    if (rc < 0)
        return rc;
    rc = quire__io_read_all(io, file, live, sizeof *live, 0, &got);
    io->ops->close(io, file); /* opened for reading: nothing to lose */
    *found = rc == 0 && got == sizeof *live;
    return rc;
}

static int see_name(void *context, const char *name)
{
    struct quire__segment_list *list = context;
    size_t length = strlen(name);
    uint64_t number;

    if (length > 5 && strcmp(name + length - 5, ".torn") == 0)
        list->torn_files++;
    if (!quire__segment_parse_name(name, &number))
        return 0;
    if (list->count == list->room) {
        uint64_t room = list->room ? 2 * list->room : 64;
        uint64_t *numbers = realloc(list->numbers, room * sizeof *numbers);
        if (!numbers)
            return -ENOMEM;
        list->numbers = numbers;
        list->room = room;
    }
    list->numbers[list->count++] = number;
    return 0;
}

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

int quire__segment_list_read(struct quire__io *io, const char *directory, struct quire__segment_list *list)
{
    *list = (struct quire__segment_list){0};
    int rc = io->ops->list(io, directory, see_name, list);
    if (rc == 0 && list->count > 0)
        qsort(list->numbers, list->count, sizeof *list->numbers, by_number);
    return rc;
}

int quire__names_settle(struct quire__io *io, const char *directory)
{
    struct quire__path path;

    /* Any name does: it is the directory that is flushed. */
    int rc = quire__path_join(directory, QUIRE__LIVE_NAME, &path);
    return rc < 0 ? rc : io->ops->sync_directory(io, path.text);
}

void quire__segment_list_free(struct quire__segment_list *list)
{
    free(list->numbers);
    *list = (struct quire__segment_list){0};
}
