/* The machine in a report for programs.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_MACHINE_JSON_H
#define BENCH_MACHINE_JSON_H

#include <jansson.h>

#include "machine/environment.h"

/* An object of what tells one machine, directory and day from another; the library's version with it. NULL: no memory. */
json_t *bench_environment_json(const struct bench_environment *environment);

#endif
