/* The doctor, on machines that are not there: what it reads of them, what it finds, what it says.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doctor/doctor.h"
#include "golden.h"
#include "harness.h"
#include "report/report.h"

/* Writes a file below the root of a made-up machine, and the directories it is in. */
static void put(const char *path, const char *text)
{
    char whole[8192];
    snprintf(whole, sizeof whole, "%s/root%s", harness_directory(), path);
    for (char *slash = whole + strlen(harness_directory()) + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        REQUIRE(mkdir(whole, 0700) == 0 || errno == EEXIST);
        *slash = '/';
    }
    FILE *file = fopen(whole, "we");
    REQUIRE(file != NULL);
    fputs(text, file);
    fclose(file);
}

struct machine {
    const char *name;
    const char *mounts;                                /* /proc/self/mountinfo */
    const char *disk, *rotational, *scheduler, *cache; /* of 8:0; NULL: there is no such device */
    const char *dirty_ratio;
    bool virtual_machine;
    enum bench_storage storage;
    const char *findings; /* ids of problems, warnings and notes, in order */
};

#define ROOT "1 1 8:0 / / rw,relatime shared:1 - ext4 /dev/sda rw\n"

static const struct machine machines[] = {
    {"nvme", ROOT "2 1 8:0 / /data rw,noatime - ext4 /dev/nvme0n1 rw", "nvme0n1", "0", "[none] mq-deadline",
     "write back", "20", false, BENCH_STORAGE_FLASH, ""},
    {"sata disk", ROOT "2 1 8:0 / /data rw,relatime - xfs /dev/sdb rw", "sdb", "1", "none [mq-deadline] bfq",
     "write back", "20", false, BENCH_STORAGE_DISK, "rotating"},
    {"virtio", ROOT "2 1 8:0 / /data rw,relatime - ext4 /dev/vdb rw", "vdb", "1", "[none]", "write back", "20", true,
     BENCH_STORAGE_VIRTUAL, ""},
    {"kyber on flash", ROOT "2 1 8:0 / /data rw - ext4 /dev/sdb rw", "sdb", "0", "none [kyber]", "write through", "20",
     false, BENCH_STORAGE_FLASH, "scheduler"},
    {"tmpfs", ROOT "2 1 0:9 / /data rw - tmpfs none rw,size=1024k", NULL, NULL, NULL, NULL, "20", false,
     BENCH_STORAGE_MEMORY, "memory"},
    {"overlay", ROOT "2 1 0:9 / /data rw - overlay overlay rw,lowerdir=/l,upperdir=/u,workdir=/w", NULL, NULL, NULL,
     NULL, "20", false, BENCH_STORAGE_LAYERED, "layered"},
    {"nfs hard", ROOT "2 1 0:9 / /data rw - nfs4 server:/export rw,vers=4.2,hard", NULL, NULL, NULL, NULL, "20", false,
     BENCH_STORAGE_NETWORK, "network"},
    {"nfs soft", ROOT "2 1 0:9 / /data rw - nfs4 server:/export rw,vers=4.2,soft,async", NULL, NULL, NULL, NULL, "20",
     false, BENCH_STORAGE_NETWORK, "nfs-soft nfs-async network"},
    {"cifs", ROOT "2 1 0:9 / /data rw - cifs //server/share rw,cache=loose", NULL, NULL, NULL, NULL, "20", false,
     BENCH_STORAGE_NETWORK, "cifs-cache network"},
    {"fuse", ROOT "2 1 0:9 / /data rw - fuse.gocryptfs /e rw", NULL, NULL, NULL, NULL, "20", false,
     BENCH_STORAGE_LAYERED, "layered"},
    {"btrfs", ROOT "2 1 0:9 / /data rw - btrfs /dev/sdb rw,space_cache=v2", "sdb", "0", "[none]", "write back", "20",
     false, BENCH_STORAGE_FLASH, "copy-on-write"},
    {"xfs on lvm", ROOT "2 1 8:0 / /data rw - xfs /dev/mapper/vg-lv rw", "dm-3", "0", "none", "write back", "20", false,
     BENCH_STORAGE_FLASH, ""},
    {"nobarrier and more", ROOT "2 1 8:0 / /data rw,sync,nodiratime - ext4 /dev/sdb rw,nobarrier,data=writeback", "sdb",
     "0", "[none]", "write back", "20", false, BENCH_STORAGE_FLASH, "nobarrier sync-mount data-writeback nodiratime"},
    {"old advice", ROOT "2 1 8:0 / /data rw - ext4 /dev/sdb rw", "sdb", "0", "[none]", "write back", "40", false,
     BENCH_STORAGE_FLASH, "dirty-limits"},
    {"nothing is known", "", NULL, NULL, NULL, NULL, NULL, false, BENCH_STORAGE_UNKNOWN, "storage"},
};

static void put_device(const struct machine *m)
{
    char path[256];
#define DISK(file, text) (snprintf(path, sizeof path, "/sys/devices/%s/" file, m->disk), put(path, text))
    DISK("queue/rotational", m->rotational);
    DISK("queue/scheduler", m->scheduler);
    DISK("queue/write_cache", m->cache);
    DISK("queue/fua", "1");
    DISK("queue/logical_block_size", "512");
    DISK("queue/physical_block_size", "4096");
    DISK("device/model", "Made-up disk    \n");
#undef DISK
    char link[8192], target[256];
    put("/sys/dev/block/keep", "");
    snprintf(link, sizeof link, "%s/root/sys/dev/block/8:0", harness_directory());
    snprintf(target, sizeof target, "../../devices/%s", m->disk);
    REQUIRE(symlink(target, link) == 0);
}

/* The machine as the doctor reads it, with what a running kernel would say beside it. */
static void read_machine(const struct machine *m, struct bench_facts *facts)
{
    char root[8192];
    put("/proc/self/mountinfo", m->mounts);
    put("/proc/meminfo", "MemTotal:        8388608 kB\nMemFree: 1 kB\n");
    put("/proc/cpuinfo", m->virtual_machine ? "flags\t: fpu hypervisor lahf\n" : "flags\t: fpu lahf\n");
    if (m->dirty_ratio) {
        put("/proc/sys/vm/dirty_ratio", m->dirty_ratio);
        put("/proc/sys/vm/dirty_background_ratio", "10");
        put("/proc/sys/vm/dirty_bytes", "0");
    }
    if (m->disk)
        put_device(m);
    snprintf(root, sizeof root, "%s/root", harness_directory());
    bench_facts_read_files(facts, root, "/data/logs", m->disk ? "8:0" : "");
    snprintf(facts->kernel, sizeof facts->kernel, "Linux 6.1.0 x86_64");
    snprintf(facts->cpu, sizeof facts->cpu, "Made-up CPU");
    facts->cores = 4;
    facts->free_bytes = 50ull << 30;
    facts->direct_memory = 4;
    facts->direct_offset = 512;
}

static struct bench_diagnosis diagnosis;

TEST_EACH(doctor_finds, struct machine, machines)
{
    struct bench_facts facts;
    struct bench_probes probes = {.made = false};
    char found[512] = "";
    read_machine(it, &facts);
    CHECK_INT(facts.storage, it->storage);
    bench_diagnose(&diagnosis, &facts, &probes);
    for (unsigned i = 0; i < diagnosis.count; i++) {
        const struct bench_finding *x = &diagnosis.finding[i];
        CHECK(*x->id && *x->found && *x->means);
        if (x->severity == BENCH_FINE)
            continue;
        size_t used = strlen(found);
        snprintf(found + used, sizeof found - used, "%s%s", used ? " " : "", x->id);
    }
    CHECK_STR(found, it->findings);
    for (unsigned i = 0; i < BENCH_CHOICES; i++)
        CHECK(*diagnosis.choice[i].options && *diagnosis.choice[i].why);
}

TEST(doctor_reads)
{
    struct bench_facts facts;
    read_machine(&machines[1], &facts);
    CHECK_STR(facts.device, "sdb");
    CHECK_STR(facts.model, "Made-up disk");
    CHECK_STR(facts.scheduler, "mq-deadline");
    CHECK_INT(facts.rotational, 1);
    CHECK(facts.queue.known && facts.queue.write_back && facts.queue.fua);
    CHECK_UINT(facts.physical_block, 4096);
    CHECK_UINT(facts.memory_bytes, 8ull << 30);
    CHECK_UINT(facts.dirty_bytes, (8ull << 30) / 100 * 20);
    CHECK(bench_facts_has_option(&facts, "relatime"));
    CHECK(!bench_facts_has_option(&facts, "rel"));
}

/* A mount whose name has a space, options longer than a page, a table that is damaged. */
TEST(doctor_reads_mounts)
{
    struct bench_mount mount = {.type = "x"};
    char root[8192], table[6000], options[3000];
    memset(options, 'o', sizeof options - 1);
    options[sizeof options - 1] = '\0';
    snprintf(table, sizeof table,
             "garbage\n\\\\\\\n1 1 8:0 / /\\04 rw - ext4 a rw\n"
             "1 1 8:0 / /a\\040b rw,%s,last - nfs4 s:/e rw,soft\n1 1 8:0 / / rw - xfs d rw\n",
             options);
    put("/proc/self/mountinfo", table);
    snprintf(root, sizeof root, "%s/root", harness_directory());
    CHECK(bench_mount_find(&mount, root, "/a b/c"));
    CHECK_STR(mount.type, "nfs4");
    CHECK_STR(mount.point, "/a b");
    CHECK(strstr(mount.options, ",last,soft") != NULL);
    CHECK(bench_mount_find(&mount, root, "/a bc"));
    CHECK_STR(mount.type, "xfs");
    struct bench_mount untouched = {.type = "x"};
    CHECK(!bench_mount_find(&untouched, "/nonexistent", "/"));
    CHECK_STR(untouched.type, "x");
}

/* Faster than a disk can be, or without a flush: said, and not taken for a lie. */
TEST(doctor_doubts)
{
    struct bench_facts facts;
    struct bench_probes probes = {.made = true, .append = {.known = true, .per_second = 90000, .flushes = 1}};
    read_machine(&machines[0], &facts);
    bench_diagnose(&diagnosis, &facts, &probes);
    CHECK_STR(diagnosis.finding[0].id, "doubtful-sync");
    CHECK_INT(diagnosis.finding[0].severity, BENCH_PROBLEM);
    probes.append = (struct bench_probe_durable){.known = true, .per_second = 900, .flushes = 0};
    bench_diagnose(&diagnosis, &facts, &probes);
    CHECK_STR(diagnosis.finding[0].id, "doubtful-sync");
    probes.append.flushes = 1;
    bench_diagnose(&diagnosis, &facts, &probes);
    CHECK(strcmp(diagnosis.finding[0].id, "doubtful-sync") != 0);
    probes.append.flushes = -1; /* not to be counted here: nothing to doubt */
    bench_diagnose(&diagnosis, &facts, &probes);
    CHECK(strcmp(diagnosis.finding[0].id, "doubtful-sync") != 0);
}

struct patient {
    struct bench_facts facts;
    struct bench_probes probes;
    bool colour;
    int width;
};

static void write_text(FILE *out, void *argument)
{
    struct patient *p = argument;
    struct bench_paper paper = {.out = out, .width = p->width};
    bench_diagnose(&diagnosis, &p->facts, &p->probes);
    bench_doctor_text(&paper, &p->facts, &p->probes, &diagnosis, p->colour);
}

static void write_json(FILE *out, void *argument)
{
    struct patient *p = argument;
    bench_diagnose(&diagnosis, &p->facts, &p->probes);
    CHECK_INT(bench_doctor_json(out, &p->facts, &p->probes, &diagnosis), 0);
}

static const struct bench_probes tried = {
    .made = true,
    .append = {.known = true, .per_second = 1800, .p50_seconds = 0.0005, .p99_seconds = 0.0021, .flushes = 2},
    .written = {.known = true, .per_second = 3600, .p50_seconds = 0.00025, .p99_seconds = 0.0009, .flushes = 1},
    .cache_mib_per_s = 800,
    .direct_mib_per_s = 900,
    .direct_written_mib_per_s = 1500,
};

TEST(doctor_text_flash)
{
    struct patient p = {.probes = tried, .width = 80};
    read_machine(&machines[0], &p.facts);
    check_golden("doctor-flash.txt", write_text, &p);
}

TEST(doctor_text_troubled)
{
    struct patient p = {.width = 100, .colour = true};
    read_machine(&machines[7], &p.facts);
    p.facts.direct_offset = 0;
    p.facts.free_bytes = 100 << 20;
    p.facts.file_size_limit = 1 << 20;
    p.facts.cgroup_memory_bytes = 64 << 20;
    check_golden("doctor-troubled.txt", write_text, &p);
}

TEST(doctor_json)
{
    if (!bench_json_available())
        SKIP("not in this build: jansson");
    struct patient p = {.probes = tried};
    read_machine(&machines[0], &p.facts);
    check_golden("doctor.json", write_json, &p);
}
