/* The state of a log between its runs: ready, in recycled segments, read back. See log.h.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include <quire/check.h>
#include <quire/reader.h>

#include "base/cost.h"
#include "base/stop.h"
#include "rows/log.h"
#include "rows/verify.h"

enum { PATIENCE_S = 10, SEGMENT_LEAST = 8 << 20, SEGMENT_MOST = 64 << 20, PAGE = 4096, SEGMENTS_OF_WORKLOAD = 4 };

static int keep_number(void *context, const struct quire_segment_info *segment)
{
    *(uint64_t *)context = segment->number;
    return 0;
}

int bench_log_await_ready(quire_log *log, const char *directory)
{
    double until = bench_now() + PATIENCE_S;
    while (!bench_stop_signal) {
        struct quire_log_stats stats = {.size = sizeof stats};
        struct quire_log_info info = {.size = sizeof info};
        uint64_t last = 0;
        int rc = quire_log_stats(log, &stats);
        if (rc == 0)
            rc = quire_inspect(directory, keep_number, &last, &info);
        /* The keeper seals, then retires, then makes: it is done when what it makes has its name. */
        if (rc < 0 || last > stats.segment)
            return rc;
        if (bench_now() > until)
            return -ETIMEDOUT;
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    return -EINTR;
}

/* Of one record in the file, at most: with its word, and its part of a block's header and padding. */
static uint64_t bytes_in_file(uint64_t record_bytes)
{
    return record_bytes + 16 + record_bytes / 8;
}

struct bench_log_recycling bench_log_recycling_for(struct bench_size size)
{
    uint64_t bytes = size.records * bytes_in_file(size.record_bytes);
    uint64_t segment = bytes / SEGMENTS_OF_WORKLOAD / PAGE * PAGE;
    uint64_t least = 2 * bytes_in_file(size.record_bytes) / PAGE * PAGE;
    least = least < SEGMENT_LEAST ? SEGMENT_LEAST : least;
    segment = segment > SEGMENT_MOST ? SEGMENT_MOST : segment;
    segment = segment < least ? least : segment;
    /* Those that the workload fills, the two that it begins and ends in, and one to spare. */
    uint64_t keep = (bytes + segment - 1) / segment + 3;
    /* Records take their own size at least, so this fills as many and two more. */
    uint64_t warm_up = (keep + 2) * segment / size.record_bytes + 1;
    return (struct bench_log_recycling){.segment_bytes = segment, .keep_segments = keep, .warm_up_records = warm_up};
}

static char reason[200];

static const char *check_all(quire_reader *reader, const struct bench_job *job, uint64_t first)
{
    struct bench_verified verified = {.job = job};
    struct quire_record record;
    int rc;
    while ((rc = quire_reader_next(reader, &record)) > 0) {
        if (record.kind != QUIRE_RECORD_DATA || record.sequence != first + verified.count)
            return snprintf(reason, sizeof reason, "has a gap at sequence %" PRIu64, record.sequence), reason;
        const char *why = bench_verify_record(&verified, record.data, record.length);
        if (why)
            return why;
    }
    if (rc < 0)
        return snprintf(reason, sizeof reason, "cannot be read back: %s", quire_strerror(rc)), reason;
    return bench_verify_end(&verified);
}

const char *bench_log_verify(const struct bench_job *job)
{
    quire_reader *reader;
    const char *why;
    uint64_t first = 1 + (job->row->recycled ? bench_log_recycling_for(job->work->size).warm_up_records : 0);
    int rc = quire_reader_open(job->path, NULL, &reader);
    if (rc < 0)
        return snprintf(reason, sizeof reason, "cannot be read back: %s", quire_strerror(rc)), reason;
    rc = quire_reader_seek_sequence(reader, first);
    if (rc < 0)
        why = (snprintf(reason, sizeof reason, "has no record %" PRIu64 ": %s", first, quire_strerror(rc)), reason);
    else
        why = check_all(reader, job, first);
    quire_reader_close(reader);
    return why;
}
