/* What the figures are called, wanted to be, and come to. See report.h.
 *
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "log/report.h"

static const struct {
    const char *name, *text;
} subjects[BENCH_LOG_SUBJECTS] = {
    [BENCH_LOG_READING] = {"read", "everything from the page cache: a reader, verify, and read(2) of the same files"},
    [BENCH_LOG_OPENING] = {"open", "for appending: a log of 2 segments, and one of many"},
    [BENCH_LOG_FOLLOWING] = {"follow", "from the hand-over until a reader in another process has the record"},
    [BENCH_LOG_ROTATING] = {"rotate", "single appends at a set rate, in one segment and through many"},
};

static const struct {
    const char *name, *text;
    enum bench_log_subject subject;
} figures[BENCH_LOG_FIGURES] = {
    [BENCH_LOG_READ] = {"read", "log read", BENCH_LOG_READING},
    [BENCH_LOG_VERIFY] = {"verify", "log verify", BENCH_LOG_READING},
    [BENCH_LOG_VERIFY_ALL] = {"verify_all", "log verify, all processors", BENCH_LOG_READING},
    [BENCH_LOG_PLAIN] = {"plain_read", "limit: read(2) of the same files", BENCH_LOG_READING},
    [BENCH_LOG_OPEN_FEW] = {"open_few", "log open 2 segments", BENCH_LOG_OPENING},
    [BENCH_LOG_OPEN_MANY] = {"open_many", "log open", BENCH_LOG_OPENING},
    [BENCH_LOG_FOLLOW_P50] = {"follow_p50", "log follow, from before the flush, median", BENCH_LOG_FOLLOWING},
    [BENCH_LOG_FOLLOW_P99] = {"follow_p99", "log follow, from before the flush, p99", BENCH_LOG_FOLLOWING},
    [BENCH_LOG_BEHIND_P50] = {"behind_p50", "log follow, from the flush's return, median", BENCH_LOG_FOLLOWING},
    [BENCH_LOG_BEHIND_P99] = {"behind_p99", "log follow, from the flush's return, p99", BENCH_LOG_FOLLOWING},
    [BENCH_LOG_STEADY_P50] = {"steady_p50", "append, one segment, median", BENCH_LOG_ROTATING},
    [BENCH_LOG_STEADY_P999] = {"steady_p999", "append, one segment, p99.9", BENCH_LOG_ROTATING},
    [BENCH_LOG_STEADY_MAX] = {"steady_max", "append, one segment, max", BENCH_LOG_ROTATING},
    [BENCH_LOG_ROTATE_P50] = {"rotate_p50", "append, rotating, median", BENCH_LOG_ROTATING},
    [BENCH_LOG_ROTATE_P999] = {"rotate_p999", "append, rotating, p99.9", BENCH_LOG_ROTATING},
    [BENCH_LOG_ROTATE_MAX] = {"rotate_max", "append, rotating, max", BENCH_LOG_ROTATING},
};

const char *bench_log_subject_name(enum bench_log_subject subject)
{
    return subjects[subject].name;
}

const char *bench_log_subject_text(enum bench_log_subject subject)
{
    return subjects[subject].text;
}

enum bench_log_subject bench_log_subject_of(enum bench_log_figure figure)
{
    return figures[figure].subject;
}

const char *bench_log_figure_name(enum bench_log_figure figure)
{
    return figures[figure].name;
}

const char *bench_log_figure_text(const struct bench_log_report *report, enum bench_log_figure figure, char text[120])
{
    if (figure == BENCH_LOG_OPEN_MANY)
        snprintf(text, 120, "%s %u segments", figures[figure].text, report->segments);
    else
        snprintf(text, 120, "%s", figures[figure].text);
    return text;
}

bool bench_log_figure_is_rate(enum bench_log_figure figure)
{
    return figures[figure].subject == BENCH_LOG_READING;
}

bool bench_log_figure_shown(const struct bench_log_report *report, enum bench_log_figure figure)
{
    if (!report->measured[figures[figure].subject] || report->rounds == 0)
        return false;
    if (figure == BENCH_LOG_FOLLOW_P99 || figure == BENCH_LOG_BEHIND_P99)
        return report->follows >= 100;
    if (figure == BENCH_LOG_STEADY_P999 || figure == BENCH_LOG_ROTATE_P999)
        return report->paced >= 1000;
    return true;
}

struct bench_spread bench_log_spread(const struct bench_log_report *report, enum bench_log_figure figure)
{
    double values[BENCH_LOG_ROUNDS_MOST];
    memcpy(values, report->value[figure], sizeof values);
    return bench_spread_of(values, report->rounds);
}

struct bench_log_aim bench_log_aim_of(const struct bench_log_report *report, enum bench_log_figure figure)
{
    bool usual = report->size.record_bytes == 1024;
    if (usual && (figure == BENCH_LOG_READ || figure == BENCH_LOG_VERIFY))
        return (struct bench_log_aim){BENCH_LOG_AT_LEAST, 3e9};
    if (usual && (figure == BENCH_LOG_FOLLOW_P50 || figure == BENCH_LOG_FOLLOW_P99))
        return (struct bench_log_aim){BENCH_LOG_AT_MOST, 100e-6};
    return (struct bench_log_aim){BENCH_LOG_NO_AIM, 0};
}

static const struct bench_log_ratio ratios[BENCH_LOG_RATIOS] = {
    {BENCH_LOG_READ, BENCH_LOG_PLAIN, {BENCH_LOG_NO_AIM, 0}, "bytes/s: log read / limit: read(2)"},
    {BENCH_LOG_VERIFY, BENCH_LOG_PLAIN, {BENCH_LOG_NO_AIM, 0}, "bytes/s: log verify / limit: read(2)"},
    {BENCH_LOG_VERIFY_ALL, BENCH_LOG_VERIFY, {BENCH_LOG_NO_AIM, 0}, "bytes/s: log verify, all processors / one"},
    {BENCH_LOG_OPEN_MANY, BENCH_LOG_OPEN_FEW, {BENCH_LOG_AT_MOST, 1.5}, "time: log open, many segments / 2"},
    {BENCH_LOG_ROTATE_P999, BENCH_LOG_STEADY_P999, {BENCH_LOG_NO_AIM, 0}, "p99.9 of an append: rotating / one segment"},
    {BENCH_LOG_ROTATE_MAX, BENCH_LOG_STEADY_MAX, {BENCH_LOG_NO_AIM, 0}, "max of an append: rotating / one segment"},
};

bool bench_log_ratio_at(const struct bench_log_report *report, unsigned number, struct bench_log_ratio *ratio,
                        struct bench_spread *value)
{
    double values[BENCH_LOG_ROUNDS_MOST];
    unsigned i = 0;
    while (i < BENCH_LOG_RATIOS && (!bench_log_figure_shown(report, ratios[i].above) ||
                                    !bench_log_figure_shown(report, ratios[i].below) || number-- > 0))
        i++;
    if (i == BENCH_LOG_RATIOS)
        return false;
    *ratio = ratios[i];
    for (unsigned r = 0; r < report->rounds; r++)
        values[r] = report->value[ratio->above][r] / report->value[ratio->below][r];
    *value = bench_spread_of(values, report->rounds);
    return true;
}

const char *bench_log_verdict(struct bench_spread value, struct bench_log_aim aim)
{
    static const char *const words[] = {[BENCH_HOLDS] = "holds", [BENCH_MISSES] = "misses", [BENCH_UNDECIDED] = "open"};
    if (aim.kind == BENCH_LOG_NO_AIM)
        return "";
    return words[bench_judge(value, aim.kind == BENCH_LOG_AT_LEAST, aim.value)];
}
