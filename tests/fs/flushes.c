/* What a durable append costs the device, counted by the kernel: one flush and one page, on ext4 and XFS.
 *
 * On a loop device of its own, so that nobody else's writes are counted. Counts do not jitter as times do.
 *
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "log/log.h"
#include "log_support.h"

enum { APPENDS = 300, SLACK = 6 };

struct disk {
    char device[32];
    char mount[200];
};

static bool run(const char *format, const char *a, const char *b)
{
    char command[1500];

    snprintf(command, sizeof command, format, a, b);
    return system(command) == 0;
}

static void read_line(const char *command, char *line, int size)
{
    FILE *pipe = popen(command, "r");

    line[0] = '\0';
    if (pipe && fgets(line, size, pipe))
        line[strcspn(line, "\n")] = '\0';
    if (pipe)
        pclose(pipe);
}

static void detach(const struct disk *disk)
{
    run("umount %s 2>/dev/null; losetup -d %s", disk->mount, disk->device);
}

static struct disk attach(const char *kind)
{
    struct disk disk = {.device = ""};
    char command[1500];
    const char *image = harness_path("image");

    if (geteuid() != 0)
        SKIP("only root can make a loop device");
    if (!run("command -v mkfs.%s%s >/dev/null", kind, ""))
        SKIP("mkfs.%s is not installed", kind);
    REQUIRE(run("truncate -s 512M %s%s", image, ""));
    snprintf(command, sizeof command, "losetup --find --show %s 2>/dev/null", image);
    read_line(command, disk.device, sizeof disk.device);
    if (disk.device[0] == '\0')
        SKIP("no loop device is to be had");
    snprintf(disk.mount, sizeof disk.mount, "%.150s", harness_path("mount"));
    REQUIRE(mkdir(disk.mount, 0700) == 0);
    /* ext4 would go on making itself in the background, and be counted. */
    const char *options = strcmp(kind, "ext4") == 0 ? "-E lazy_itable_init=0,lazy_journal_init=0" : "";
    snprintf(command, sizeof command, "mkfs.%s -q %s %s >/dev/null 2>&1 && mount %s %s 2>/dev/null", kind, options,
             disk.device, disk.device, disk.mount);
    if (system(command) != 0) {
        detach(&disk);
        SKIP("%s cannot be mounted here", kind);
    }
    return disk;
}

struct counts {
    uint64_t sectors, flushes;
};

/* Fields 7 and 16 of Documentation/block/stat.rst. */
static struct counts counts_of(const struct disk *disk)
{
    struct counts counts = {0};
    char name[100];

    snprintf(name, sizeof name, "/sys/block/%s/stat", strrchr(disk->device, '/') + 1);
    FILE *file = fopen(name, "r");
    REQUIRE(file != NULL);
    uint64_t value = 0;
    int field = 1;
    for (; field <= 16 && fscanf(file, "%" SCNu64, &value) == 1; field++) {
        counts.sectors = field == 7 ? value : counts.sectors;
        counts.flushes = field == 16 ? value : counts.flushes;
    }
    fclose(file);
    if (field <= 16)
        SKIP("this kernel does not count flushes");
    return counts;
}

struct flushes {
    const char *name, *kind;
    uint32_t method;
};

static const struct flushes cases[] = {
    {"ext4_paged", "ext4", QUIRE_METHOD_PAGED}, {"ext4_uring", "ext4", QUIRE_METHOD_URING},
    {"ext4_write", "ext4", QUIRE_METHOD_WRITE}, {"xfs_paged", "xfs", QUIRE_METHOD_PAGED},
    {"xfs_uring", "xfs", QUIRE_METHOD_URING},
};

TEST_EACH(log_flushes, struct flushes, cases)
{
    struct disk disk = attach(it->kind);
    struct quire_log_options o = small_log(it->method);
    char directory[400];
    quire_log *log = NULL;

    o.sync_policy = QUIRE_SYNC_EACH;
    o.segment_bytes = 8 << 20;
    snprintf(directory, sizeof directory, "%s/log", disk.mount);
    int rc = quire_log_open(directory, &o, &log);
    if (rc < 0) {
        detach(&disk);
        if (rc == QUIRE_E_NO_DIRECT || rc == QUIRE_E_NO_URING)
            SKIP("%s", quire_strerror(rc));
        REQUIRE_OK(rc);
    }
    /* What the keeper writes is not an append's. */
    while (!atomic_load(&log->keeper.ready))
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    CHECK_OK(append_next(log, 1));
    sync();
    struct counts before = counts_of(&disk);
    for (uint64_t i = 2; i <= APPENDS + 1; i++)
        CHECK_OK(append_next(log, i));
    struct counts after = counts_of(&disk);
    CHECK_OK(quire_log_close(log));
    detach(&disk);
    uint64_t flushes = after.flushes - before.flushes;
    uint64_t kib = (after.sectors - before.sectors) / 2;
    printf("%d durable appends: %" PRIu64 " flushes, %" PRIu64 " KiB\n", APPENDS, flushes, kib);
    CHECK(flushes >= APPENDS && flushes <= APPENDS + SLACK);
    CHECK(kib >= 4 * APPENDS && kib <= 4 * (APPENDS + SLACK));
}
