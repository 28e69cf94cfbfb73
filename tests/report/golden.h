/* Comparing what is printed with what it should be, byte for byte.
 *
 * GOLDEN names the directory of what it should be. UPDATE=1 writes it anew: look at what changed before you keep it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TESTS_REPORT_GOLDEN_H
#define TESTS_REPORT_GOLDEN_H

#include <stdio.h>

/* What write(out, argument) writes. To be freed. */
char *written(void (*write)(FILE *out, void *argument), void *argument);

/* It is the file of that name; else the case fails with the first line that differs. */
void check_golden(const char *name, void (*write)(FILE *out, void *argument), void *argument);

#endif
