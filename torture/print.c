/* What `quire torture` prints for people. See session.h.
 *
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "base/number.h"
#include "torture/session.h"

static uint64_t recovery_states(const struct torture_report *report)
{
    return torture_report_states(report) - report->states[0];
}

static void print_loaded(const struct torture_base *base, const char *directory, FILE *out)
{
    char records[BENCH_NUMBER_TEXT], bytes[BENCH_NUMBER_TEXT];
    const struct torture_load *load = &base->load;

    fprintf(out, "begins with  the log in %s: %s segment%s, %s bytes, ", directory,
            bench_grouped((double)load->segments, records), load->segments == 1 ? "" : "s",
            bench_grouped((double)load->bytes, bytes));
    if (base->last < base->first)
        fputs("no record\n", out);
    else
        fprintf(out, "records %" PRIu64 " to %" PRIu64 "\n", base->first, base->last);
    if (load->left_out > 0)
        fprintf(out, "             %s older segment%s left out, as if retention had taken %s: --load-most %s\n",
                bench_grouped((double)load->left_out, records), load->left_out == 1 ? " is" : "s are",
                load->left_out == 1 ? "it" : "them", bench_size_name(load->most, bytes));
    if (base->torn_bytes > 0)
        fprintf(out, "             its end is torn: the next opening cuts off %s bytes\n",
                bench_grouped((double)base->torn_bytes, bytes));
}

static void print_size(const char *what, uint64_t asked, uint64_t most, FILE *out)
{
    char a[BENCH_NUMBER_TEXT], b[BENCH_NUMBER_TEXT];

    if (asked > most)
        fprintf(out, "             %s are tried at %s, not %s: a run is short\n", what, bench_size_text(most, a),
                bench_size_text(asked, b));
}

static void print_options(const struct torture_request *request, FILE *out)
{
    const struct quire_log_options *options = &request->options;

    fprintf(out, "options     %s%s\n", request->replay,
            request->replay[0] ? ", and the rest from the seed" : " all from the seed");
    print_size("segments", options->segment_bytes, TORTURE_SEGMENT_MOST, out);
    print_size("blocks", options->block_bytes, TORTURE_BLOCK_MOST, out);
    if (options->block_count > TORTURE_BLOCKS_MOST)
        fprintf(out, "             %d blocks are tried, not %" PRIu32 "\n", TORTURE_BLOCKS_MOST, options->block_count);
}

void torture_print_beginning(const struct torture_session *session, FILE *out)
{
    const struct torture_request *request = session->request;

    if (session->base.load.segments == 0)
        fprintf(out, "begins with  nothing: there is no log in %s, so each run makes one\n", request->directory);
    else
        print_loaded(&session->base, request->directory, out);
    print_options(request, out);
    fprintf(out, "seed         0x%" PRIx64 "\n\n", request->seed);
    fflush(out);
}

static void print_row(const char *name, const struct torture_report *report, FILE *out)
{
    char runs[BENCH_NUMBER_TEXT], states[BENCH_NUMBER_TEXT], recoveries[BENCH_NUMBER_TEXT];

    fprintf(out, "%-8s %8s %12s %26s %12" PRIu64 "\n", name, bench_grouped((double)report->runs, runs),
            bench_grouped((double)torture_report_states(report), states),
            bench_grouped((double)recovery_states(report), recoveries), report->violations);
}

static void print_table(const struct torture_session *session, FILE *out)
{
    struct torture_report all = {.runs = 0};

    fprintf(out, "%-8s %8s %12s %26s %12s\n", "method", "runs", "states", "of them cuts of a recovery", "violations");
    for (uint32_t i = 0; i < session->count; i++) {
        const struct torture_report *report = &session->results[i].report;
        print_row(session->results[i].method->name, report, out);
        all.runs += report->runs;
        all.violations += report->violations;
        for (int depth = 0; depth < TORTURE_DEPTH; depth++)
            all.states[depth] += report->states[depth];
    }
    if (session->count > 1)
        print_row("all", &all, out);
}

/* In quotes if a shell would make something else of it. */
static void quote(const char *word, char *text, size_t room)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=+,@%";
    size_t length = 0;

    if (word[0] != '\0' && word[strspn(word, plain)] == '\0') {
        snprintf(text, room, "%s", word);
        return;
    }
    text[length++] = '\'';
    for (; *word && length + 6 < room; word++) {
        if (*word == '\'') {
            text[length++] = '\'';
            text[length++] = '\\';
            text[length++] = '\'';
        }
        text[length++] = *word;
    }
    memcpy(text + length, "'", 2);
}

const char *torture_again_text(const struct torture_session *session, const struct torture_result *result,
                               char text[TORTURE_AGAIN_TEXT])
{
    const struct torture_request *request = session->request;
    char directory[4096];

    quote(request->directory, directory, sizeof directory);
    snprintf(text, TORTURE_AGAIN_TEXT, "quire torture --seed 0x%" PRIx64 " --run %" PRIu64 " --method %s%s %s%s",
             request->seed, result->report.run, result->method->name, request->replay, directory[0] == '-' ? "-- " : "",
             directory);
    return text;
}

static void print_violation(const struct torture_session *session, const struct torture_result *result, FILE *out)
{
    const struct torture_report *report = &result->report;
    char again[TORTURE_AGAIN_TEXT];

    fprintf(out, "\nviolation    %s\n", report->why);
    fprintf(out, "where        %s, run %" PRIu64 ", %s\n", result->method->name, report->run, report->where);
    fprintf(out, "scenario     %s\n", report->scenario);
    fprintf(out, "again        %s\n", torture_again_text(session, result, again));
    if (result->is_saved)
        fprintf(out, "on the disk  what was there is in %s: `quire verify %s`\n", session->request->wreck,
                session->request->wreck);
    if (result->events && result->events[0] != '\0')
        fprintf(out, "what had reached the disk, event by event:\n%s", result->events);
}

static void print_end(const struct torture_session *session, FILE *out)
{
    char states[BENCH_NUMBER_TEXT];

    bench_grouped((double)session->states, states);
    if (session->violations > 0)
        fprintf(out,
                "\n%" PRIu64 " violation%s in %s states: a mistake of quire's; please report it with all of this\n",
                session->violations, session->violations == 1 ? "" : "s", states);
    else if (session->states > 0)
        fprintf(out,
                "\nno violation in %s states: each time the log opened, with every record that had been\n"
                "acknowledged%s, none that was never begun, and it went on\n",
                states,
                session->base.last >= session->base.first && session->base.load.segments > 0
                    ? " and every one that is in the directory"
                    : "");
    if (session->signal)
        fprintf(out, "stopped by signal %d\n", session->signal);
}

void torture_print_results(const struct torture_session *session, FILE *out)
{
    print_table(session, out);
    for (uint32_t i = 0; i < session->count; i++)
        if (session->results[i].report.violations > 0)
            print_violation(session, &session->results[i], out);
    print_end(session, out);
}
