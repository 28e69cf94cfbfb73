/* Comparing what is printed with what it should be. See golden.h.
 *
 * SPDX-License-Identifier: MIT */
#include "golden.h"

#include <stdlib.h>
#include <string.h>

#include "harness.h"

/* What write(out) writes. To be freed. */
char *written(void (*write)(FILE *out, void *argument), void *argument)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    REQUIRE(out != NULL);
    write(out, argument);
    REQUIRE(fclose(out) == 0);
    return text;
}

static char *read_golden(const char *path)
{
    FILE *file = fopen(path, "re");
    char *text = calloc(1, 1 << 20);
    REQUIRE(text != NULL);
    if (file) {
        size_t length = fread(text, 1, (1 << 20) - 1, file);
        text[length] = '\0';
        fclose(file);
    }
    return text;
}

/* Says the first line that differs. */
static void check_same(const char *name, const char *is, const char *should)
{
    unsigned line = 1;
    const char *is_line = is, *should_line = should;
    for (; *is && *is == *should; is++, should++)
        if (*is == '\n') {
            line++;
            is_line = is + 1;
            should_line = should + 1;
        }
    if (*is != *should)
        FAIL("%s, line %u: \"%.*s\" should be \"%.*s\"", name, line, (int)strcspn(is_line, "\n"), is_line,
             (int)strcspn(should_line, "\n"), should_line);
}

void check_golden(const char *name, void (*write)(FILE *out, void *argument), void *argument)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", getenv("GOLDEN"), name);
    char *text = written(write, argument);
    if (getenv("UPDATE")) {
        FILE *file = fopen(path, "we");
        REQUIRE(file != NULL);
        fputs(text, file);
        fclose(file);
    }
    char *golden = read_golden(path);
    CHECK(strlen(golden) > 0);
    check_same(name, text, golden);
    free(golden);
    free(text);
}
