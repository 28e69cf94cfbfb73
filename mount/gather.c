/* Appends gathered in memory. See gather.h.
 *
 * One write of the caller is never cut in two, as it would not be without gathering: what does not fit goes after what is
 * there was written.
 *
 * SPDX-License-Identifier: MIT */
#include "gather.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "durable.h"
#include "later.h"
#include "say.h"

/* A write of this part of what may gather is not worth a copy. */
enum { LARGE = 4 };

/* A node's state while something is gathered, and until it is forgotten. */
struct gathered {
    size_t used, capacity;
    off_t start;              /* of the first byte; by what the kernel believes if `appends` */
    bool appends;             /* to wherever the end is */
    int fd;                   /* a descriptor of the file that the first write came by */
    struct timespec modified; /* the last write */
    char bytes[];
};

static struct gathered *gathered_of(const struct node *node)
{
    struct gathered *g = node->state;
    return g && g->used > 0 ? g : NULL;
}

static int write_all(struct mount *mount, const struct gathered *g)
{
    size_t done = 0;

    while (done < g->used) {
        ssize_t count = g->appends ? write(g->fd, g->bytes + done, g->used - done)
                                   : pwrite(g->fd, g->bytes + done, g->used - done, g->start + (off_t)done);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return count < 0 ? -errno : -EIO;
        done += (size_t)count;
        statistics_add(&mount->statistics.stored_bytes, (uint64_t)count);
    }
    return 0;
}

/* By the name that the file has now. */
static void say_failure(const struct node *node, int rc)
{
    char link[sizeof "/proc/self/fd/" + 3 * sizeof(int)], path[PATH_MAX] = "a file";

    snprintf(link, sizeof link, "/proc/self/fd/%d", node->fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length > 0)
        path[length] = '\0';
    say("%s: what had gathered could not be written and is lost: %s", path, strerror(-rc));
}

void gather_settle(struct mount *mount, struct node *node)
{
    struct gathered *g = gathered_of(node);

    if (!g)
        return;
    int rc = write_all(mount, g);
    durable_mark(mount, node);
    /* Some file systems say at close only that a write failed. */
    if (close(g->fd) != 0 && rc == 0)
        rc = -errno;
    g->used = 0;
    if (rc == 0)
        return;
    say_failure(node, rc);
    statistics_add(&mount->statistics.errors, 1);
    node->failures++;
    node->failure = node->failure ? node->failure : rc;
}

void gather_settle_before(struct mount *mount, struct node *node, off_t end)
{
    const struct gathered *g = gathered_of(node);

    if (g && (g->appends || end > g->start))
        gather_settle(mount, node);
}

static bool continues(const struct gathered *g, const struct writing *writing)
{
    bool appends = writing->flags & O_APPEND;

    return g->appends == appends && (appends || writing->offset == g->start + (off_t)g->used);
}

/* False: without memory or a descriptor nothing is gathered, and nothing is wrong. */
static bool begin(struct mount *mount, const struct file *file, const struct writing *writing)
{
    struct node *node = file->node;
    size_t capacity = mount->settings.gather_bytes;
    struct gathered *g = node->state;
    bool appends = writing->flags & O_APPEND;
    struct stat st;

    if (writing->size >= capacity / LARGE)
        return false;
    if (!appends && (fstat(file->fd, &st) != 0 || st.st_size != writing->offset))
        return false;
    if (!g) {
        g = malloc(sizeof *g + capacity);
        if (!g)
            return false;
        *g = (struct gathered){.capacity = capacity};
        node->state = g;
    }
    g->appends = appends;
    g->start = writing->offset;
    g->fd = fcntl(file->fd, F_DUPFD_CLOEXEC, 0);
    return g->fd >= 0;
}

int gather_take(struct mount *mount, struct file *file, const struct writing *writing)
{
    struct node *node = file->node;
    struct gathered *g = gathered_of(node);
    /* What was opened the other way round cannot be appended to by write(), and is rare. */
    bool is_odd = (writing->flags ^ file->flags) & O_APPEND || writing->flags & (O_DSYNC | O_SYNC);

    if (g && (is_odd || !continues(g, writing) || writing->size > g->capacity - g->used)) {
        uint64_t before = node->failures;
        gather_settle(mount, node);
        g = NULL;
        if (node->failures != before)
            return node->failure;
    }
    if (is_odd || (!g && !begin(mount, file, writing)))
        return 0;
    g = node->state;
    memcpy(g->bytes + g->used, writing->bytes, writing->size);
    g->used += writing->size;
    clock_gettime(CLOCK_REALTIME_COARSE, &g->modified);
    if (g->used == g->capacity)
        gather_settle(mount, node);
    else
        later_ask(mount, node);
    return 1;
}

void gather_attributes(const struct node *node, struct stat *st)
{
    const struct gathered *g = gathered_of(node);

    if (!g)
        return;
    off_t end = (g->appends ? st->st_size : g->start) + (off_t)g->used;
    st->st_size = end > st->st_size ? end : st->st_size;
    st->st_mtim = st->st_ctim = g->modified;
}

void gather_free(struct node *node)
{
    free(node->state);
    node->state = NULL;
}
