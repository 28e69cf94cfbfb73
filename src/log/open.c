/* From a directory and options to a log, and back to nothing.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/given.h"
#include "base/sha256.h"
#include "base/worker.h"
#include "io/retry.h"
#include "log/begin.h"
#include "log/codec.h"
#include "log/commit.h"
#include "log/drain.h"
#include "log/frame.h"
#include "log/keeper.h"
#include "log/lane.h"
#include "log/live.h"
#include "log/make.h"
#include "log/options.h"
#include "log/places.h"
#include "staging/memory.h"

static const struct quire__log_method *const methods[] = {&quire__log_method_paged, &quire__log_method_write,
                                                          &quire__log_method_mmap, &quire__log_method_uring};

static const struct quire__log_method *find_method(uint32_t id)
{
    if (id == QUIRE_METHOD_DEFAULT)
        return &quire__log_method_paged;
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        if (methods[i]->id == id)
            return methods[i];
    return NULL;
}

int quire__log_code(quire_log *log)
{
    if (QUIRE__LIKELY(atomic_load_explicit(&log->order->alive, memory_order_relaxed)))
        return 0;
    return log->order->ours ? quire__progress_code(&log->progress) : QUIRE_E_FORKED;
}

int quire__log_fail(quire_log *log, int code, enum quire_call call, uint64_t offset)
{
    code = quire__progress_fail(&log->progress, code, call, offset);
    quire__spin_lock(&log->order->lock);
    /* Appends look no further than whether a block is open. */
    log->order->open = NULL;
    atomic_store(&log->order->alive, false);
    quire__spin_unlock(&log->order->lock);
    quire__commit_wake_all(log);
    quire__keeper_wake_all(log);
    return code;
}

/* Buffers, and one more where blocks are compressed; the order on pages that a child of fork finds empty. */
static int open_memory(quire_log *log)
{
    uint64_t buffers = log->options.block_count + (log->options.codec ? 1 : 0);
    void *order = mmap(NULL, quire__round_up(sizeof *log->order, QUIRE__PAGE), PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (order == MAP_FAILED)
        return -errno;
    log->order = order;
    /* A kernel that does not know it (before 4.14) leaves a child of fork to the caller's care. */
    madvise(order, quire__round_up(sizeof *log->order, QUIRE__PAGE), MADV_WIPEONFORK);
    log->order->ours = true;
    log->memory_bytes = buffers * log->options.block_bytes;
    int rc = quire__memory_open(log->memory_bytes, log->memory_bytes, &log->memory);
    if (rc < 0)
        return rc;
    log->page = aligned_alloc(QUIRE__PAGE, QUIRE__PAGE);
    log->slots = aligned_alloc(QUIRE__CACHE_LINE, log->options.block_count * sizeof *log->slots);
    if (!log->page || !log->slots)
        return -ENOMEM;
    memset(log->slots, 0, log->options.block_count * sizeof *log->slots);
    for (uint32_t i = 0; i < log->options.block_count; i++)
        log->slots[i].memory = (unsigned char *)log->memory + i * log->options.block_bytes;
    if (log->options.codec)
        log->spare = (unsigned char *)log->memory + log->options.block_count * log->options.block_bytes;
    return 0;
}

static void close_memory(quire_log *log)
{
    quire__compressor_close(log->compressor);
    quire__sha256_close(log->chain);
    free(log->slots);
    free(log->page);
    quire__memory_close(log->memory, log->memory_bytes);
    if (log->order)
        munmap(log->order, quire__round_up(sizeof *log->order, QUIRE__PAGE));
    log->compressor = NULL;
    log->chain = NULL;
    log->slots = NULL;
    log->page = log->spare = NULL;
    log->memory = NULL;
    log->order = NULL;
}

static int open_helpers(quire_log *log)
{
    int rc = open_memory(log);
    if (rc == 0 && log->options.codec)
        rc = quire__compressor_open(log->options.codec, log->options.codec_level, &log->compressor);
    if (rc == 0 && log->options.flags & QUIRE_LOG_CHAIN)
        rc = quire__sha256_open(&log->chain);
    return rc;
}

static void drain_for_others(void *argument)
{
    quire_log *log = argument;

    /* A failure is the log's from then on, and everybody hears of it. */
    if (log->background)
        quire__drain_by_blocks(log);
    else
        quire__drain_for_slot(log);
}

static void tick(void *argument)
{
    quire_log *log = argument;

    /* As above; an open claim is tried again. */
    quire__log_gather(log);
    quire__commit_up_to(log, quire__log_appended(log));
}

static int start_threads(quire_log *log, enum quire_call *failed_call)
{
    const struct quire_log_options *o = &log->options;
    int rc = 0;

    *failed_call = QUIRE_CALL_THREAD;
    if (!log->wait || log->background)
        rc = quire__worker_start(drain_for_others, log, 0, &log->drainer);
    if (rc == 0 && o->sync_policy == QUIRE_SYNC_INTERVAL)
        rc = quire__worker_start(tick, log, o->sync_interval_ms, &log->ticker);
    if (rc == 0)
        rc = quire__keeper_start(log);
    return rc;
}

static void stop_threads(quire_log *log)
{
    quire__worker_stop(log->ticker);
    quire__worker_stop(log->drainer);
    quire__keeper_stop(log);
    log->ticker = log->drainer = NULL;
}

static void close_method(quire_log *log)
{
    if (log->method->close)
        log->method->close(log);
}

static int start(quire_log *log, struct quire__log_found *found, enum quire_call *failed_call)
{
    *failed_call = QUIRE_CALL_MEMORY;
    int rc = open_helpers(log);
    if (rc < 0)
        goto no_memory;
    rc = quire__log_begin(log, found, failed_call);
    if (rc < 0)
        goto no_memory;
    rc = log->method->open ? log->method->open(log, failed_call) : 0;
    if (rc < 0)
        goto no_method;
    rc = quire__live_open(log, failed_call);
    if (rc == 0) {
        /* From here on the directory changes. */
        quire__live_tell(log);
        rc = start_threads(log, failed_call);
    }
    if (rc < 0)
        goto no_threads;
    return 0;

no_threads:
    stop_threads(log);
    quire__live_close(log);
    close_method(log);
no_method:
    /* A log that this call made is not to be found by the next. */
    if (!found->recovered.found)
        quire__log_unmake(log);
    quire__log_abandon(log);
no_memory:
    close_memory(log);
    return rc;
}

static bool is_unavailable(int rc)
{
    return rc == QUIRE_E_NO_DIRECT || rc == QUIRE_E_NO_URING;
}

static int start_with(quire_log *log, const struct quire__log_method *method, struct quire__log_found *found,
                      enum quire_call *failed_call)
{
    log->method = method;
    *failed_call = QUIRE_CALL_NONE;
    int rc = quire__log_options_settle(method, &log->options);
    if (rc < 0)
        return rc;
    log->wait = log->options.on_full == QUIRE_FULL_BLOCK;
    log->each = log->options.sync_policy == QUIRE_SYNC_EACH;
    log->owes = log->each || method->each;
    log->background = log->options.flags & QUIRE_LOG_BACKGROUND;
    log->retain = log->options.flags & QUIRE_LOG_CONTINUE;
    log->frame = quire__frame_bytes(log->options.flags);
    log->plain_most = quire__min(log->options.record_most, quire__block_capacity(log) - log->frame);
    rc = quire__log_find(log, found, failed_call);
    return rc < 0 ? rc : start(log, found, failed_call);
}

/* With the method asked for, or the one that takes its place where that was allowed. */
static int open_method(quire_log *log, struct quire__log_found *found, enum quire_call *failed_call)
{
    const struct quire__log_method *method = find_method(log->options.method);
    struct quire_log_options asked = log->options;

    if (!method)
        return QUIRE_E_METHOD;
    log->method_asked = method->id;
    int rc = start_with(log, method, found, failed_call);
    if (is_unavailable(rc) && asked.flags & QUIRE_LOG_ALLOW_FALLBACK) {
        log->fallback_reason = rc;
        log->options = asked;
        rc = start_with(log, &quire__log_method_paged, found, failed_call);
    }
    return rc;
}

static void init_locks(quire_log *log)
{
    /* None of these fails on Linux. */
    pthread_mutex_init(&log->drain, NULL);
    pthread_mutex_init(&log->sync, NULL);
    pthread_mutex_init(&log->lanes_lock, NULL);
    pthread_mutex_init(&log->retire.lock, NULL);
    pthread_mutex_init(&log->keeper.lock, NULL);
    pthread_cond_init(&log->keeper.answered, NULL);
}

static void destroy_locks(quire_log *log)
{
    pthread_cond_destroy(&log->keeper.answered);
    pthread_mutex_destroy(&log->keeper.lock);
    pthread_mutex_destroy(&log->retire.lock);
    pthread_mutex_destroy(&log->lanes_lock);
    pthread_mutex_destroy(&log->sync);
    pthread_mutex_destroy(&log->drain);
}

static void report(const struct quire_log_options *o, int code, enum quire_call call,
                   const struct quire__log_found *found)
{
    if (o->recovery && quire__given_holds(o->recovery, sizeof o->recovery->size))
        quire__given_fill(o->recovery, &found->report, sizeof found->report);
    if (o->damage)
        *o->damage = found->damage;
    if (code < 0 && o->failure)
        *o->failure = (struct quire_failure){.code = code, .call = (int)call, .os_error = code > -4096 ? -code : 0};
}

int quire__log_open_on(struct quire__io *io, const char *directory, const struct quire_log_options *options,
                       quire_log **log)
{
    struct quire_log_options taken;
    struct quire__log_found found = {0};
    enum quire_call failed_call = QUIRE_CALL_NONE;

    if (!directory || !log)
        return QUIRE_E_ARGUMENT;
    int rc = quire__log_options_take(options, &taken);
    if (rc < 0)
        return rc;
    if (strlen(directory) >= sizeof(*log)->directory - 32)
        return -ENAMETOOLONG;
    quire_log *l = aligned_alloc(QUIRE__CACHE_LINE, quire__round_up(sizeof *l, QUIRE__CACHE_LINE));
    if (!l)
        return -ENOMEM;
    memset(l, 0, sizeof *l);
    init_locks(l);
    l->io = io;
    memcpy(l->directory, directory, strlen(directory) + 1);
    l->options = taken;
    l->observer = (struct quire__observer){.see = taken.observe, .context = taken.observe_context, .writer = l};
    l->folder = l->live = -1;
    rc = open_method(l, &found, &failed_call);
    report(&taken, rc, failed_call, &found);
    if (rc < 0) {
        quire__log_leave_folder(l);
        destroy_locks(l);
        free(l);
        return rc;
    }
    *log = l;
    return 0;
}

int quire_log_open(const char *directory, const struct quire_log_options *options, quire_log **log)
{
    return quire__log_open_on(quire__io_system(), directory, options, log);
}

/* In a child of fork nothing is touched but memory. */
static int close_in_child(quire_log *log)
{
    close_memory(log);
    free(log);
    return QUIRE_E_FORKED;
}

/* What lanes hold, what was dropped and not declared, and all blocks; each as far as a claim that is open lets it. */
static int hand_over_all(quire_log *log)
{
    int gathered = quire__log_gather(log);
    int declared = quire__places_declare_loss(log);
    int drained = quire__drain_all(log);

    if (gathered == 0)
        gathered = declared;
    return gathered < 0 ? gathered : drained;
}

int quire_log_close(quire_log *log)
{
    int open = quire__log_enter(log);
    if (open == QUIRE_E_ARGUMENT)
        return open;
    if (open == QUIRE_E_FORKED)
        return close_in_child(log);
    open = quire__log_code(log);
    quire__worker_stop(log->ticker);
    log->ticker = NULL;
    if (open == 0) {
        open = hand_over_all(log);
        /* Nobody is going to publish it any more: its record is void, and what it kept waiting is whole. */
        log->closing = true;
        if (open == QUIRE_E_CLAIM_OPEN)
            hand_over_all(log);
        if (log->options.sync_policy != QUIRE_SYNC_NONE)
            quire__commit_up_to(log, quire__log_appended(log));
    }
    stop_threads(log);
    quire__log_free_lanes(log);
    uint64_t newest;
    quire__log_end(log, &newest);
    int code = quire__progress_code(&log->progress);
    close_method(log);
    if (code == 0)
        quire__live_say_goodbye(log, newest);
    quire__log_abandon(log);
    quire__live_close(log);
    quire__log_leave_folder(log);
    close_memory(log);
    destroy_locks(log);
    free(log);
    return code < 0 ? code : open;
}
