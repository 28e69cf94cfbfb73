/* quire bench fuse. See fuse.h.
 *
 * SPDX-License-Identifier: MIT */
#include "fuse/fuse.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/complain.h"
#include "base/number.h"
#include "base/stop.h"
#include "fuse/measure.h"
#include "fuse/report.h"
#include "fuse/session.h"

static const char who[] = "quire bench fuse";

struct bench_fuse_settings bench_fuse_settings_default(void)
{
    return (struct bench_fuse_settings){
        .directory = ".",
        .rounds = 5,
        .warm_up = true,
        .bytes = 64 << 20,
        .appends = 16384,
        .curve_bytes = 512 << 20,
        .choice = bench_fuse_choice_default(),
    };
}

static int measure(const struct bench_fuse_settings *settings, struct bench_fuse_report *report)
{
    struct bench_fuse_session session;
    char failure[BENCH_FUSE_FAILURE_ROOM] = "", at_end[BENCH_FUSE_FAILURE_ROOM] = "";
    int rc = bench_fuse_session_begin(&session, settings, report, failure);
    if (rc == 0)
        rc = bench_fuse_measure(settings, &session, report, failure);
    int ended = bench_fuse_session_end(&session, at_end);
    if (rc == -EINTR) {
        bench_complain(who, "stopped by a signal; its mounts and files are removed and nothing is reported");
        return bench_stop_code();
    }
    if (rc < 0)
        return bench_complain(who, "%s", failure);
    return ended < 0 ? bench_complain(who, "%s", at_end) : 0;
}

static int print_plot(const struct bench_fuse_report *report, FILE *plot)
{
    int rc = bench_fuse_plot(plot, report);
    if (rc == -ENODATA)
        return bench_complain(who, "there is no curve to plot%s%s", *report->no_curve ? ": " : "", report->no_curve);
    if (rc == -ENOENT)
        return bench_complain(who, "--plot needs gnuplot");
    return rc < 0 || fflush(plot) != 0 ? bench_complain(who, "cannot plot: %s", strerror(rc < 0 ? -rc : errno)) : 0;
}

static int print(const struct bench_fuse_report *report, const struct bench_fuse_outputs *outputs)
{
    if (outputs->text) {
        bench_fuse_text(outputs->text, report);
        if (fflush(outputs->text) != 0)
            return bench_complain(who, "the table cannot be written: %s", strerror(errno));
    }
    if (outputs->csv) {
        bench_fuse_csv(outputs->csv, report);
        if (fflush(outputs->csv) != 0)
            return bench_complain(who, "cannot write the CSV: %s", strerror(errno));
    }
    if (outputs->json && bench_fuse_json(outputs->json, report) < 0)
        return bench_complain(who, "cannot write the JSON: %s", strerror(errno));
    return outputs->plot ? print_plot(report, outputs->plot) : 0;
}

int bench_fuse(const struct bench_fuse_settings *settings, const struct bench_fuse_outputs *outputs)
{
    struct bench_fuse_report *report = calloc(1, sizeof *report);
    if (!report)
        return bench_complain(who, "no memory");
    bench_stop_install();
    bench_environment_read(&report->environment, settings->directory);
    int rc = measure(settings, report);
    if (rc == 0)
        rc = print(report, outputs);
    free(report);
    return rc;
}

void bench_fuse_list(const struct bench_fuse_settings *settings, FILE *out)
{
    const struct bench_fuse_choice *choice = &settings->choice;
    char text[BENCH_NUMBER_TEXT];
    fprintf(out, "%-14s %s\n", "--modes", "how it is appended");
    for (unsigned i = 0; i < BENCH_FUSE_MODES; i++)
        if (choice->mode[i])
            fprintf(out, "%-14s %s\n", bench_fuse_mode_name(i), bench_fuse_mode_text(i));
    fprintf(out, "\n%-14s %s\n", "--payloads", "what is appended");
    for (unsigned i = 0; i < BENCH_FUSE_PAYLOADS; i++)
        if (choice->payload[i])
            fprintf(out, "%-14s %s\n", bench_fuse_payload_name(i), bench_fuse_payload_text(i));
    fprintf(out, "\n%-14s", "--sizes");
    for (unsigned i = 0; i < choice->sizes; i++)
        fprintf(out, " %s", bench_size_name(choice->size[i], text));
    fprintf(out, "\n%-14s", "--throttle");
    for (unsigned i = 0; i < choice->limits; i++)
        fprintf(out, " %s", bench_count_text(choice->limit[i], text));
    fputs(choice->limits ? "\n" : " none\n", out);
}
