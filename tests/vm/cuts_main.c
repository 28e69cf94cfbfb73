/* vm-cuts: the power of a machine is cut while it appends to a log, mounts its disk or recovers its log. Then disks
 * are built as the cut may leave them, of what no flush covered any part left out; the log on each is recovered and
 * compared with what the machine had told; and on one of them the machine is started again.
 *
 *     vm-cuts KERNEL FILE_SYSTEM METHOD PROFILE SEED CUTS IMAGES DIRECTORY
 *
 * KERNEL is a name for the table. PROFILE may be "any": then chance chooses one for each disk. IMAGES: for each cut.
 * WRECK in the environment: a file, for the first disk with something wrong.
 * VERBOSE: a line for each cut, on stderr.
 * DIRECTORY: see machine.h; besides "blank", a disk with a file system, and "m", to mount on. Prints one row; exit 0 if
 * nothing is wrong.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common.h"
#include "device.h"
#include "guard.h"
#include "history.h"
#include "image.h"
#include "machine.h"
#include "moment.h"
#include "record.h"

enum { LIVES = 8, SHOWN_MOST = 5, WRONG_MOST = 20, PATH_ROOM = 400 };
enum { SILENCE_MS = 60 * 1000 };

struct cuts {
    const char *kernel, *file_system, *method_name, *directory;
    const struct disk_profile *wanted, *profile; /* wanted NULL: any */
    uint32_t method;
    uint64_t state; /* of chance */
    uint64_t images_each;
    uint64_t seed; /* of the records on this disk */
    uint64_t life; /* of this disk: 1, ... */
    uint64_t durable;
    char mount[PATH_ROOM];
    int disk, under_loop, blank;
    struct disk_image image;
    struct disk_device device;
    struct disk_plan plan;
    struct disk_entries entries;
    struct vm_history history;
    struct vm_machine machine;
    struct vm_moment moment;
    struct vm_heard heard;
    bool wrong; /* something of this cut is */
    struct {
        uint64_t cuts, mounting, recovering, acknowledged, images, lost, other, wrong;
    } sum;
};

static void must(int rc, const char *what)
{
    if (rc < 0)
        disk_give_up("%s: %s", what, strerror(-rc));
}

static int open_in(const struct cuts *c, const char *name, int flags)
{
    char path[PATH_ROOM];

    snprintf(path, sizeof path, "%s/%s", c->directory, name);
    int file = open(path, flags | O_CLOEXEC, 0600);
    if (file < 0)
        disk_give_up("%s cannot be opened: %s", path, strerror(errno));
    return file;
}

/* Which cut this is, on stderr. */
static void name_cut(const struct cuts *c)
{
    char moment[VM_MOMENT_TEXT];

    vm_moment_say(&c->moment, moment);
    fprintf(stderr, "vm-cuts: %s, %s, %s, %s, cut %" PRIu64 " (life %" PRIu64 ", %s)", c->kernel, c->file_system,
            c->method_name, c->profile->name, c->sum.cuts, c->life, moment);
}

static void complain(struct cuts *c, const char *why)
{
    c->sum.wrong += !c->wrong;
    c->wrong = true;
    if (c->sum.lost + c->sum.other > SHOWN_MOST)
        return;
    name_cut(c);
    fprintf(stderr, ", disk of %" PRIu64 " entries, %s of the last %" PRIu64 ": %s\n", c->plan.position,
            disk_plan_name(c->plan.kind), c->plan.position - c->plan.window, why);
}

/* Makes a file equal to the disk in memory. The number of pages in which it was not. */
static uint64_t make_equal(struct cuts *c, int file)
{
    uint64_t pages = 0;

    c->image.file = file;
    must(disk_image_put(&c->image, &pages), "an image cannot be written");
    return pages;
}

/* Where WRECK in the environment says: the first disk with something wrong, and beside it what the machine had told. */
static void keep_wreck(struct cuts *c)
{
    const char *path = getenv("WRECK");
    char rows[PATH_ROOM];
    char text[VM_LINE_MOST];

    if (!path || c->sum.lost + c->sum.other != 1)
        return;
    int file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    snprintf(rows, sizeof rows, "%s.rows", path);
    FILE *told = fopen(rows, "we");
    if (file < 0 || !told || ftruncate(file, (off_t)c->image.bytes) < 0)
        disk_give_up("%s cannot be written: %s", path, strerror(errno));
    make_equal(c, file);
    close(file);
    for (uint64_t i = 0; i < c->history.rows.count; i++) {
        vm_line_of_row(&c->history.rows.rows[i], text);
        fprintf(told, "%" PRIu64 " %s", c->history.rows.rows[i].position, text);
    }
    if (fclose(told) != 0)
        disk_give_up("%s cannot be written: %s", rows, strerror(errno));
}

static const struct disk_profile *choose_profile(struct cuts *c)
{
    uint64_t count = 0;

    if (c->wanted)
        return c->wanted;
    while (disk_profiles[count].name)
        count++;
    return &disk_profiles[disk_below(&c->state, count)];
}

static void begin_disk(struct cuts *c)
{
    vm_history_free(&c->history);
    must(disk_image_load(&c->image, c->blank), "the empty disk cannot be read");
    c->profile = choose_profile(c);
    c->seed = disk_random(&c->state);
    c->life = c->durable = 0;
}

/* Of the disk that it was started on. What its own recovery loses, the images do not show once as many records were
 * appended again. */
static void check_recovered(struct cuts *c)
{
    char why[100];

    if (c->history.recovered_last >= c->durable)
        return;
    snprintf(why, sizeof why, "the machine recovered up to %" PRIu64 ", and %" PRIu64 " were acknowledged",
             c->history.recovered_last, c->durable);
    c->sum.lost++;
    complain(c, why);
    keep_wreck(c);
}

static void add_row(struct cuts *c, struct disk_row *row)
{
    bool is_first = !c->history.recovered;

    must(vm_machine_entries(&c->machine, &row->position), "the block log cannot be read");
    must(vm_history_add(&c->history, row), "what was heard cannot be kept");
    if (is_first)
        check_recovered(c);
}

/* The machine failed by itself. */
static void fail(struct cuts *c, const char *why)
{
    c->sum.other++;
    complain(c, why);
}

/* Returns when the power is to go: the line is not answered then, or it is and some time has gone by. */
static void listen(struct cuts *c)
{
    char orders[VM_LINE_MOST];
    char text[VM_LINE_MOST];
    struct vm_line line;

    snprintf(orders, sizeof orders, "%s %s %s %" PRIu64 " %" PRIu64 "\n", c->file_system, c->method_name,
             c->profile->name, c->seed, c->life);
    for (;;) {
        int rc = vm_machine_hear(&c->machine, SILENCE_MS, text);
        if (rc == -EINTR && disk_stopped)
            return;
        if (rc < 0 || vm_line_read(text, &line) < 0) {
            fail(c, rc == -ETIMEDOUT ? "the machine hangs" : rc < 0 ? "the machine ended" : text);
            return;
        }
        if (line.kind == VM_LINE_FAILED) {
            fail(c, line.why);
            return;
        }
        /* It goes on calling until it is answered. */
        if (line.kind == VM_LINE_UP && c->heard.up)
            continue;
        if (line.kind == VM_LINE_ROW)
            add_row(c, &line.row);
        vm_heard_add(&c->heard, &line);
        if (vm_moment_is_now(&c->moment, &c->heard, &line))
            return;
        vm_machine_answer(&c->machine, line.kind == VM_LINE_UP ? orders : "\n");
    }
}

/* What was told between the last answer and the cut. */
static void hear_the_rest(struct cuts *c)
{
    char text[VM_LINE_MOST];
    struct vm_line line;

    while (vm_machine_hear(&c->machine, SILENCE_MS, text) == 0) {
        if (vm_line_read(text, &line) < 0)
            continue;
        if (line.kind == VM_LINE_FAILED)
            fail(c, line.why);
        if (line.kind == VM_LINE_ROW) {
            add_row(c, &line.row);
            vm_heard_add(&c->heard, &line);
        }
    }
}

/* Its disk has ended by now, and with it the block log. */
static void read_block_log(struct cuts *c, uint64_t count)
{
    char path[PATH_ROOM];

    c->entries = (struct disk_entries){.count = 0};
    if (count == 0)
        return; /* then it is not even a block log */
    snprintf(path, sizeof path, "%s/log", c->directory);
    must(disk_entries_open(path, &c->entries), "the block log cannot be read");
}

static void run_machine(struct cuts *c)
{
    uint64_t count;

    c->life++;
    c->heard = (struct vm_heard){.up = false};
    c->plan.position = c->plan.window = c->plan.kind = 0;
    vm_history_begin_life(&c->history, c->life);
    vm_moment_choose(&c->state, &c->moment);
    make_equal(c, c->disk);
    must(vm_machine_start(c->directory, &c->machine), "the machine cannot be started");
    listen(c);
    if (c->moment.answered)
        vm_machine_answer(&c->machine, "\n");
    vm_moment_wait(&c->moment);
    vm_machine_cut(&c->machine);
    hear_the_rest(c);
    vm_machine_end_disk(&c->machine);
    must(vm_machine_entries(&c->machine, &count), "the block log cannot be read");
    vm_machine_stop(&c->machine);
    read_block_log(c, count);
    c->sum.cuts++;
    c->sum.mounting += c->heard.mounting && !c->heard.opening;
    c->sum.recovering += c->heard.opening && c->heard.rows == 0;
}

static void check_mounted(struct cuts *c, struct disk_expectation *expectation)
{
    struct disk_findings findings;
    char directory[PATH_ROOM + 10];

    snprintf(directory, sizeof directory, "%s/log", c->mount);
    if (disk_check_guarded(directory, c->profile, c->method, expectation, &findings))
        return;
    if (findings.last < expectation->durable)
        c->sum.lost++;
    else
        c->sum.other++;
    complain(c, findings.why);
    keep_wreck(c);
}

/* The disk in memory, mounted and looked at. */
static void try_image(struct cuts *c)
{
    struct disk_expectation expectation = {.seed = c->seed};
    char why[100];

    vm_history_expect(&c->history, c->plan.position, c->profile->keep_segments, &expectation);
    make_equal(c, c->under_loop);
    must(disk_device_forget(&c->device), "the loop device keeps what it has");
    c->sum.images++;
    int rc = disk_mount(c->device.path, c->mount, c->file_system);
    if (rc < 0) {
        snprintf(why, sizeof why, "the file system cannot be mounted: %s", strerror(-rc));
        fail(c, why);
        keep_wreck(c);
        return;
    }
    check_mounted(c, &expectation);
    must(disk_unmount(c->mount), "an image cannot be unmounted");
}

/* What the cut left at position, by the plan of that kind. */
static void take(struct cuts *c, uint64_t position, enum disk_plan_kind kind)
{
    must(disk_plan_choose(&c->entries, position, kind, &c->state, &c->plan), "an image cannot be chosen");
    must(disk_image_advance(&c->image, &c->entries, c->plan.window), "an image cannot be built");
    must(disk_image_take(&c->image, &c->entries, &c->plan), "an image cannot be built");
}

static enum disk_plan_kind any_kind(struct cuts *c)
{
    return (enum disk_plan_kind)disk_below(&c->state, DISK_PLAN_KINDS);
}

static int by_size(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

/* Half of them at the cut, the others at places on the way there, of which half where something was just told. */
static void choose_positions(struct cuts *c, uint64_t *positions)
{
    const struct disk_rows *rows = &c->history.rows; /* those of lives before have no place here */

    for (uint64_t i = 0; i < c->images_each; i++) {
        uint64_t chance = disk_below(&c->state, 4);
        positions[i] = c->entries.count;
        if (chance == 0)
            positions[i] = disk_below(&c->state, c->entries.count + 1);
        else if (chance == 1 && c->heard.rows > 0)
            positions[i] = rows->rows[rows->count - 1 - disk_below(&c->state, c->heard.rows)].position;
    }
    qsort(positions, c->images_each, sizeof *positions, by_size);
}

static void try_images(struct cuts *c)
{
    uint64_t *positions = calloc(c->images_each + 1, sizeof *positions);

    if (!positions)
        disk_give_up("out of memory");
    choose_positions(c, positions);
    for (uint64_t i = 0; i < c->images_each && !disk_stopped; i++) {
        take(c, positions[i], any_kind(c));
        try_image(c);
        disk_image_restore(&c->image);
    }
    free(positions);
}

/* With all that the disk was given it is what the block log says, byte for byte: else what was built was no disk.
 * Then the one on which the machine goes on. */
static void try_the_disk(struct cuts *c)
{
    take(c, c->entries.count, DISK_PLAN_ALL);
    if (make_equal(c, c->disk) > 0)
        disk_give_up("the block log does not give the disk");
    try_image(c);
    disk_image_restore(&c->image);
    take(c, c->entries.count, any_kind(c));
    try_image(c);
    disk_image_settle(&c->image);
}

static void count_durable(struct cuts *c)
{
    struct disk_expectation expectation;

    vm_history_expect(&c->history, UINT64_MAX, c->profile->keep_segments, &expectation);
    if (expectation.durable > c->durable)
        c->sum.acknowledged += expectation.durable - c->durable;
    c->durable = expectation.durable;
    if (!getenv("VERBOSE"))
        return;
    name_cut(c);
    fprintf(stderr, ": %" PRIu64 " lines heard, %" PRIu64 " entries, ", c->heard.rows, c->entries.count);
    if (c->history.recovered)
        fprintf(stderr, "recovered %" PRIu64 ", ", c->history.recovered_last);
    fprintf(stderr, "acknowledged %" PRIu64 "\n", c->durable);
}

static void cut_once(struct cuts *c)
{
    c->wrong = false;
    if (c->life == 0 || c->life == LIVES)
        begin_disk(c);
    run_machine(c);
    if (!disk_stopped) {
        count_durable(c);
        try_images(c);
        try_the_disk(c);
    }
    disk_entries_free(&c->entries);
    /* A log with something wrong is of no use for the next. */
    if (c->wrong)
        c->life = LIVES;
}

static void open_all(struct cuts *c)
{
    struct stat status;

    snprintf(c->mount, sizeof c->mount, "%s/m", c->directory);
    c->blank = open_in(c, "blank", O_RDONLY);
    c->disk = open_in(c, "disk", O_RDWR | O_CREAT | O_TRUNC);
    c->under_loop = open_in(c, "image", O_RDWR | O_CREAT | O_TRUNC);
    if (fstat(c->blank, &status) < 0 || ftruncate(c->disk, status.st_size) < 0 ||
        ftruncate(c->under_loop, status.st_size) < 0)
        disk_give_up("the disks cannot be made: %s", strerror(errno));
    must(disk_image_open((uint64_t)status.st_size, -1, &c->image), "a disk cannot be kept in memory");
    must(disk_device_attach(c->under_loop, &c->device), "no loop device is to be had");
}

static void close_all(struct cuts *c)
{
    disk_device_detach(&c->device);
    disk_image_close(&c->image);
    disk_plan_free(&c->plan);
    vm_history_free(&c->history);
    close(c->blank);
    close(c->disk);
    close(c->under_loop);
}

int main(int argc, char **argv)
{
    static struct cuts c;

    if (argc != 9)
        disk_usage("usage: vm-cuts KERNEL FILE_SYSTEM METHOD PROFILE SEED CUTS IMAGES DIRECTORY");
    c.kernel = argv[1];
    c.file_system = argv[2];
    c.method_name = argv[3];
    c.method = disk_method_of(argv[3]);
    c.wanted = strcmp(argv[4], "any") == 0 ? NULL : disk_profile_of(argv[4]);
    c.state = disk_number_of(argv[5]);
    c.images_each = disk_number_of(argv[7]);
    c.directory = argv[8];
    uint64_t cuts = disk_number_of(argv[6]);
    double begun = disk_now();
    disk_stop_install();
    signal(SIGPIPE, SIG_IGN);
    open_all(&c);
    while (c.sum.cuts < cuts && !disk_stopped && c.sum.wrong < WRONG_MOST)
        cut_once(&c);
    close_all(&c);
    printf("row %-5s %-5s %-6s %5" PRIu64 " %6" PRIu64 " %9" PRIu64 " %7" PRIu64 " %7" PRIu64 " %5" PRIu64 " %5" PRIu64
           " %6.1f  %" PRIu64 " while mounting, %" PRIu64 " cuts with something wrong\n",
           c.kernel, c.file_system, c.method_name, c.sum.cuts, c.sum.recovering, c.sum.acknowledged, c.sum.images,
           c.sum.lost, c.sum.other, c.sum.wrong, disk_now() - begun, c.sum.mounting, c.sum.wrong);
    return disk_stopped ? 128 + disk_stopped : c.sum.wrong > 0;
}
