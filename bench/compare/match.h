/* Which rows of the old and the new side are the same thing, measured the same way; and what cannot be compared.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_MATCH_H
#define BENCH_MATCH_H

#include "compare/document.h"

enum { BENCH_FILES_MOST = 64, BENCH_NOTE = 320 };

enum bench_side { BENCH_OLD, BENCH_NEW, BENCH_SIDES };

/* The reports to compare: one of each side, or several runs of each. */
struct bench_reports {
    struct bench_document document[BENCH_SIDES][BENCH_FILES_MOST];
    size_t count[BENCH_SIDES]; /* 1 or more */
};

/* One row of one workload, that all reports have: same name, records, threads, sync and durability. */
struct bench_pair {
    const struct bench_document_row *row[BENCH_SIDES][BENCH_FILES_MOST]; /* in the order of the reports */
};

struct bench_match {
    struct bench_pair *pairs; /* in the order of the first old report */
    size_t count;
    char (*notes)[BENCH_NOTE]; /* sentences: rows that only some reports have, or that differ in what they do */
    size_t note_count;
};

/* Candidates of limits are passed over. 0 or -ENOMEM. The match refers to the reports' rows. */
int bench_match_make(struct bench_match *match, const struct bench_reports *reports);
void bench_match_free(struct bench_match *match);

/* How the machines of the reports differ: "kernel: A and B; device: C and D", or "" if they do not, as far as the
 * reports say. */
void bench_match_machines(const struct bench_reports *reports, char *text, size_t room);

#endif
