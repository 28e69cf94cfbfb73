/* Watermarks and the poison. See progress.h.
 *
 * SPDX-License-Identifier: MIT */
#include "staging/progress.h"

#include <string.h>

#include "base/thread.h"

int quire__progress_init(struct quire__progress *progress, uint64_t begin)
{
    memset(progress, 0, sizeof *progress);
    atomic_init(&progress->code, 0);
    atomic_init(&progress->written, begin);
    atomic_init(&progress->durable, 0);

    int rc = quire__cond_init(&progress->moved);
    if (rc < 0)
        return rc;
    rc = pthread_mutex_init(&progress->lock, NULL);
    if (rc != 0)
        pthread_cond_destroy(&progress->moved);
    return -rc;
}

void quire__progress_destroy(struct quire__progress *progress)
{
    pthread_mutex_destroy(&progress->lock);
    pthread_cond_destroy(&progress->moved);
}

int quire__progress_fail(struct quire__progress *progress, int code, enum quire_call call, uint64_t offset)
{
    pthread_mutex_lock(&progress->lock);
    if (progress->failure.code == 0) {
        progress->failure = (struct quire_failure){
            .code = code,
            .call = (int)call,
            .os_error = code > -4096 ? -code : 0,
            .offset = offset,
        };
        atomic_store_explicit(&progress->code, code, memory_order_release);
        pthread_cond_broadcast(&progress->moved);
    }
    code = progress->failure.code;
    pthread_mutex_unlock(&progress->lock);
    return code;
}
