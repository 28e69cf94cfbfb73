/* Writing and reading live.quire. See live.h.
 *
 * A plain write, not a mapping: it wakes who watches the file, it cannot be a SIGBUS, and a torn one shows by its
 * checksum. It is never synced.
 *
 * SPDX-License-Identifier: MIT */
#include "log/live.h"

#include <errno.h>

#include "io/retry.h"

int quire__live_open(quire_log *log, enum quire_call *failed_call)
{
    struct quire__path path;

    log->live = -1;
    *failed_call = QUIRE_CALL_OPEN;
    int rc = quire__path_join(log->directory, QUIRE__LIVE_NAME, &path);
    if (rc == 0 && log->options.flags & QUIRE_LOG_NO_LIVE) {
        /* What another writer said of itself does not hold any more; nor does it matter if there is nothing. */
        log->io->ops->unlink(log->io, path.text);
        return 0;
    }
    if (rc == 0)
        rc = quire__io_open_file(log->io, path.text, QUIRE__IO_CREATE, log->options.file_mode, &log->live);
    return rc;
}

void quire__live_close(quire_log *log)
{
    if (log->live >= 0)
        log->io->ops->close(log->io, log->live); /* a hint, that nobody relies on being there */
    log->live = -1;
}

int quire__live_mark(struct quire__io *io, const char *directory, const unsigned char *log_id, uint64_t *durable)
{
    struct quire__disk_live live;
    bool found;

    *durable = 0;
    int rc = quire__live_load(io, directory, &live, &found);
    if (rc == 0 && found && quire__live_is_whole(&live, log_id))
        *durable = live.durable;
    return rc;
}

bool quire__live_recall(struct quire__io *io, const char *directory, int folder, struct quire__disk_live *live)
{
    struct quire__io_facts facts;
    bool found = false;

    if (quire__live_load(io, directory, live, &found) < 0 || !found || io->ops->facts(io, folder, &facts) < 0)
        return false;
    /* Whole, for a log with the tag that it has. */
    return quire__live_is_whole(live, (const unsigned char *)&live->log_tag) && live->folder_time != 0 &&
           live->folder_time == facts.changed && live->oldest <= live->newest;
}

static void put(quire_log *log, struct quire__disk_live *live)
{
    uint64_t done;
    uint64_t calls = 0;

    live->written = quire__progress_written(&log->progress);
    live->durable = quire__progress_durable(&log->progress);
    live->segment = log->writing->number;
    live->end = log->writing->end;
    live->changes = ++log->live_changes;
    quire__live_seal(live, log->log_id);
    /* Who cannot be told now looks again with the next: no promise depends on it. */
    quire__io_write_all(log->io, log->live, live, sizeof *live, 0, &done, &calls);
}

void quire__live_tell(quire_log *log)
{
    struct quire__disk_live live = {0};

    if (log->live >= 0)
        put(log, &live);
}

void quire__live_say_goodbye(quire_log *log, uint64_t newest)
{
    struct quire__io_facts facts;

    if (log->live < 0 || log->io->ops->facts(log->io, log->folder, &facts) < 0)
        return;
    struct quire__disk_live live = {.oldest = log->retire.oldest, .newest = newest, .folder_time = facts.changed};
    put(log, &live);
}
