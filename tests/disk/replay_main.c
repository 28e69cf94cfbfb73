/* disk-replay: builds disks as a power cut may leave them out of a block log, lets the kernel mount each, recovers the log
 * on it and compares with what had been acknowledged.
 *
 *     disk-replay FILE_SYSTEM METHOD PROFILE SEED IMAGES CHANCE BLOCK_LOG ROWS DISK WORK MOUNT
 *
 * DISK is the recorded disk as it is now: the whole block log must give it, byte for byte. WORK is made, of its size.
 * CHANCE chooses the images. The log is in MOUNT/log. Prints one row; what is wrong goes to stderr. Exit 0 if nothing is.
 *
 * SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common.h"
#include "device.h"
#include "guard.h"
#include "image.h"
#include "record.h"

enum { SHOWN_MOST = 5, VIOLATIONS_MOST = 20, YOUNG_ROWS = 8 };

struct replay {
    const char *file_system, *mount;
    const struct disk_profile *profile;
    uint32_t method;
    uint64_t state; /* of chance */
    struct disk_entries entries;
    struct disk_rows rows;
    uint64_t *lost;
    struct disk_image image;
    struct disk_device device;
    struct disk_plan plan;
    struct disk_expectation expectation;
    uint64_t images, violations, torn;
    uint64_t kinds[DISK_PLAN_KINDS];
};

static void complain(struct replay *r, const char *why)
{
    r->violations++;
    if (r->violations <= SHOWN_MOST)
        fprintf(stderr, "disk-replay: %s, image %" PRIu64 " (entries %" PRIu64 ", %s of the last %" PRIu64 "): %s\n",
                r->file_system, r->images, r->plan.position, disk_plan_name(r->plan.kind),
                r->plan.position - r->plan.window, why);
}

static void check_mounted(struct replay *r)
{
    struct disk_findings findings;
    char directory[300];

    snprintf(directory, sizeof directory, "%s/log", r->mount);
    if (!disk_check_guarded(directory, r->profile, r->method, &r->expectation, &findings))
        complain(r, findings.why);
    r->torn += findings.torn_bytes > 0;
}

static void try_image(struct replay *r)
{
    char why[100];

    disk_rows_expect(&r->rows, r->plan.position, r->profile->keep_segments, r->lost, &r->expectation);
    int rc = disk_mount(r->device.path, r->mount, r->file_system);
    if (rc < 0) {
        snprintf(why, sizeof why, "the file system cannot be mounted: %s", strerror(-rc));
        complain(r, why);
        return;
    }
    check_mounted(r);
    rc = disk_unmount(r->mount);
    if (rc < 0)
        disk_give_up("%s cannot be unmounted: %s", r->mount, strerror(-rc));
}

static void build_and_try(struct replay *r, uint64_t position)
{
    enum disk_plan_kind wanted = (enum disk_plan_kind)disk_below(&r->state, DISK_PLAN_KINDS);

    int rc = disk_plan_choose(&r->entries, position, wanted, &r->state, &r->plan);
    if (rc == 0)
        rc = disk_image_advance(&r->image, &r->entries, r->plan.window);
    if (rc == 0)
        rc = disk_image_take(&r->image, &r->entries, &r->plan);
    if (rc == 0)
        rc = disk_image_put(&r->image, NULL);
    if (rc == 0)
        rc = disk_device_forget(&r->device);
    if (rc < 0)
        disk_give_up("an image cannot be built: %s", strerror(-rc));
    try_image(r);
    disk_image_restore(&r->image);
    r->kinds[r->plan.kind]++;
    r->images++;
}

/* Just behind a write of quire's blocks: there it may be torn. */
static uint64_t behind_a_block(struct replay *r, uint64_t position, uint64_t last)
{
    while (position < last && disk_plan_block_bytes(&r->entries, &r->entries.entries[position]) == 0)
        position++;
    return position < last ? position + 1 : last;
}

/* Where something was acknowledged in a segment that had only just been begun: its name must be durable, and nothing else
 * has had the time to make it so. */
static uint64_t in_a_young_segment(struct replay *r)
{
    uint64_t row = disk_below(&r->state, r->rows.count);

    while (row > 0 && r->rows.rows[row].segment == r->rows.rows[row - 1].segment)
        row--;
    row += disk_below(&r->state, YOUNG_ROWS);
    return r->rows.rows[row < r->rows.count ? row : r->rows.count - 1].position;
}

/* A quarter of them anywhere, one where something was just acknowledged, since there the least may be missing, one where
 * blocks were just written, and one where a segment was just begun. */
static uint64_t choose_position(struct replay *r)
{
    uint64_t first = r->rows.rows[0].position;
    uint64_t last = r->rows.rows[r->rows.count - 1].position;
    uint64_t anywhere = first + disk_below(&r->state, last - first + 1);

    switch (disk_below(&r->state, 4)) {
    case 0:
        return r->rows.rows[disk_below(&r->state, r->rows.count)].position;
    case 1:
        return behind_a_block(r, anywhere, last);
    case 2:
        return in_a_young_segment(r);
    default:
        return anywhere;
    }
}

static int by_size(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

static void try_images(struct replay *r, uint64_t images)
{
    uint64_t *positions = calloc(images + 1, sizeof *positions);

    if (!positions)
        disk_give_up("out of memory");
    for (uint64_t i = 0; i < images; i++)
        positions[i] = choose_position(r);
    qsort(positions, images, sizeof *positions, by_size);
    for (uint64_t i = 0; i < images && !disk_stopped && r->violations < VIOLATIONS_MOST; i++)
        build_and_try(r, positions[i]);
    free(positions);
}

/* The log replayed to its end is the disk: else what was built here was no disk that ever was. */
static void check_replay(struct replay *r, int disk)
{
    unsigned char page[DISK_PAGE];

    if (disk_image_advance(&r->image, &r->entries, r->entries.count) < 0)
        disk_give_up("the block log does not fit the disk");
    for (uint64_t at = 0; at < r->image.bytes; at += DISK_PAGE)
        if (pread(disk, page, sizeof page, (off_t)at) != (ssize_t)sizeof page ||
            memcmp(page, r->image.memory + at, sizeof page) != 0)
            disk_give_up("the block log does not give the disk: it differs at byte %" PRIu64, at);
}

static void open_all(struct replay *r, char **argv, int disk)
{
    struct stat status;
    int rows = open(argv[8], O_RDONLY | O_CLOEXEC);
    int work = open(argv[10], O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (disk < 0 || rows < 0 || work < 0 || fstat(disk, &status) < 0 || ftruncate(work, status.st_size) < 0)
        disk_give_up("%s, %s or %s cannot be opened", argv[8], argv[9], argv[10]);
    if (disk_rows_read(rows, &r->rows) < 0 || r->rows.count == 0)
        disk_give_up("%s has no whole rows", argv[8]);
    if (r->rows.rows[r->rows.count - 1].kind != DISK_ROW_END)
        disk_give_up("%s says that the workload did not end", argv[8]);
    close(rows);
    r->lost = calloc(r->rows.count, sizeof *r->lost);
    if (disk_entries_open(argv[7], &r->entries) < 0)
        disk_give_up("%s is no block log", argv[7]);
    if (!r->lost || disk_image_open((uint64_t)status.st_size, work, &r->image) < 0)
        disk_give_up("out of memory");
    int rc = disk_device_attach(work, &r->device);
    if (rc < 0)
        disk_give_up("no loop device: %s", strerror(-rc));
}

static void close_all(struct replay *r)
{
    disk_device_detach(&r->device);
    close(r->image.file);
    disk_image_close(&r->image);
    disk_entries_free(&r->entries);
    disk_rows_free(&r->rows);
    disk_plan_free(&r->plan);
    free(r->lost);
}

int main(int argc, char **argv)
{
    if (argc != 12)
        disk_usage("usage: disk-replay FILE_SYSTEM METHOD PROFILE SEED IMAGES CHANCE BLOCK_LOG ROWS DISK WORK MOUNT");
    struct replay r = {.file_system = argv[1],
                       .method = disk_method_of(argv[2]),
                       .profile = disk_profile_of(argv[3]),
                       .expectation.seed = disk_number_of(argv[4]),
                       .state = disk_number_of(argv[6]),
                       .mount = argv[11]};
    double begun = disk_now();
    int disk = open(argv[9], O_RDONLY | O_CLOEXEC);

    disk_stop_install();
    open_all(&r, argv, disk);
    try_images(&r, disk_number_of(argv[5]));
    if (!disk_stopped)
        check_replay(&r, disk);
    close(disk);
    struct disk_line line = {.part = "blocks",
                             .file_system = argv[1],
                             .method = argv[2],
                             .profile = argv[3],
                             .tried = r.images,
                             .violations = r.violations,
                             .seconds = disk_now() - begun};
    snprintf(line.note, sizeof line.note, "%" PRIu64 " entries, %" PRIu64 " torn blocks, %" PRIu64 " tails cut",
             r.entries.count, r.kinds[DISK_PLAN_TORN], r.torn);
    close_all(&r);
    disk_line_print(&line);
    return disk_stopped ? 128 + disk_stopped : r.violations > 0;
}
