/* A limit: what one durable write costs at least. Whole pages, enough of them for one record, are written over blocks
 * that were written before, past the page cache, and are durable when the call returns (O_DIRECT and O_DSYNC): one
 * request, no new blocks, no new length of the file.
 *
 * Where rows sync only in the end it is measured with a few hundred records, since it is thousands of times slower.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/stop.h"
#include "rows/adapter.h"
#include "rows/limits/image.h"
#include "rows/limits/open_direct.h"
#include "rows/limits/written.h"
#include "rows/verify.h"

enum { PAGE = 4096, FEW = 256 };

struct durable_state {
    char *image;
    uint64_t record_bytes;
    uint64_t size;    /* of one write */
    uint64_t records; /* to write, each over its own place in the file */
    int fd;
};

static uint64_t size_of(const struct bench_job *job)
{
    return (job->work->size.record_bytes + PAGE - 1) / PAGE * PAGE;
}

static uint64_t records_of(const struct bench_job *job)
{
    uint64_t records = job->work->size.records;
    return job->sync == BENCH_SYNC_EACH || records < FEW ? records : FEW;
}

static int open_file(const struct bench_job *job, void **state)
{
    uint64_t size = size_of(job), records = records_of(job);
    int rc = bench_written_make(job->written_path, size * records);
    if (rc < 0)
        return rc;
    struct durable_state *s = calloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    *s = (struct durable_state){.record_bytes = job->work->size.record_bytes, .size = size, .records = records};
    s->image = bench_image_new(size, job->run);
    s->fd = s->image ? bench_open_direct(job->written_path, O_DSYNC) : -ENOMEM;
    if (s->fd < 0) {
        rc = s->fd;
        free(s->image);
        free(s);
        return rc;
    }
    *state = s;
    return 0;
}

static int append(void *thread, struct bench_cursor *cursor)
{
    struct durable_state *s = thread;
    for (uint64_t i = 0; i < s->records && bench_cursor_next(cursor); i++) {
        ssize_t n = pwrite(s->fd, s->image, s->size, (off_t)(i * s->size));
        if (n < 0)
            return -errno;
        if ((uint64_t)n != s->size)
            return -EIO;
    }
    return 0;
}

static int nothing(void *state)
{
    (void)state;
    return 0;
}

static int close_file(void *state)
{
    struct durable_state *s = state;
    int rc = close(s->fd) == 0 ? 0 : -errno;
    free(s->image);
    free(s);
    return rc;
}

static const char *verify(const struct bench_job *job)
{
    char *image = bench_image_new(size_of(job), job->run);
    if (!image)
        return "cannot be compared: no memory";
    const char *why = bench_verify_cycle(job->written_path, size_of(job) * records_of(job), image, size_of(job), true);
    free(image);
    return why;
}

static uint64_t buffer_bytes(void *state)
{
    return ((struct durable_state *)state)->size;
}

static void use(void *state, struct bench_use *use)
{
    struct durable_state *s = state;
    use->bytes = s->records * s->record_bytes;
    use->writes = s->records;
    use->memory_bytes = s->size;
}

const struct bench_adapter bench_limit_durable = {
    .open = open_file,
    .append = append,
    .finish = nothing,
    .close = close_file,
    .verify = verify,
    .buffer_bytes = buffer_bytes,
    .use = use,
    .no_sync = true,
};
