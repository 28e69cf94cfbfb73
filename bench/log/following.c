/* How long it takes until a reader in another process has a record that was handed over.
 *
 * This process appends a record, flushes, and rests until the next; the other one, forked for the round, sleeps in
 * quire_reader_wait, and notes when quire_reader_next has returned each record. Both look at the same clock. See site.h.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <quire/reader.h>

#include "base/chance.h"
#include "base/cost.h"
#include "base/histogram.h"
#include "base/stop.h"
#include "log/site.h"

/* The first few are waited for, one by one, and not counted: a reader that comes to an empty segment looks all through it
 * once or twice before it knows where the writer is. */
enum {
    FIRST = 20,
    FOLLOWS = 1000,
    FOLLOWS_QUICK = 200,
    ALL = FIRST + FOLLOWS,
    REST_NS = 500000,
    PATIENCE_MS = 100,
    PATIENCE_S = 20
};

/* What both processes see. */
struct followed {
    _Atomic int state;      /* enum */
    _Atomic int rc;         /* of the reader */
    _Atomic uint64_t count; /* of records seen */
    uint64_t seen[ALL], before[ALL], after[ALL];
};
enum { STARTING, FOLLOWING };

uint64_t bench_log_follows(const struct bench_log_settings *settings)
{
    return settings->quick ? FOLLOWS_QUICK : FOLLOWS;
}

/* The next record, waited for. 0, or why there is none. */
static int next_record(quire_reader *reader, struct quire_record *record)
{
    int rc;
    while ((rc = quire_reader_next(reader, record)) == 0) {
        if (bench_stop_signal)
            return -EINTR;
        rc = quire_reader_wait(reader, PATIENCE_MS);
        if (rc < 0 && rc != -EINTR)
            return rc;
    }
    return rc < 0 ? rc : 0;
}

static int follow(struct bench_log_site *site, quire_reader *reader, struct followed *followed)
{
    struct bench_verified verified = bench_log_expected(site);
    uint64_t count = FIRST + bench_log_follows(site->settings);
    for (uint64_t i = 0; i < count; i++) {
        struct quire_record record;
        int rc = next_record(reader, &record);
        followed->seen[i] = bench_now_ns();
        if (rc < 0)
            return rc;
        if (bench_verify_record(&verified, record.data, record.length))
            return -EBADMSG;
        atomic_store(&followed->count, i + 1);
    }
    return 0;
}

/* The other process. It leaves nothing behind and runs nothing of this one's way out. */
_Noreturn static void run_reader(struct bench_log_site *site, const char *path, pid_t parent, struct followed *followed)
{
    quire_reader *reader;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    int rc = quire_reader_open(path, NULL, &reader);
    if (rc == 0) {
        struct quire_record record;
        rc = quire_reader_next(reader, &record); /* the log is empty: it has looked, and will wait */
        atomic_store(&followed->state, FOLLOWING);
        rc = rc < 0 ? rc : follow(site, reader, followed);
        quire_reader_close(reader);
    }
    atomic_store(&followed->rc, rc);
    _exit(rc < 0);
}

static void rest(uint64_t nanoseconds)
{
    nanosleep(&(struct timespec){.tv_nsec = (long)nanoseconds}, NULL);
}

/* Waits for the other process to begin. */
static int await_reader(pid_t reader, const struct followed *followed)
{
    double until = bench_now() + PATIENCE_S;
    while (atomic_load(&followed->state) == STARTING && !bench_stop_signal) {
        siginfo_t ended = {.si_pid = 0};
        if (waitid(P_PID, (id_t)reader, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid)
            return followed->rc < 0 ? followed->rc : -ECHILD;
        if (bench_now() > until)
            return -ETIMEDOUT;
        rest(1000000);
    }
    return bench_stop_signal ? -EINTR : 0;
}

static void await_record(const struct followed *followed, uint64_t number)
{
    double until = bench_now() + PATIENCE_S;
    while (atomic_load(&followed->count) <= number && bench_now() < until && !bench_stop_signal)
        rest(REST_NS);
}

/* The rests are of chance, so that they do not keep step with anything. */
static int append_all(struct bench_log_site *site, quire_log *log, struct followed *followed)
{
    uint64_t count = FIRST + bench_log_follows(site->settings), seed = site->round;
    struct bench_cursor cursor = bench_log_cursor(site, count);
    const void *record;
    for (uint64_t i = 0; (record = bench_cursor_next(&cursor)); i++) {
        rest(REST_NS + bench_chance(&seed) % REST_NS);
        int rc = quire_log_append(log, record, cursor.record_bytes, NULL);
        followed->before[i] = bench_now_ns();
        if (rc == 0)
            rc = quire_log_flush(log);
        followed->after[i] = bench_now_ns();
        if (rc < 0)
            return rc;
        if (i < FIRST)
            await_record(followed, i);
    }
    return bench_stop_signal ? -EINTR : 0;
}

/* Waits until the other process has ended: in its own time if all went well, else at once. */
static int end_reader(pid_t reader, int rc, const struct followed *followed)
{
    double until = bench_now() + (rc < 0 ? 0 : PATIENCE_S);
    int status;
    while (waitpid(reader, &status, WNOHANG) == 0) {
        if (bench_stop_signal || bench_now() >= until) {
            kill(reader, SIGKILL);
            waitpid(reader, &status, 0);
            return rc < 0 ? rc : bench_stop_signal ? -EINTR : -ETIMEDOUT;
        }
        rest(1000000);
    }
    if (rc == 0)
        rc = followed->rc;
    return rc == 0 && !(WIFEXITED(status) && WEXITSTATUS(status) == 0) ? -ECHILD : rc;
}

/* Readers come before the log's own thread does, so that what is forked has one thread: the log is made, closed, and
 * opened again behind the fork. */
static int run(struct bench_log_site *site, const struct bench_log_path *path, struct followed *followed)
{
    quire_log *log;
    int rc = quire_log_open(path->text, NULL, &log);
    if (rc == 0)
        rc = quire_log_close(log);
    if (rc < 0)
        return rc;
    pid_t self = getpid(), reader = fork();
    if (reader == 0)
        run_reader(site, path->text, self, followed);
    if (reader < 0)
        return -errno;
    rc = quire_log_open(path->text, NULL, &log);
    if (rc == 0) {
        rc = await_reader(reader, followed);
        if (rc == 0)
            rc = append_all(site, log, followed);
        rc = end_reader(reader, rc, followed);
        int end = quire_log_close(log);
        return rc < 0 ? rc : end;
    }
    return end_reader(reader, rc, followed);
}

static void note(struct bench_log_site *site, const struct followed *followed)
{
    struct bench_histogram before, after;
    bench_histogram_reset(&before);
    bench_histogram_reset(&after);
    for (uint64_t i = FIRST; i < FIRST + bench_log_follows(site->settings); i++) {
        uint64_t seen = followed->seen[i];
        bench_histogram_add(&before, seen > followed->before[i] ? seen - followed->before[i] : 0);
        bench_histogram_add(&after, seen > followed->after[i] ? seen - followed->after[i] : 0);
    }
    bench_log_note(site, BENCH_LOG_FOLLOW_P50, (double)bench_histogram_percentile(&before, 0.5) * 1e-9);
    bench_log_note(site, BENCH_LOG_FOLLOW_P99, (double)bench_histogram_percentile(&before, 0.99) * 1e-9);
    bench_log_note(site, BENCH_LOG_BEHIND_P50, (double)bench_histogram_percentile(&after, 0.5) * 1e-9);
    bench_log_note(site, BENCH_LOG_BEHIND_P99, (double)bench_histogram_percentile(&after, 0.99) * 1e-9);
}

int bench_log_following_measure(struct bench_log_site *site)
{
    struct bench_log_path path = bench_log_path_of(site, "follow");
    struct followed *followed = mmap(NULL, sizeof *followed, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (followed == MAP_FAILED)
        return bench_log_failed(site, -errno, "following");
    bench_place_settle(site->place);
    int rc = run(site, &path, followed);
    if (rc < 0)
        bench_log_failed(site, rc, "following");
    else
        note(site, followed);
    munmap(followed, sizeof *followed);
    bench_log_remove(&path);
    return rc;
}
