/* Figures of a report: medians, ratios, predictions. See report.h.
 *
 * SPDX-License-Identifier: MIT */
#include <math.h>

#include "fuse/report.h"

static const double mebibyte = 1 << 20;

/* One round's figure. False if nobody counts it. */
static bool figure_of_round(const struct bench_fuse_cell *cell, const struct bench_fuse_cost *cost,
                            enum bench_fuse_figure figure, double *value)
{
    bool has_daemon = cell->mode != BENCH_FUSE_NATIVE;
    double bytes = (double)cost->bytes;
    switch (figure) {
    case BENCH_FUSE_SPEED:
        *value = bytes / cost->seconds;
        return true;
    case BENCH_FUSE_APPENDING:
        *value = bytes / cost->append_seconds;
        return true;
    case BENCH_FUSE_WRITES:
        *value = (double)cost->writes / (bytes / mebibyte);
        return has_daemon;
    case BENCH_FUSE_STORED:
        *value = bytes / (double)cost->stored_bytes;
        return cost->stored_bytes > 0;
    case BENCH_FUSE_DAEMON_CPU:
        *value = 1000 * cost->daemon_cpu / (bytes / mebibyte);
        return has_daemon;
    case BENCH_FUSE_OWN_CPU:
        *value = 1000 * cost->own_cpu / (bytes / mebibyte);
        return true;
    case BENCH_FUSE_FIGURES:
        break;
    }
    return false;
}

bool bench_fuse_figure_of(const struct bench_fuse_cell *cell, enum bench_fuse_figure figure, struct bench_spread *value)
{
    double values[BENCH_FUSE_ROUNDS_MOST];
    for (unsigned i = 0; i < cell->rounds; i++)
        if (!figure_of_round(cell, &cell->round[i], figure, &values[i]))
            return false;
    if (cell->rounds == 0)
        return false;
    *value = bench_spread_of(values, cell->rounds);
    return true;
}

const struct bench_fuse_cell *bench_fuse_beside(const struct bench_fuse_report *report,
                                                const struct bench_fuse_cell *cell, enum bench_fuse_mode mode)
{
    for (size_t i = 0; i < report->count; i++) {
        const struct bench_fuse_cell *other = &report->cell[i];
        if (other->mode == mode && other->payload == cell->payload && other->append_bytes == cell->append_bytes &&
            other->curve == cell->curve && other->limit == cell->limit)
            return other->rounds ? other : NULL;
    }
    return NULL;
}

bool bench_fuse_ratio(const struct bench_fuse_report *report, const struct bench_fuse_cell *cell,
                      enum bench_fuse_mode to, struct bench_spread *ratio)
{
    const struct bench_fuse_cell *other = bench_fuse_beside(report, cell, to);
    double ratios[BENCH_FUSE_ROUNDS_MOST];
    if (!other || cell->rounds == 0)
        return false;
    unsigned rounds = other->rounds < cell->rounds ? other->rounds : cell->rounds;
    for (unsigned i = 0; i < rounds; i++)
        ratios[i] = other->round[i].seconds / cell->round[i].seconds;
    *ratio = bench_spread_of(ratios, rounds);
    return true;
}

const struct bench_fuse_cell *bench_fuse_find(const struct bench_fuse_report *report, enum bench_fuse_mode mode,
                                              enum bench_fuse_payload payload, uint64_t append_bytes)
{
    const struct bench_fuse_cell sought = {.payload = payload, .append_bytes = append_bytes};
    return bench_fuse_beside(report, &sought, mode);
}

const struct bench_fuse_cell *bench_fuse_find_limited(const struct bench_fuse_report *report, enum bench_fuse_mode mode,
                                                      enum bench_fuse_payload payload, uint64_t limit)
{
    for (size_t i = 0; i < report->count; i++) {
        const struct bench_fuse_cell *cell = &report->cell[i];
        if (cell->curve && cell->mode == mode && cell->payload == payload && cell->limit == limit)
            return cell->rounds ? cell : NULL;
    }
    return NULL;
}

bool bench_fuse_predict(const struct bench_fuse_report *report, enum bench_fuse_mode mode,
                        enum bench_fuse_payload payload, double disk_bytes_per_s, double *bytes_per_s)
{
    const struct bench_fuse_codec *codec = &report->codec[payload][mode];
    if (!codec->known)
        return false;
    /* A block that does not shrink is stored as it is, and it takes next to no time to see that. */
    *bytes_per_s = fmin(fmax(codec->ratio, 1) * disk_bytes_per_s, codec->bytes_per_s);
    return true;
}

struct point {
    double native, ratio; /* bytes a second; times that */
};

/* The points of a curve, slowest disk first. */
static unsigned points_of(const struct bench_fuse_report *report, enum bench_fuse_mode mode,
                          enum bench_fuse_payload payload, struct point points[BENCH_FUSE_LIMITS_MOST + 1])
{
    unsigned count = 0;
    for (size_t i = 0; i < report->count; i++) {
        const struct bench_fuse_cell *cell = &report->cell[i];
        struct bench_spread ratio, speed = {.median = 0};
        if (!cell->curve || cell->mode != mode || cell->payload != payload ||
            !bench_fuse_ratio(report, cell, BENCH_FUSE_NATIVE, &ratio))
            continue;
        bench_fuse_figure_of(bench_fuse_beside(report, cell, BENCH_FUSE_NATIVE), BENCH_FUSE_SPEED, &speed);
        unsigned at = count++;
        for (; at > 0 && points[at - 1].native > speed.median; at--)
            points[at] = points[at - 1];
        points[at] = (struct point){.native = speed.median, .ratio = ratio.median};
    }
    return count;
}

enum bench_fuse_turn bench_fuse_turn_of(const struct bench_fuse_report *report, enum bench_fuse_mode mode,
                                        enum bench_fuse_payload payload, double *at)
{
    struct point points[BENCH_FUSE_LIMITS_MOST + 1];
    unsigned count = points_of(report, mode, payload, points), first = 0;
    if (count < 2)
        return BENCH_FUSE_NO_TURN;
    while (first < count && points[first].ratio >= 1)
        first++;
    if (first == 0 || first == count) {
        *at = first == 0 ? points[0].native : points[count - 1].native;
        return first == 0 ? BENCH_FUSE_NEVER_PAYS : BENCH_FUSE_ALWAYS_PAYS;
    }
    /* Between the two, both speed and ratio by their logarithms: a ratio falls as the disk gets faster. */
    const struct point *a = &points[first - 1], *b = &points[first];
    double share = log(a->ratio) / (log(a->ratio) - log(b->ratio));
    *at = a->native * pow(b->native / a->native, share);
    return BENCH_FUSE_TURNS;
}
