/* What `quire info` and `quire verify` found, in words. See info_print.h.
 *
 * SPDX-License-Identifier: MIT */
#include "info_print.h"

#include <inttypes.h>

#include "base/number.h"
#include "log_times.h"
#include "log_words.h"

void info_hex(const unsigned char *bytes, size_t length, char *text)
{
    for (size_t i = 0; i < length; i++)
        snprintf(text + 2 * i, 3, "%02x", bytes[i]);
}

static void print_bytes(const char *label, uint64_t bytes, const char *what, FILE *out)
{
    char text[BENCH_NUMBER_TEXT];
    fprintf(out, "%-10s %s bytes %s\n", label, bench_grouped((double)bytes, text), what);
}

static void print_range(uint64_t first, uint64_t last, uint64_t first_time, uint64_t last_time, FILE *out)
{
    char text[LOG_TIME_TEXT];
    if (first == 0) {
        fputs("sequences  none\n", out);
        return;
    }
    fprintf(out, "sequences  %" PRIu64 " to %" PRIu64 "\n", first, last);
    log_time_text(first_time, text);
    fprintf(out, "times      %s", text);
    log_time_text(last_time, text);
    fprintf(out, " to %s\n", text);
}

static void print_segments(const struct info *info, FILE *out)
{
    fputs("\n   segment     records  first record   last record      bytes used   bytes on disk  from\n", out);
    for (size_t i = 0; i < info->count; i++) {
        const struct quire_segment_info *s = &info->segments[i];
        char time[LOG_TIME_TEXT];
        log_time_text(s->created, time);
        fprintf(out, "%10" PRIu64 "  %10" PRIu64 "  %12" PRIu64 "  %12" PRIu64 "  %14" PRIu64 "  %14" PRIu64 "  %.19sZ",
                s->number, s->records, s->first_sequence, s->last_sequence, s->data_bytes, s->file_bytes, time);
        fprintf(out, "%s", s->sealed ? "  sealed" : "");
        if (s->lost > 0)
            fprintf(out, "  %" PRIu64 " lost", s->lost);
        fprintf(out, "%s%s\n", s->code < 0 ? "  " : "", s->code < 0 ? log_damage_name(s->code) : "");
    }
}

static void print_end(const struct info *info, FILE *out)
{
    if (info->count == 0)
        return;
    const struct quire_segment_info *last = &info->segments[info->count - 1];
    fprintf(out, "end        segment %" PRIu64 ", offset %" PRIu64 "%s\n", last->number, last->data_bytes,
            last->sealed ? ", sealed" : "");
}

static uint64_t count_unreadable(const struct info *info)
{
    uint64_t count = 0;
    for (size_t i = 0; i < info->count; i++)
        count += info->segments[i].code < 0;
    return count;
}

void info_print(const struct info *info, bool segments, FILE *out)
{
    const struct quire_log_info *log = &info->log;
    char id[2 * sizeof log->id + 1];
    info_hex(log->id, sizeof log->id, id);
    fprintf(out, "log        %s\nformat     version %" PRIu32 "\nsegments   %" PRIu64 "\n", id, log->version,
            log->segments);
    print_range(log->first_sequence, log->last_sequence, log->first_time, log->last_time, out);
    fprintf(out, "durable    %s%" PRIu64 ", as far as is known\n", log->durable ? "up to " : "", log->durable);
    print_bytes("data", log->data_bytes, "in headers and blocks", out);
    print_bytes("on disk", log->file_bytes, "with space made ready", out);
    print_end(info, out);
    fprintf(out, "writer     %s\n", log->locked ? "has it open now" : "none");
    if (log->torn_files > 0)
        fprintf(out, "kept aside %" PRIu64 " file%s of what recovery or repair took out\n", log->torn_files,
                log->torn_files == 1 ? "" : "s");
    uint64_t unreadable = count_unreadable(info);
    if (unreadable > 0)
        fprintf(out, "DAMAGED    %" PRIu64 " segment%s cannot be read to the end; `quire verify` says where\n",
                unreadable, unreadable == 1 ? "" : "s");
    if (segments)
        print_segments(info, out);
}

static void print_places(const struct verified *v, FILE *out)
{
    char place[LOG_PLACE_TEXT];
    for (size_t i = 0; i < v->count; i++)
        fprintf(out, "%s: %s\n", log_place_text(&v->places[i], place), log_damage_name(v->places[i].code));
}

void verified_print(const struct verified *v, FILE *out)
{
    const struct quire_verify_result *r = &v->result;
    char records[BENCH_NUMBER_TEXT], bytes[BENCH_NUMBER_TEXT], chain[2 * sizeof r->chain + 1];
    print_places(v, out);
    fprintf(out, "%s record%s in %" PRIu64 " block%s of %" PRIu64 " segment%s, %s bytes",
            bench_grouped((double)r->records, records), r->records == 1 ? "" : "s", r->blocks,
            r->blocks == 1 ? "" : "s", r->segments, r->segments == 1 ? "" : "s",
            bench_grouped((double)r->bytes, bytes));
    if (v->seconds > 0)
        fprintf(out, ", %.2f GB/s", (double)r->bytes / 1e9 / v->seconds);
    fputc('\n', out);
    if (r->first_sequence)
        fprintf(out, "sequences %" PRIu64 " to %" PRIu64 "\n", r->first_sequence, r->last_sequence);
    if (r->lost > 0)
        fprintf(out, "%" PRIu64 " record%s declared lost by gap records\n", r->lost, r->lost == 1 ? "" : "s");
    if (r->torn_bytes > 0)
        fprintf(out, "a torn tail of %" PRIu64 " bytes, never acknowledged: the next writer cuts it off (no damage)\n",
                r->torn_bytes);
    if (v->chained && v->code == 0) {
        info_hex(r->chain, sizeof r->chain, chain);
        fprintf(out, "chain      %s\n", chain);
    }
    if (v->code == 0)
        fputs("whole\n", out);
    else
        fprintf(out,
                "DAMAGED in %" PRIu64 " place%s, %" PRIu64 " record%s cannot be read; `quire repair` says what can be "
                "done\n",
                r->damaged, r->damaged == 1 ? "" : "s", r->damaged_records, r->damaged_records == 1 ? "" : "s");
}
