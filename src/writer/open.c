/* From a path and options to a writer, and back to nothing.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "writer/commit.h"
#include "writer/options.h"
#include "writer/target.h"

static bool is_unavailable(int rc)
{
    return rc == QUIRE_E_NO_DIRECT || rc == QUIRE_E_NO_URING;
}

/* Everything between an open file and a working writer. */
static int start(quire_writer *writer, enum quire_call *failed_call)
{
    *failed_call = QUIRE_CALL_MEMORY;
    int rc = quire__progress_init(&writer->progress, writer->begin);
    if (rc < 0)
        return rc;
    *failed_call = QUIRE_CALL_ALLOCATE;
    rc = quire__target_prepare(writer);
    if (rc < 0)
        goto no_space;
    rc = writer->method->open(writer, failed_call);
    if (rc < 0)
        goto no_method;
    if (writer->options.sync_policy == QUIRE_SYNC_INTERVAL) {
        *failed_call = QUIRE_CALL_THREAD;
        rc = quire__ticker_start(writer);
        if (rc < 0)
            goto no_ticker;
    }
    return 0;

no_ticker:
    writer->method->close(writer);
no_method:
    quire__target_cut(writer, writer->begin); /* the error is known; this one adds nothing */
no_space:
    quire__progress_destroy(&writer->progress);
    return rc;
}

static int open_with(quire_writer *writer, const struct quire__method *method, enum quire_call *failed_call)
{
    bool created;

    writer->method = method;
    *failed_call = QUIRE_CALL_NONE;
    int rc = quire__options_settle(method, &writer->options);
    if (rc < 0)
        return rc;
    writer->wait = writer->options.on_full == QUIRE_FULL_BLOCK;
    writer->each = writer->options.sync_policy == QUIRE_SYNC_EACH;
    rc = quire__target_open(writer, &created, failed_call);
    if (rc < 0)
        return rc;
    rc = start(writer, failed_call);
    if (rc < 0)
        quire__target_abandon(writer, created, rc);
    return rc;
}

/* The method asked for, or the one that takes its place where that was allowed. */
static int open_method(quire_writer *writer, enum quire_call *failed_call)
{
    const struct quire__method *method = quire__method_find(writer->options.method);
    struct quire_writer_options asked = writer->options;

    if (!method)
        return QUIRE_E_METHOD;
    writer->method_asked = method->id;
    int rc = open_with(writer, method, failed_call);
    if (is_unavailable(rc) && asked.flags & QUIRE_OPEN_ALLOW_FALLBACK) {
        writer->fallback_reason = rc;
        writer->options = asked;
        rc = open_with(writer, &quire__method_paged, failed_call);
    }
    return rc;
}

static void report(struct quire_failure *failure, int code, enum quire_call call)
{
    if (failure)
        *failure = (struct quire_failure){.code = code, .call = (int)call, .os_error = code > -4096 ? -code : 0};
}

int quire__writer_open_on(struct quire__io *io, const char *path, const struct quire_writer_options *options,
                          quire_writer **writer)
{
    struct quire_writer_options taken;
    enum quire_call failed_call = QUIRE_CALL_NONE;

    if (!path || !writer)
        return QUIRE_E_ARGUMENT;
    int rc = quire__options_take(options, &taken);
    if (rc < 0)
        return rc;
    quire_writer *w = aligned_alloc(QUIRE__CACHE_LINE, quire__round_up(sizeof *w, QUIRE__CACHE_LINE));
    if (!w)
        return -ENOMEM;
    memset(w, 0, sizeof *w);
    pthread_mutex_init(&w->lanes_lock, NULL); /* does not fail on Linux */
    w->io = io;
    w->path = path;
    w->options = taken;
    w->observer = (struct quire__observer){.see = taken.observe, .context = taken.observe_context, .writer = w};
    rc = open_method(w, &failed_call);
    w->path = NULL;
    if (rc < 0) {
        report(taken.failure, rc, failed_call);
        pthread_mutex_destroy(&w->lanes_lock);
        free(w);
        return rc;
    }
    *writer = w;
    return 0;
}

int quire_writer_open(const char *path, const struct quire_writer_options *options, quire_writer **writer)
{
    return quire__writer_open_on(quire__io_system(), path, options, writer);
}

/* Cut first, so that one device flush covers the bytes and the length. After a failure nothing is synced any more, but
 * space that was only made ready is cut off all the same. */
static void finish_file(quire_writer *writer)
{
    struct quire__progress *progress = &writer->progress;
    uint64_t end = quire__progress_written(progress);
    bool cut = writer->overhang;

    quire__target_cut(writer, end);
    if (quire__progress_code(progress) == 0 && writer->options.sync_policy != QUIRE_SYNC_NONE &&
        (cut || quire__progress_durable(progress) < end))
        quire__commit_sync(writer);
    int rc = writer->io->ops->close(writer->io, writer->file);
    if (rc < 0)
        quire__progress_fail(progress, rc, QUIRE_CALL_CLOSE, end);
}

int quire_writer_close(quire_writer *writer)
{
    if (!writer)
        return QUIRE_E_ARGUMENT;
    quire__ticker_stop(writer);

    int open = 0;
    if (quire__progress_code(&writer->progress) == 0) {
        /* What a claim that nobody published keeps in a lane does not keep the rest from being flushed. */
        int gathered = quire__writer_gather(writer);
        int flushed = writer->method->flush(writer);
        open = gathered < 0 ? gathered : flushed;
    }
    quire__writer_free_lanes(writer);
    writer->method->close(writer);
    finish_file(writer);

    int code = quire__progress_code(&writer->progress);
    quire__progress_destroy(&writer->progress);
    pthread_mutex_destroy(&writer->lanes_lock);
    free(writer);
    return code < 0 ? code : open;
}
