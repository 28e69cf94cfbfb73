/* The highest rates in text.
 *
 * SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "report/words.h"

static void print_row(const struct bench_paper *paper, const char *name, char cells[BENCH_RATE_CELLS][BENCH_CELL_TEXT])
{
    fprintf(paper->out, "%-29s %12s %8s %10s   %s\n", name, cells[0], cells[1], cells[2], cells[3]);
}

static void print_head(const struct bench_paper *paper, const struct bench_max_rates *rates)
{
    char titles[BENCH_RATE_CELLS][BENCH_CELL_TEXT];
    for (unsigned i = 0; i < BENCH_RATE_CELLS; i++)
        snprintf(titles[i], sizeof titles[i], "%s", bench_words_rate_title(rates, i));
    print_row(paper, "Method", titles);
    for (int i = 0; i < 79; i++)
        fputc('-', paper->out);
    fputc('\n', paper->out);
}

void bench_text_rates(const struct bench_paper *paper, const struct bench_max_rates *rates)
{
    char text[BENCH_SENTENCE], cells[BENCH_RATE_CELLS][BENCH_CELL_TEXT];
    fprintf(paper->out, "\n=== %s ===\n", bench_words_rates(rates, text));
    fprintf(paper->out, "%s\n\n", bench_words_rates_medians(rates, text));
    print_head(paper, rates);
    for (unsigned i = 0; i < rates->count; i++) {
        if (rates->row[i].count == 0)
            continue;
        bench_words_rate(rates, &rates->row[i], cells);
        print_row(paper, rates->row[i].row->name, cells);
    }
    for (unsigned i = 0; bench_words_rates_note(rates, i, text); i++)
        fprintf(paper->out, "%s\n", text);
}
