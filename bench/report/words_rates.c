/* What every kind of report for people says of staging and of the highest rates. See words.h.
 *
 * SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "report/words.h"

const char *bench_words_staging(const struct bench_staging *staging, char text[BENCH_SENTENCE])
{
    char size[BENCH_NUMBER_TEXT];
    snprintf(text, BENCH_SENTENCE, "%s appends while a buffer is free, only the appends timed, median of %u round%s",
             bench_size_text(staging->record_bytes, size), staging->rounds, staging->rounds == 1 ? "" : "s");
    return text;
}

const char *bench_words_rates(const struct bench_max_rates *rates, char text[BENCH_SENTENCE])
{
    static const char *const endings[] = {[BENCH_SYNC_NONE] = "no sync",
                                          [BENCH_SYNC_END] = "a sync in the end",
                                          [BENCH_SYNC_EACH] = "each record durable"};
    char size[BENCH_NUMBER_TEXT], below[BENCH_NUMBER_TEXT];
    snprintf(text, BENCH_SENTENCE, "%s, %s: the highest rate with %s < %s, %s",
             bench_size_text(rates->size.record_bytes, size), endings[rates->sync],
             bench_quantile_name(rates->slo.quantile), bench_duration_text((double)rates->slo.below_ns * 1e-9, below),
             rates->poisson ? "arrivals as chance would have it" : "even arrivals");
    return text;
}

const char *bench_words_rates_medians(const struct bench_max_rates *rates, char text[BENCH_SENTENCE])
{
    snprintf(text, BENCH_SENTENCE, "Medians of %u round%s; latency is counted from when each append was due",
             rates->rounds, rates->rounds == 1 ? "" : "s");
    return text;
}

const char *bench_words_rate_title(const struct bench_max_rates *rates, unsigned number)
{
    const char *const titles[BENCH_RATE_CELLS] = {"Records/s", "MiB/s", bench_quantile_name(rates->slo.quantile),
                                                  "Least .. most"};
    return titles[number];
}

void bench_words_rate(const struct bench_max_rates *rates, const struct bench_max_rate *row,
                      char cells[BENCH_RATE_CELLS][BENCH_CELL_TEXT])
{
    char number[BENCH_NUMBER_TEXT], other[BENCH_NUMBER_TEXT];
    struct bench_spread spread = bench_max_rate_spread(row);
    snprintf(cells[0], BENCH_CELL_TEXT, "%s", bench_grouped(spread.median, number));
    snprintf(cells[1], BENCH_CELL_TEXT, "%.1f", spread.median * (double)rates->size.record_bytes / 1048576);
    snprintf(cells[2], BENCH_CELL_TEXT, "%s",
             row->at.count ? bench_duration_text((double)row->at.of[rates->slo.quantile] * 1e-9, number) : "-");
    snprintf(cells[3], BENCH_CELL_TEXT, "%s .. %s", bench_grouped(spread.min, number),
             bench_grouped(spread.max, other));
}

const char *bench_words_rates_note(const struct bench_max_rates *rates, unsigned number, char text[BENCH_SENTENCE])
{
    for (unsigned i = 0; i < rates->count; i++)
        if (*rates->row[i].unavailable && number-- == 0) {
            snprintf(text, BENCH_SENTENCE, "%s: not available: %s", rates->row[i].row->name, rates->row[i].unavailable);
            return text;
        }
    return NULL;
}
