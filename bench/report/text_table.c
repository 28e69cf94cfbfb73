/* A table in text. See text_table.h.
 *
 * SPDX-License-Identifier: MIT */
#include "report/text_table.h"

#include <math.h>
#include <string.h>

enum { NAME_WIDTH = 29, BAR_WIDTH = 10 };

struct layout {
    const struct bench_column *column[BENCH_COLUMNS_MOST];
    unsigned count;
    int width;   /* of a line */
    int bar;     /* columns for the bar; 0: none */
    double full; /* the value of a whole bar */
    const struct bench_column *by;
};

static int width_of(const struct layout *layout)
{
    int width = NAME_WIDTH;
    for (unsigned i = 0; i < layout->count; i++)
        width += 1 + layout->column[i]->width;
    return width;
}

/* Takes out the least important column. False when all that are left must stay. */
static bool drop_one(struct layout *layout)
{
    unsigned least = 0;
    for (unsigned i = 1; i < layout->count; i++)
        if (layout->column[i]->importance > layout->column[least]->importance)
            least = i;
    if (layout->count == 0 || layout->column[least]->importance == 0)
        return false;
    layout->count--;
    for (unsigned i = least; i < layout->count; i++)
        layout->column[i] = layout->column[i + 1];
    return true;
}

static double largest(const struct bench_table *table, const struct bench_lines *lines,
                      const struct bench_column *column)
{
    double most = 0;
    for (unsigned i = 0; i < lines->count; i++) {
        const struct bench_result *result = lines->line[i].result;
        double value = column->value(column, table, result);
        if (bench_result_durability(table, result) != BENCH_NOTHING && value > most)
            most = value;
    }
    return most;
}

static struct layout lay_out(const struct bench_paper *paper, const struct bench_table *table,
                             const struct bench_lines *lines, struct bench_columns columns, const char *by)
{
    struct layout layout = {.count = 0};
    layout.count = bench_columns_used(columns, table, lines, layout.column);
    for (unsigned i = 0; by && i < columns.count; i++)
        if (strcmp(columns.column[i].key, by) == 0)
            layout.by = &columns.column[i];
    bool bars = paper->terminal && layout.by;
    int room = paper->width - (bars ? 1 + BAR_WIDTH : 0);
    while (width_of(&layout) > room && drop_one(&layout)) {
    }
    layout.width = width_of(&layout);
    if (bars) {
        layout.bar = BAR_WIDTH;
        layout.full = largest(table, lines, layout.by);
    }
    return layout;
}

static void print_line(const struct bench_paper *paper, const struct bench_table *table, const struct layout *layout,
                       const struct bench_line *line)
{
    char text[BENCH_CELL_TEXT];
    if (!bench_line_used(line, table, layout->column, layout->count))
        return;
    fprintf(paper->out, "%-*s", NAME_WIDTH, line->name);
    for (unsigned i = 0; i < layout->count; i++)
        fprintf(paper->out, " %*s", layout->column[i]->width,
                bench_cell(layout->column[i], table, line->result, text) ? text : "-");
    if (layout->bar) {
        fputc(' ', paper->out);
        bench_paper_bar(paper, layout->bar, layout->by->value(layout->by, table, line->result) / layout->full);
    }
    fputc('\n', paper->out);
}

void bench_text_table(const struct bench_paper *paper, const struct bench_table *table, const struct bench_lines *lines,
                      struct bench_columns columns, const char *by)
{
    struct layout layout = lay_out(paper, table, lines, columns, by);
    fprintf(paper->out, "%-*s", NAME_WIDTH, "Method");
    for (unsigned i = 0; i < layout.count; i++)
        fprintf(paper->out, " %*s", layout.column[i]->width, layout.column[i]->title);
    fputc('\n', paper->out);
    for (int i = 0; i < layout.width; i++)
        fputc('-', paper->out);
    fputc('\n', paper->out);
    for (unsigned i = 0; i < lines->count; i++)
        print_line(paper, table, &layout, &lines->line[i]);
}
