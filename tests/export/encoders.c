/* Parquet's encodings, byte by byte, as its description has them; and random values through a decoder of the test's
 * own.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "export/bounds.h"
#include "export/checksum.h"
#include "export/dictionary.h"
#include "export/packed.h"
#include "export/thrift.h"
#include "harness.h"

static void check_out(struct export_bytes *out, const void *should, size_t length)
{
    CHECK_INT(out->code, 0);
    CHECK_UINT(out->used, length);
    if (out->used == length && length > 0)
        CHECK_BYTES(out->data, should, length);
    export_bytes_free(out);
}
#define CHECK_OUT(out, ...) \
    check_out(out, (const unsigned char[]){__VA_ARGS__}, sizeof((const unsigned char[]){__VA_ARGS__}))

TEST(varints)
{
    struct export_bytes out = {.data = NULL};
    export_bytes_put_varint(&out, 0);
    export_bytes_put_varint(&out, 127);
    export_bytes_put_varint(&out, 300);
    export_bytes_put_zigzag(&out, -1);
    export_bytes_put_zigzag(&out, 1);
    export_bytes_put_zigzag(&out, INT64_MIN);
    CHECK_OUT(&out, 0, 0x7f, 0xac, 0x02, 1, 2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01);
}

TEST(thrift_structure)
{
    struct export_bytes out = {.data = NULL};
    struct thrift thrift = {.out = &out};
    thrift_i32(&thrift, 1, -3);
    thrift_boolean(&thrift, 2, true);
    thrift_boolean(&thrift, 4, false);
    thrift_byte(&thrift, 5, 64);
    thrift_i16(&thrift, 6, 7);
    thrift_i64(&thrift, 21, 150);
    thrift_text(&thrift, 22, "ab");
    thrift_begin(&thrift, 23);
    thrift_i32(&thrift, 1, 1);
    thrift_end(&thrift);
    thrift_i32(&thrift, 24, 0);
    thrift_end(&thrift);
    CHECK_OUT(&out, 0x15, 0x05, 0x11, 0x22, 0x13, 64, 0x14, 14, 0xf6, 0xac, 0x02, 0x18, 2, 'a', 'b', 0x1c, 0x15, 2, 0,
              0x15, 0, 0);
}

TEST(thrift_lists)
{
    struct export_bytes out = {.data = NULL};
    struct thrift thrift = {.out = &out};
    thrift_list(&thrift, 1, THRIFT_I32, 2);
    thrift_element_number(&thrift, 1);
    thrift_element_number(&thrift, -1);
    thrift_list(&thrift, 2, THRIFT_TRUE, 15);
    for (int i = 0; i < 15; i++)
        thrift_element_boolean(&thrift, i == 0);
    thrift_list(&thrift, 3, THRIFT_STRUCT, 1);
    thrift_element_begin(&thrift);
    thrift_element_binary(&thrift, "", 0);
    thrift_end(&thrift);
    thrift_end(&thrift);
    CHECK_OUT(&out, 0x19, 0x25, 2, 1, 0x19, 0xf1, 15, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0x19, 0x1c, 0, 0, 0);
}

/* The example of the description: 0 to 7 in 3 bits each. */
TEST(packing)
{
    struct export_bytes out = {.data = NULL};
    const uint64_t values[] = {0, 1, 2, 3, 4, 5, 6, 7};
    export_pack(&out, values, 8, 3);
    CHECK_OUT(&out, 0x88, 0xc6, 0xfa);
    export_pack(&out, values, 8, 0);
    CHECK_UINT(out.used, 0);
    export_pack(&out, (const uint64_t[]){UINT64_MAX, 1}, 2, 64);
    CHECK_OUT(&out, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0, 0, 0, 0, 0);
    export_pack(&out, (const uint64_t[]){1, 0, 1}, 3, 1);
    CHECK_OUT(&out, 0x05);
}

TEST(hybrid_runs)
{
    struct export_bytes out = {.data = NULL};
    uint32_t ones[1000], counting[] = {0, 1, 2, 3, 4, 5, 6, 7}, mixed[19];
    for (int i = 0; i < 1000; i++)
        ones[i] = 1;
    export_put_hybrid(&out, ones, 1000, 1);
    CHECK_OUT(&out, 0xd0, 0x0f, 1); /* 1000 * 2, and the value in one byte */
    export_put_hybrid(&out, counting, 8, 3);
    CHECK_OUT(&out, 0x03, 0x88, 0xc6, 0xfa); /* 1 group * 2 + 1 */
    export_put_hybrid(&out, ones, 0, 1);
    CHECK_UINT(out.used, 0);
    for (int i = 0; i < 19; i++)
        mixed[i] = i == 0 || i == 18 ? 0 : 1;
    export_put_hybrid(&out, mixed, 19, 1);
    CHECK_OUT(&out, 0x03, 0xfe, 20, 1, 0x03, 0x00); /* a group, then ten ones, then what is left in a group */
    export_put_hybrid(&out, (const uint32_t[]){300, 300, 300, 300, 300, 300, 300, 300}, 8, 9);
    CHECK_OUT(&out, 16, 0x2c, 0x01);
}

/* Both examples of the description; in it the blocks are not padded, which the numbers of bits make up for. */
TEST(delta_examples)
{
    struct export_bytes out = {.data = NULL};
    export_put_delta(&out, (const uint64_t[]){1, 2, 3, 4, 5}, 5);
    CHECK_OUT(&out, 0x80, 0x01, 4, 5, 2, 2, 0, 0, 0, 0);
    export_put_delta(&out, (const uint64_t[]){7, 5, 3, 1, 2, 3, 4, 5}, 8);
    CHECK_OUT(&out, 0x80, 0x01, 4, 8, 14, 3, 2, 0, 0, 0, 0xc0, 0x3f, 0, 0, 0, 0, 0, 0);
    export_put_delta(&out, NULL, 0);
    CHECK_OUT(&out, 0x80, 0x01, 4, 0, 0);
    export_put_delta(&out, (const uint64_t[]){(uint64_t)INT64_MIN}, 1);
    CHECK_OUT(&out, 0x80, 0x01, 4, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01);
}

struct input {
    const unsigned char *at, *end;
};

static uint64_t varint(struct input *in)
{
    uint64_t value = 0;
    for (unsigned shift = 0; in->at < in->end; shift += 7) {
        unsigned char byte = *in->at++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return value;
    }
    FAIL("the bytes end within a number");
    return 0;
}

static uint64_t zigzag(struct input *in)
{
    uint64_t value = varint(in);
    return value >> 1 ^ (value & 1 ? UINT64_MAX : 0);
}

static uint64_t packed(const unsigned char *at, size_t number, unsigned width)
{
    uint64_t value = 0;
    for (unsigned bit = 0; bit < width; bit++) {
        size_t place = number * width + bit;
        value |= (uint64_t)(at[place / 8] >> place % 8 & 1) << bit;
    }
    return value;
}

static void check_delta(const uint64_t *values, size_t count)
{
    struct export_bytes out = {.data = NULL};
    export_put_delta(&out, values, count);
    struct input in = {out.data, out.data + out.used};
    REQUIRE_UINT(varint(&in), 128);
    REQUIRE_UINT(varint(&in), 4);
    REQUIRE_UINT(varint(&in), count);
    uint64_t value = zigzag(&in);
    REQUIRE_UINT(value, values[0]);
    for (size_t i = 1; i < count;) {
        uint64_t least = zigzag(&in);
        const unsigned char *widths = in.at;
        in.at += 4;
        for (size_t mini = 0; mini < 4 && i < count; mini++) {
            for (size_t j = 0; j < 32 && i < count; j++, i++) {
                value += least + packed(in.at, j, widths[mini]);
                REQUIRE_UINT(value, values[i]);
            }
            in.at += 4 * widths[mini];
        }
    }
    CHECK(in.at == in.end);
    export_bytes_free(&out);
}

TEST(delta_random)
{
    static uint64_t values[1000];
    for (int round = 0; round < 400; round++) {
        size_t count = harness_below(sizeof values / sizeof values[0]) + 1;
        unsigned bits = (unsigned)harness_below(65);
        uint64_t step = bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1, value = harness_random();
        for (size_t i = 0; i < count; i++)
            values[i] = value += harness_random() & step;
        check_delta(values, count);
    }
}

static void check_hybrid(const uint32_t *values, size_t count, unsigned width)
{
    struct export_bytes out = {.data = NULL};
    export_put_hybrid(&out, values, count, width);
    struct input in = {out.data, out.data + out.used};
    size_t i = 0;
    while (i < count) {
        uint64_t head = varint(&in), length = head >> 1;
        if (head & 1) {
            for (size_t j = 0; j < 8 * length && i < count; j++)
                REQUIRE_UINT(packed(in.at, j, width), values[i++]);
            in.at += length * width;
            continue;
        }
        uint32_t value = 0;
        memcpy(&value, in.at, (width + 7) / 8);
        in.at += (width + 7) / 8;
        REQUIRE(length > 0 && length <= count - i);
        for (size_t j = 0; j < length; j++)
            REQUIRE_UINT(value, values[i++]);
    }
    CHECK(in.at == in.end);
    export_bytes_free(&out);
}

TEST(hybrid_random)
{
    static uint32_t values[2000];
    for (int round = 0; round < 400; round++) {
        size_t count = harness_below(sizeof values / sizeof values[0]) + 1;
        unsigned width = (unsigned)harness_below(17);
        uint64_t change = harness_below(20) + 1;
        uint32_t value = 0;
        for (size_t i = 0; i < count; i++) {
            if (harness_below(change) == 0)
                value = (uint32_t)harness_below(UINT64_C(1) << width);
            values[i] = value;
        }
        check_hybrid(values, count, width);
    }
}

/* The check value of the usual lists of CRCs, and the bytes after a multiple of eight. */
TEST(checksum)
{
    struct export_checksum checksum = {.remainder = {{0}}};
    export_checksum_prepare(&checksum);
    CHECK_UINT(export_checksum(&checksum, "123456789", 9), 0xcbf43926);
    CHECK_UINT(export_checksum(&checksum, "", 0), 0);
    CHECK_UINT(export_checksum(&checksum, "a", 1), 0xe8b7be43);
    CHECK_UINT(export_checksum(&checksum, "The quick brown fox jumps over the lazy dog", 43), 0x414fa339);
}

TEST(dictionary_numbers)
{
    struct dictionary dictionary = {.count = 0};
    char text[16];
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 5000; i++) {
            int length = snprintf(text, sizeof text, "%d", i);
            REQUIRE_INT(dictionary_number(&dictionary, text, (size_t)length), i);
        }
        CHECK_INT(dictionary_number(&dictionary, "", 0), 5000);
        CHECK_INT(dictionary_number(&dictionary, NULL, 0), 5000);
        CHECK_INT(dictionary_number(&dictionary, "4999", 4), 4999);
        CHECK_UINT(dictionary.count, 5001);
        dictionary_clear(&dictionary);
    }
    dictionary_free(&dictionary);
}

TEST(dictionary_full)
{
    struct dictionary dictionary = {.count = 0};
    static char large[DICTIONARY_MOST_BYTES];
    CHECK_INT(dictionary_number(&dictionary, large, sizeof large), 0);
    CHECK_INT(dictionary_number(&dictionary, "a", 1), -ENOSPC);
    CHECK_INT(dictionary_number(&dictionary, large, sizeof large), 0);
    CHECK_INT(dictionary_number(&dictionary, "", 0), 1);
    dictionary_clear(&dictionary);
    for (uint64_t i = 0; i < DICTIONARY_MOST; i++)
        REQUIRE_INT(dictionary_number(&dictionary, &i, sizeof i), i);
    CHECK_INT(dictionary_number(&dictionary, "new", 3), -ENOSPC);
    CHECK_INT(dictionary_number(&dictionary, &(uint64_t){7}, sizeof(uint64_t)), 7);
    dictionary_free(&dictionary);
}

/* Bounds of bytes hold what they were made of, whatever was cut, and whatever order pages were merged in. */
TEST(bounds_random)
{
    for (int round = 0; round < 3000; round++) {
        unsigned char values[8][70];
        size_t lengths[8];
        struct bounds all = {.any = false}, page = {.any = false};
        for (int i = 0; i < 8; i++) {
            lengths[i] = 60 + harness_below(11);
            for (size_t j = 0; j < lengths[i]; j++)
                values[i][j] = j < 58 ? 0xff : (unsigned char)(0xfd + harness_below(3));
            values[i][0] = (unsigned char)(round % 2 ? 0xff : 0x10);
            bounds_bytes(&page, values[i], lengths[i], false);
            if (harness_below(2) || i == 7) {
                bounds_merge_bytes(&all, &page);
                page = (struct bounds){.any = false};
            }
        }
        struct bound above;
        bool bounded = bounds_above(&all, false, &above);
        for (int i = 0; i < 8; i++) {
            size_t least = all.least.bytes.length, most = bounded ? above.length : 0;
            int order = memcmp(values[i], all.least.bytes.data, least < lengths[i] ? least : lengths[i]);
            CHECK(order > 0 || (order == 0 && lengths[i] >= least));
            order = bounded ? memcmp(values[i], above.data, most < lengths[i] ? most : lengths[i]) : -1;
            CHECK(order < 0 || (order == 0 && lengths[i] <= most));
        }
    }
}

TEST(bounds_of_numbers)
{
    struct bounds bounds = {.any = false}, other = {.any = false};
    bounds_integer(&bounds, 5);
    bounds_integer(&bounds, INT64_MIN);
    bounds_integer(&other, INT64_MAX);
    bounds_merge_integers(&bounds, &other);
    CHECK_INT(bounds.least.integer, INT64_MIN);
    CHECK_INT(bounds.most.integer, INT64_MAX);
    bounds = other = (struct bounds){.any = false};
    bounds_real(&bounds, 0.0);
    CHECK(__builtin_signbit(bounds.least.real) && !__builtin_signbit(bounds.most.real));
    bounds_real(&other, __builtin_nan(""));
    bounds_merge_reals(&bounds, &other);
    CHECK(bounds.unknown && bounds.any);
}
