/* Compressing and expanding: what comes back, what must not, and that compressing allocates nothing.
 *
 * SPDX-License-Identifier: MIT */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "log/codec.h"
#include "support.h"

ONE_THREAD;

enum { LONGEST = 3 << 20 };

static const struct codec {
    const char *name;
    uint32_t codec;
    int level;
} codecs[] = {
    {"none", QUIRE_CODEC_NONE, 0},     {"zstd", QUIRE_CODEC_ZSTD, 0}, {"zstd-9", QUIRE_CODEC_ZSTD, 9},
    {"zstd-19", QUIRE_CODEC_ZSTD, 19}, {"lz4", QUIRE_CODEC_LZ4, 0},   {"lz4-8", QUIRE_CODEC_LZ4, 8},
};

static struct quire__compressor *open_compressor(const struct codec *it)
{
    struct quire__compressor *compressor;

    if (!quire__codec_is_known(it->codec))
        SKIP("this build is without %s", it->name);
    REQUIRE_OK(quire__compressor_open(it->codec, it->level, &compressor));
    return compressor;
}

/* Half noise, half repetition. */
static void fill_mixed(unsigned char *memory, uint64_t length)
{
    fill(memory, length, length);
    for (uint64_t i = 0; i < length; i++)
        if (i / 97 % 2)
            memory[i] = (unsigned char)(i / 4000);
}

TEST_EACH(codec_returns, struct codec, codecs)
{
    static const uint64_t lengths[] = {0, 1, 4, 100, 4095, 4096, 70000, 262048, LONGEST};
    struct quire__compressor *compressor = open_compressor(it);
    unsigned char *data = malloc(LONGEST), *back = malloc(LONGEST + 1);

    REQUIRE(data && back);
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        uint64_t length = lengths[i], stored = 0, bound = quire__compressor_bound(compressor, length);
        unsigned char *small = calloc(1, bound + 1);
        REQUIRE(small);
        fill_mixed(data, length);
        REQUIRE_OK(quire__compress(compressor, data, length, small, bound, &stored));
        if (length > 0)
            REQUIRE(stored > 0 && stored <= bound);
        back[length] = 0xAA;
        CHECK_OK(quire__codec_expand(it->codec, small, stored, back, length));
        CHECK_BYTES(back, data, length);
        CHECK_UINT(back[length], 0xAA);
        /* Any other length is refused. */
        CHECK_CODE(quire__codec_expand(it->codec, small, stored, back, length + 1), QUIRE_E_DAMAGED);
        if (length > 0)
            CHECK_CODE(quire__codec_expand(it->codec, small, stored, back, length - 1), QUIRE_E_DAMAGED);
        if (stored > 1) {
            CHECK_CODE(quire__codec_expand(it->codec, small, stored - 1, back, length), QUIRE_E_DAMAGED);
            uint64_t again = 1;
            CHECK_OK(quire__compress(compressor, data, length, small, stored / 2, &again));
            CHECK_UINT(again, 0);
        }
        free(small);
    }
    free(data);
    free(back);
    quire__compressor_close(compressor);
}

TEST_EACH(codec_survives, struct codec, codecs)
{
    struct quire__compressor *compressor = open_compressor(it);
    unsigned char data[5000], small[8192], back[5000];
    uint64_t stored;

    fill_mixed(data, sizeof data);
    REQUIRE_OK(quire__compress(compressor, data, sizeof data, small, sizeof small, &stored));
    for (int i = 0; i < 20000; i++) {
        unsigned char hurt[8192];
        memcpy(hurt, small, stored);
        for (uint64_t n = 1 + harness_below(4); n > 0; n--)
            hurt[harness_below(stored)] = (unsigned char)harness_random();
        int rc = quire__codec_expand(it->codec, hurt, 1 + harness_below(stored), back, sizeof back);
        CHECK(rc == 0 || rc == QUIRE_E_DAMAGED);
    }
    quire__compressor_close(compressor);
}

/* Sizes that change all the time: a context of zstd's own would be allocated anew. */
TEST_EACH(codec_allocates_nothing, struct codec, codecs)
{
    struct quire__compressor *compressor = open_compressor(it);
    unsigned char *data = malloc(LONGEST);
    uint64_t room = quire__compressor_bound(compressor, LONGEST), stored;
    unsigned char *small = malloc(room);

    REQUIRE(data && small);
    fill_mixed(data, LONGEST);
    struct mallinfo2 before = mallinfo2();
    for (int i = 0; i < 600; i++) {
        REQUIRE_OK(quire__compress(compressor, data, i % 300 == 0 ? LONGEST / 2 : 3000, small, room, &stored));
        struct mallinfo2 after = mallinfo2();
        REQUIRE_UINT(after.uordblks + after.hblkhd, before.uordblks + before.hblkhd);
    }
    free(data);
    free(small);
    quire__compressor_close(compressor);
}

TEST(codec_refused)
{
    struct quire__compressor *none = NULL;

    CHECK(!quire__codec_is_known(3));
    CHECK_CODE(quire__compressor_open(3, 0, &none), QUIRE_E_NO_CODEC);
    CHECK_CODE(quire__codec_expand(3, "x", 1, &none, 1), QUIRE_E_NO_CODEC);
    if (quire__codec_is_known(QUIRE_CODEC_ZSTD))
        CHECK_CODE(quire__compressor_open(QUIRE_CODEC_ZSTD, 20, &none), QUIRE_E_OPTIONS);
    if (quire__codec_is_known(QUIRE_CODEC_LZ4))
        CHECK_CODE(quire__compressor_open(QUIRE_CODEC_LZ4, -1, &none), QUIRE_E_OPTIONS);
    CHECK(none == NULL);
}

/* No library's int holds such a length: it is refused before a byte is touched. */
TEST_EACH(codec_absurd_lengths, struct codec, codecs)
{
    struct quire__compressor *compressor = open_compressor(it);
    const uint64_t absurd = UINT64_C(1) << 62;
    uint64_t stored = 77;
    char byte = 'x';

    if (it->codec != QUIRE_CODEC_NONE) {
        CHECK_CODE(quire__codec_expand(it->codec, &byte, 1, &byte, absurd), QUIRE_E_DAMAGED);
        CHECK(it->codec != QUIRE_CODEC_ZSTD || quire__compressor_bound(compressor, UINT64_MAX) == 0);
    }
    if (it->codec == QUIRE_CODEC_LZ4) {
        CHECK_CODE(quire__codec_expand(it->codec, &byte, absurd, &byte, 1), QUIRE_E_DAMAGED);
        CHECK_CODE(quire__compress(compressor, &byte, absurd, &byte, 1, &stored), QUIRE_E_TOO_LARGE);
        CHECK_UINT(quire__compressor_bound(compressor, absurd), 0);
    }
    CHECK_UINT(stored, 77);
    quire__compressor_close(compressor);
}
