/* What a comparison prints, byte for byte, of made-up figures; which rows it compares; what --fail-if understands.
 *
 * SPDX-License-Identifier: MIT */
#include "compare/conditions.h"
#include "compare/report.h"
#include "harness.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

ONE_THREAD;

enum { ROUNDS = 9, P99 = BENCH_FIGURE_P99, RATE = BENCH_FIGURE_RATE };

/* rate: of the first round; each of the others is 0.1 % above the one before it. p99 alike, where it is not 0. */
struct made {
    const char *name;
    double rate, p99;
    uint64_t record_bytes, records;
    const char *sync, *durability;
    unsigned threads;
    bool machine, candidate;
};

static struct bench_document made_document(const char *path, const struct made *made, size_t count)
{
    struct bench_document document = {.path = path, .date = "2026-11-24T10:00:00Z", .version = "0.1.0"};
    document.rows = calloc(count, sizeof *document.rows);
    REQUIRE(document.rows);
    for (; document.count < count; document.count++) {
        const struct made *m = &made[document.count];
        struct bench_document_row *row = &document.rows[document.count];
        snprintf(row->name, sizeof row->name, "%s", m->name);
        snprintf(row->sync, sizeof row->sync, "%s", m->sync ? m->sync : "end");
        snprintf(row->durability, sizeof row->durability, "%s", m->durability ? m->durability : "");
        row->record_bytes = m->record_bytes ? m->record_bytes : 128;
        row->records = m->records ? m->records : 100000;
        row->threads = m->threads ? m->threads : 1;
        row->machine = m->machine, row->candidate = m->candidate, row->rounds = ROUNDS;
        row->figures = malloc(ROUNDS * BENCH_FIGURES * sizeof(double));
        REQUIRE(row->figures);
        for (size_t i = 0; i < ROUNDS * BENCH_FIGURES; i++)
            row->figures[i] = NAN;
        for (size_t i = 0; i < ROUNDS; i++) {
            row->figures[i * BENCH_FIGURES + RATE] = m->rate * (1 + 0.001 * (double)i);
            if (m->p99 > 0)
                row->figures[i * BENCH_FIGURES + P99] = m->p99 * (1 + 0.001 * (double)i);
        }
    }
    return document;
}

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const struct made olds[] = {
    {.name = "Direct Write", .rate = 90, .p99 = 2000},
    {.name = "Page-Aligned (64K)", .rate = 600, .p99 = 100},
    {.name = "Lane | \"default\"", .rate = 620},
    {.name = "limit: page cache", .rate = 650, .p99 = 50, .machine = true},
    {.name = "limit: direct (1M x 8)", .rate = 700, .machine = true, .candidate = true},
    {.name = "Gone", .rate = 1},
    {.name = "Direct Write", .rate = 250, .record_bytes = 1024, .records = 50000},
    {.name = "Fewer", .rate = 1, .record_bytes = 1024, .records = 50000},
};

static const struct made news[] = {
    {.name = "Direct Write", .rate = 90, .p99 = 2600},
    {.name = "Page-Aligned (64K)", .rate = 540, .p99 = 80},
    {.name = "Lane | \"default\"", .rate = 682},
    {.name = "limit: page cache", .rate = 653, .p99 = 50, .machine = true},
    {.name = "Came", .rate = 1},
    {.name = "Direct Write", .rate = 250, .record_bytes = 1024, .records = 50000},
    {.name = "Fewer", .rate = 1, .record_bytes = 1024, .records = 100},
};

struct compared {
    struct bench_reports reports;
    struct bench_match match;
    struct bench_comparison comparison;
};

static struct bench_judge_settings both_figures(void)
{
    return (struct bench_judge_settings){
        .alpha = 0.05, .min_effect = 0.01, .correct = true, .figures = {[RATE] = true, [P99] = true}};
}

static void compare_made(struct compared *c, const struct made *old, size_t old_count, const struct made *new,
                         size_t new_count, struct bench_judge_settings settings)
{
    memset(c, 0, sizeof *c);
    c->reports.document[BENCH_OLD][0] = made_document("old.json", old, old_count);
    c->reports.document[BENCH_NEW][0] = made_document("new.json", new, new_count);
    c->reports.count[BENCH_OLD] = c->reports.count[BENCH_NEW] = 1;
    REQUIRE_INT(bench_match_make(&c->match, &c->reports), 0);
    REQUIRE_INT(bench_judge_changes(&c->comparison, &c->reports, &c->match, &settings), 0);
}

static void compared_free(struct compared *c)
{
    bench_comparison_free(&c->comparison);
    bench_match_free(&c->match);
    bench_document_free(&c->reports.document[BENCH_OLD][0]);
    bench_document_free(&c->reports.document[BENCH_NEW][0]);
}

typedef void print_report(FILE *out, const struct bench_compare_report *report);

static void print_plain(FILE *out, const struct bench_compare_report *report)
{
    bench_compare_text(out, report, false);
}

static void print_coloured(FILE *out, const struct bench_compare_report *report)
{
    bench_compare_text(out, report, true);
}

static char *printed(const struct compared *c, print_report *print)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    REQUIRE(out);
    print(out, &(struct bench_compare_report){&c->reports, &c->match, &c->comparison, ""});
    REQUIRE(fclose(out) == 0);
    return text;
}

static void check_printed(print_report *print, struct bench_judge_settings settings, const char *expected)
{
    static struct compared c;
    compare_made(&c, olds, COUNT(olds), news, COUNT(news), settings);
    char *text = printed(&c, print);
    CHECK_STR(text, expected);
    free(text);
    compared_free(&c);
}

static const char as_text[] =
    "Old: old.json (2026-11-24T10:00:00Z, quire 0.1.0)\n"
    "New: new.json (2026-11-24T10:00:00Z, quire 0.1.0)\n"
    "\n"
    "128 B x 100K: MiB/s (more is better)\n"
    "Row                                             Old          New    Change         p\n"
    "Direct Write                                   90.4         90.4    +0.0 %    1.0000  ~\n"
    "Page-Aligned (64K)                            602.4        542.2   -10.0 %    0.0005  worse\n"
    "Lane | \"default\"                              622.5        684.7   +10.0 %    0.0005  better\n"
    "limit: page cache                             652.6        655.6    +0.5 %\n"
    "\n"
    "1 KiB x 50K: MiB/s (more is better)\n"
    "Row                                             Old          New    Change         p\n"
    "Direct Write                                  251.0        251.0    +0.0 %    1.0000  ~\n"
    "\n"
    "128 B x 100K: p99 of append, ns (less is better)\n"
    "Row                                             Old          New    Change         p\n"
    "Direct Write                                   2008         2610   +30.0 %    0.0005  worse\n"
    "Page-Aligned (64K)                              100           80   -20.0 %    0.0005  better\n"
    "limit: page cache                                50           50    +0.0 %\n"
    "\n"
    "Geometric means over all rows that were tested                      Change         p\n"
    "MiB/s, 4 rows                                                       -0.3 %    1.0000  ~\n"
    "p99 of append, 2 rows                                               +2.0 %    0.0002  worse\n"
    "\n"
    "5 of 8 changes are more than chance.\n"
    "A change is called better or worse where p < 0.05: the two-sided Mann-Whitney U test that it is\n"
    "beyond 1 % and what the machine's rows differ by, by itself and beside them in the same rounds,\n"
    "corrected (Holm) for 6 tests, the means apart.\n"
    "Rows without p were not tested: the machine's, limits and peers, have none of quire's code in them.\n"
    "\n"
    "Not compared\n"
    "  Gone, 128 B x 100000: not in new.json\n"
    "  Fewer, 1024 B x 50000: not compared: new.json has 100 records\n"
    "  Came, 128 B x 100000: only in new.json\n";

static const char as_csv[] =
    "row,record_bytes,records,figure,old,new,old_values,new_values,change_percent,p_plain,p,verdict\n"
    "\"Direct Write\",128,100000,mib_per_s,90.36,90.36,9,9,0,1,1,~\n"
    "\"Page-Aligned (64K)\",128,100000,mib_per_s,602.4,542.16,9,9,-10,4.11353353e-05,0.000493624023,worse\n"
    "\"Lane | \"\"default\"\"\",128,100000,mib_per_s,622.48,684.728,9,9,10,4.11353353e-05,0.000493624023,better\n"
    "\"limit: page cache\",128,100000,mib_per_s,652.6,655.612,9,9,0.461538462,,,untested\n"
    "\"Direct Write\",1024,50000,mib_per_s,251,251,9,9,0,1,1,~\n"
    "\"Direct Write\",128,100000,append_p99,2008,2610.4,9,9,30,4.11353353e-05,0.000493624023,worse\n"
    "\"Page-Aligned (64K)\",128,100000,append_p99,100.4,80.32,9,9,-20,4.11353353e-05,0.000493624023,better\n"
    "\"limit: page cache\",128,100000,append_p99,50.2,50.2,9,9,0,,,untested\n"
    "\"geometric mean\",,,mib_per_s,303.679221,302.91716,9,9,-0.250943007,0.0939119704,1,~\n"
    "\"geometric mean\",,,append_p99,449.00245,457.894451,9,9,1.98039027,4.11353353e-05,0.000164541341,worse\n";

static const char as_markdown[] =
    "| row | workload | figure | old | new | change | p | |\n"
    "| --- | --- | --- | --: | --: | --: | --: | --- |\n"
    "| Direct Write | 128 B x 100000 | MiB/s | 90.4 | 90.4 | +0.0 % | 1.0000 | \\~ |\n"
    "| Page-Aligned (64K) | 128 B x 100000 | MiB/s | 602.4 | 542.2 | -10.0 % | 0.0005 | worse |\n"
    "| Lane \\| \"default\" | 128 B x 100000 | MiB/s | 622.5 | 684.7 | +10.0 % | 0.0005 | better |\n"
    "| limit: page cache | 128 B x 100000 | MiB/s | 652.6 | 655.6 | +0.5 % | | |\n"
    "| Direct Write | 1024 B x 50000 | MiB/s | 251.0 | 251.0 | +0.0 % | 1.0000 | \\~ |\n"
    "| Direct Write | 128 B x 100000 | p99 of append, ns | 2008 | 2610 | +30.0 % | 0.0005 | worse |\n"
    "| Page-Aligned (64K) | 128 B x 100000 | p99 of append, ns | 100 | 80 | -20.0 % | 0.0005 | better |\n"
    "| limit: page cache | 128 B x 100000 | p99 of append, ns | 50 | 50 | +0.0 % | | |\n"
    "| geometric mean of 4 rows | | MiB/s | |  | -0.3 % | 1.0000 | \\~ |\n"
    "| geometric mean of 2 rows | | p99 of append | |  | +2.0 % | 0.0002 | worse |\n"
    "\n"
    "- 5 of 8 changes are more than chance.\n"
    "- A change is called better or worse where p < 0.05: the two-sided Mann-Whitney U test that it is beyond 1 % and "
    "what the machine's rows differ by, by itself and beside them in the same rounds, corrected (Holm) for 6 tests, "
    "the "
    "means apart.\n"
    "- Rows without p were not tested: the machine's, limits and peers, have none of quire's code in them.\n"
    "- Gone, 128 B x 100000: not in new.json\n"
    "- Fewer, 1024 B x 50000: not compared: new.json has 100 records\n"
    "- Came, 128 B x 100000: only in new.json\n";

static const char beside_row[] =
    "Old: old.json (2026-11-24T10:00:00Z, quire 0.1.0)\n"
    "New: new.json (2026-11-24T10:00:00Z, quire 0.1.0)\n"
    "\n"
    "128 B x 100K: MiB/s as a multiple of \"Direct Write\" (more is better)\n"
    "Row                                             Old          New    Change         p\n"
    "Direct Write                                  1.000        1.000    +0.0 %\n"
    "Page-Aligned (64K)                            6.667        6.000   -10.0 %   <0.0001  worse\n"
    "Lane | \"default\"                              6.889        7.578   +10.0 %   <0.0001  better\n"
    "limit: page cache                             7.222        7.256    +0.5 %\n"
    "\n"
    "1 KiB x 50K: MiB/s as a multiple of \"Direct Write\" (more is better)\n"
    "Row                                             Old          New    Change         p\n"
    "Direct Write                                  1.000        1.000    +0.0 %\n"
    "\n"
    "Geometric means over all rows that were tested                      Change         p\n"
    "MiB/s, 2 rows                                                       -0.5 %    1.0000  ~\n"
    "\n"
    "2 of 3 changes are more than chance.\n"
    "A change is called better or worse where p < 0.05: the two-sided Mann-Whitney U test that it is\n"
    "beyond 1 %, not corrected: of 2 tests about 0.1 call chance a change.\n"
    "Rows without p were not tested: the machine's, limits and peers, have none of quire's code in them,\n"
    "and one row is what the others are put beside.\n"
    "\n"
    "Not compared\n"
    "  Gone, 128 B x 100000: not in new.json\n"
    "  Fewer, 1024 B x 50000: not compared: new.json has 100 records\n"
    "  Came, 128 B x 100000: only in new.json\n";

TEST(compare_report_text)
{
    check_printed(print_plain, both_figures(), as_text);
}

TEST(compare_report_csv)
{
    check_printed(bench_compare_csv, both_figures(), as_csv);
}

TEST(compare_report_markdown)
{
    check_printed(bench_compare_markdown, both_figures(), as_markdown);
}

TEST(compare_report_beside_a_row)
{
    struct bench_judge_settings settings = both_figures();
    settings.figures[P99] = false;
    settings.correct = false;
    settings.against = BENCH_AGAINST_ROW, settings.relative_to = "Direct Write";
    check_printed(print_plain, settings, beside_row);
}

/* Colour is beside the words, never instead of them. */
TEST(compare_report_colour)
{
    static struct compared c;
    compare_made(&c, olds, COUNT(olds), news, COUNT(news), both_figures());
    char *plain = printed(&c, print_plain), *coloured = printed(&c, print_coloured);
    CHECK(!strchr(plain, '\033'));
    CHECK(strstr(coloured, "\033[32mbetter\033[0m\n") && strstr(coloured, "\033[31mworse\033[0m\n"));
    char *to = coloured;
    for (const char *from = coloured; *from;)
        if (*from == '\033')
            from += strcspn(from, "m") + 1;
        else
            *to++ = *from++;
    *to = '\0';
    CHECK_STR(coloured, plain);
    free(plain);
    free(coloured);
    compared_free(&c);
}

static const struct unlike {
    const char *name;
    struct made old, new;
    const char *note;
} unlikes[] = {
    {"sync", {.sync = "end"}, {.sync = "none"}, "x, 128 B x 100000: not compared: sync \"end\" and \"none\""},
    {"durability",
     {.durability = "kernel"},
     {.durability = "device"},
     "x, 128 B x 100000: not compared: durable is \"kernel\" and \"device\""},
    {"threads", {.threads = 2}, {.threads = 8}, "x, 128 B x 100000: not compared: 2 threads and 8"},
    {"records", {.records = 1}, {.records = 2}, "x, 128 B x 1: not compared: new.json has 2 records"},
    {"size", {.record_bytes = 1}, {.record_bytes = 2}, "x, 1 B x 100000: not in new.json"},
    {"unsaid", {.durability = "kernel"}, {.durability = NULL}, NULL},
};

TEST_EACH(compare_report_unlike, struct unlike, unlikes)
{
    static struct compared c;
    struct made old = it->old, new = it->new;
    old.name = new.name = "x", old.rate = new.rate = 1;
    compare_made(&c, &old, 1, &new, 1, both_figures());
    CHECK_UINT(c.match.count, it->note ? 0 : 1);
    if (it->note)
        CHECK_STR(c.match.notes[0], it->note);
    compared_free(&c);
}

TEST(compare_report_twice_the_same_row)
{
    static struct compared c;
    struct made twice[] = {{.name = "x", .rate = 1}, {.name = "x", .rate = 2}};
    compare_made(&c, twice, 2, twice, 2, both_figures());
    REQUIRE_UINT(c.match.count, 1);
    CHECK_UINT(c.match.note_count, 1);
    CHECK_STR(c.match.notes[0], "x, 128 B x 100000: more than once in old.json: only the first one is compared");
    CHECK(c.comparison.changes[0].median[BENCH_OLD] < 1.5);
    compared_free(&c);
}

static const struct parsed {
    const char *name; /* the condition */
    const char *row, *figure;
    double bound;
    bool above;
} parsed[] = {
    {"p99>+5%", "", "append_p99", 0.05, true},
    {"mib_per_s<-5%", "", "mib_per_s", -0.05, false},
    {"cpu>2.5%", "", "cpu_seconds", 0.025, true},
    {"limit: page cache:sync_p99.9>0%", "limit: page cache", "sync_p99.9", 0, true},
    {"Page-*:seconds>+10%", "Page-*", "seconds", 0.1, true},
    {"a<b>c:max>1%", "a<b>c", "append_max", 0.01, true},
};

TEST_EACH(compare_condition, struct parsed, parsed)
{
    struct bench_condition condition;
    REQUIRE(bench_condition_parse(&condition, it->name));
    CHECK_STR(condition.row, it->row);
    CHECK_STR(bench_figure_kind(condition.figure)->name, it->figure);
    CHECK(fabs(condition.bound - it->bound) < 1e-12);
    CHECK_INT(condition.above, it->above);
}

TEST(compare_conditions_refused)
{
    static const char *const bad[] = {"",         "p99",       "p99>",      "p99>5",   ">5%",      "p99=5%",
                                      "p98>5%",   "p99>five%", "p99>5%%",   "p99>5 %", ":p99>5%",  "x:>5%",
                                      "p99>inf%", "p99>nan%",  "p99>0x5%",  "p99> 5%", "p99>+-5%", "p99>1.2.3%",
                                      "p99>%",    "p99>=5%",   "p99>1e400%"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct bench_condition condition = {.text = "untouched"};
        if (bench_condition_parse(&condition, bad[i]))
            FAIL("\"%s\" was understood", bad[i]);
        CHECK_STR(condition.text, "untouched");
    }
}

/* How many changes meet it, and of how many rows it speaks. */
static const struct met {
    const char *name;
    size_t met, rows;
} mets[] = {
    {"mib_per_s<-5%", 1, 4},
    {"mib_per_s<-15%", 0, 4},
    {"mib_per_s>+5%", 1, 4},
    {"p99>+5%", 1, 2},
    {"p99>+50%", 0, 2},
    {"p99<-10%", 1, 2},
    {"Page*:p99>+5%", 0, 1},
    {"Page-Aligned (64K):p99<0%", 1, 1},
    {"Direct*:p99>5%", 1, 1},
    {"Nothing:p99>+5%", 0, 0},
    {"limit: page cache:mib_per_s<-5%", 0, 0},
    {"seconds>5%", 0, 0},
};

TEST_EACH(compare_condition_met, struct met, mets)
{
    static struct compared c;
    struct bench_condition condition;
    compare_made(&c, olds, COUNT(olds), news, COUNT(news), both_figures());
    REQUIRE(bench_condition_parse(&condition, it->name));
    size_t met = 0;
    for (size_t i = 0; i < c.comparison.count; i++)
        met += bench_condition_met(&condition, &c.comparison.changes[i]);
    CHECK_UINT(met, it->met);
    CHECK_UINT(bench_condition_rows(&condition, &c.comparison), it->rows);
    compared_free(&c);
}

TEST(compare_machines)
{
    static struct bench_reports reports;
    char text[512];
    memset(&reports, 0, sizeof reports);
    reports.count[BENCH_OLD] = 1, reports.count[BENCH_NEW] = 2;
    snprintf(reports.document[BENCH_OLD][0].traits[0], sizeof reports.document[BENCH_OLD][0].traits[0], "%s", "a cpu");
    snprintf(reports.document[BENCH_NEW][0].traits[0], sizeof reports.document[BENCH_NEW][0].traits[0], "%s", "a cpu");
    snprintf(reports.document[BENCH_OLD][0].traits[2], sizeof reports.document[BENCH_OLD][0].traits[2], "%s",
             "Linux 6.1");
    snprintf(reports.document[BENCH_NEW][0].traits[5], sizeof reports.document[BENCH_NEW][0].traits[5], "%s",
             "unknown to the others");
    bench_match_machines(&reports, text, sizeof text);
    CHECK_STR(text, "");
    snprintf(reports.document[BENCH_NEW][1].traits[2], sizeof reports.document[BENCH_NEW][1].traits[2], "%s",
             "Linux 6.18");
    snprintf(reports.document[BENCH_NEW][1].traits[0], sizeof reports.document[BENCH_NEW][1].traits[0], "%s",
             "another");
    bench_match_machines(&reports, text, sizeof text);
    CHECK_STR(text, "cpu \"a cpu\" and \"another\"; kernel \"Linux 6.1\" and \"Linux 6.18\"");
}
