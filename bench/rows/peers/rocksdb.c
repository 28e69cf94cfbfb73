/* A peer: RocksDB, whose puts go to its write-ahead log first. Keys are eight bytes. The table in memory is larger than the
 * workload, so nothing but the log is written while the clock runs.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#include <rocksdb/c.h>

#include "rows/peers/peers.h"
#include "rows/verify.h"

/* What one thread puts: its keys do not meet those of others, and their order is that of its puts. */
struct rocksdb_thread {
    struct rocksdb_state *state;
    uint64_t number;
};

struct rocksdb_state {
    rocksdb_t *db;
    rocksdb_options_t *options;
    rocksdb_writeoptions_t *put, *durable;
    _Atomic uint64_t threads; /* so many have been opened */
    bool each, sync;
};

/* RocksDB's errors are texts of its own. */
static int code_of(char *error)
{
    int rc = error ? -EIO : 0;
    rocksdb_free(error);
    return rc;
}

static rocksdb_options_t *make_options(uint64_t bytes, bool create)
{
    rocksdb_options_t *options = rocksdb_options_create();
    rocksdb_options_set_create_if_missing(options, create);
    rocksdb_options_set_error_if_exists(options, create);
    rocksdb_options_set_compression(options, rocksdb_no_compression);
    rocksdb_options_set_write_buffer_size(options, 2 * bytes + (64 << 20));
    rocksdb_options_set_disable_auto_compactions(options, 1);
    return options;
}

static int open_db(const struct bench_job *job, void **state)
{
    struct rocksdb_state *s = calloc(1, sizeof *s);
    char *error = NULL;
    if (!s)
        return -ENOMEM;
    s->options = make_options(job->work->bytes, true);
    s->db = rocksdb_open(s->options, job->path, &error);
    if (!s->db) {
        rocksdb_options_destroy(s->options);
        free(s);
        return code_of(error);
    }
    s->put = rocksdb_writeoptions_create();
    s->durable = rocksdb_writeoptions_create();
    rocksdb_writeoptions_set_sync(s->durable, 1);
    s->each = job->sync == BENCH_SYNC_EACH;
    s->sync = job->sync != BENCH_SYNC_NONE;
    *state = s;
    return 0;
}

static int open_thread(void *state, void **thread)
{
    struct rocksdb_thread *t = malloc(sizeof *t);
    if (!t)
        return -ENOMEM;
    t->state = state;
    t->number = atomic_fetch_add(&t->state->threads, 1) << 40;
    *thread = t;
    return 0;
}

static int close_thread(void *thread)
{
    free(thread);
    return 0;
}

static int append(void *thread, struct bench_cursor *cursor)
{
    struct rocksdb_thread *t = thread;
    const struct rocksdb_state *s = t->state;
    const rocksdb_writeoptions_t *how = s->each ? s->durable : s->put;
    const void *record;
    char key[8], *error = NULL;
    while (!error && (record = bench_cursor_next(cursor))) {
        bench_peer_key(t->number++, key);
        rocksdb_put(s->db, how, key, sizeof key, record, cursor->record_bytes, &error);
    }
    return code_of(error);
}

static int finish(void *state)
{
    struct rocksdb_state *s = state;
    char *error = NULL;
    if (s->sync && !s->each)
        rocksdb_flush_wal(s->db, 1, &error);
    return code_of(error);
}

/* Its threads would go on for as long as the process does. */
static void close_all(rocksdb_t *db)
{
    rocksdb_env_t *env = rocksdb_create_default_env();
    rocksdb_close(db);
    rocksdb_env_set_background_threads(env, 0);
    rocksdb_env_set_high_priority_background_threads(env, 0);
    rocksdb_env_destroy(env);
}

static int close_db(void *state)
{
    struct rocksdb_state *s = state;
    close_all(s->db);
    rocksdb_writeoptions_destroy(s->put);
    rocksdb_writeoptions_destroy(s->durable);
    rocksdb_options_destroy(s->options);
    free(s);
    return 0;
}

static const char *check_all(rocksdb_t *db, const struct bench_job *job)
{
    struct bench_verified verified = {.job = job};
    rocksdb_readoptions_t *how = rocksdb_readoptions_create();
    rocksdb_iterator_t *at = rocksdb_create_iterator(db, how);
    const char *why = NULL;
    for (rocksdb_iter_seek_to_first(at); !why && rocksdb_iter_valid(at); rocksdb_iter_next(at)) {
        size_t length;
        const char *record = rocksdb_iter_value(at, &length);
        why = bench_verify_record(&verified, record, length);
    }
    rocksdb_iter_destroy(at);
    rocksdb_readoptions_destroy(how);
    return why ? why : bench_verify_end(&verified);
}

static const char *verify(const struct bench_job *job)
{
    char *error = NULL;
    rocksdb_options_t *options = make_options(job->work->bytes, false);
    rocksdb_t *db = rocksdb_open(options, job->path, &error);
    const char *why = db ? check_all(db, job) : "cannot be opened again";
    if (db)
        close_all(db);
    rocksdb_free(error);
    rocksdb_options_destroy(options);
    return why;
}

static uint64_t buffer_bytes(void *state)
{
    (void)state;
    return 0;
}

const struct bench_adapter bench_peer_rocksdb = {
    .open = open_db,
    .thread_open = open_thread,
    .thread_close = close_thread,
    .append = append,
    .finish = finish,
    .close = close_db,
    .verify = verify,
    .buffer_bytes = buffer_bytes,
    .how = {[BENCH_SYNC_NONE] = "puts without sync: each is one write to its log",
            [BENCH_SYNC_END] = "puts without sync, then FlushWAL(sync=true)",
            [BENCH_SYNC_EACH] = "WriteOptions.sync in each put"},
};
