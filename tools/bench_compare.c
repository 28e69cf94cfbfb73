/* quire bench compare: reads the command line and the reports, and lets bench/compare say what changed.
 *
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arguments.h"
#include "command.h"
#include "compare/conditions.h"
#include "compare/report.h"
#include "output.h"
#include "report/report.h"

static const char help[] =
    "usage: quire bench compare [OPTION...] OLD.json NEW.json\n"
    "       quire bench compare [OPTION...] --old A1.json --old A2.json ... --new B1.json ...\n"
    "What changed between reports of `quire bench --json`, and what of it is more than chance.\n"
    "\n"
    "  --old FILE          a run of the old side, to be given for each; -: standard input\n"
    "  --new FILE          of the new side. Several runs, made in turn: a run then counts as one value\n"
    "  --figure LIST       mib_per_s records_per_s seconds cpu sync_seconds flush_seconds open_seconds\n"
    "                      close_seconds; latencies: p50 p90 p99 p99.9 p99.99 max, of an append, or of\n"
    "                      another step: hand_over_p99, sync_max (default: mib_per_s, and p99 if it was\n"
    "                      measured)\n"
    "  --alpha P           how often a whole comparison may take chance for a change (default: 0.05)\n"
    "  --min-effect N%     changes up to this are none (default: 1%)\n"
    "  --relative-to ROW   compare multiples of ROW's figure in the same round. none: the figures alone,\n"
    "                      and limits and peers are rows as any (default: the figures, and a change must\n"
    "                      also show beside the limits and peers of the same rounds)\n"
    "  --no-correction     do not correct for the number of rows that are tested\n"
    "  --fail-if COND      exit 1 if a row is better or worse, and beyond a bound: 'p99>+5%',\n"
    "                      'mib_per_s<-5%', 'Page-Aligned*:p99>+5%'; may be given several times\n"
    "  --same-machine      exit 1 if the reports are of different machines\n"
    "  --markdown, --csv   print that instead of the tables\n"
    "  --json FILE         also write everything as JSON; -: JSON on stdout, and nothing else\n"
    "  --help              print this\n";

enum option_code { OLD, NEW, FIGURE, ALPHA, EFFECT, RELATIVE, UNCORRECTED, FAIL_IF, SAME, MARKDOWN, CSV, JSON };

static const struct option options[] = {
    {"old", required_argument, NULL, OLD},
    {"new", required_argument, NULL, NEW},
    {"figure", required_argument, NULL, FIGURE},
    {"alpha", required_argument, NULL, ALPHA},
    {"min-effect", required_argument, NULL, EFFECT},
    {"relative-to", required_argument, NULL, RELATIVE},
    {"no-correction", no_argument, NULL, UNCORRECTED},
    {"fail-if", required_argument, NULL, FAIL_IF},
    {"same-machine", no_argument, NULL, SAME},
    {"markdown", no_argument, NULL, MARKDOWN},
    {"csv", no_argument, NULL, CSV},
    {"json", required_argument, NULL, JSON},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

struct request {
    struct bench_judge_settings settings;
    const char *paths[BENCH_SIDES][BENCH_FILES_MOST];
    size_t count[BENCH_SIDES];
    struct bench_condition conditions[BENCH_CONDITIONS_MOST];
    size_t condition_count;
    bool figures_chosen, same_machine, markdown, csv;
    const char *json;
};

#define COMPLAIN(code, ...) command_complain("quire bench compare", code, __VA_ARGS__)

static int take_file(struct request *request, enum bench_side side, const char *path)
{
    if (request->count[side] == BENCH_FILES_MOST)
        return COMPLAIN(EXIT_USAGE, "at most %d files of each side can be compared", BENCH_FILES_MOST);
    request->paths[side][request->count[side]++] = path;
    return EXIT_DONE;
}

static int take_figures(struct request *request, const char *list)
{
    for (const char *name = list;; name++) {
        size_t length = strcspn(name, ",");
        unsigned figure;
        if (!bench_figure_find(name, length, &figure))
            return COMPLAIN(EXIT_USAGE, "--figure knows no \"%.*s\"; `quire bench compare --help` names what there is",
                            (int)length, name);
        request->settings.figures[figure] = true;
        name += length;
        if (!*name)
            break;
    }
    request->figures_chosen = true;
    return EXIT_DONE;
}

/* A decimal number and nothing else but `unit`, which may be missing. False, and *value untouched, for other texts. */
static bool parse_decimal(const char *text, const char *unit, double *value)
{
    size_t length = strspn(text, "0123456789.");
    char *end;
    double number = strtod(text, &end);
    if (length == 0 || end != text + length || (*end && strcmp(end, unit) != 0) || !isfinite(number))
        return false;
    *value = number;
    return true;
}

static int take_alpha(struct request *request, const char *text)
{
    double value;
    if (!parse_decimal(text, "", &value) || value < 1e-9 || value >= 1)
        return COMPLAIN(EXIT_USAGE, "--alpha takes a probability from 0.000000001 to below 1, like 0.05, not \"%s\"",
                        text);
    request->settings.alpha = value;
    return EXIT_DONE;
}

static int take_effect(struct request *request, const char *text)
{
    double value;
    if (!parse_decimal(text, "%", &value) || value >= 100)
        return COMPLAIN(EXIT_USAGE, "--min-effect takes per cent from 0 to below 100, like 2%%, not \"%s\"", text);
    request->settings.min_effect = value / 100;
    return EXIT_DONE;
}

static int take_relative(struct request *request, const char *row)
{
    bool none = strcmp(row, "none") == 0;
    request->settings.against = none ? BENCH_AGAINST_NONE : BENCH_AGAINST_ROW;
    request->settings.relative_to = none ? NULL : row;
    return EXIT_DONE;
}

static int take_condition(struct request *request, const char *text)
{
    if (request->condition_count == BENCH_CONDITIONS_MOST)
        return COMPLAIN(EXIT_USAGE, "--fail-if can be given %d times", BENCH_CONDITIONS_MOST);
    struct bench_condition *condition = &request->conditions[request->condition_count];
    if (!bench_condition_parse(condition, text))
        return COMPLAIN(EXIT_USAGE,
                        "--fail-if takes FIGURE>N%% or FIGURE<N%%, after ROW: if it is of some rows, like 'p99>+5%%', "
                        "not \"%s\"",
                        text);
    request->condition_count++;
    return EXIT_DONE;
}

static int take_option(void *context, int code)
{
    struct request *request = context;
    switch ((enum option_code)code) {
    case OLD:
        return take_file(request, BENCH_OLD, optarg);
    case NEW:
        return take_file(request, BENCH_NEW, optarg);
    case FIGURE:
        return take_figures(request, optarg);
    case ALPHA:
        return take_alpha(request, optarg);
    case EFFECT:
        return take_effect(request, optarg);
    case RELATIVE:
        return take_relative(request, optarg);
    case UNCORRECTED:
        request->settings.correct = false;
        return EXIT_DONE;
    case FAIL_IF:
        return take_condition(request, optarg);
    case SAME:
        request->same_machine = true;
        return EXIT_DONE;
    case MARKDOWN:
        request->markdown = true;
        return EXIT_DONE;
    case CSV:
        request->csv = true;
        return EXIT_DONE;
    case JSON:
        request->json = optarg;
        return EXIT_DONE;
    }
    return EXIT_USAGE;
}

/* OLD NEW, unless both sides were named by options. */
static int take_operands(struct request *request, int count, char **operands)
{
    bool named = request->count[BENCH_OLD] || request->count[BENCH_NEW];
    if (named && count > 0)
        return COMPLAIN(EXIT_USAGE, "\"%s\" is of neither side: name it with --old or --new", operands[0]);
    if (named && request->count[BENCH_OLD] && request->count[BENCH_NEW])
        return EXIT_DONE;
    if (named)
        return COMPLAIN(EXIT_USAGE, "--%s is missing: a comparison has two sides",
                        request->count[BENCH_OLD] ? "new" : "old");
    if (count != 2)
        return COMPLAIN(EXIT_USAGE,
                        "two reports are compared, OLD.json and NEW.json; see `quire bench compare --help`");
    take_file(request, BENCH_OLD, operands[0]);
    return take_file(request, BENCH_NEW, operands[1]);
}

static int check_request(const struct request *request)
{
    size_t standard = 0;
    for (enum bench_side side = BENCH_OLD; side < BENCH_SIDES; side++)
        for (size_t i = 0; i < request->count[side]; i++)
            standard += strcmp(request->paths[side][i], "-") == 0;
    if (standard > 1)
        return COMPLAIN(EXIT_USAGE, "only one report can come from standard input");
    if (request->markdown && request->csv)
        return COMPLAIN(EXIT_USAGE, "--markdown and --csv cannot both be printed");
    if ((request->markdown || request->csv) && request->json && strcmp(request->json, "-") == 0)
        return COMPLAIN(EXIT_USAGE, "--json - leaves no room on standard output for --%s",
                        request->csv ? "csv" : "markdown");
    if (!bench_json_available())
        return COMPLAIN(EXIT_USAGE, "comparing is not in this build: it was made without jansson");
    return EXIT_DONE;
}

static int read_reports(const struct request *request, struct bench_reports *reports)
{
    char why[BENCH_DOCUMENT_WHY];
    for (enum bench_side side = BENCH_OLD; side < BENCH_SIDES; side++)
        for (size_t i = 0; i < request->count[side]; i++) {
            const char *path = request->paths[side][i];
            if (bench_document_read(&reports->document[side][i], path, why) < 0)
                return COMPLAIN(EXIT_FAILED, "%s %s", strcmp(path, "-") == 0 ? "standard input" : path, why);
            reports->count[side]++;
        }
    return EXIT_DONE;
}

static void free_reports(struct bench_reports *reports)
{
    for (enum bench_side side = BENCH_OLD; side < BENCH_SIDES; side++)
        for (size_t i = 0; i < reports->count[side]; i++)
            bench_document_free(&reports->document[side][i]);
}

static bool has_figure(const struct bench_reports *reports, const struct bench_match *match, unsigned figure)
{
    for (size_t i = 0; i < match->count; i++) {
        const struct bench_pair *pair = &match->pairs[i];
        bool measured = true;
        for (enum bench_side side = BENCH_OLD; side < BENCH_SIDES; side++)
            for (size_t file = 0; file < reports->count[side]; file++)
                measured &= !isnan(pair->row[side][file]->figures[figure]);
        if (measured)
            return true;
    }
    return false;
}

/* The figures to compare: those asked for, or the usual ones that are there, and those of conditions. */
static int choose_figures(struct request *request, const struct bench_reports *reports, const struct bench_match *match)
{
    bool *figures = request->settings.figures;
    if (match->count == 0)
        return COMPLAIN(EXIT_FAILED, "the reports have no row in common that was measured the same way");
    if (!request->figures_chosen) {
        figures[BENCH_FIGURE_RATE] = true;
        figures[BENCH_FIGURE_P99] = has_figure(reports, match, BENCH_FIGURE_P99);
    }
    for (size_t i = 0; i < request->condition_count; i++)
        figures[request->conditions[i].figure] = true;
    for (unsigned i = 0; i < BENCH_FIGURES; i++)
        if (figures[i] && !has_figure(reports, match, i))
            return COMPLAIN(EXIT_USAGE, "%s was not measured for any row that all reports have",
                            bench_figure_kind(i)->name);
    return EXIT_DONE;
}

static int check_relative_to(const struct request *request, const struct bench_reports *reports)
{
    const char *name = request->settings.relative_to;
    for (enum bench_side side = BENCH_OLD; side < BENCH_SIDES && name; side++)
        for (size_t i = 0; i < reports->count[side]; i++) {
            const struct bench_document *document = &reports->document[side][i];
            bool found = false;
            for (size_t row = 0; row < document->count; row++)
                found |= strcmp(document->rows[row].name, name) == 0;
            if (!found)
                return COMPLAIN(EXIT_USAGE, "--relative-to takes a row of every report, and %s has no \"%s\"",
                                document->path, name);
        }
    return EXIT_DONE;
}

/* A condition that nothing could meet would look like one that holds. */
static int check_conditions(const struct request *request, const struct bench_comparison *comparison)
{
    for (size_t i = 0; i < request->condition_count; i++)
        if (bench_condition_rows(&request->conditions[i], comparison) == 0)
            return COMPLAIN(EXIT_USAGE, "--fail-if '%s' speaks of no row that was tested", request->conditions[i].text);
    if (request->condition_count && comparison->rows_hopeless)
        COMPLAIN(EXIT_DONE, "no --fail-if can be met: with so few values of each side nothing can be told from chance");
    return EXIT_DONE;
}

static int judge_conditions(const struct request *request, const struct bench_comparison *comparison)
{
    int rc = EXIT_DONE;
    for (size_t c = 0; c < request->condition_count; c++)
        for (size_t i = 0; i < comparison->count; i++) {
            const struct bench_change *change = &comparison->changes[i];
            if (!bench_condition_met(&request->conditions[c], change))
                continue;
            const struct bench_document_row *row = change->pair->row[BENCH_OLD][0];
            rc =
                COMPLAIN(EXIT_FAILED, "--fail-if '%s': %s, %" PRIu64 " B x %" PRIu64 ": %+.1f %%",
                         request->conditions[c].text, row->name, row->record_bytes, row->records, 100 * change->change);
        }
    return rc;
}

static bool wants_colour(void)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
    return isatty(STDOUT_FILENO) && !(no && *no) && term && strcmp(term, "dumb") != 0;
}

static int print_report(const struct request *request, const struct bench_compare_report *report)
{
    struct command_output json = {.file = NULL};
    int rc = EXIT_DONE;
    if (request->json)
        rc = command_output_open(&json, "quire bench compare", "--json", request->json);
    if (rc != EXIT_DONE)
        return rc;
    if (request->csv)
        bench_compare_csv(stdout, report);
    else if (request->markdown)
        bench_compare_markdown(stdout, report);
    else if (json.file != stdout)
        bench_compare_text(stdout, report, wants_colour());
    if (!json.file)
        return EXIT_DONE;
    int written = bench_compare_json(json.file, report);
    if (written < 0)
        rc = COMPLAIN(EXIT_FAILED, "cannot write the JSON: %s", strerror(-written));
    return command_output_close(&json, rc);
}

static int judge_match(struct request *request, const struct bench_reports *reports, const struct bench_match *match,
                       const char *machines)
{
    struct bench_comparison comparison;
    int rc = choose_figures(request, reports, match);
    if (rc == EXIT_DONE)
        rc = check_relative_to(request, reports);
    if (rc != EXIT_DONE)
        return rc;
    if (bench_judge_changes(&comparison, reports, match, &request->settings) < 0)
        return COMPLAIN(EXIT_FAILED, "no memory");
    rc = check_conditions(request, &comparison);
    struct bench_compare_report report = {reports, match, &comparison, machines};
    if (rc == EXIT_DONE)
        rc = print_report(request, &report);
    if (rc == EXIT_DONE)
        rc = judge_conditions(request, &comparison);
    bench_comparison_free(&comparison);
    return rc;
}

static int compare(struct request *request, struct bench_reports *reports)
{
    char machines[8192];
    struct bench_match match;
    int rc = read_reports(request, reports);
    if (rc != EXIT_DONE)
        return rc;
    bench_match_machines(reports, machines, sizeof machines);
    if (*machines)
        rc = COMPLAIN(request->same_machine ? EXIT_FAILED : EXIT_DONE,
                      "the reports are of different machines, which may be all that changed: %s", machines);
    if (rc != EXIT_DONE)
        return rc;
    if (bench_match_make(&match, reports) < 0)
        return COMPLAIN(EXIT_FAILED, "no memory");
    rc = judge_match(request, reports, &match, machines);
    bench_match_free(&match);
    return rc;
}

int command_bench_compare(int argc, char **argv)
{
    struct request request = {.settings = {.alpha = 0.05, .min_effect = 0.01, .correct = true}};
    static const struct command_options taken = {
        .command = "quire bench compare", .help = help, .options = options, .operands = true, .take = take_option};
    int rc;
    if (!command_take_line(&taken, argc, argv, &request, &rc))
        return rc;
    rc = take_operands(&request, argc - optind, argv + optind);
    if (rc == EXIT_DONE)
        rc = check_request(&request);
    if (rc != EXIT_DONE)
        return rc;
    struct bench_reports *reports = calloc(1, sizeof *reports);
    if (!reports)
        return COMPLAIN(EXIT_FAILED, "no memory");
    rc = compare(&request, reports);
    free_reports(reports);
    free(reports);
    return rc;
}
