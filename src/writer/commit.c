/* Group commit: a leader works a round (flush, then sync) while others wait for its end; who comes in the
 * meantime is served by the next round together with all who came. See commit.h.
 *
 * SPDX-License-Identifier: MIT */
#include "writer/commit.h"

int quire__commit_sync(quire_writer *writer)
{
    struct quire__progress *progress = &writer->progress;
    /* Read before the flush begins: bytes that are written while it runs may not be covered. */
    uint64_t covered = quire__progress_written(progress);
    uint64_t durable = quire__progress_durable(progress);

    uint64_t begun = QUIRE__OBSERVE_BEGIN(&writer->observer, sync, durable, covered - durable);
    int rc = writer->io->ops->sync(writer->io, writer->file);
    QUIRE__OBSERVE_END(&writer->observer, QUIRE_EVENT_SYNC, sync, begun, durable, covered - durable, rc);
    if (rc < 0)
        return quire__progress_fail(progress, rc, QUIRE_CALL_SYNC, durable);
    quire__count(&writer->syncs, 1);
    atomic_store_explicit(&progress->durable, covered, memory_order_release);
    return 0;
}

/* A claim that stands in the way does not keep what lies before it from becoming durable. */
static int work_round(quire_writer *writer, uint64_t *target)
{
    *target = writer->method->appended(writer);
    int open = writer->method->flush(writer);
    if (open < 0 && open != QUIRE_E_CLAIM_OPEN)
        return open;
    int rc = quire__commit_sync(writer);
    return rc < 0 ? rc : open;
}

/* With the progress lock, which is given up meanwhile. */
static int lead_round(quire_writer *writer)
{
    struct quire__progress *progress = &writer->progress;
    uint64_t target = 0;

    progress->leading = true;
    pthread_mutex_unlock(&progress->lock);
    int rc = work_round(writer, &target);
    pthread_mutex_lock(&progress->lock);
    progress->leading = false;
    progress->round++;
    progress->round_target = target;
    progress->round_code = rc;
    pthread_cond_broadcast(&progress->moved);
    return rc;
}

/* With the progress lock: until a round has ended. */
static int follow_round(struct quire__progress *progress, uint64_t target)
{
    uint64_t round = progress->round;

    while (progress->round == round && progress->failure.code == 0)
        pthread_cond_wait(&progress->moved, &progress->lock);
    return progress->round != round && progress->round_target >= target ? progress->round_code : 0;
}

int quire__commit(quire_writer *writer, uint64_t target, bool lead)
{
    struct quire__progress *progress = &writer->progress;
    bool led = false;
    bool followed = false;
    int rc = 0;

    pthread_mutex_lock(&progress->lock);
    while (rc == 0 && progress->failure.code == 0 && quire__progress_durable(progress) < target) {
        led = lead && !progress->leading;
        followed = !led;
        rc = led ? lead_round(writer) : follow_round(progress, target);
    }
    if (quire__progress_durable(progress) >= target)
        rc = 0; /* what was durable stays so, whatever failed later */
    else if (progress->failure.code < 0)
        rc = progress->failure.code;
    pthread_mutex_unlock(&progress->lock);
    if (rc == 0 && followed)
        quire__count(&writer->sync_joins, 1);
    return rc;
}
