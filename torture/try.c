/* A log opened on a disk in memory, for what the library says of its options. See torture.h.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>

#include "log/log.h"
#include "torture/schedule.h"
#include "torture/torture.h"

struct trying {
    struct torture_disk *disk;
    const struct quire_log_options *options;
    int rc;
};

static void open_and_close(void *argument)
{
    struct trying *trying = argument;
    quire_log *log;

    trying->rc = quire__log_open_on(torture_disk_io(trying->disk), TORTURE_DIRECTORY, trying->options, &log);
    if (trying->rc == 0)
        trying->rc = quire_log_close(log);
}

int torture_try_options(uint32_t method, const struct quire_log_options *options)
{
    static const struct torture_image empty;
    struct quire_log_options tried = *options;
    struct trying trying = {.disk = torture_disk_new(&empty, NULL, 1), .options = &tried};

    if (!trying.disk)
        return -ENOMEM;
    tried.method = method;
    /* Blocks that were not asked for are drawn to fit the segment. */
    if (tried.block_bytes == 0)
        tried.block_bytes = method == QUIRE_METHOD_URING ? 8192 : 4096;
    if (tried.block_count == 0)
        tried.block_count = 3;
    /* Zeros written into a segment of the size that was asked for would only take their time. */
    tried.prepare = QUIRE_LOG_PREPARE_ALLOCATED;
    if (torture_schedule_run(1, open_and_close, &trying))
        trying.rc = -EDEADLK;
    torture_disk_free(trying.disk);
    return trying.rc;
}
