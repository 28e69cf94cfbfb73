/* The counting seam. See steps.h.
 *
 * SPDX-License-Identifier: MIT */
#include "steps.h"

static struct quire__io *below(void)
{
    return quire__io_system();
}

static int step(struct quire__io *io)
{
    struct steps *steps = (struct steps *)io;

    steps->count++;
    if (steps->at == 0 || steps->count < steps->at || steps->count - steps->at >= steps->times)
        return 0;
    steps->hits++;
    if (steps->act)
        steps->act(steps->world);
    return steps->code;
}

static int step_open(struct quire__io *io, const char *path, unsigned how, uint32_t mode, int *file)
{
    int rc = step(io);

    if (rc == 0)
        rc = below()->ops->open(below(), path, how, mode, file);
    ((struct steps *)io)->open += rc == 0;
    return rc;
}

static int step_close(struct quire__io *io, int file)
{
    ((struct steps *)io)->open--;
    return below()->ops->close(below(), file);
}

static int step_unlink(struct quire__io *io, const char *path)
{
    int rc = step(io);

    return rc < 0 ? rc : below()->ops->unlink(below(), path);
}

static int step_list(struct quire__io *io, const char *path, int (*see)(void *context, const char *name), void *context)
{
    int rc = step(io);

    return rc < 0 ? rc : below()->ops->list(below(), path, see, context);
}

static int step_facts(struct quire__io *io, int file, struct quire__io_facts *facts)
{
    int rc = step(io);

    return rc < 0 ? rc : below()->ops->facts(below(), file, facts);
}

static int step_identify(struct quire__io *io, const char *path, uint64_t *device, uint64_t *inode)
{
    int rc = step(io);

    return rc < 0 ? rc : below()->ops->identify(below(), path, device, inode);
}

static int step_truncate(struct quire__io *io, int file, uint64_t length)
{
    int rc = step(io);

    return rc < 0 ? rc : below()->ops->truncate(below(), file, length);
}

static int step_write(struct quire__io *io, int file, const void *from, uint64_t length, uint64_t offset,
                      uint64_t *written)
{
    int rc = step(io);

    return rc < 0 ? rc : below()->ops->write(below(), file, from, length, offset, written);
}

static int step_read(struct quire__io *io, int file, void *to, uint64_t length, uint64_t offset, uint64_t *got)
{
    int rc = step(io);

    return rc < 0 ? rc : below()->ops->read(below(), file, to, length, offset, got);
}

static int step_sync(struct quire__io *io, int file)
{
    (void)file;
    return step(io);
}

static int step_sync_directory(struct quire__io *io, const char *path)
{
    (void)path;
    return step(io);
}

static int step_drop_cache(struct quire__io *io, int file, uint64_t offset, uint64_t length)
{
    (void)file, (void)offset, (void)length;
    return step(io);
}

static const struct quire__io_ops step_ops = {
    .open = step_open,
    .close = step_close,
    .unlink = step_unlink,
    .list = step_list,
    .facts = step_facts,
    .identify = step_identify,
    .truncate = step_truncate,
    .write = step_write,
    .read = step_read,
    .sync = step_sync,
    .sync_directory = step_sync_directory,
    .drop_cache = step_drop_cache,
};

void steps_begin(struct steps *steps)
{
    *steps = (struct steps){.io = {.ops = &step_ops}};
}

void steps_arm(struct steps *steps, uint64_t at, uint64_t times, int code)
{
    steps->count = steps->hits = 0;
    steps->times = times;
    steps->at = at;
    steps->code = code;
}
