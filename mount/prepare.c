/* What is looked at before anything is mounted. See prepare.h.
 *
 * SPDX-License-Identifier: MIT */
#include "prepare.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "say.h"
#include "table.h"

#define DESCRIPTORS_WANTED 1048576 /* what the kernel gives root, unless it was told otherwise */
#define GATHER_ON_NETWORK (UINT64_C(256) << 10)

static int refuse_mountpoint(const char *path, int rc)
{
    if (rc == -ENOTCONN || rc == -ECONNABORTED)
        say("%s is a dead mount, whose daemon was killed; `quire umount %s` takes it away", path, path);
    else if (rc == -ENOENT)
        say("MOUNTPOINT %s is not there; `mkdir -p %s` makes it", path, path);
    else
        say("MOUNTPOINT %s cannot be used: %s; give a directory", path, strerror(-rc));
    return rc;
}

static int find_mountpoint(struct mount *mount)
{
    const char *given = mount->settings.mountpoint;
    struct stat st;
    char *path = realpath(given, NULL);

    if (!path)
        return refuse_mountpoint(given, -errno);
    mount->settings.mountpoint = path;
    /* A dead one has a name still. */
    if (stat(path, &st) != 0)
        return refuse_mountpoint(path, -errno);
    if (!S_ISDIR(st.st_mode))
        return refuse_mountpoint(path, -ENOTDIR);
    if (table_is_mount(path)) {
        say("%s is a mount of quire already; `quire umount %s` takes it away", path, path);
        return -EBUSY;
    }
    return 0;
}

static int open_backing(struct mount *mount)
{
    const char *given = mount->settings.backing;
    char *path = realpath(given, NULL);
    int rc = path ? 0 : -errno;

    mount->settings.backing = path;
    mount->backing = path ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (path && mount->backing < 0)
        rc = -errno;
    if (rc == 0)
        return 0;
    if (rc == -ENOENT)
        say("BACKING %s is not there; `mkdir -p %s` makes it", given, given);
    else if (rc == -ENOTCONN)
        say("BACKING %s is a dead mount; unmount it first", given);
    else
        say("BACKING %s cannot be used: %s; give a directory that you can read", given, strerror(-rc));
    return rc;
}

/* True if path is directory or lies below it. Both without links. */
static bool is_within(const char *path, const char *directory)
{
    size_t length = strlen(directory);

    if (strcmp(directory, "/") == 0)
        return true;
    return strncmp(path, directory, length) == 0 && (path[length] == '\0' || path[length] == '/');
}

static int check_apart(const struct settings *settings)
{
    if (is_within(settings->backing, settings->mountpoint))
        say("BACKING %s lies in MOUNTPOINT %s, so the mount would hide it; mount elsewhere", settings->backing,
            settings->mountpoint);
    else if (is_within(settings->mountpoint, settings->backing))
        say("MOUNTPOINT %s lies in BACKING %s, so the mount would show itself in itself; mount elsewhere",
            settings->mountpoint, settings->backing);
    else
        return 0;
    return -EINVAL;
}

/* Two daemons would not know of what the other one has gathered. */
static int lock_backing(const struct mount *mount)
{
    const char *path = mount->settings.backing;
    char other[PATH_MAX];

    if (flock(mount->backing, LOCK_EX | LOCK_NB) == 0)
        return 0;
    int rc = -errno;
    if (rc == -EWOULDBLOCK && table_find_backing(path, other))
        say("BACKING %s is mounted at %s already; `quire umount %s` ends that", path, other, other);
    else if (rc == -EWOULDBLOCK)
        say("BACKING %s is mounted already, or locked by another process; `quire umount` ends a mount", path);
    else
        say("BACKING %s cannot be locked: %s", path, strerror(-rc));
    return rc;
}

/* NULL: a local file system. */
static const char *network_name(const struct mount *mount)
{
    static const struct {
        const char *name;
        unsigned type;
    } networks[] = {{"FUSE", 0x65735546}, {"NFS", 0x6969},    {"SMB", 0x517b},     {"CIFS", 0xff534d42},
                    {"SMB2", 0xfe534d42}, {"9P", 0x01021997}, {"Ceph", 0x00c36400}};
    struct statfs fs;

    if (fstatfs(mount->backing, &fs) != 0)
        return NULL;
    for (size_t i = 0; i < sizeof networks / sizeof networks[0]; i++)
        if ((unsigned)fs.f_type == networks[i].type)
            return networks[i].name;
    return NULL;
}

static void choose_gathering(struct mount *mount)
{
    struct settings *settings = &mount->settings;

    if (settings->mode == MODE_LOG || mount->passes || settings->writeback || settings->is_gather_given ||
        !mount->network)
        return;
    settings->gather_bytes = GATHER_ON_NETWORK;
    say("BACKING %s is on a network file system (%s): appends gather up to 256K, and %u ms at most; --gather 0 turns "
        "that "
        "off",
        settings->backing, mount->network, settings->flush_ms);
}

static void choose_passing(struct mount *mount)
{
    mount->passes = mount->settings.mode == MODE_PASSTHROUGH && mount->is_root;
    if (mount->settings.mode == MODE_PASSTHROUGH && !mount->is_root) {
        mount->why = "only root may have the kernel pass files through";
        say("goes on as plain: %s", mount->why);
    }
}

static void look_at_read_only(struct mount *mount)
{
    struct statvfs fs;

    mount->is_read_only = fstatvfs(mount->backing, &fs) == 0 && fs.f_flag & ST_RDONLY;
    if (mount->is_read_only)
        say("BACKING %s is on a file system that is read-only, and so is the mount", mount->settings.backing);
}

/* Each node holds a descriptor. */
static void raise_descriptors(void)
{
    struct rlimit limit = {.rlim_cur = DESCRIPTORS_WANTED, .rlim_max = DESCRIPTORS_WANTED};

    if (setrlimit(RLIMIT_NOFILE, &limit) != 0 && getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        /* Fewer files can be known at once then. */
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int prepare(struct mount *mount)
{
    mount->is_root = geteuid() == 0;
    int rc = find_mountpoint(mount);
    if (rc == 0)
        rc = open_backing(mount);
    if (rc == 0)
        rc = check_apart(&mount->settings);
    if (rc == 0)
        rc = lock_backing(mount);
    if (rc < 0)
        return rc;
    look_at_read_only(mount);
    choose_passing(mount);
    mount->network = network_name(mount);
    choose_gathering(mount);
    raise_descriptors();
    return 0;
}
