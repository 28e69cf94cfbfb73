/* Conditions of --fail-if. See conditions.h.
 *
 * SPDX-License-Identifier: MIT */
#include "compare/conditions.h"

#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* "+5%", "-2.5%", "5%". Not what strtod takes beside: "inf", "0x5", " 5". */
static bool parse_bound(const char *text, double *bound)
{
    const char *digits = text + (*text == '+' || *text == '-');
    size_t length = strspn(digits, "0123456789.");
    char *end;
    double value = strtod(text, &end);
    if (length == 0 || end != digits + length || strcmp(end, "%") != 0 || !isfinite(value))
        return false;
    *bound = value / 100;
    return true;
}

bool bench_condition_parse(struct bench_condition *condition, const char *text)
{
    struct bench_condition c = {.text = text};
    const char *sign = text + strlen(text);
    while (sign > text && *sign != '<' && *sign != '>')
        sign--;
    if (sign == text || !parse_bound(sign + 1, &c.bound))
        return false;
    /* Names of rows may have colons: the last one ends the row. */
    const char *figure = sign;
    while (figure > text && figure[-1] != ':')
        figure--;
    size_t row = figure > text ? (size_t)(figure - text) - 1 : 0;
    if ((figure > text && row == 0) || row >= sizeof c.row ||
        !bench_figure_find(figure, (size_t)(sign - figure), &c.figure))
        return false;
    memcpy(c.row, text, row);
    c.above = *sign == '>';
    *condition = c;
    return true;
}

static bool speaks_of(const struct bench_condition *condition, const struct bench_change *change)
{
    if (change->figure != condition->figure || change->verdict == BENCH_UNTESTED)
        return false;
    const char *name = change->pair->row[BENCH_OLD][0]->name;
    return !*condition->row || strcmp(condition->row, name) == 0 || fnmatch(condition->row, name, 0) == 0;
}

bool bench_condition_met(const struct bench_condition *condition, const struct bench_change *change)
{
    if (!speaks_of(condition, change) || (change->verdict != BENCH_BETTER && change->verdict != BENCH_WORSE))
        return false;
    /* From 0 to anything is beyond every bound above. */
    if (isnan(change->change))
        return condition->above;
    return condition->above ? change->change > condition->bound : change->change < condition->bound;
}

size_t bench_condition_rows(const struct bench_condition *condition, const struct bench_comparison *comparison)
{
    size_t rows = 0;
    for (size_t i = 0; i < comparison->count; i++)
        rows += speaks_of(condition, &comparison->changes[i]);
    return rows;
}
