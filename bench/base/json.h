/* How a report for programs is written: the same layout for all of them.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_JSON_H
#define BENCH_JSON_H

#include <jansson.h>
#include <stdio.h>

/* Writes root and the end of a line, and gives root up. 0; -ENOMEM if root is NULL, as it is where there was no memory to
 * make it; -EIO if it cannot be written, and errno says why. */
int bench_json_print(FILE *out, json_t *root);

#endif
