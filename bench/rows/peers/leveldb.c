/* A peer: LevelDB, whose puts go to its log first. Keys are eight bytes. The table in memory is larger than the
 * workload, so nothing but the log is written while the clock runs.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include <leveldb/c.h>

#include "rows/peers/peers.h"
#include "rows/verify.h"

struct leveldb_state {
    leveldb_t *db;
    leveldb_options_t *options;
    leveldb_writeoptions_t *put, *durable;
    uint64_t number;
    bool each, sync;
};

/* LevelDB's errors are texts of its own. */
static int code_of(char *error)
{
    int rc = error ? -EIO : 0;
    leveldb_free(error);
    return rc;
}

static leveldb_options_t *make_options(uint64_t bytes, bool create)
{
    leveldb_options_t *options = leveldb_options_create();
    leveldb_options_set_create_if_missing(options, create);
    leveldb_options_set_error_if_exists(options, create);
    leveldb_options_set_compression(options, leveldb_no_compression);
    leveldb_options_set_write_buffer_size(options, 2 * bytes + (64 << 20));
    return options;
}

static int open_db(const struct bench_job *job, void **state)
{
    struct leveldb_state *s = calloc(1, sizeof *s);
    char *error = NULL;
    if (!s)
        return -ENOMEM;
    s->options = make_options(job->work->bytes, true);
    s->db = leveldb_open(s->options, job->path, &error);
    if (!s->db) {
        leveldb_options_destroy(s->options);
        free(s);
        return code_of(error);
    }
    s->put = leveldb_writeoptions_create();
    s->durable = leveldb_writeoptions_create();
    leveldb_writeoptions_set_sync(s->durable, 1);
    s->each = job->sync == BENCH_SYNC_EACH;
    s->sync = job->sync != BENCH_SYNC_NONE;
    *state = s;
    return 0;
}

static int append(void *thread, struct bench_cursor *cursor)
{
    struct leveldb_state *s = thread;
    const leveldb_writeoptions_t *how = s->each ? s->durable : s->put;
    const void *record;
    char key[8], *error = NULL;
    while (!error && (record = bench_cursor_next(cursor))) {
        bench_peer_key(s->number++, key);
        leveldb_put(s->db, how, key, sizeof key, record, cursor->record_bytes, &error);
    }
    return code_of(error);
}

/* A write of no key at all, synced: what is before it in the log is synced too. */
static int finish(void *state)
{
    struct leveldb_state *s = state;
    char *error = NULL;
    if (!s->sync || s->each)
        return 0;
    leveldb_writebatch_t *nothing = leveldb_writebatch_create();
    leveldb_write(s->db, s->durable, nothing, &error);
    leveldb_writebatch_destroy(nothing);
    return code_of(error);
}

static int close_db(void *state)
{
    struct leveldb_state *s = state;
    leveldb_close(s->db);
    leveldb_writeoptions_destroy(s->put);
    leveldb_writeoptions_destroy(s->durable);
    leveldb_options_destroy(s->options);
    free(s);
    return 0;
}

static const char *check_all(leveldb_t *db, const struct bench_job *job)
{
    struct bench_verified verified = {.job = job};
    leveldb_readoptions_t *how = leveldb_readoptions_create();
    leveldb_iterator_t *at = leveldb_create_iterator(db, how);
    const char *why = NULL;
    for (leveldb_iter_seek_to_first(at); !why && leveldb_iter_valid(at); leveldb_iter_next(at)) {
        size_t length;
        const char *record = leveldb_iter_value(at, &length);
        why = bench_verify_record(&verified, record, length);
    }
    leveldb_iter_destroy(at);
    leveldb_readoptions_destroy(how);
    return why ? why : bench_verify_end(&verified);
}

static const char *verify(const struct bench_job *job)
{
    char *error = NULL;
    leveldb_options_t *options = make_options(job->work->bytes, false);
    leveldb_t *db = leveldb_open(options, job->path, &error);
    const char *why = db ? check_all(db, job) : "cannot be opened again";
    if (db)
        leveldb_close(db);
    leveldb_free(error);
    leveldb_options_destroy(options);
    return why;
}

static uint64_t buffer_bytes(void *state)
{
    (void)state;
    return 0;
}

const struct bench_adapter bench_peer_leveldb = {
    .open = open_db,
    .append = append,
    .finish = finish,
    .close = close_db,
    .verify = verify,
    .buffer_bytes = buffer_bytes,
    .how = {[BENCH_SYNC_NONE] = "puts without sync: each is one write to its log",
            [BENCH_SYNC_END] = "puts without sync, then an empty write with WriteOptions.sync, which syncs the log",
            [BENCH_SYNC_EACH] = "WriteOptions.sync in each put"},
};
