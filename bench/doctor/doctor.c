/* The doctor. See doctor.h.
 *
 * SPDX-License-Identifier: MIT */
#include "doctor/doctor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <quire/error.h>

#include "base/complain.h"
#include "base/stop.h"

static const char who[] = "quire doctor";

static void print(FILE *out, const struct bench_facts *facts, const struct bench_probes *probes,
                  const struct bench_diagnosis *diagnosis)
{
    struct bench_paper paper = bench_paper_for(out);
    const char *no_colour = getenv("NO_COLOR");
    bool colour = paper.terminal && !(no_colour && *no_colour);
    if (paper.width > 100)
        paper.width = 100;
    bench_doctor_text(&paper, facts, probes, diagnosis, colour);
}

static bool has_problem(const struct bench_diagnosis *diagnosis)
{
    return diagnosis->count && diagnosis->finding[0].severity == BENCH_PROBLEM;
}

int bench_doctor(const struct bench_doctor_settings *settings, FILE *text, FILE *json)
{
    struct bench_facts facts;
    struct bench_probes probes = {.made = false};
    static struct bench_diagnosis diagnosis;
    char failure[400] = "";
    bench_stop_install();
    bench_facts_read(&facts, "", settings->directory);
    int rc = settings->seconds > 0 ? bench_probes_make(&probes, settings->directory, settings->seconds, failure) : 0;
    if (rc == -EINTR) {
        bench_complain(who, "stopped by a signal; its files are removed");
        return bench_stop_code();
    }
    /* What can be seen without trying is worth saying all the same. */
    if (rc < 0) {
        bench_complain(who, "%s", *failure ? failure : quire_strerror(rc));
        probes = (struct bench_probes){.made = false};
    }
    bench_diagnose(&diagnosis, &facts, &probes);
    if (text)
        print(text, &facts, &probes, &diagnosis);
    if (json && bench_doctor_json(json, &facts, &probes, &diagnosis) < 0)
        return bench_complain(who, "cannot write the JSON");
    return rc < 0 || (settings->strict && has_problem(&diagnosis)) ? 1 : 0;
}
