/* What follows from the figures, in sentences. See report.h.
 *
 * SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <string.h>

#include "base/number.h"
#include "fuse/report.h"

enum { LIST_ROOM = 240 };

__attribute__((format(printf, 2, 3))) static void add(struct bench_fuse_summary *summary, const char *format, ...)
{
    va_list arguments;
    if (summary->count == BENCH_FUSE_LINES_MOST)
        return;
    va_start(arguments, format);
    vsnprintf(summary->line[summary->count++], sizeof summary->line[0], format, arguments);
    va_end(arguments);
}

static enum bench_fuse_payload first_payload(const struct bench_fuse_report *report)
{
    unsigned payload = 0;
    while (payload + 1 < BENCH_FUSE_PAYLOADS && !report->choice.payload[payload])
        payload++;
    return payload;
}

/* What a request costs is what a file takes longer than natively, by the requests. Medians of both. False: not known. */
static bool request_seconds(const struct bench_fuse_report *report, uint64_t append_bytes, double *seconds)
{
    enum bench_fuse_payload payload = first_payload(report);
    const struct bench_fuse_cell *native = bench_fuse_find(report, BENCH_FUSE_NATIVE, payload, append_bytes),
                                 *plain = bench_fuse_find(report, BENCH_FUSE_PLAIN, payload, append_bytes);
    struct bench_spread of_native, of_plain, writes;
    if (!native || !plain || !bench_fuse_figure_of(native, BENCH_FUSE_APPENDING, &of_native) ||
        !bench_fuse_figure_of(plain, BENCH_FUSE_APPENDING, &of_plain) ||
        !bench_fuse_figure_of(plain, BENCH_FUSE_WRITES, &writes) || writes.median <= 0)
        return false;
    *seconds = ((1 << 20) / of_plain.median - (1 << 20) / of_native.median) / writes.median;
    return *seconds > 0;
}

static void add_requests(const struct bench_fuse_report *report, struct bench_fuse_summary *summary)
{
    char list[LIST_ROOM] = "", size[BENCH_NUMBER_TEXT];
    for (unsigned i = 0; i < report->choice.sizes; i++) {
        double seconds;
        size_t used = strlen(list);
        if (request_seconds(report, report->choice.size[i], &seconds))
            snprintf(list + used, sizeof list - used, "%s%.0f us with %s", used ? ", " : "", 1e6 * seconds,
                     bench_size_text(report->choice.size[i], size));
    }
    if (*list)
        add(summary, "a WRITE request through plain costs, beside the write itself, %s.", list);
}

/* The least and the most of the medians of a mode's cells in the matrix, beside another mode. */
struct range {
    double least, most, writes; /* and the most WRITE requests for each MiB of any round */
};

static bool range_of(const struct bench_fuse_report *report, enum bench_fuse_mode mode, enum bench_fuse_mode to,
                     const bool payloads[BENCH_FUSE_PAYLOADS], struct range *range)
{
    bool any = false;
    for (size_t i = 0; i < report->count; i++) {
        struct bench_spread ratio, writes;
        const struct bench_fuse_cell *cell = &report->cell[i];
        if (cell->mode != mode || cell->curve || !payloads[cell->payload] ||
            !bench_fuse_ratio(report, cell, to, &ratio) || !bench_fuse_figure_of(cell, BENCH_FUSE_WRITES, &writes))
            continue;
        if (!any)
            *range = (struct range){ratio.median, ratio.median, 0};
        any = true;
        range->least = ratio.median < range->least ? ratio.median : range->least;
        range->most = ratio.median > range->most ? ratio.median : range->most;
        range->writes = writes.max > range->writes ? writes.max : range->writes;
    }
    return any;
}

/* Where the kernel does it all, the daemon must not be seen. */
static void add_passthrough(const struct bench_fuse_report *report, struct bench_fuse_summary *summary)
{
    struct range range;
    if (range_of(report, BENCH_FUSE_PASSTHROUGH, BENCH_FUSE_NATIVE, report->choice.payload, &range))
        add(summary, "passthrough has %.2f to %.2f of native's speed, and %s reached the daemon.", range.least,
            range.most, range.writes > 0 ? "WRITE requests" : "no WRITE request");
}

/* What a log costs where there is nothing to gain by it. */
static void add_incompressible(const struct bench_fuse_report *report, enum bench_fuse_mode mode,
                               struct bench_fuse_summary *summary)
{
    static const bool only[BENCH_FUSE_PAYLOADS] = {[BENCH_FUSE_RANDOM] = true};
    struct range range;
    if (range_of(report, mode, BENCH_FUSE_PLAIN, only, &range))
        add(summary, "%s: %s has %.2f to %.2f of plain's speed.", bench_fuse_payload_text(BENCH_FUSE_RANDOM),
            bench_fuse_mode_name(mode), range.least, range.most);
}

static void add_turn(const struct bench_fuse_report *report, enum bench_fuse_mode mode, enum bench_fuse_payload payload,
                     struct bench_fuse_summary *summary)
{
    const char *name = bench_fuse_mode_name(mode), *what = bench_fuse_payload_text(payload);
    double at = 0;
    switch (bench_fuse_turn_of(report, mode, payload, &at)) {
    case BENCH_FUSE_ALWAYS_PAYS:
        add(summary, "%s: %s is faster than native on every disk measured, up to one of %.0f MB/s.", what, name,
            at / 1e6);
        break;
    case BENCH_FUSE_NEVER_PAYS:
        add(summary, "%s: %s is slower than native on every disk measured, down to one of %.0f MB/s.", what, name,
            at / 1e6);
        break;
    case BENCH_FUSE_TURNS:
        add(summary, "%s: %s stops paying on a disk of about %.0f MB/s: slower ones gain by it, faster ones lose.",
            what, name, at / 1e6);
        break;
    case BENCH_FUSE_NO_TURN:
        break;
    }
}

void bench_fuse_summarize(const struct bench_fuse_report *report, struct bench_fuse_summary *summary)
{
    summary->count = 0;
    add_requests(report, summary);
    add_passthrough(report, summary);
    for (unsigned mode = 0; mode < BENCH_FUSE_MODES; mode++)
        if (bench_fuse_mode_is_log(mode))
            add_incompressible(report, mode, summary);
    for (unsigned payload = 0; payload < BENCH_FUSE_PAYLOADS; payload++)
        for (unsigned mode = 0; mode < BENCH_FUSE_MODES; mode++)
            if (bench_fuse_mode_is_log(mode))
                add_turn(report, mode, payload, summary);
}
