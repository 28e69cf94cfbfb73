/* What a report for people is printed on. See paper.h.
 *
 * SPDX-License-Identifier: MIT */
#include "base/paper.h"

#include <langinfo.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { NARROWEST = 60, WIDEST = 200 };

struct bench_paper bench_paper_for(FILE *out)
{
    struct bench_paper paper = {.out = out, .width = BENCH_PAPER_WIDTH};
    struct winsize size;
    int fd = fileno(out);
    if (fd < 0 || !isatty(fd))
        return paper;
    paper.terminal = true;
    paper.blocks = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    paper.width = 80;
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        paper.width = size.ws_col;
    if (paper.width < NARROWEST)
        paper.width = NARROWEST;
    if (paper.width > WIDEST)
        paper.width = WIDEST;
    return paper;
}

void bench_paper_wrapped(const struct bench_paper *paper, const char *label, const char *text)
{
    fputs(label, paper->out);
    bench_paper_continued(paper, (int)strlen(label), text);
}

void bench_paper_continued(const struct bench_paper *paper, int indent, const char *text)
{
    int column = indent;
    for (const char *word = text; *word;) {
        int length = (int)strcspn(word, " ");
        if (column > indent && column + 1 + length > paper->width) {
            fprintf(paper->out, "\n%*s", indent, "");
            column = indent;
        } else if (column > indent) {
            fputc(' ', paper->out);
            column++;
        }
        fprintf(paper->out, "%.*s", length, word);
        column += length;
        word += length;
        word += strspn(word, " ");
    }
    fputc('\n', paper->out);
}

void bench_paper_bar(const struct bench_paper *paper, int width, double share)
{
    static const char *const eighths[] = {"", "\u258f", "\u258e", "\u258d", "\u258c", "\u258b", "\u258a", "\u2589"};
    int eighths_wanted = (int)((share > 1 ? 1 : share) * width * 8 + 0.5);
    for (int i = 0; i < eighths_wanted / 8; i++)
        fputs(paper->blocks ? "\u2588" : "#", paper->out);
    if (paper->blocks)
        fputs(eighths[eighths_wanted % 8], paper->out);
    else if (eighths_wanted % 8 >= 4)
        fputc('#', paper->out);
}
