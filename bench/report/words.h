/* What every kind of report for people says in the same words.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_WORDS_H
#define BENCH_WORDS_H

#include "report/lines.h"
#include "report/report.h"

enum { BENCH_SENTENCE = 900, BENCH_FACTS_MOST = 9 };

/* A sentence or two under a label. */
struct bench_fact {
    const char *label;
    char text[BENCH_SENTENCE];
};

/* What was measured on, and how: machine, kernel, directory, disk, clock, latency, data. How many. */
unsigned bench_words_facts(const struct bench_report *report, struct bench_fact facts[BENCH_FACTS_MOST]);

/* "128 B x 100K = 12.2 MiB, final sync included". */
const char *bench_words_workload(const struct bench_table *table, char text[BENCH_SENTENCE]);

/* "Medians of 9 rounds; interval: where the median lies with 96 % confidence". */
const char *bench_words_medians(const struct bench_table *table, const struct bench_lines *lines,
                                char text[BENCH_SENTENCE]);

/* What the table of bytes shows. */
const char *bench_words_monitor(void);

/* What the table of the processor's counters shows, and which of them this machine does not give. */
const char *bench_words_perf(const struct bench_table *table, const struct bench_lines *lines,
                             char text[BENCH_SENTENCE]);

/* What the latencies of a moment are of, and in an open loop from when they count. */
const char *bench_words_moment(const struct bench_table *table, enum bench_moment moment, char text[BENCH_SENTENCE]);

/* Rows that are not there and why, rows of fewer records, which candidate a limit was: note number `number` of a table,
 * NULL behind the last. */
const char *bench_words_note(const struct bench_table *table, const struct bench_lines *lines, unsigned number,
                             char text[BENCH_SENTENCE]);

/* "128 B appends while a buffer is free, ...". */
const char *bench_words_staging(const struct bench_staging *staging, char text[BENCH_SENTENCE]);

/* The highest rates: the heading, what the figures are, the titles and cells of the table's columns behind the first,
 * and rows that are not there, as bench_words_note has them. */
enum { BENCH_RATE_CELLS = 4 };
const char *bench_words_rates(const struct bench_max_rates *rates, char text[BENCH_SENTENCE]);
const char *bench_words_rates_medians(const struct bench_max_rates *rates, char text[BENCH_SENTENCE]);
const char *bench_words_rate_title(const struct bench_max_rates *rates, unsigned number);
void bench_words_rate(const struct bench_max_rates *rates, const struct bench_max_rate *row,
                      char cells[BENCH_RATE_CELLS][BENCH_CELL_TEXT]);
const char *bench_words_rates_note(const struct bench_max_rates *rates, unsigned number, char text[BENCH_SENTENCE]);

#endif
