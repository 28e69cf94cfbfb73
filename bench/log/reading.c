/* A log that lies in the page cache, read from its beginning to its end: by a reader, by verify, and by read(2), which
 * does the least that can be done with its files. See site.h.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include <quire/check.h>
#include <quire/reader.h>

#include "base/cost.h"
#include "base/stop.h"
#include "log/site.h"

enum { PIECE = 1 << 20, SEGMENT = 64 << 20 };

uint64_t bench_log_reading_room(const struct bench_log_settings *settings)
{
    return settings->size.records * (settings->size.record_bytes + 64) + 3 * (uint64_t)SEGMENT;
}

static int fill(struct bench_log_site *site, quire_log *log)
{
    struct bench_cursor cursor = bench_log_cursor(site, site->settings->size.records);
    const void *record;
    int rc = 0;
    while (rc == 0 && (record = bench_cursor_next(&cursor)))
        rc = quire_log_append(log, record, cursor.record_bytes, NULL);
    return rc;
}

int bench_log_reading_prepare(struct bench_log_site *site)
{
    struct bench_log_path path = bench_log_path_of(site, "read");
    struct quire_log_options options = {.size = sizeof options, .segment_bytes = SEGMENT};
    struct quire_log_info info = {.size = sizeof info};
    quire_log *log;
    int rc = quire_log_open(path.text, &options, &log);
    if (rc == 0) {
        rc = fill(site, log);
        int end = quire_log_close(log);
        rc = rc < 0 ? rc : end;
    }
    if (rc == 0)
        rc = quire_inspect(path.text, NULL, NULL, &info);
    site->report->data_bytes = info.data_bytes;
    if (rc == 0)
        return bench_stop_signal ? -EINTR : bench_log_compare(site, &path, site->settings->size.records);
    return bench_log_failed(site, rc, "making the log that is read");
}

static int count_records(const char *path, uint64_t *records)
{
    quire_reader *reader;
    struct quire_record record;
    int rc = quire_reader_open(path, NULL, &reader);
    if (rc < 0)
        return rc;
    while ((rc = quire_reader_next(reader, &record)) > 0)
        ++*records;
    quire_reader_close(reader);
    return rc;
}

static int verify(const char *path, uint32_t threads, uint64_t *records)
{
    struct quire_verify_options options = {.size = sizeof options, .threads = threads};
    struct quire_verify_result result = {.size = sizeof result};
    int rc = quire_verify(path, &options, &result);
    *records = result.records;
    return rc;
}

/* The segments of a log, and how much of each holds blocks. */
struct files {
    const char *directory;
    uint64_t (*segment)[2]; /* number, bytes */
    size_t count;
};

static int add_segment(void *context, const struct quire_segment_info *segment)
{
    struct files *files = context;
    void *more = reallocarray(files->segment, files->count + 1, sizeof *files->segment);
    if (!more)
        return -ENOMEM;
    files->segment = more;
    files->segment[files->count][0] = segment->number;
    files->segment[files->count++][1] = segment->data_bytes;
    return 0;
}

static int read_segment(const char *directory, uint64_t number, uint64_t bytes, char *memory, uint64_t *got)
{
    char path[PATH_MAX + 64];
    snprintf(path, sizeof path, "%s/%016" PRIu64 ".quire", directory, number);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    ssize_t n = 1;
    for (; bytes > 0 && (n = read(fd, memory, bytes < PIECE ? bytes : PIECE)) > 0; bytes -= (uint64_t)n)
        *got += (uint64_t)n;
    int rc = n < 0 ? -errno : 0;
    close(fd);
    return rc;
}

static int read_files(const struct files *files, uint64_t *bytes)
{
    char *memory = malloc(PIECE);
    int rc = memory ? 0 : -ENOMEM;
    for (size_t i = 0; i < files->count && rc == 0; i++)
        rc = read_segment(files->directory, files->segment[i][0], files->segment[i][1], memory, bytes);
    free(memory);
    return rc;
}

static int measure_plain(struct bench_log_site *site, const char *path)
{
    struct files files = {.directory = path};
    struct quire_log_info info = {.size = sizeof info};
    uint64_t bytes = 0;
    int rc = quire_inspect(path, add_segment, &files, &info);
    double begun = bench_now();
    if (rc == 0)
        rc = read_files(&files, &bytes);
    double took = bench_now() - begun;
    free(files.segment);
    if (rc < 0 || bytes < site->report->data_bytes)
        return bench_log_failed(site, rc < 0 ? rc : -EIO, "reading the files");
    bench_log_note(site, BENCH_LOG_PLAIN, (double)bytes / took);
    return 0;
}

/* That nothing was passed over; what the records are was compared before. */
static int note_rate(struct bench_log_site *site, enum bench_log_figure figure, uint64_t records, double seconds)
{
    const struct bench_size *size = &site->settings->size;
    if (records != size->records) {
        snprintf(site->failure, sizeof site->failure, "%s gave %" PRIu64 " records of %" PRIu64,
                 bench_log_figure_name(figure), records, size->records);
        return -EBADMSG;
    }
    bench_log_note(site, figure, (double)(size->records * size->record_bytes) / seconds);
    return 0;
}

static int measure_verify(struct bench_log_site *site, const char *path, enum bench_log_figure figure, uint32_t threads)
{
    uint64_t records = 0;
    double begun = bench_now();
    int rc = verify(path, threads, &records);
    double took = bench_now() - begun;
    return rc < 0 ? bench_log_failed(site, rc, "verifying") : note_rate(site, figure, records, took);
}

static int measure_read(struct bench_log_site *site, const char *path)
{
    uint64_t records = 0;
    double begun = bench_now();
    int rc = count_records(path, &records);
    double took = bench_now() - begun;
    return rc < 0 ? bench_log_failed(site, rc, "reading") : note_rate(site, BENCH_LOG_READ, records, took);
}

/* Each of them first in some round, so that none always follows the same other. */
int bench_log_reading_measure(struct bench_log_site *site)
{
    enum { WAYS = BENCH_LOG_PLAIN + 1 };
    struct bench_log_path path = bench_log_path_of(site, "read");
    int rc = 0;
    for (unsigned i = 0; i < WAYS && rc == 0; i++) {
        enum bench_log_figure figure = (site->round + i) % WAYS;
        if (figure == BENCH_LOG_READ)
            rc = measure_read(site, path.text);
        else if (figure == BENCH_LOG_PLAIN)
            rc = measure_plain(site, path.text);
        else
            rc = measure_verify(site, path.text, figure, figure == BENCH_LOG_VERIFY ? 1 : 0);
        if (rc == 0 && bench_stop_signal)
            rc = -EINTR;
    }
    return rc;
}
