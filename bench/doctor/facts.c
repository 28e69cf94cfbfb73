/* What is known of the place. See facts.h.
 *
 * SPDX-License-Identifier: MIT */
#include "doctor/facts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/stat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "machine/environment.h"
#include "machine/page_cache.h"

/* The first line of a file below root; false and text "" if there is none. */
static bool read_line(const char *root, const char *path, char *text, size_t room)
{
    char whole[2 * PATH_MAX];
    *text = '\0';
    snprintf(whole, sizeof whole, "%s%s", root, path);
    FILE *file = fopen(whole, "re");
    bool read = file && fgets(text, (int)room, file);
    if (file)
        fclose(file);
    size_t length = strcspn(text, "\n");
    while (length && text[length - 1] == ' ')
        length--;
    text[length] = '\0';
    return read;
}

/* -1: no such file, or no number in it. */
static int64_t read_number(const char *root, const char *path)
{
    char text[64], *end;
    if (!read_line(root, path, text, sizeof text))
        return -1;
    long long value = strtoll(text, &end, 10);
    return end == text ? -1 : value;
}

static bool is_one_of(const char *word, const char *const *words)
{
    for (; *words; words++)
        if (strcmp(word, *words) == 0)
            return true;
    return false;
}

static const char *const network[] = {"nfs",        "nfs4",           "cifs", "smb3",   "ceph",   "glusterfs",
                                      "fuse.sshfs", "fuse.glusterfs", "afs",  "lustre", "beegfs", NULL};
static const char *const in_memory[] = {"tmpfs", "ramfs", "devtmpfs", NULL};
static const char *const layered[] = {"overlay", "9p", "virtiofs", "aufs", "ecryptfs", NULL};

/* A queue's files are those of the disk, whose directory holds its partitions. */
static void read_queue(struct bench_facts *f, const char *root, const char *disk)
{
    char path[PATH_MAX], text[128];
    const char *name = strrchr(disk, '/');
    snprintf(f->device, sizeof f->device, "%.63s", name ? name + 1 : disk);
#define FILE_OF(file) (snprintf(path, sizeof path, "%.4000s/" file, disk), path)
    read_line(root, FILE_OF("device/model"), f->model, sizeof f->model);
    f->rotational = (int)read_number(root, FILE_OF("queue/rotational"));
    int64_t logical = read_number(root, FILE_OF("queue/logical_block_size"));
    int64_t physical = read_number(root, FILE_OF("queue/physical_block_size"));
    int64_t optimal = read_number(root, FILE_OF("queue/optimal_io_size"));
    f->logical_block = logical > 0 ? (uint64_t)logical : 0;
    f->physical_block = physical > 0 ? (uint64_t)physical : 0;
    f->optimal_io = optimal > 0 ? (uint64_t)optimal : 0;
    if (read_line(root, FILE_OF("queue/write_cache"), text, sizeof text)) {
        f->queue.known = true;
        f->queue.write_back = strcmp(text, "write back") == 0;
        f->queue.fua = read_number(root, FILE_OF("queue/fua")) == 1;
    }
    read_line(root, FILE_OF("queue/scheduler"), f->schedulers, sizeof f->schedulers);
#undef FILE_OF
    char *open = strchr(f->schedulers, '['), *close = open ? strchr(open, ']') : NULL;
    if (close)
        snprintf(f->scheduler, sizeof f->scheduler, "%.*s", (int)(close - open - 1), open + 1);
    else
        snprintf(f->scheduler, sizeof f->scheduler, "%.63s", f->schedulers);
}

/* The directory in /sys of the disk that a device number belongs to, without the root in front. */
static bool find_disk(const char *root, const char *device, char disk[PATH_MAX])
{
    char link[2 * PATH_MAX], real[PATH_MAX], top[PATH_MAX], partition[PATH_MAX + 16];
    snprintf(link, sizeof link, "%s/sys/dev/block/%s", root, device);
    if (!*device || !realpath(link, real))
        return false;
    snprintf(partition, sizeof partition, "%s/partition", real);
    if (access(partition, F_OK) == 0)
        *strrchr(real, '/') = '\0';
    size_t skip = *root && realpath(root, top) ? strlen(top) : 0;
    snprintf(disk, PATH_MAX, "%s", real + skip);
    return true;
}

static void read_dirty_limits(struct bench_facts *f, const char *root)
{
    int64_t bytes = read_number(root, "/proc/sys/vm/dirty_bytes");
    int64_t background = read_number(root, "/proc/sys/vm/dirty_background_bytes");
    int64_t background_ratio = read_number(root, "/proc/sys/vm/dirty_background_ratio");
    f->dirty_ratio = bytes > 0 ? -1 : (int)read_number(root, "/proc/sys/vm/dirty_ratio");
    if (bytes > 0)
        f->dirty_bytes = (uint64_t)bytes;
    else if (f->dirty_ratio > 0)
        f->dirty_bytes = f->memory_bytes / 100 * (uint64_t)f->dirty_ratio;
    if (background > 0)
        f->dirty_background_bytes = (uint64_t)background;
    else if (background_ratio > 0)
        f->dirty_background_bytes = f->memory_bytes / 100 * (uint64_t)background_ratio;
}

static void read_memory(struct bench_facts *f, const char *root)
{
    char text[128];
    unsigned long long kib = 0;
    if (read_line(root, "/proc/meminfo", text, sizeof text) && sscanf(text, "MemTotal: %llu kB", &kib) == 1)
        f->memory_bytes = (uint64_t)kib << 10;
    f->cgroup_memory_bytes = UINT64_MAX;
    int64_t most = read_number(root, "/sys/fs/cgroup/memory.max"); /* "max" is no number */
    if (most > 0)
        f->cgroup_memory_bytes = (uint64_t)most;
}

static bool is_virtual(const char *root)
{
    char path[2 * PATH_MAX], *line = NULL;
    size_t room = 0;
    bool found = false;
    snprintf(path, sizeof path, "%s/proc/cpuinfo", root);
    FILE *file = fopen(path, "re");
    while (file && !found && getline(&line, &room, file) > 0)
        found = strncmp(line, "flags", 5) == 0 && strstr(line, " hypervisor");
    if (file)
        fclose(file);
    free(line);
    return found;
}

static enum bench_storage storage_of(const struct bench_facts *f)
{
    const char *type = f->mount.type;
    if (is_one_of(type, network))
        return BENCH_STORAGE_NETWORK;
    if (is_one_of(type, in_memory))
        return BENCH_STORAGE_MEMORY;
    if (is_one_of(type, layered) || strncmp(type, "fuse", 4) == 0)
        return BENCH_STORAGE_LAYERED;
    if (strncmp(f->device, "vd", 2) == 0 || strncmp(f->device, "xvd", 3) == 0)
        return BENCH_STORAGE_VIRTUAL;
    if (f->rotational == 1)
        return f->virtual_machine ? BENCH_STORAGE_VIRTUAL : BENCH_STORAGE_DISK;
    return f->rotational == 0 ? BENCH_STORAGE_FLASH : BENCH_STORAGE_UNKNOWN;
}

const char *bench_storage_name(enum bench_storage storage)
{
    static const char *const names[] = {[BENCH_STORAGE_UNKNOWN] = "unknown",
                                        [BENCH_STORAGE_FLASH] = "flash",
                                        [BENCH_STORAGE_VIRTUAL] = "a virtual disk",
                                        [BENCH_STORAGE_DISK] = "a rotating disk",
                                        [BENCH_STORAGE_NETWORK] = "the network",
                                        [BENCH_STORAGE_MEMORY] = "memory",
                                        [BENCH_STORAGE_LAYERED] = "a layer over another file system"};
    return names[storage];
}

bool bench_facts_has_option(const struct bench_facts *facts, const char *option)
{
    size_t length = strlen(option);
    bool prefix = option[length - 1] == '=';
    for (const char *at = facts->mount.options; *at;) {
        size_t word = strcspn(at, ",");
        if (strncmp(at, option, length) == 0 && (prefix || word == length))
            return true;
        at += word + (at[word] == ',');
    }
    return false;
}

void bench_facts_read_files(struct bench_facts *facts, const char *root, const char *directory, const char *device)
{
    char disk[PATH_MAX];
    *facts = (struct bench_facts){
        .rotational = -1, .free_bytes = UINT64_MAX, .memlock_bytes = UINT64_MAX, .file_size_limit = UINT64_MAX};
    snprintf(facts->directory, sizeof facts->directory, "%s", directory);
    bench_mount_find(&facts->mount, root, directory);
    facts->virtual_machine = is_virtual(root);
    read_memory(facts, root);
    read_dirty_limits(facts, root);
    if (find_disk(root, device, disk))
        read_queue(facts, root, disk);
    facts->storage = storage_of(facts);
}

/* Newer kernels say more than the C library of Debian 12 knows of. */
struct newer_statx {
    uint64_t known[19]; /* up to stx_mnt_id */
    uint32_t direct_memory, direct_offset;
    uint64_t subvolume;
    uint32_t atomic_least, atomic_most, atomic_segments, more;
    uint64_t spare[10];
};
enum { DIRECT = 0x2000, ATOMIC = 0x10000 };

/* Of a file, since directories have no alignment: the caller's own, in the directory. */
static void ask_statx(struct bench_facts *f, int fd)
{
    union {
        struct newer_statx newer;
        char room[512];
    } answer;
    memset(&answer, 0, sizeof answer);
    if (syscall(SYS_statx, fd, "", 0x1000 /* AT_EMPTY_PATH */, DIRECT | ATOMIC, &answer) != 0)
        return;
    uint32_t mask = (uint32_t)answer.newer.known[0];
    if (mask & DIRECT) {
        f->direct_memory = answer.newer.direct_memory;
        f->direct_offset = answer.newer.direct_offset;
    }
    if (mask & ATOMIC)
        f->atomic_most = answer.newer.atomic_most;
}

static uint64_t limit_of(__rlimit_resource_t resource)
{
    struct rlimit limit;
    return getrlimit(resource, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY ? limit.rlim_cur : UINT64_MAX;
}

static int ask_uring(void)
{
    char parameters[120] = {0}; /* struct io_uring_params, all zero */
    int fd = (int)syscall(SYS_io_uring_setup, 4, parameters);
    if (fd < 0)
        return -errno;
    close(fd);
    return 0;
}

static void ask_kernel(struct bench_facts *f)
{
    struct statvfs space;
    struct bench_page_cache cache;
    if (statvfs(f->directory, &space) == 0)
        f->free_bytes = (uint64_t)space.f_bavail * space.f_frsize;
    f->memlock_bytes = limit_of(RLIMIT_MEMLOCK);
    f->file_size_limit = limit_of(RLIMIT_FSIZE);
    f->uring = ask_uring();
    int fd = open(f->directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0) {
        ask_statx(f, fd);
        close(fd);
    }
    f->cachestat = bench_page_cache_read("/proc/self/exe", &cache) != -ENOSYS;
}

void bench_facts_read(struct bench_facts *facts, const char *root, const char *directory)
{
    struct bench_environment environment;
    struct stat st;
    char device[32] = "", path[PATH_MAX];
    if (!realpath(directory, path))
        snprintf(path, sizeof path, "%s", directory);
    bench_environment_read(&environment, directory);
    bool is_block = stat(path, &st) == 0 && major(st.st_dev) != 0;
    if (is_block)
        snprintf(device, sizeof device, "%u:%u", major(st.st_dev), minor(st.st_dev));
    else if (stat(environment.device, &st) == 0 && S_ISBLK(st.st_mode))
        snprintf(device, sizeof device, "%u:%u", major(st.st_rdev), minor(st.st_rdev));
    bench_facts_read_files(facts, root, path, device);
    snprintf(facts->kernel, sizeof facts->kernel, "%s", environment.kernel);
    snprintf(facts->cpu, sizeof facts->cpu, "%s", environment.cpu);
    facts->cores = environment.cores;
    ask_kernel(facts);
}
