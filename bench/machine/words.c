/* The machine in words, for reports for people. See environment.h.
 *
 * SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "base/paper.h"
#include "machine/environment.h"

enum { LINE_ROOM = 900 };

const char *bench_known(const char *text)
{
    return *text ? text : "unknown";
}

void bench_environment_print(const struct bench_environment *e, const struct bench_paper *paper)
{
    char line[LINE_ROOM];
    snprintf(line, sizeof line, "%s, %u core%s, load %.2f, %s", bench_known(e->cpu), e->cores, e->cores == 1 ? "" : "s",
             e->load, bench_known(e->kernel));
    bench_paper_wrapped(paper, "Machine     ", line);
    snprintf(line, sizeof line, "%s: %s on %s (%s)", bench_known(e->directory), bench_known(e->file_system),
             bench_known(e->device), bench_known(e->mount_options));
    bench_paper_wrapped(paper, "Directory   ", line);
}
