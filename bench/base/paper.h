/* What a report for people is printed on: how wide it is, and what it can show.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_PAPER_H
#define BENCH_PAPER_H

#include <stdbool.h>
#include <stdio.h>

enum { BENCH_PAPER_WIDTH = 118 };

struct bench_paper {
    FILE *out;
    int width;     /* columns that may be used */
    bool terminal; /* somebody watches: bars are drawn */
    bool blocks;   /* the characters for eighths of a block can be shown */
};

/* For a file or a pipe: BENCH_PAPER_WIDTH columns and no bars. For a terminal as wide as that is, 60 at least, and
 * blocks where the locale's characters are UTF-8. */
struct bench_paper bench_paper_for(FILE *out);

/* Prints text behind a label, broken between words, the lines that follow indented to the first one's start. */
void bench_paper_wrapped(const struct bench_paper *paper, const char *label, const char *text);

/* The same where a label of indent columns has been printed already. */
void bench_paper_continued(const struct bench_paper *paper, int indent, const char *text);

/* A bar of width columns, filled by share (0 to 1), and no blanks behind it. */
void bench_paper_bar(const struct bench_paper *paper, int width, double share);

#endif
