/* A run: a log opened, appended to, closed, on a disk that writes down what reaches it, and when the caller was told
 * what.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TORTURE_RUN_H
#define QUIRE_TORTURE_RUN_H

#include "torture/scenario.h"

/* Beginning with image. scenario: which records were stored is noted in its rules. trace: what happened. verdict: what was
 * wrong already without any power cut. */
void torture_run(struct torture_scenario *scenario, const struct torture_image *image, struct torture_trace *trace,
                 struct torture_verdict *verdict);

#endif
