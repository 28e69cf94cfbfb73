/* quire trim: takes old segments away from the front of a log.
 *
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>

#include <quire/check.h>
#include <quire/reader.h>

#include "arguments.h"
#include "command.h"
#include "log_numbers.h"
#include "log_times.h"
#include "log_words.h"

#define NAME "quire trim"
#define COMPLAIN(...) command_complain(NAME, EXIT_USAGE, __VA_ARGS__)

static const char help[] =
    "usage: quire trim --before SEQUENCE | --before-time TIME [--apply] DIR\n"
    "Takes away the oldest segments of the log in DIR whose records all lie before that one. Whole\n"
    "segments go, so some older records can stay; the last segment always stays. Without --apply it only\n"
    "says what would go. No writer may have the log open: it has --keep for this.\n"
    "\n"
    "  --before SEQUENCE   this record stays\n"
    "  --before-time TIME  records of this time and later stay: 2026-11-24, 2026-11-24T15:30:00Z, -7d\n"
    "  --apply             do it; what goes is gone\n"
    "  --help              print this\n"
    "\n"
    "exit: 0 done or said, 1 failed, 2 not understood.\n";

enum option_code { BEFORE, BEFORE_TIME, APPLY };

static const struct option options[] = {
    {"before", required_argument, NULL, BEFORE},
    {"before-time", required_argument, NULL, BEFORE_TIME},
    {"apply", no_argument, NULL, APPLY},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

struct request {
    const char *directory;
    uint64_t sequence, time; /* one of them is given */
    bool timed, apply;
};

static int take_option(void *context, int code)
{
    struct request *request = context;
    switch ((enum option_code)code) {
    case BEFORE:
        return log_take_sequence(NAME, "--before", optarg, &request->sequence);
    case BEFORE_TIME:
        request->timed = true;
        return log_take_time(NAME, "--before-time", optarg, &request->time);
    case APPLY:
        request->apply = true;
        return EXIT_DONE;
    }
    return EXIT_USAGE;
}

/* The first record that is not older, or the one after the last. */
static int find_sequence(struct request *request)
{
    struct quire_damage damage = {0};
    struct quire_reader_options how = {.size = sizeof how, .flags = QUIRE_READ_GAPS, .damage = &damage};
    struct quire_watermarks marks;
    struct quire_record record = {.sequence = 0};
    quire_reader *reader;
    int rc = quire_reader_open(request->directory, &how, &reader);
    if (rc < 0)
        return log_complain(NAME, request->directory, rc, &damage);
    rc = quire_reader_seek_time(reader, request->time);
    if (rc == 0)
        rc = quire_reader_next(reader, &record);
    if (rc == 1)
        request->sequence = record.sequence;
    else if (rc == 0 && (rc = quire_reader_watermarks(reader, &marks)) == 0)
        request->sequence = marks.written + 1;
    int closed = quire_reader_close(reader);
    rc = rc < 0 ? rc : closed;
    return rc < 0 ? log_complain(NAME, request->directory, rc, &damage) : EXIT_DONE;
}

struct count {
    uint64_t sequence, segments, records, bytes;
    bool over;                         /* one that stays was seen */
    bool held;                         /* the segment seen last goes, unless it is the last of all; */
    uint64_t held_records, held_bytes; /* then its */
};

/* quire_trim takes no segment behind one that stays, and never the last. */
static int count_segment(void *context, const struct quire_segment_info *segment)
{
    struct count *count = context;
    if (count->held) {
        count->segments++;
        count->records += count->held_records;
        count->bytes += count->held_bytes;
    }
    count->over |= segment->last_sequence >= count->sequence;
    count->held = !count->over;
    count->held_records = segment->records;
    count->held_bytes = segment->file_bytes;
    return 0;
}

static int count_what_goes(const struct request *request, struct count *count)
{
    struct quire_log_info info = {.size = sizeof info};
    int rc = quire_inspect(request->directory, count_segment, count, &info);
    return rc < 0 ? log_complain(NAME, request->directory, rc, NULL) : EXIT_DONE;
}

static int trim(struct request *request)
{
    if (request->timed && find_sequence(request) != EXIT_DONE)
        return EXIT_FAILED;
    struct count count = {.sequence = request->sequence};
    int code = count_what_goes(request, &count);
    if (code != EXIT_DONE)
        return code;
    uint64_t segments = count.segments;
    if (request->apply) {
        int rc = quire_trim(request->directory, request->sequence, &segments);
        if (rc < 0)
            return log_complain(NAME, request->directory, rc, NULL);
    }
    printf("%" PRIu64 " segment%s before record %" PRIu64 " %s", segments, segments == 1 ? "" : "s", request->sequence,
           request->apply ? "gone" : "would go");
    if (segments == count.segments)
        printf(": %" PRIu64 " records, %" PRIu64 " bytes on disk", count.records, count.bytes);
    putchar('\n');
    if (!request->apply && segments > 0)
        puts("nothing was changed; --apply does it");
    return EXIT_DONE;
}

int command_trim(int argc, char **argv)
{
    struct request request = {.directory = NULL};
    int rc;
    const struct command_options taken = {
        .command = NAME, .help = help, .options = options, .directory = &request.directory, .take = take_option};
    if (!command_take_line(&taken, argc, argv, &request, &rc))
        return rc;
    if (request.timed == (request.sequence != 0))
        return COMPLAIN("give --before SEQUENCE or --before-time TIME: what is to stay");
    return trim(&request);
}
