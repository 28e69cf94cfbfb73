/* Records of any bytes as `quire cat` and `tail` print them: raw and lines are the bytes, hex is its digits, and a line of
 * JSON is read back by a JSON library as the record that it was.
 *
 * Input: the record's time (8), sequence (8), kind and reason (1), and its bytes.
 * record_out.c is compiled with write() replaced by fuzz_write().
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/types.h>
#ifdef QUIRE_FUZZ_JSON
#include <jansson.h>
#endif

#include "bytes/piece.h"
#include "fuzz.h"
#include "record_out.h"

enum { CONTROL = 17 };

ssize_t fuzz_write(int file, const void *from, size_t length);

/* What came to standard output. */
static struct {
    char *bytes;
    size_t length, room;
    unsigned turn;
} printed;

ssize_t fuzz_write(int file, const void *from, size_t length)
{
    (void)file;
    if (++printed.turn % 5 == 0) {
        errno = EINTR;
        return -1;
    }
    if (printed.turn % 3 == 0 && length > 1)
        length /= 2;
    if (printed.length + length >= printed.room) {
        printed.room = 2 * (printed.length + length) + 1;
        printed.bytes = realloc(printed.bytes, printed.room);
        if (!printed.bytes)
            abort();
    }
    memcpy(printed.bytes + printed.length, from, length);
    printed.length += length;
    printed.bytes[printed.length] = '\0';
    return (ssize_t)length;
}

static void print(const char *format, const struct quire_record *record)
{
    struct record_out out;
    record_print *how = record_format_find("fuzz", format);

    printed.length = 0;
    FUZZ_CHECK(how && record_out_open(&out) == 0, "the format %s", format);
    how(&out, record);
    FUZZ_CHECK(record_out_close(&out, "fuzz", 0) == 0, "it is printed");
}

static void check_plain(const struct quire_record *record)
{
    print("raw", record);
    FUZZ_CHECK(printed.length == record->length &&
                   (record->length == 0 || memcmp(printed.bytes, record->data, record->length) == 0),
               "raw");
    print("lines", record);
    FUZZ_CHECK(printed.length == record->length + 1 && printed.bytes[record->length] == '\n' &&
                   (record->length == 0 || memcmp(printed.bytes, record->data, record->length) == 0),
               "lines");
}

/* A piece without its head, and another record as it is. */
static void check_bytes(const struct quire_record *record)
{
    uint64_t offset,
        head = bytes_piece_parse(record->data, record->length, &offset) ? sizeof(struct bytes_piece_head) : 0;

    print("bytes", record);
    FUZZ_CHECK(
        printed.length == record->length - head &&
            (printed.length == 0 || memcmp(printed.bytes, (const char *)record->data + head, printed.length) == 0),
        "bytes");
}

/* Two digits; 256: they are none. */
static unsigned byte_of(const char *digits)
{
    unsigned byte = 0;

    for (int i = 0; i < 2; i++) {
        if (digits[i] >= '0' && digits[i] <= '9')
            byte = 16 * byte + (unsigned)(digits[i] - '0');
        else if (digits[i] >= 'a' && digits[i] <= 'f')
            byte = 16 * byte + (unsigned)(digits[i] - 'a') + 10;
        else
            return 256;
    }
    return byte;
}

static void check_hex(const struct quire_record *record)
{
    const unsigned char *data = record->data;

    print("hex", record);
    const char *line = memchr(printed.bytes, '\n', printed.length);
    for (uint64_t i = 0; i < record->length; i++) {
        if (i % 16 == 0)
            line = i == 0 ? line + 1 : (const char *)memchr(line, '\n', printed.length) + 1;
        FUZZ_CHECK(byte_of(line + 10 + 3 * (i % 16) + (i % 16 >= 8)) == data[i], "byte %" PRIu64 " as hex", i);
    }
    print("record", record);
    FUZZ_CHECK(printed.length > 30 && printed.bytes[printed.length - 1] == '\n', "record");
}

#ifdef QUIRE_FUZZ_JSON
static int value_of(char digit)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = digit ? strchr(digits, digit) : NULL;

    return at ? (int)(at - digits) : -1;
}

static bool is_base64_of(const char *text, size_t length, const unsigned char *data, uint64_t bytes)
{
    unsigned bits = 0;
    unsigned have = 0;
    uint64_t at = 0;

    for (size_t i = 0; i < length && text[i] != '='; i++) {
        bits = bits << 6 | (unsigned)value_of(text[i]);
        have += 6;
        if (have < 8)
            continue;
        have -= 8;
        if (at >= bytes || (unsigned char)(bits >> have) != data[at++])
            return false;
    }
    return at == bytes && length == (bytes + 2) / 3 * 4;
}

static void check_json(const struct quire_record *record)
{
    json_error_t why;

    print("json", record);
    FUZZ_CHECK(memchr(printed.bytes, '\n', printed.length) == printed.bytes + printed.length - 1, "one line");
    json_t *root = json_loadb(printed.bytes, printed.length, JSON_ALLOW_NUL, &why);
    FUZZ_CHECK(root, "JSON: %s", why.text);
    FUZZ_CHECK((uint64_t)json_integer_value(json_object_get(root, "sequence")) == record->sequence, "sequence");
    if (record->kind == QUIRE_RECORD_GAP) {
        FUZZ_CHECK((uint64_t)json_integer_value(json_object_get(root, "lost")) == record->lost, "lost");
    } else {
        const json_t *text = json_object_get(root, "data");
        const json_t *packed = json_object_get(root, "base64");
        FUZZ_CHECK((text == NULL) != (packed == NULL), "data or base64");
        if (text)
            FUZZ_CHECK(json_string_length(text) == record->length &&
                           memcmp(json_string_value(text), record->data ? record->data : "", record->length) == 0,
                       "data");
        else
            FUZZ_CHECK(
                is_base64_of(json_string_value(packed), json_string_length(packed), record->data, record->length),
                "base64");
    }
    json_decref(root);
}
#endif

static void print_all(const struct quire_record *record)
{
    char text[RECORD_GAP_TEXT];

#ifdef QUIRE_FUZZ_JSON
    check_json(record);
#endif
    if (record->kind == QUIRE_RECORD_GAP) {
        FUZZ_CHECK(strlen(record_gap_text(record, text)) < sizeof text - 1, "a gap in words is whole");
        return;
    }
    check_plain(record);
    check_bytes(record);
    check_hex(record);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct quire_record record = {.lost = 1};

    if (size < CONTROL)
        return 0;
    memcpy(&record.time, data, 8);
    memcpy(&record.sequence, data + 8, 8);
    /* Sequences of a log end there. */
    record.sequence >>= 1;
    record.kind = data[16] & 1;
    record.segment = record.offset = record.time;
    if (record.kind == QUIRE_RECORD_GAP) {
        record.reason = data[16] >> 1;
        record.lost = record.time >> 1;
    } else {
        /* Exactly as long as it is, so that a byte read behind its end is seen. */
        record.length = size - CONTROL;
        unsigned char *bytes = malloc(record.length);
        memcpy(bytes, data + CONTROL, record.length);
        record.data = bytes;
    }
    print_all(&record);
    free((void *)(uintptr_t)record.data);
    free(printed.bytes);
    memset(&printed, 0, sizeof printed);
    return 0;
}
