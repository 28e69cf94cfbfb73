/* A disk made slower for some processes. See throttle.h.
 *
 * SPDX-License-Identifier: MIT */
#include "fuse/throttle.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "base/cost.h"

enum { LINE_ROOM = 4096, WORD_ROOM = 64 };
static const double patience_seconds = 1;

static int write_word(const char *directory, const char *name, const char *word)
{
    char path[PATH_MAX + WORD_ROOM];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int rc = write(fd, word, strlen(word)) == (ssize_t)strlen(word) ? 0 : -errno;
    close(fd);
    return rc;
}

/* Whether a file of words has this one. */
static bool has_word(const char *directory, const char *name, const char *word)
{
    char path[PATH_MAX + WORD_ROOM], found[WORD_ROOM];
    bool has = false;
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "re");
    while (file && !has && fscanf(file, "%63s", found) == 1)
        has = strcmp(found, word) == 0;
    if (file)
        fclose(file);
    return has;
}

/* Finds where a hierarchy is mounted that can limit what is written: of version 1 with blkio, or of version 2 with io. */
static bool find_hierarchy(struct bench_fuse_throttle *t)
{
    char line[LINE_ROOM], point[LINE_ROOM], type[WORD_ROOM], options[LINE_ROOM];
    FILE *table = fopen("/proc/self/mounts", "re");
    bool found = false;
    while (table && !found && fgets(line, sizeof line, table)) {
        if (sscanf(line, "%*s %4095s %63s %4095s", point, type, options) != 3)
            continue;
        t->unified = strcmp(type, "cgroup2") == 0;
        if (t->unified)
            found = has_word(point, "cgroup.controllers", "io");
        else if (strcmp(type, "cgroup") == 0)
            for (char *save, *word = strtok_r(options, ",", &save); word && !found; word = strtok_r(NULL, ",", &save))
                found = strcmp(word, "blkio") == 0;
    }
    if (table)
        fclose(table);
    if (found)
        snprintf(t->root, sizeof t->root, "%s", point);
    return found;
}

/* A partition has no limit of its own: its disk has. */
static int find_disk(struct bench_fuse_throttle *t, const char *directory)
{
    char path[PATH_MAX];
    struct stat st;
    if (stat(directory, &st) != 0)
        return -errno;
    t->major = major(st.st_dev);
    t->minor = minor(st.st_dev);
    snprintf(path, sizeof path, "/sys/dev/block/%u:%u/partition", t->major, t->minor);
    if (t->major == 0)
        return -ENODEV;
    if (access(path, F_OK) != 0)
        return 0;
    snprintf(path, sizeof path, "/sys/dev/block/%u:%u/../dev", t->major, t->minor);
    FILE *file = fopen(path, "re");
    if (!file)
        return -errno;
    int rc = fscanf(file, "%u:%u", &t->major, &t->minor) == 2 ? 0 : -ENODEV;
    fclose(file);
    return rc;
}

int bench_fuse_throttle_limit(const struct bench_fuse_throttle *t, uint64_t bytes_per_s)
{
    char word[WORD_ROOM];
    if (!t->unified)
        snprintf(word, sizeof word, "%u:%u %" PRIu64, t->major, t->minor, bytes_per_s);
    else if (bytes_per_s)
        snprintf(word, sizeof word, "%u:%u wbps=%" PRIu64, t->major, t->minor, bytes_per_s);
    else
        snprintf(word, sizeof word, "%u:%u wbps=max", t->major, t->minor);
    return write_word(t->group, t->unified ? "io.max" : "blkio.throttle.write_bps_device", word);
}

int bench_fuse_throttle_join(const struct bench_fuse_throttle *t, pid_t process)
{
    char word[WORD_ROOM];
    snprintf(word, sizeof word, "%ld", (long)process);
    return write_word(t->group, "cgroup.procs", word);
}

/* Removes what begin made, as far as it came. */
void bench_fuse_throttle_close(struct bench_fuse_throttle *t)
{
    double until = bench_now() + patience_seconds;
    if (!t->is_open)
        return;
    while (rmdir(t->group) != 0 && errno == EBUSY && bench_now() < until)
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    if (t->has_enabled)
        write_word(t->root, "cgroup.subtree_control", "-io");
    t->is_open = false;
}

static int make_group(struct bench_fuse_throttle *t)
{
    int rc = 0;
    if (t->unified && !has_word(t->root, "cgroup.subtree_control", "io")) {
        rc = write_word(t->root, "cgroup.subtree_control", "+io");
        t->has_enabled = rc == 0;
    }
    if (rc == 0 && mkdir(t->group, 0700) != 0)
        rc = -errno;
    t->is_open = rc == 0;
    if (rc < 0 && t->has_enabled)
        write_word(t->root, "cgroup.subtree_control", "-io");
    if (rc == 0)
        rc = bench_fuse_throttle_limit(t, 0);
    if (rc < 0)
        bench_fuse_throttle_close(t);
    return rc;
}

int bench_fuse_throttle_open(struct bench_fuse_throttle *throttle, const char *directory,
                             char why[BENCH_FUSE_THROTTLE_ROOM])
{
    struct bench_fuse_throttle t = {.is_open = false};
    int rc = find_disk(&t, directory);
    if (rc < 0) {
        snprintf(why, BENCH_FUSE_THROTTLE_ROOM, "there is no block device under the directory");
        return rc;
    }
    if (!find_hierarchy(&t)) {
        snprintf(why, BENCH_FUSE_THROTTLE_ROOM,
                 "no cgroup hierarchy with blkio (version 1) or io (version 2) is mounted");
        return -ENOSYS;
    }
    int length = snprintf(t.group, sizeof t.group, "%.4000s/quire-bench-%ld", t.root, (long)getpid());
    snprintf(t.members, sizeof t.members, "%.*s/cgroup.procs", length, t.group);
    rc = make_group(&t);
    if (rc < 0) {
        snprintf(why, BENCH_FUSE_THROTTLE_ROOM, "a cgroup below %.100s cannot be used: %s%s", t.root, strerror(-rc),
                 rc == -EACCES || rc == -EPERM ? "; that is for root" : "");
        return rc;
    }
    *throttle = t;
    return 0;
}
