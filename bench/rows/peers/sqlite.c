/* A peer: SQLite in WAL mode. A row is a blob in a table with an integer key; so many records are one transaction. Its
 * log is never copied into the database while the clock runs.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <sqlite3.h>

#include "rows/peers/peers.h"
#include "rows/verify.h"

struct sqlite_state {
    sqlite3 *db;
    sqlite3_stmt *insert, *begin, *commit;
    unsigned batch, pending; /* records in a transaction, and in the one that is open */
    bool sync;
};

/* SQLite's codes, as near as errno comes to them. */
static int code_of(int rc)
{
    if (rc == SQLITE_OK || rc == SQLITE_DONE || rc == SQLITE_ROW)
        return 0;
    return rc == SQLITE_FULL ? -ENOSPC : rc == SQLITE_NOMEM ? -ENOMEM : -EIO;
}

static int run(sqlite3 *db, const char *sql)
{
    return code_of(sqlite3_exec(db, sql, NULL, NULL, NULL));
}

static int step(sqlite3_stmt *statement)
{
    int rc = code_of(sqlite3_step(statement));
    int reset = code_of(sqlite3_reset(statement));
    return rc < 0 ? rc : reset;
}

static int set_up(struct sqlite_state *s, bool each)
{
    int rc = run(s->db, "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0;"
                        "CREATE TABLE log (number INTEGER PRIMARY KEY, record BLOB NOT NULL)");
    if (rc == 0)
        rc = run(s->db, each ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=OFF");
    if (rc == 0)
        rc = code_of(sqlite3_prepare_v2(s->db, "INSERT INTO log (record) VALUES (?)", -1, &s->insert, NULL));
    if (rc == 0)
        rc = code_of(sqlite3_prepare_v2(s->db, "BEGIN", -1, &s->begin, NULL));
    if (rc == 0)
        rc = code_of(sqlite3_prepare_v2(s->db, "COMMIT", -1, &s->commit, NULL));
    return rc;
}

static int close_db(void *state)
{
    struct sqlite_state *s = state;
    sqlite3_finalize(s->insert);
    sqlite3_finalize(s->begin);
    sqlite3_finalize(s->commit);
    /* The log stays a log: what is read back is what was appended to it. */
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    int rc = code_of(sqlite3_close(s->db));
    free(s);
    return rc;
}

static int open_db(const struct bench_job *job, void **state)
{
    struct sqlite_state *s = calloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    s->batch = job->sync == BENCH_SYNC_EACH ? 1 : job->row->batch;
    s->sync = job->sync == BENCH_SYNC_END;
    int rc = code_of(sqlite3_open_v2(job->path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL));
    if (rc == 0)
        rc = set_up(s, job->sync == BENCH_SYNC_EACH);
    if (rc < 0)
        close_db(s);
    else
        *state = s;
    return rc;
}

static int insert(struct sqlite_state *s, const void *record, uint64_t length)
{
    int rc = s->pending == 0 && s->batch > 1 ? step(s->begin) : 0;
    if (rc == 0)
        rc = code_of(sqlite3_bind_blob64(s->insert, 1, record, length, SQLITE_STATIC));
    if (rc == 0)
        rc = step(s->insert);
    if (rc == 0 && s->batch > 1 && ++s->pending == s->batch) {
        s->pending = 0;
        rc = step(s->commit);
    }
    return rc;
}

static int append(void *thread, struct bench_cursor *cursor)
{
    struct sqlite_state *s = thread;
    const void *record;
    int rc = 0;
    while (rc == 0 && (record = bench_cursor_next(cursor)))
        rc = insert(s, record, cursor->record_bytes);
    return rc;
}

/* A commit with synchronous=FULL syncs the log as a whole. */
static int finish(void *state)
{
    struct sqlite_state *s = state;
    int rc = s->pending ? step(s->commit) : 0;
    s->pending = 0;
    if (rc == 0 && s->sync)
        rc = run(s->db, "PRAGMA synchronous=FULL; CREATE TABLE ended (x)");
    return rc;
}

static const char *check_all(sqlite3_stmt *select, const struct bench_job *job)
{
    struct bench_verified verified = {.job = job};
    const char *why = NULL;
    while (!why && sqlite3_step(select) == SQLITE_ROW)
        why = bench_verify_record(&verified, sqlite3_column_blob(select, 0), (uint64_t)sqlite3_column_bytes(select, 0));
    return why ? why : bench_verify_end(&verified);
}

static const char *verify(const struct bench_job *job)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *select = NULL;
    const char *why = "cannot be opened again";
    if (sqlite3_open_v2(job->path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2(db, "SELECT record FROM log ORDER BY number", -1, &select, NULL) == SQLITE_OK)
        why = check_all(select, job);
    sqlite3_finalize(select);
    sqlite3_close(db);
    return why;
}

static uint64_t buffer_bytes(void *state)
{
    (void)state;
    return 0;
}

const struct bench_adapter bench_peer_sqlite = {
    .open = open_db,
    .append = append,
    .finish = finish,
    .close = close_db,
    .verify = verify,
    .buffer_bytes = buffer_bytes,
    .how = {[BENCH_SYNC_NONE] = "WAL mode, PRAGMA synchronous=OFF, no checkpoint",
            [BENCH_SYNC_END] =
                "WAL mode, PRAGMA synchronous=OFF, then a commit with synchronous=FULL, which syncs the log",
            [BENCH_SYNC_EACH] = "WAL mode, PRAGMA synchronous=FULL, each record a transaction"},
};
