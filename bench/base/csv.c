/* Text in CSV. See csv.h.
 *
 * SPDX-License-Identifier: MIT */
#include "base/csv.h"

void bench_csv_quoted(FILE *out, const char *text)
{
    fputc('"', out);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', out);
        fputc(*text, out);
    }
    fputc('"', out);
}
