/* The doctor: looks at a place, tries it, and says what both mean for appending. It changes nothing.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_DOCTOR_H
#define BENCH_DOCTOR_H

#include "base/paper.h"
#include "doctor/rules.h"

struct bench_doctor_settings {
    const char *directory;
    double seconds; /* of trying, about; 0: nothing is tried */
    bool strict;    /* a problem is a failure */
};

/* Looks, tries and prints; text and json may be NULL. Exit codes: 0, 1 (it could not look, or strict and there is a
 * problem), 128 + a signal. */
int bench_doctor(const struct bench_doctor_settings *settings, FILE *text, FILE *json);

/* What it prints, from what was seen. colour: of the words for severity. */
void bench_doctor_text(const struct bench_paper *paper, const struct bench_facts *facts,
                       const struct bench_probes *probes, const struct bench_diagnosis *diagnosis, bool colour);

/* 0 or -errno; -ENOSYS in a build without JSON. */
int bench_doctor_json(FILE *out, const struct bench_facts *facts, const struct bench_probes *probes,
                      const struct bench_diagnosis *diagnosis);

#endif
