/* In a build without jansson no report can be read.
 *
 * SPDX-License-Identifier: MIT */
#include "compare/document.h"

#include <stdio.h>

int bench_document_parse(struct bench_document *document, const char *text, size_t length, char why[BENCH_DOCUMENT_WHY])
{
    (void)document, (void)text, (void)length;
    snprintf(why, BENCH_DOCUMENT_WHY, "cannot be read: this build was made without jansson");
    return -1;
}
