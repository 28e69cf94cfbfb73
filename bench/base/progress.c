/* One line on the terminal. See progress.h.
 *
 * SPDX-License-Identifier: MIT */
#include "base/progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { COLUMNS = 79 }; /* one less than the narrowest terminal, which would wrap the line */

void bench_progress(const char *text)
{
    static int shown;
    if (!isatty(STDERR_FILENO))
        return;
    /* Blanks over what was there, and no escape sequence: any terminal understands it. */
    int length = (int)strnlen(text, COLUMNS);
    fprintf(stderr, "\r%.*s%*s", length, text, shown > length ? shown - length : 0, "");
    if (length == 0)
        fputc('\r', stderr);
    fflush(stderr);
    shown = length;
}
