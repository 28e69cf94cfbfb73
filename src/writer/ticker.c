/* The thread behind QUIRE_SYNC_INTERVAL. See commit.h.
 *
 * SPDX-License-Identifier: MIT */
#include "base/worker.h"
#include "writer/commit.h"

static void tick(void *argument)
{
    quire_writer *writer = argument;

    /* A failure is the writer's from then on, and everybody hears of it; an open claim is tried again. */
    quire__writer_gather(writer);
    quire__commit(writer, writer->method->appended(writer), true);
}

int quire__ticker_start(quire_writer *writer)
{
    return quire__worker_start(tick, writer, writer->options.sync_interval_ms, &writer->ticker);
}

void quire__ticker_stop(quire_writer *writer)
{
    quire__worker_stop(writer->ticker);
    writer->ticker = NULL;
}
