/* What facts and probes mean for appending, and what to do about it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_RULES_H
#define BENCH_RULES_H

#include "doctor/facts.h"
#include "doctor/probes.h"

enum bench_severity { BENCH_PROBLEM, BENCH_CAUTION, BENCH_NOTE, BENCH_FINE };

struct bench_finding {
    const char *id;
    enum bench_severity severity;
    char found[240];  /* with the number, and where it was read */
    char means[400];  /* for appending */
    char advice[320]; /* with the exact command; "" : nothing to do */
};

/* A use, and the options of quire that fit it here. */
struct bench_choice {
    const char *use;
    char options[240]; /* a C initialiser */
    char why[320];
};

enum { BENCH_FINDINGS_MOST = 32, BENCH_CHOICES = 3 };

struct bench_diagnosis {
    struct bench_finding finding[BENCH_FINDINGS_MOST]; /* problems first */
    unsigned count;
    struct bench_choice choice[BENCH_CHOICES];
};

void bench_diagnose(struct bench_diagnosis *diagnosis, const struct bench_facts *facts,
                    const struct bench_probes *probes);

/* "problem", "warning", "note", "ok". */
const char *bench_severity_name(enum bench_severity severity);

#endif
