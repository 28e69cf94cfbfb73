/* Where the logs are made and what goes into them. See site.h.
 *
 * SPDX-License-Identifier: MIT */
#include "log/site.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#include <quire/reader.h>

struct bench_log_path bench_log_path_of(const struct bench_log_site *site, const char *name)
{
    struct bench_log_path path;
    snprintf(path.text, sizeof path.text, "%s/%s", site->place->file, name);
    return path;
}

void bench_log_remove(const struct bench_log_path *path)
{
    DIR *directory = opendir(path->text);
    struct dirent *entry;
    while (directory && (entry = readdir(directory)))
        unlinkat(dirfd(directory), entry->d_name, 0); /* what stays goes with the place */
    if (directory)
        closedir(directory);
    rmdir(path->text);
}

int bench_log_failed(struct bench_log_site *site, int rc, const char *what)
{
    if (!*site->failure)
        snprintf(site->failure, sizeof site->failure, "%s: %s", what, quire_strerror(rc));
    return rc;
}

void bench_log_note(struct bench_log_site *site, enum bench_log_figure figure, double value)
{
    if (site->round > 0)
        site->report->value[figure][site->round - 1] = value;
}

/* One job for all logs: their records are those of the same workload. */
static const struct bench_job *job_of(struct bench_log_site *site)
{
    static const struct bench_row row = {.name = "log", .threads = 1};
    static struct bench_job job;
    job = (struct bench_job){.row = &row, .work = &site->work, .run = 1};
    return &job;
}

struct bench_cursor bench_log_cursor(struct bench_log_site *site, uint64_t records)
{
    struct bench_cursor cursor = bench_cursor_start(&site->work, 1, 0, 1);
    cursor.left = records;
    return cursor;
}

struct bench_verified bench_log_expected(struct bench_log_site *site)
{
    return (struct bench_verified){.job = job_of(site)};
}

static int compare(struct bench_log_site *site, quire_reader *reader, uint64_t records)
{
    struct bench_verified verified = bench_log_expected(site);
    struct quire_record record;
    int rc;
    while ((rc = quire_reader_next(reader, &record)) > 0) {
        const char *why = bench_verify_record(&verified, record.data, record.length);
        if (why) {
            snprintf(site->failure, sizeof site->failure, "reading back: the log %s", why);
            return -EBADMSG;
        }
    }
    if (rc < 0)
        return bench_log_failed(site, rc, "reading back");
    if (verified.count == records)
        return 0;
    snprintf(site->failure, sizeof site->failure,
             "reading back: the log holds %" PRIu64 " records, and %" PRIu64 " were appended", verified.count, records);
    return -EBADMSG;
}

int bench_log_compare(struct bench_log_site *site, const struct bench_log_path *path, uint64_t records)
{
    quire_reader *reader;
    int rc = quire_reader_open(path->text, NULL, &reader);
    if (rc < 0)
        return bench_log_failed(site, rc, "reading back");
    rc = compare(site, reader, records);
    quire_reader_close(reader);
    return rc;
}
