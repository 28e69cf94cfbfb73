/* Following a log that another process writes; cursors; retention under a reader's hands; all threads at once.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "io/io.h"
#include "log_builder.h"
#include "reader/reader.h"

static void nap(long ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

/* Three segments of blocks, slowly enough for the reader to catch up and sleep in between. */
static void append_slowly(struct log_builder *b, bool live, bool ready)
{
    for (uint64_t segment = 1; segment <= 3; segment++) {
        if (segment > 1) {
            builder_footer(b);
            builder_segment(b, segment);
        }
        if (ready)
            builder_extend(b, 4 << 20);
        for (uint64_t i = 0; i < 40; i++) {
            builder_block(b, 1 + i % 5, 100 * i);
            if (live)
                builder_live(b, b->next_sequence - 1);
            if (i % 8 == 0)
                nap(5);
        }
    }
}

static uint64_t total_records(void)
{
    uint64_t count = 0;

    for (uint64_t i = 0; i < 40; i++)
        count += 3 * (1 + i % 5);
    return count;
}

static const struct writing {
    const char *name;
    bool live, ready;
    uint32_t flags;
} writings[] = {
    {"live", true, false, 0},    {"live-ready", true, true, 0},    {"live-durable", true, true, QUIRE_READ_DURABLE},
    {"silent", false, false, 0}, {"silent-ready", false, true, 0},
};

TEST_EACH(follow_process, struct writing, writings)
{
    struct log_builder b;
    struct quire_record record;
    uint64_t sequence = 1, total = total_records();
    int rc;

    builder_open(&b, harness_path("log"), 9);
    builder_segment(&b, 1);
    pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        append_slowly(&b, it->live, it->ready);
        _exit(0);
    }
    quire_reader *reader = open_reader(b.directory, it->flags, NULL);
    while (sequence <= total) {
        REQUIRE_CODE(quire_reader_wait(reader, 20000), 1);
        while ((rc = quire_reader_next(reader, &record)) == 1) {
            struct bytes should = {0};
            REQUIRE_UINT(record.sequence, sequence);
            bytes_add_filled(&should, record.length, sequence);
            REQUIRE(memcmp(should.data ? should.data : (const uint8_t *)"", record.data, record.length) == 0);
            bytes_free(&should);
            sequence++;
        }
        REQUIRE_CODE(rc, 0);
    }
    CHECK_CODE(quire_reader_wait(reader, 20), 0);
    int status;
    REQUIRE_INT(waitpid(child, &status, 0), child);
    CHECK_INT(status, 0);
    REQUIRE_OK(quire_reader_close(reader));
    builder_close(&b);
}

/* A block that lies behind one which is still being written is no damage while the writer says how far it is. */
TEST(follow_out_of_order)
{
    struct log_builder b;
    struct quire_record record;
    static const unsigned char zeros[PAGE];

    builder_open(&b, harness_path("log"), 9);
    builder_segment(&b, 1);
    builder_block(&b, 3, 50);
    builder_live(&b, 0);
    builder_block(&b, 3, 50);
    builder_block(&b, 3, 50);
    struct bytes file = read_file(segment_path(&b, 1));
    hurt(&b, 1, b.blocks[1].offset, zeros, PAGE);
    quire_reader *reader = open_reader(b.directory, 0, NULL);
    for (int i = 0; i < 3; i++)
        REQUIRE_CODE(quire_reader_next(reader, &record), 1);
    REQUIRE_CODE(quire_reader_next(reader, &record), 0);
    REQUIRE_CODE(quire_reader_wait(reader, 0), 0);
    hurt(&b, 1, b.blocks[1].offset, file.data + b.blocks[1].offset, PAGE);
    REQUIRE_CODE(quire_reader_wait(reader, 0), 1);
    for (uint64_t i = 3; i < 9; i++) {
        REQUIRE_CODE(quire_reader_next(reader, &record), 1);
        CHECK_RECORD(&b, i, &record);
    }
    /* But once the writer says that it wrote it, it must be there. */
    builder_live(&b, 0);
    hurt(&b, 1, b.blocks[1].offset, zeros, PAGE);
    REQUIRE_OK(quire_reader_seek_begin(reader));
    for (int i = 0; i < 3; i++)
        REQUIRE_CODE(quire_reader_next(reader, &record), 1);
    REQUIRE_CODE(quire_reader_next(reader, &record), QUIRE_E_DAMAGED);
    bytes_free(&file);
    REQUIRE_OK(quire_reader_close(reader));
    builder_close(&b);
}

/* The system, but that the writer goes on just before it is asked for the second segment. */
static struct log_builder *to_go_on;

static int identify_late(struct quire__io *io, const char *path, uint64_t *device, uint64_t *inode)
{
    struct log_builder *b = to_go_on;

    (void)io;
    to_go_on = NULL;
    if (b) {
        builder_block(b, 3, 50);
        builder_footer(b);
        builder_segment(b, 2);
        builder_block(b, 3, 50);
    }
    return quire__io_system()->ops->identify(quire__io_system(), path, device, inode);
}

/* The end of a segment and the begin of the next come after the reader has looked at the one, before it looks at the
 * other. */
TEST(follow_over_an_end)
{
    struct log_builder b;
    struct quire_record record;
    struct quire__io_ops ops = *quire__io_system()->ops;
    struct quire__io io = {.ops = &ops};
    quire_reader *reader;

    ops.identify = identify_late;
    builder_open(&b, harness_path("log"), 9);
    builder_segment(&b, 1);
    builder_extend(&b, 1 << 20);
    builder_block(&b, 3, 50);
    REQUIRE_OK(quire__reader_open_on(&io, b.directory, NULL, &reader));
    for (uint64_t i = 0; i < 3; i++)
        REQUIRE_CODE(quire_reader_next(reader, &record), 1);
    to_go_on = &b;
    for (uint64_t i = 3; i < 9; i++) {
        REQUIRE_CODE(quire_reader_next(reader, &record), 1);
        CHECK_RECORD(&b, i, &record);
    }
    REQUIRE(!to_go_on);
    REQUIRE_OK(quire_reader_close(reader));
    builder_close(&b);
}

/* The system, but that the writer begins a segment just when the reader has seen that there is nothing in it. */
static int close_late(struct quire__io *io, int file)
{
    struct log_builder *b = to_go_on;
    struct stat seen;

    (void)io;
    if (b && fstat(file, &seen) == 0 && seen.st_size == 0) {
        to_go_on = NULL;
        builder_segment(b, 2);
        builder_block(b, 3, 50);
    }
    return quire__io_system()->ops->close(quire__io_system(), file);
}

TEST(follow_into_a_new_segment)
{
    struct log_builder b;
    struct quire_record record;
    struct quire__io_ops ops = *quire__io_system()->ops;
    struct quire__io io = {.ops = &ops};
    quire_reader *reader;

    ops.close = close_late;
    builder_open(&b, harness_path("log"), 9);
    builder_segment(&b, 1);
    builder_block(&b, 3, 50);
    builder_footer(&b);
    int unborn = open(segment_path(&b, 2), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    REQUIRE_INT(close(unborn), 0);
    REQUIRE_OK(quire__reader_open_on(&io, b.directory, NULL, &reader));
    for (uint64_t i = 0; i < 6; i++) {
        to_go_on = i == 3 ? &b : to_go_on;
        REQUIRE_CODE(quire_reader_next(reader, &record), 1);
        CHECK_RECORD(&b, i, &record);
    }
    REQUIRE(!to_go_on);
    REQUIRE_OK(quire_reader_close(reader));
    builder_close(&b);
}

static void wake_up(int signal_number)
{
    (void)signal_number;
}

TEST(wait_interrupted)
{
    struct log_builder b;
    struct quire_record record;
    struct sigaction action = {.sa_handler = wake_up};

    builder_open(&b, harness_path("log"), 9);
    builder_segment(&b, 1);
    quire_reader *reader = open_reader(b.directory, 0, NULL);
    REQUIRE_CODE(quire_reader_next(reader, &record), 0);
    REQUIRE_INT(sigaction(SIGALRM, &action, NULL), 0);
    timer_t timer;
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
    struct itimerspec soon = {.it_value = {.tv_nsec = 30000000}, .it_interval = {.tv_nsec = 30000000}};
    REQUIRE_INT(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
    REQUIRE_INT(timer_settime(timer, 0, &soon, NULL), 0);
    CHECK_CODE(quire_reader_wait(reader, -1), -EINTR);
    REQUIRE_INT(timer_delete(timer), 0);
    CHECK_CODE(quire_reader_wait(reader, 0), 0);
    REQUIRE_OK(quire_reader_close(reader));
    builder_close(&b);
}

static void build_segments(struct log_builder *b, const char *name, uint64_t tag, uint64_t segments)
{
    builder_open(b, harness_path(name), tag);
    for (uint64_t i = 1; i <= segments; i++) {
        builder_segment(b, i);
        for (uint64_t block = 0; block < 5 + i % 3; block++)
            builder_block(b, 7, 40 * block);
        builder_gap(b, 5, QUIRE_GAP_DROPPED);
        builder_footer(b);
    }
}

TEST(cursor_everywhere)
{
    struct log_builder b, other;
    struct quire_cursor cursor = {{0}}, hurt_one;
    struct quire_record record;

    build_segments(&b, "log", 9, 3);
    build_segments(&other, "other", 10, 1);
    quire_reader *reader = open_reader(b.directory, 0, NULL);
    for (uint64_t i = 0; i <= b.record_count; i++) {
        REQUIRE_OK(quire_reader_tell(reader, &cursor));
        quire_reader *resumed = open_reader(b.directory, 0, NULL);
        REQUIRE_OK(quire_reader_resume(resumed, &cursor));
        REQUIRE_CODE(quire_reader_next(resumed, &record), i < b.record_count);
        if (i < b.record_count)
            REQUIRE(CHECK_RECORD(&b, i, &record));
        REQUIRE_OK(quire_reader_close(resumed));
        REQUIRE_CODE(quire_reader_next(reader, &record), i < b.record_count);
    }
    for (size_t i = 0; i < sizeof cursor.bytes; i++) {
        hurt_one = cursor;
        hurt_one.bytes[i] ^= 4;
        CHECK_CODE(quire_reader_resume(reader, &hurt_one), QUIRE_E_CURSOR);
    }
    quire_reader *foreign = open_reader(other.directory, 0, NULL);
    CHECK_CODE(quire_reader_resume(foreign, &cursor), QUIRE_E_CURSOR);
    REQUIRE_OK(quire_reader_close(foreign));
    REQUIRE_OK(quire_reader_close(reader));
    builder_close(&b);
    builder_close(&other);
}

/* The oldest segments go away: what a reader has open it may finish, what it has not is trimmed. */
TEST(trimmed)
{
    struct log_builder b;
    struct quire_record record;
    struct quire_cursor cursor = {{0}};
    struct quire_damage damage = {0};
    int rc;

    build_segments(&b, "log", 9, 5);
    quire_reader *reader = open_reader(b.directory, 0, &damage);
    REQUIRE_CODE(quire_reader_next(reader, &record), 1);
    REQUIRE_OK(quire_reader_tell(reader, &cursor));
    for (uint64_t i = 1; i <= 3; i++)
        REQUIRE_INT(unlink(segment_path(&b, i)), 0);
    uint64_t last = 0;
    while ((rc = quire_reader_next(reader, &record)) == 1) {
        CHECK_UINT(record.segment, 1);
        last = record.sequence;
    }
    CHECK(last > 1);
    CHECK_CODE(rc, QUIRE_E_TRIMMED);
    CHECK_CODE(damage.code, QUIRE_E_TRIMMED);
    CHECK_CODE(quire_reader_next(reader, &record), QUIRE_E_TRIMMED);
    CHECK_CODE(quire_reader_skip(reader), QUIRE_E_TRIMMED);
    CHECK_CODE(quire_reader_resume(reader, &cursor), QUIRE_E_TRIMMED);
    REQUIRE_OK(quire_reader_seek_begin(reader));
    REQUIRE_CODE(quire_reader_next(reader, &record), 1);
    CHECK_UINT(record.segment, 4);
    CHECK_CODE(quire_reader_seek_sequence(reader, record.sequence - 1), QUIRE_E_TRIMMED);
    REQUIRE_OK(quire_reader_close(reader));
    builder_close(&b);
}

/* A reader of three records that looked at a segment made ready behind them, which is then taken away again, as closing
 * does it. */
static quire_reader *open_beside_ready(struct log_builder *b, uint64_t epochs)
{
    struct quire_record record;

    builder_open(b, harness_path("log"), 9);
    builder_segment(b, 1);
    builder_block(b, 3, 50);
    struct log_builder ready = *b;
    ready.file = -1;
    ready.header.identity.epoch += epochs;
    builder_segment(&ready, 2);
    builder_extend(&ready, 1 << 20);
    quire_reader *reader = open_reader(b->directory, 0, NULL);
    for (int i = 0; i < 3; i++)
        REQUIRE_CODE(quire_reader_next(reader, &record), 1);
    REQUIRE_CODE(quire_reader_next(reader, &record), 0);
    REQUIRE_INT(close(ready.file), 0);
    REQUIRE_INT(unlink(segment_path(b, 2)), 0);
    return reader;
}

static void read_records(const struct log_builder *b, quire_reader *reader, uint64_t from, uint64_t to)
{
    struct quire_record record;

    for (uint64_t i = from; i < to; i++) {
        REQUIRE_CODE(quire_reader_next(reader, &record), 1);
        CHECK_RECORD(b, i, &record);
    }
}

/* It comes back later, filled. */
TEST(ready_taken_away)
{
    struct log_builder b;
    struct quire_record record;
    quire_reader *reader = open_beside_ready(&b, 0);

    REQUIRE_CODE(quire_reader_next(reader, &record), 0);
    builder_block(&b, 3, 50);
    builder_segment(&b, 2);
    builder_block(&b, 3, 50);
    read_records(&b, reader, 3, 9);
    REQUIRE_OK(quire_reader_close(reader));
    builder_close(&b);
}

/* Another has its number the next time that the reader looks, and the segment in front is gone. */
TEST(ready_replaced)
{
    struct log_builder b;
    struct quire_record record;
    quire_reader *reader = open_beside_ready(&b, 100);

    builder_segment(&b, 2);
    builder_block(&b, 3, 50);
    builder_live(&b, b.next_sequence - 1);
    REQUIRE_INT(unlink(segment_path(&b, 1)), 0);
    read_records(&b, reader, 3, 6);
    REQUIRE_CODE(quire_reader_next(reader, &record), 0);
    REQUIRE_OK(quire_reader_close(reader));
    builder_close(&b);
}

/* The file that is being read is taken for a new segment. */
TEST(recycled)
{
    struct log_builder b;
    struct quire_record record;
    unsigned char page[PAGE];

    builder_open(&b, harness_path("log"), 9);
    for (uint64_t segment = 1; segment <= 2; segment++) {
        builder_segment(&b, segment);
        for (int i = 0; i < 8; i++)
            builder_block(&b, 1, 100000);
        builder_footer(&b);
    }
    quire_reader *reader = open_reader(b.directory, 0, NULL);
    REQUIRE_CODE(quire_reader_next(reader, &record), 1);
    /* As retention and preparation do it: another name, another header, blocks overwritten. */
    REQUIRE_INT(rename(segment_path(&b, 1), segment_path(&b, 3)), 0);
    b.header.number = 3;
    b.header.identity.epoch++;
    quire__segment_encode(&b.header, page);
    hurt(&b, 3, 0, page, sizeof page);
    hurt(&b, 3, b.blocks[5].offset, page, sizeof page);
    int rc;
    while ((rc = quire_reader_next(reader, &record)) == 1)
        CHECK(is_right(&b, &record));
    CHECK_CODE(rc, QUIRE_E_TRIMMED);
    REQUIRE_OK(quire_reader_seek_begin(reader));
    REQUIRE_CODE(quire_reader_next(reader, &record), 1);
    CHECK_UINT(record.segment, 2);
    REQUIRE_OK(quire_reader_close(reader));
    builder_close(&b);
}

enum { THREADS_MOST = 256 };

struct tally {
    const struct log_builder *b;
    pthread_mutex_t lock;
    uint64_t *seen; /* by sequence */
    uint64_t records, stop_at;
    uint32_t threads;
    uint64_t last[THREADS_MOST]; /* of each thread */
};

static int see(void *context, uint32_t thread, const struct quire_record *record)
{
    struct tally *tally = context;
    int rc = 0;

    pthread_mutex_lock(&tally->lock);
    tally->seen[record->sequence]++;
    tally->records++;
    REQUIRE(thread < tally->threads);
    CHECK(record->sequence > tally->last[thread]);
    if (record->kind == QUIRE_RECORD_DATA)
        CHECK(is_right(tally->b, record));
    tally->last[thread] = record->sequence;
    if (tally->records == tally->stop_at)
        rc = 42;
    pthread_mutex_unlock(&tally->lock);
    return rc;
}

TEST(scan_equals_reading)
{
    struct log_builder b;
    build_segments(&b, "log", 9, 13);

    for (uint32_t threads = 0; threads <= 4; threads++) {
        struct tally tally = {.b = &b, .lock = PTHREAD_MUTEX_INITIALIZER, .threads = threads ? threads : THREADS_MOST};
        tally.seen = calloc(b.next_sequence, sizeof *tally.seen);
        REQUIRE(tally.seen);
        REQUIRE_OK(quire_scan(b.directory, NULL, threads, see, &tally));
        CHECK_UINT(tally.records, b.record_count);
        for (uint64_t i = 0; i < b.record_count; i++)
            CHECK_UINT(tally.seen[b.records[i].record.sequence], 1);
        tally.stop_at = tally.records + 10;
        memset(tally.last, 0, sizeof tally.last);
        CHECK_INT(quire_scan(b.directory, NULL, threads, see, &tally), 42);
        free(tally.seen);
    }
    builder_close(&b);
}

TEST(scan_meets_damage)
{
    struct log_builder b;
    struct quire_damage damage = {0};
    struct quire_reader_options options = {.size = sizeof options, .damage = &damage};
    build_segments(&b, "log", 9, 6);
    flip(&b, 4, b.blocks[1].offset + 200, 1);

    struct tally tally = {.b = &b, .lock = PTHREAD_MUTEX_INITIALIZER, .threads = 3};
    tally.seen = calloc(b.next_sequence, sizeof *tally.seen);
    REQUIRE(tally.seen);
    CHECK_CODE(quire_scan(b.directory, &options, 3, see, &tally), QUIRE_E_DAMAGED);
    CHECK_UINT(damage.segment, 4);
    CHECK_UINT(damage.block, 1);
    memset(tally.seen, 0, b.next_sequence * sizeof *tally.seen);
    memset(tally.last, 0, sizeof tally.last);
    tally.records = 0;
    options.flags = QUIRE_READ_GAPS;
    CHECK_OK(quire_scan(b.directory, &options, 3, see, &tally));
    CHECK_UINT(tally.records, b.record_count - 7 + 1);
    CHECK_CODE(quire_scan(b.directory, &options, 257, see, &tally), QUIRE_E_ARGUMENT);
    free(tally.seen);
    builder_close(&b);
}
