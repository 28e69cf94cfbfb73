/* The part of this room that needs no root: reading a block log, choosing legal outcomes, building images, and what a log
 * must hold by its rows. On a made-up block log; the kernel is not asked.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"
#include "image.h"
#include "record.h"
#include "witness.h"

enum { PAGES = 16, BYTES = PAGES * DISK_PAGE, SECTOR = 512 };
enum { FLUSH = 1, FUA = 2, DISCARD = 4 };

struct maker {
    FILE *file;
    uint64_t count;
};

static void put_header(struct maker *m, uint64_t page, uint64_t pages, uint64_t flags)
{
    uint64_t words[SECTOR / 8] = {page * 8, pages * 8, flags, 0};

    REQUIRE_UINT(fwrite(words, sizeof words, 1, m->file), 1);
    m->count++;
}

/* A write of pages that hold fill; the first begins a block of quire's if block pages are not 0. */
static void put_write(struct maker *m, uint64_t page, uint64_t pages, int fill, uint32_t block_pages, uint64_t flags)
{
    unsigned char bytes[4 * DISK_PAGE];

    memset(bytes, fill, sizeof bytes);
    if (block_pages) {
        static const unsigned char magic[4] = {'Q', 'B', 'L', 'K'};
        memcpy(bytes, magic, sizeof magic);
        memcpy(bytes + 12, &block_pages, sizeof block_pages);
    }
    put_header(m, page, pages, flags);
    REQUIRE_UINT(fwrite(bytes, DISK_PAGE, pages, m->file), pages);
}

static void put_super(struct maker *m, uint64_t count)
{
    uint64_t words[SECTOR / 8] = {0x6a736677736872u, 1, count, SECTOR};

    rewind(m->file);
    REQUIRE_UINT(fwrite(words, sizeof words, 1, m->file), 1);
}

static struct maker begin_log(void)
{
    struct maker m = {.file = fopen(harness_path("blocks"), "w+")};

    REQUIRE(m.file != NULL);
    put_super(&m, 0);
    return m;
}

static struct disk_entries end_log(struct maker *m)
{
    struct disk_entries entries;

    put_super(m, m->count);
    REQUIRE(fclose(m->file) == 0);
    REQUIRE_INT(disk_entries_open(harness_path("blocks"), &entries), 0);
    return entries;
}

/* 0: A on page 0. 1: flush. 2: B on page 0. 3: C on page 2. 4: D, durable, on page 3. 5: zeros on page 2. 6: a block of 2
 * pages with one page behind it, on 4. 7: flush. */
static struct disk_entries usual_log(void)
{
    struct maker m = begin_log();

    put_write(&m, 0, 1, 'A', 0, 0);
    put_header(&m, 0, 0, FLUSH);
    put_write(&m, 0, 1, 'B', 0, 0);
    put_write(&m, 2, 1, 'C', 0, 0);
    put_write(&m, 3, 1, 'D', 0, FUA);
    put_header(&m, 2, 1, DISCARD);
    put_write(&m, 4, 3, 'E', 2, 0);
    put_header(&m, 0, 0, FLUSH);
    return end_log(&m);
}

TEST(entries)
{
    struct disk_entries entries = usual_log();

    CHECK_UINT(entries.count, 8);
    CHECK_UINT(entries.entries[6].offset, 4 * DISK_PAGE);
    CHECK_UINT(entries.entries[6].length, 3 * DISK_PAGE);
    CHECK(entries.entries[5].data == UINT64_MAX);
    CHECK(entries.entries[4].durable && entries.entries[7].flush);
    CHECK_UINT(disk_entries_window(&entries, 0), 0);
    CHECK_UINT(disk_entries_window(&entries, 1), 0);
    CHECK_UINT(disk_entries_window(&entries, 7), 2);
    CHECK_UINT(disk_entries_window(&entries, 8), 8);
    CHECK_UINT(disk_plan_block_bytes(&entries, &entries.entries[6]), 2 * DISK_PAGE);
    CHECK_UINT(disk_plan_block_bytes(&entries, &entries.entries[3]), 0);
    disk_entries_free(&entries);
}

TEST(entries_cut_short)
{
    struct maker m = begin_log();
    struct disk_entries entries;

    put_write(&m, 0, 4, 'A', 0, 0);
    put_super(&m, 1);
    REQUIRE(fclose(m.file) == 0);
    REQUIRE(truncate(harness_path("blocks"), 2 * SECTOR + 3 * DISK_PAGE) == 0);
    CHECK_INT(disk_entries_open(harness_path("blocks"), &entries), -EINVAL);
    REQUIRE(truncate(harness_path("blocks"), 0) == 0);
    CHECK_INT(disk_entries_open(harness_path("blocks"), &entries), -EINVAL);
}

/* Whatever is chosen: what a flush or FUA made durable is kept, and only a block of quire's is torn. */
TEST(plans_are_legal)
{
    struct disk_entries entries = usual_log();
    struct disk_plan plan = {0};
    uint64_t state = harness_random();
    uint64_t seen[DISK_PLAN_KINDS] = {0};

    for (int i = 0; i < 5000; i++) {
        uint64_t position = disk_below(&state, entries.count + 1);
        REQUIRE_INT(disk_plan_choose(&entries, position, (enum disk_plan_kind)(i % DISK_PLAN_KINDS), &state, &plan), 0);
        seen[plan.kind]++;
        REQUIRE_UINT(plan.window, disk_entries_window(&entries, position));
        if (position > 4 && plan.window <= 4)
            REQUIRE_UINT(plan.fates[4 - plan.window], DISK_FATE_KEPT);
        for (uint64_t at = plan.window; at < position; at++)
            REQUIRE(plan.fates[at - plan.window] <= DISK_FATE_KEPT || at == plan.torn);
        if (plan.torn != UINT64_MAX)
            REQUIRE_UINT(plan.torn, 6);
    }
    for (int kind = 0; kind < DISK_PLAN_KINDS; kind++)
        CHECK(seen[kind] > 40);
    disk_plan_free(&plan);
    disk_entries_free(&entries);
}

static struct disk_image open_image(int *file)
{
    struct disk_image image;

    *file = open(harness_path("disk"), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    REQUIRE(*file >= 0 && ftruncate(*file, BYTES) == 0);
    REQUIRE_INT(disk_image_open(BYTES, *file, &image), 0);
    return image;
}

/* The first byte of each page, for comparing by eye. */
static void first_bytes(int file, char *text)
{
    for (int page = 0; page < PAGES; page++) {
        REQUIRE(pread(file, &text[page], 1, page * DISK_PAGE) == 1);
        text[page] = text[page] ? text[page] : '.';
    }
    text[PAGES] = '\0';
}

TEST(image_takes_and_restores)
{
    struct disk_entries entries = usual_log();
    struct disk_plan plan = {0};
    uint64_t state = 1;
    char text[PAGES + 1];
    int file;
    struct disk_image image = open_image(&file);

    REQUIRE_INT(disk_plan_choose(&entries, 5, DISK_PLAN_NONE, &state, &plan), 0);
    REQUIRE_INT(disk_image_advance(&image, &entries, plan.window), 0);
    REQUIRE_INT(disk_image_take(&image, &entries, &plan), 0);
    REQUIRE_INT(disk_image_put(&image, NULL), 0);
    first_bytes(file, text);
    CHECK_STR(text, "A..D............");
    disk_image_restore(&image);
    REQUIRE_INT(disk_plan_choose(&entries, 7, DISK_PLAN_ALL, &state, &plan), 0);
    REQUIRE_INT(disk_image_take(&image, &entries, &plan), 0);
    REQUIRE_INT(disk_image_put(&image, NULL), 0);
    first_bytes(file, text);
    CHECK_STR(text, "B..DQEE.........");
    disk_image_restore(&image);
    /* What somebody else wrote there is undone too. */
    REQUIRE(pwrite(file, "Z", 1, 9 * DISK_PAGE) == 1);
    REQUIRE_INT(disk_image_put(&image, NULL), 0);
    first_bytes(file, text);
    CHECK_STR(text, "A...............");
    disk_plan_free(&plan);
    disk_image_close(&image);
    disk_entries_free(&entries);
    close(file);
}

/* What a disk was before it is loaded is forgotten; what was taken and kept is where another block log begins. */
TEST(image_begins_anew)
{
    struct disk_entries entries = usual_log();
    struct disk_plan plan = {0};
    uint64_t state = 1;
    char text[PAGES + 1];
    int file;
    struct disk_image image = open_image(&file);

    REQUIRE_INT(disk_plan_choose(&entries, 7, DISK_PLAN_ALL, &state, &plan), 0);
    REQUIRE_INT(disk_image_advance(&image, &entries, plan.window), 0);
    REQUIRE_INT(disk_image_take(&image, &entries, &plan), 0);
    disk_image_settle(&image);
    disk_image_restore(&image);
    REQUIRE_INT(disk_image_put(&image, NULL), 0);
    first_bytes(file, text);
    CHECK_STR(text, "B..DQEE.........");
    REQUIRE_INT(disk_image_advance(&image, &entries, 1), 0);
    REQUIRE_INT(disk_image_put(&image, NULL), 0);
    first_bytes(file, text);
    CHECK_STR(text, "A..DQEE.........");
    REQUIRE(ftruncate(file, 0) == 0 && ftruncate(file, BYTES) == 0 && pwrite(file, "Z", 1, 9 * DISK_PAGE) == 1);
    REQUIRE_INT(disk_image_load(&image, file), 0);
    REQUIRE(pwrite(file, "Y", 1, 3 * DISK_PAGE) == 1 && pwrite(file, "Y", 1, 9 * DISK_PAGE) == 1);
    REQUIRE_INT(disk_image_put(&image, NULL), 0);
    first_bytes(file, text);
    CHECK_STR(text, ".........Z......");
    CHECK_UINT(image.position, 0);
    disk_plan_free(&plan);
    disk_image_close(&image);
    disk_entries_free(&entries);
    close(file);
}

TEST(image_tears_a_block_only)
{
    struct disk_entries entries = usual_log();
    struct disk_plan plan = {0};
    uint64_t state = harness_random();
    int file;
    struct disk_image image = open_image(&file);

    for (int i = 0; i < 300; i++) {
        REQUIRE_INT(disk_plan_choose(&entries, 7, DISK_PLAN_TORN, &state, &plan), 0);
        REQUIRE_INT(disk_image_advance(&image, &entries, plan.window), 0);
        REQUIRE_INT(disk_image_take(&image, &entries, &plan), 0);
        uint64_t missing = 0;
        for (uint64_t at = 0; at < 2 * DISK_PAGE; at += SECTOR)
            missing += image.memory[4 * DISK_PAGE + at + 100] != 'E';
        CHECK(missing > 0);
        CHECK_UINT(image.memory[6 * DISK_PAGE], 'E');
        disk_image_restore(&image);
        CHECK_UINT(image.memory[4 * DISK_PAGE], 0);
    }
    disk_plan_free(&plan);
    disk_image_close(&image);
    disk_entries_free(&entries);
    close(file);
}

TEST(rows_say_what_must_be_there)
{
    struct disk_row made[] = {
        {DISK_ROW_BEGIN, 10, 2, 1},   {DISK_ROW_DURABLE, 20, 2, 1}, {DISK_ROW_BEGIN, 20, 5, 3},
        {DISK_ROW_DURABLE, 30, 5, 3}, {DISK_ROW_LOST, 30, 6, 3},    {DISK_ROW_TRIM, 40, 4, 5},
        {DISK_ROW_DURABLE, 50, 5, 5}, {DISK_ROW_END, 60, 5, 5},
    };
    struct disk_rows rows = {made, sizeof made / sizeof made[0]};
    struct disk_expectation e = {0};
    uint64_t lost[8];

    disk_rows_expect(&rows, 19, 0, lost, &e);
    CHECK_UINT(e.durable, 0);
    CHECK_UINT(e.begun, 2);
    disk_rows_expect(&rows, 20, 0, lost, &e);
    CHECK_UINT(e.durable, 2);
    CHECK_UINT(e.begun, 5);
    CHECK_UINT(e.first_most, 1);
    CHECK_UINT(e.lost_count, 0);
    disk_rows_expect(&rows, 35, 0, lost, &e);
    CHECK_UINT(e.durable, 5);
    CHECK_UINT(e.lost_count, 1);
    disk_rows_expect(&rows, 60, 0, lost, &e);
    CHECK_UINT(e.first_most, 4);
    /* Of five segments three stay; the record 5 may lie in the third. */
    disk_rows_expect(&rows, 60, 3, lost, &e);
    CHECK_UINT(e.first_most, 5);
}
