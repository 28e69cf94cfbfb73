/* Each sealed segment of a log as a file of its own, and those that are sealed later. See export_job.h.
 *
 * SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/stop.h"
#include "command.h"
#include "export/file.h"
#include "export_job.h"
#include "log_words.h"

#define COMPLAIN(...) command_complain(EXPORT_NAME, EXIT_FAILED, __VA_ARGS__)

/* How long it sleeps at most, and how long it leaves a busy log alone before it looks again. */
enum { WAIT_MS = 1000, PAUSE_MS = 200 };

/* The segments of a log at one moment, and what waits for what. */
struct watch {
    struct export_job *job;
    int directory; /* OUT */
    bool prepared;
    struct quire_segment_info *segments;
    size_t count, room;
    uint64_t names; /* a sum over the names of segments, to see that some came or went */
    bool unsealed;  /* one before the last has no footer yet: it is being written */
    bool early;     /* a line that begins in a sealed one has no end yet */
    quire_reader *reader;
};

static int keep_segment(void *context, const struct quire_segment_info *segment)
{
    struct watch *watch = context;
    if (watch->count == watch->room) {
        size_t room = watch->room ? 2 * watch->room : 64;
        struct quire_segment_info *segments = realloc(watch->segments, room * sizeof *segments);
        if (!segments)
            return -ENOMEM;
        watch->segments = segments;
        watch->room = room;
    }
    watch->segments[watch->count++] = *segment;
    return 0;
}

/* What a later segment has too is that one's: this is how a log goes on after a failure, and after truncate. One that
 * cannot be read to its end is taken to reach as far as the next one lets it: reading it says what is missing. */
static uint64_t last_sequence(const struct watch *watch, size_t number)
{
    bool damaged = watch->segments[number].code < 0;
    uint64_t last = damaged ? UINT64_MAX : watch->segments[number].last_sequence;
    for (size_t i = number + 1; i < watch->count; i++) {
        uint64_t first = watch->segments[i].first_sequence;
        if (first > 0 && first <= last)
            last = first - 1;
    }
    return last;
}

/* Nothing is appended to it any more. */
static bool is_finished(const struct watch *watch, size_t number)
{
    const struct quire_segment_info *segment = &watch->segments[number];
    return segment->sealed || (segment->code < 0 && last_sequence(watch, number) < UINT64_MAX);
}

/* What lies between the segment with records before this one and its own first is in no segment that can be read. */
static int check_before(const struct watch *watch, size_t number)
{
    struct export_job *job = watch->job;
    uint64_t first = watch->segments[number].first_sequence, last = 0;
    for (size_t i = number; i-- > 0 && last == 0;)
        if (watch->segments[i].first_sequence > 0)
            last = last_sequence(watch, i);
    if (last == 0 || first <= last + 1)
        return EXIT_DONE;
    COMPLAIN("\"%s\": records %" PRIu64 " to %" PRIu64 " are lost: their segments are missing or cannot be read",
             job->directory, last + 1, first - 1);
    job->total.lost += first - 1 - last;
    job->damaged = true;
    return job->flags & QUIRE_READ_GAPS ? EXIT_DONE : EXIT_FAILED;
}

static int export_one(struct watch *watch, size_t number, const char *path)
{
    struct export_job *job = watch->job;
    const struct quire_segment_info *segment = &watch->segments[number];
    struct export_range range = {
        .from = segment->first_sequence, .to = last_sequence(watch, number), .until = UINT64_MAX};
    int code = check_before(watch, number);
    if (code == EXIT_DONE && !watch->prepared)
        code = export_prepare(job);
    watch->prepared |= code == EXIT_DONE;
    if (code == EXIT_DONE)
        code = export_file(job, path, &range, segment->number);
    if (code == EXIT_DONE && !job->json)
        printf("%s\n", path);
    if (code == EXIT_DONE && fflush(stdout) != 0)
        code = COMPLAIN("standard output could not be written: %s", strerror(errno));
    return code;
}

/* The one of that place, unless it is there already, has no records, or is still written. */
static int export_if_due(struct watch *watch, size_t number)
{
    const struct quire_segment_info *segment = &watch->segments[number];
    char name[64], *path;
    snprintf(name, sizeof name, "%016" PRIu64 ".parquet", segment->number);
    if (!is_finished(watch, number)) {
        watch->unsealed |= number + 1 < watch->count;
        return EXIT_DONE;
    }
    if (segment->first_sequence == 0 || last_sequence(watch, number) < segment->first_sequence ||
        (!watch->job->replace && faccessat(watch->directory, name, F_OK, 0) == 0))
        return EXIT_DONE;
    if (asprintf(&path, "%s/%s", watch->job->out, name) < 0)
        return COMPLAIN("there is no memory for a name");
    int code = export_one(watch, number, path);
    watch->early |= code == EXPORT_TOO_EARLY;
    free(path);
    return code == EXPORT_TOO_EARLY ? EXIT_DONE : code;
}

static int export_all_due(struct watch *watch)
{
    struct export_job *job = watch->job;
    watch->count = 0;
    watch->unsealed = watch->early = false;
    job->log = (struct quire_log_info){.size = sizeof job->log};
    int rc = quire_inspect(job->directory, keep_segment, watch, &job->log);
    if (rc < 0)
        return log_complain(EXPORT_NAME, job->directory, rc, NULL);
    int code = EXIT_DONE;
    /* What comes behind a segment that waits for the end of a line comes in its turn. */
    for (size_t i = 0; code == EXIT_DONE && i < watch->count && !watch->early && !bench_stop_signal; i++)
        code = export_if_due(watch, i);
    return code;
}

/* Every segment's name is its number in 16 digits: any that comes or goes changes the sum. */
static uint64_t sum_of_names(const char *directory)
{
    DIR *names = opendir(directory);
    uint64_t sum = 0;
    if (!names)
        return 0;
    for (const struct dirent *entry; (entry = readdir(names));) {
        char *end;
        uint64_t number = strtoull(entry->d_name, &end, 10);
        if (end == entry->d_name + 16 && strcmp(end, ".quire") == 0)
            sum += number * 0x9e3779b97f4a7c15u;
    }
    closedir(names);
    return sum;
}

/* To the end of the log, whatever is there: from there on the reader waits. Damage is found by who exports. */
static int open_at_end(struct watch *watch)
{
    const char *directory = watch->job->directory;
    struct quire_reader_options options = {.size = sizeof options, .flags = QUIRE_READ_GAPS};
    int rc = quire_reader_open(directory, &options, &watch->reader);
    return rc < 0 ? log_complain(EXPORT_NAME, directory, rc, NULL) : EXIT_DONE;
}

/* True: there may be more. */
static bool wait_for_more(struct watch *watch)
{
    struct quire_record record;
    int rc = quire_reader_seek_end(watch->reader);
    while (rc >= 0 && (rc = quire_reader_next(watch->reader, &record)) == 1)
        continue;
    if (rc == 0)
        rc = quire_reader_wait(watch->reader, WAIT_MS);
    if (!bench_stop_signal)
        poll(NULL, 0, PAUSE_MS);
    return rc != 0;
}

static int follow(struct watch *watch)
{
    int code = open_at_end(watch);
    while (code == EXIT_DONE && !bench_stop_signal) {
        bool more = wait_for_more(watch);
        uint64_t names = sum_of_names(watch->job->directory);
        if (names == watch->names && !watch->unsealed && !(watch->early && more))
            continue;
        code = export_all_due(watch);
        watch->names = names;
        watch->job->replace = false;
    }
    quire_reader_close(watch->reader);
    return bench_stop_signal ? EXIT_DONE : code;
}

static int complain_of_directory(const struct export_job *job, int rc)
{
    if (rc == -EWOULDBLOCK)
        return COMPLAIN("another quire export is at work in \"%s\"", job->out);
    return COMPLAIN("\"%s\" is no directory that can be written in: %s", job->out, quire_strerror(rc));
}

int export_segments(struct export_job *job)
{
    struct watch watch = {.job = job, .directory = export_directory_open(job->out)};
    if (watch.directory < 0)
        return complain_of_directory(job, watch.directory);
    watch.names = sum_of_names(job->directory);
    int code = export_all_due(&watch);
    job->replace = false;
    if (code == EXIT_DONE && job->follow)
        code = follow(&watch);
    else if (code == EXIT_DONE && bench_stop_signal)
        code = bench_stop_code();
    if (watch.early && !job->follow)
        COMPLAIN("\"%s\": a line begins in a sealed segment and has no end yet: that segment is left for later",
                 job->directory);
    free(watch.segments);
    close(watch.directory);
    return code;
}
