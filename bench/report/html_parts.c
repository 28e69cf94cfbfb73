/* The parts of a page that need no plotter. See html_parts.h.
 *
 * SPDX-License-Identifier: MIT */
#include "report/html_parts.h"

#include <math.h>

#include "report/words.h"

void bench_html_escaped(FILE *out, const char *text)
{
    for (; *text; text++)
        switch (*text) {
        case '&':
            fputs("&amp;", out);
            break;
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        default:
            fputc(*text, out);
        }
}

void bench_html_element(FILE *out, const char *tag, const char *class, const char *text)
{
    fprintf(out, "<%s", tag);
    if (*class)
        fprintf(out, " class=\"%s\"", class);
    fputc('>', out);
    bench_html_escaped(out, text);
    fprintf(out, "</%s>\n", tag);
}

static void write_line(FILE *out, const struct bench_table *table, const struct bench_line *line,
                       const struct bench_column *const *columns, unsigned count)
{
    char text[BENCH_CELL_TEXT];
    fputs(line->result->row->family == BENCH_LIMITS ? "<tr class=\"limit\"><td>" : "<tr><td>", out);
    bench_html_escaped(out, line->name);
    fputs("</td>", out);
    for (unsigned i = 0; i < count; i++) {
        fputs("<td>", out);
        bench_html_escaped(out, bench_cell(columns[i], table, line->result, text) ? text : "-");
        fputs("</td>", out);
    }
    fputs("</tr>\n", out);
}

void bench_html_table(FILE *out, const struct bench_table *table, const struct bench_lines *lines,
                      struct bench_columns columns)
{
    const struct bench_column *used[BENCH_COLUMNS_MOST];
    unsigned count = bench_columns_used(columns, table, lines, used);
    fputs("<div class=\"scroll\"><table>\n<thead><tr><th>Method</th>", out);
    for (unsigned i = 0; i < count; i++)
        fprintf(out, "<th>%s</th>", used[i]->title);
    fputs("</tr></thead>\n<tbody>\n", out);
    for (unsigned i = 0; i < lines->count; i++)
        if (bench_line_used(&lines->line[i], table, used, count))
            write_line(out, table, &lines->line[i], used, count);
    fputs("</tbody></table></div>\n", out);
}

static double rate(const struct bench_table *table, const struct bench_line *line)
{
    return bench_result_figure(table, line->result, BENCH_MIB_PER_S).median;
}

static double longest(const struct bench_table *table, const struct bench_lines *lines)
{
    double most = 0;
    for (unsigned i = 0; i < lines->count; i++)
        if (bench_result_durability(table, lines->line[i].result) != BENCH_NOTHING)
            most = fmax(most, rate(table, &lines->line[i]));
    return most;
}

static void write_bar(FILE *out, const struct bench_table *table, const struct bench_line *line, double most)
{
    char number[BENCH_NUMBER_TEXT];
    double value = rate(table, line);
    bool cut = value > most;
    fprintf(out, "<li class=\"%s%s%s\"><span>", bench_durability_name(bench_result_durability(table, line->result)),
            line->result->row->family == BENCH_LIMITS ? " limit" : "", cut ? " cut" : "");
    bench_html_escaped(out, line->name);
    fprintf(out, "</span><span><i style=\"--share:%.3f\"></i>", most > 0 ? fmin(value / most, 1) : 0);
    if (value < 10)
        fprintf(out, "%.1f</span></li>\n", value);
    else
        fprintf(out, "%s</span></li>\n", bench_grouped(value, number));
}

void bench_html_bars(FILE *out, const struct bench_table *table, const struct bench_lines *lines)
{
    double most = longest(table, lines);
    if (lines->count == 0)
        return;
    fputs("<figure class=\"bars\"><figcaption>MiB/s. What the bytes survive in the end: <span class=\"key device\">a "
          "power "
          "cut</span>, <span class=\"key kernel\">the death of the process</span>, <span class=\"key "
          "nothing\">nothing</span>. Limits of the machine are paler; a bar that fades out is longer than there is "
          "room for.</figcaption>\n<ul>\n",
          out);
    for (unsigned i = 0; i < lines->count; i++)
        write_bar(out, table, &lines->line[i], most);
    fputs("</ul></figure>\n", out);
}

void bench_html_ratios(FILE *out, const struct bench_ratios *ratios)
{
    if (ratios->count == 0)
        return;
    fputs("<h3>Ratios, paired within each round</h3>\n<div class=\"scroll\"><table>\n<thead><tr><th>Ratio</th>"
          "<th>Median</th><th>Least .. greatest</th><th>Target</th><th></th></tr></thead>\n<tbody>\n",
          out);
    for (unsigned i = 0; i < ratios->count; i++) {
        const struct bench_ratio *r = &ratios->ratio[i];
        const char *verdict = bench_ratio_verdict(r);
        fputs("<tr><td class=\"words\">", out);
        bench_html_escaped(out, r->label);
        fprintf(out, "</td><td>%.2f</td><td>%.2f .. %.2f</td>", r->value.median, r->value.min, r->value.max);
        if (r->has_target)
            fprintf(out, "<td>%s %.2f</td><td class=\"%s\">%s</td></tr>\n", r->at_least ? "&ge;" : "&le;", r->target,
                    verdict, verdict);
        else
            fputs("<td></td><td></td></tr>\n", out);
    }
    fputs("</tbody></table></div>\n", out);
}

void bench_html_staging(FILE *out, const struct bench_report *report)
{
    char text[BENCH_SENTENCE];
    for (size_t i = 0; i < report->staging_count; i++) {
        const struct bench_staging *staging = &report->staging[i];
        bench_html_element(out, "h2", "", bench_words_staging(staging, text));
        fputs("<div class=\"scroll\"><table>\n<thead><tr><th>Append into</th><th>ns</th><th>Least .. greatest</th></tr>"
              "</thead>\n<tbody>\n",
              out);
        for (unsigned stage = 0; stage < BENCH_STAGES; stage++) {
            struct bench_spread cost = bench_staging_cost(staging, stage);
            fprintf(out, "<tr><td>%s</td><td>%.2f</td><td>%.2f .. %.2f</td></tr>\n", bench_stage_name(stage),
                    cost.median, cost.min, cost.max);
        }
        fputs("</tbody></table></div>\n", out);
        struct bench_ratios ratios = {.count = 0};
        bench_ratios_of_staging(&ratios, staging);
        bench_html_ratios(out, &ratios);
    }
}

static void write_rate(FILE *out, const struct bench_max_rates *rates, const struct bench_max_rate *row)
{
    char cells[BENCH_RATE_CELLS][BENCH_CELL_TEXT];
    bench_words_rate(rates, row, cells);
    fputs("<tr><td>", out);
    bench_html_escaped(out, row->row->name);
    fputs("</td>", out);
    for (unsigned i = 0; i < BENCH_RATE_CELLS; i++)
        fprintf(out, "<td>%s</td>", cells[i]);
    fputs("</tr>\n", out);
}

void bench_html_rates(FILE *out, const struct bench_report *report)
{
    char text[BENCH_SENTENCE];
    for (size_t i = 0; i < report->rates_count; i++) {
        const struct bench_max_rates *rates = &report->rates[i];
        bench_html_element(out, "h2", "", bench_words_rates(rates, text));
        bench_html_element(out, "p", "lead", bench_words_rates_medians(rates, text));
        fputs("<div class=\"scroll\"><table>\n<thead><tr><th>Method</th>", out);
        for (unsigned c = 0; c < BENCH_RATE_CELLS; c++)
            fprintf(out, "<th>%s</th>", bench_words_rate_title(rates, c));
        fputs("</tr></thead>\n<tbody>\n", out);
        for (unsigned r = 0; r < rates->count; r++)
            if (rates->row[r].count)
                write_rate(out, rates, &rates->row[r]);
        fputs("</tbody></table></div>\n", out);
        for (unsigned n = 0; bench_words_rates_note(rates, n, text); n++)
            bench_html_element(out, "p", "note", text);
    }
}
