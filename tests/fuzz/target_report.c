/* A report of `quire bench --json` as `quire bench compare` reads it back: any bytes are a sentence of what is wrong, or a
 * document within its bounds.
 *
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "compare/document.h"
#include "fuzz.h"

enum { BYTES_MOST = 1 << 16 };

static void check_text(const char *text, size_t room)
{
    size_t length = strnlen(text, room);

    FUZZ_CHECK(length < room, "a text ends");
    for (size_t i = 0; i < length; i++)
        FUZZ_CHECK((unsigned char)text[i] >= 0x20 && text[i] != 0x7f, "a text holds no control characters");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char why[BENCH_DOCUMENT_WHY] = "";
    struct bench_document document = {.path = "report"};

    if (size > BYTES_MOST)
        return 0;
    if (bench_document_parse(&document, (const char *)data, size, why) != 0) {
        FUZZ_CHECK(why[0] && strnlen(why, sizeof why) < sizeof why, "what is wrong is said");
        return 0;
    }
    FUZZ_CHECK(document.count <= BENCH_DOCUMENT_ROWS_MOST, "rows");
    check_text(document.date, sizeof document.date);
    check_text(document.version, sizeof document.version);
    for (int i = 0; i < BENCH_TRAITS; i++)
        check_text(document.traits[i], sizeof document.traits[i]);
    for (size_t i = 0; i < document.count; i++) {
        const struct bench_document_row *row = &document.rows[i];
        check_text(row->name, sizeof row->name);
        FUZZ_CHECK(bench_document_find(&document, row->name, row->record_bytes, row->records), "a row is found");
    }
    bench_document_free(&document);
    return 0;
}
