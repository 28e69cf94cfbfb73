/* Reading the files. See load.h.
 *
 * SPDX-License-Identifier: MIT */
#include "torture/load.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <quire/error.h>

#include "log/segment.h"

struct loading {
    int folder;
    struct torture_load *load;
    struct torture_arena *arena;
    struct torture_image *image;
};

static bool is_zero(const unsigned char *page)
{
    return page[0] == 0 && memcmp(page, page + 1, TORTURE_PAGE - 1) == 0;
}

/* As much as there is. */
static int read_page(int fd, uint64_t offset, unsigned char *page, uint64_t *got)
{
    *got = 0;
    while (*got < TORTURE_PAGE) {
        ssize_t n = pread(fd, page + *got, TORTURE_PAGE - *got, (off_t)(offset + *got));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : 0;
        *got += (uint64_t)n;
    }
    return 0;
}

/* Where the next bytes lie that are no hole; where that is not to be had, here. */
static uint64_t next_data(int fd, uint64_t offset, uint64_t size)
{
    off_t at = lseek(fd, (off_t)offset, SEEK_DATA);

    if (at < 0)
        return errno == ENXIO ? size : offset;
    return (uint64_t)at / TORTURE_PAGE * TORTURE_PAGE;
}

/* A list with room for page i. */
static bool make_room(struct torture_arena *arena, struct torture_file *file, uint64_t i)
{
    if (i < file->pages)
        return true;
    uint64_t room = (i + 1) * 2;
    const unsigned char **page = torture_arena_take(arena, room * sizeof *page);
    if (!page)
        return false;
    if (file->pages > 0)
        memcpy(page, file->page, file->pages * sizeof *page);
    memset(page + file->pages, 0, (room - file->pages) * sizeof *page);
    file->page = page;
    file->pages = room;
    return true;
}

/* One page, if it is more than zeros; *bytes counts those. */
static int take_page(const struct loading *l, int fd, uint64_t i, struct torture_file *file, uint64_t *bytes)
{
    unsigned char page[TORTURE_PAGE] = {0};
    uint64_t got;

    int rc = read_page(fd, i * TORTURE_PAGE, page, &got);
    if (rc < 0 || is_zero(page))
        return rc;
    unsigned char *kept = torture_arena_take(l->arena, TORTURE_PAGE);
    if (!kept || !make_room(l->arena, file, i))
        return -ENOMEM;
    file->page[i] = memcpy(kept, page, TORTURE_PAGE);
    *bytes += TORTURE_PAGE;
    return 0;
}

/* The list ends with what is not zeros: there a base ends. Space that was allocated ahead is looked through by each
 * recovery; some of it is as good as all of it, and a file may end anywhere behind its blocks. */
static void cut_tail(struct torture_file *file)
{
    while (file->pages > 0 && !file->page[file->pages - 1])
        file->pages--;
    uint64_t most = file->pages * TORTURE_PAGE + TORTURE_TAIL_MOST;
    if (file->size > most)
        file->size = most;
}

/* -EFBIG: more than most. */
static int read_file(const struct loading *l, int fd, uint64_t most, struct torture_file *file, uint64_t *bytes)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return -errno;
    if (!S_ISREG(st.st_mode))
        return QUIRE_E_NOT_REGULAR;
    file->size = (uint64_t)st.st_size;
    if (file->size > TORTURE_LOAD_LARGEST_FILE)
        return -EFBIG;
    int rc = 0;
    for (uint64_t at = next_data(fd, 0, file->size); at < file->size && rc == 0; at += TORTURE_PAGE) {
        /* Of a hole the next bytes are looked for, of anything else the next page is just behind. */
        uint64_t before = *bytes;
        rc = take_page(l, fd, at / TORTURE_PAGE, file, bytes);
        if (*bytes > most)
            rc = -EFBIG;
        if (*bytes == before && rc == 0)
            at = next_data(fd, at + TORTURE_PAGE, file->size) - TORTURE_PAGE;
    }
    cut_tail(file);
    return rc;
}

static int take_file(const struct loading *l, const char *name, uint64_t most, uint64_t *bytes)
{
    struct torture_file file = {.size = 0};
    int fd = openat(l->folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0)
        return -errno;
    int rc = read_file(l, fd, most, &file, bytes);
    close(fd); /* opened for reading */
    if (rc < 0)
        return rc;
    uint32_t number = torture_image_new_file(l->image);
    if (number == TORTURE_NO_FILE || !torture_image_bind(l->image, name, number))
        return -ENOMEM;
    l->image->files[number] = file;
    return 0;
}

static int compare_numbers(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? 1 : x > y ? -1 : 0;
}

/* The numbers of all segments, the newest first. *numbers is to be freed whatever is returned. */
static int list_segments(int folder, uint64_t **numbers, uint64_t *count)
{
    int again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *listing = again < 0 ? NULL : fdopendir(again);
    const struct dirent *entry;
    uint64_t room = 0, number;
    int rc = 0;

    if (!listing) {
        rc = -errno;
        if (again >= 0)
            close(again);
        return rc;
    }
    while (rc == 0 && (errno = 0, entry = readdir(listing)) != NULL) {
        if (!quire__segment_parse_name(entry->d_name, &number))
            continue;
        if (*count == room) {
            room = room ? 2 * room : 64;
            uint64_t *more = realloc(*numbers, room * sizeof *more);
            if (!more) {
                rc = -ENOMEM;
                break;
            }
            *numbers = more;
        }
        (*numbers)[(*count)++] = number;
    }
    if (rc == 0 && errno != 0)
        rc = -errno;
    closedir(listing);
    if (*count > 0)
        qsort(*numbers, *count, sizeof **numbers, compare_numbers);
    return rc;
}

/* From the newest on, until the next one would be too much. */
static int take_segments(const struct loading *l, const uint64_t *numbers, uint64_t count)
{
    struct torture_load *load = l->load;
    int rc = 0;

    for (uint64_t i = 0; i < count && i < TORTURE_SEGMENTS_MOST; i++) {
        uint64_t left = load->most > load->bytes ? load->most - load->bytes : 0, bytes = 0;
        snprintf(load->culprit, sizeof load->culprit, QUIRE__SEGMENT_NAME, numbers[i]);
        rc = take_file(l, load->culprit, i == 0 ? TORTURE_LOAD_LARGEST : left, &bytes);
        if (rc < 0)
            break;
        load->bytes += bytes;
        load->segments++;
    }
    if (rc == -EFBIG && load->segments > 0)
        rc = 0;
    if (rc == 0)
        load->culprit[0] = '\0';
    load->left_out = count - load->segments;
    return rc;
}

/* What a log can do without: only where it is what it should be. */
static int take_others(const struct loading *l)
{
    static const char *const names[] = {QUIRE__LIVE_NAME, QUIRE__NEXT_NAME, QUIRE__SPARE_NAME, QUIRE__RESERVE_NAME};
    int rc = 0;

    for (size_t i = 0; i < sizeof names / sizeof names[0] && rc != -ENOMEM; i++) {
        uint64_t bytes = 0;
        rc = take_file(l, names[i], l->load->most, &bytes);
    }
    return rc == -ENOMEM ? rc : 0;
}

static int load_all(const struct loading *l)
{
    uint64_t *numbers = NULL, count = 0;

    int rc = flock(l->folder, LOCK_SH | LOCK_NB) == 0 ? 0 : errno == EWOULDBLOCK ? QUIRE_E_LOCKED : -errno;
    if (rc == 0)
        rc = list_segments(l->folder, &numbers, &count);
    if (rc == 0)
        rc = take_segments(l, numbers, count);
    if (rc == 0 && l->load->segments > 0)
        rc = take_others(l);
    l->image->directory = l->load->segments > 0;
    free(numbers);
    return rc;
}

int torture_image_load(const char *directory, struct torture_load *load, struct torture_arena *arena,
                       struct torture_image *image)
{
    struct loading l = {.load = load, .arena = arena, .image = image};

    *load = (struct torture_load){.most = load->most};
    image->arena = arena;
    l.folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (l.folder < 0)
        return -errno;
    int rc = load_all(&l);
    close(l.folder); /* and with it the lock */
    return rc;
}
