/* The Castagnoli checksum: what RFC 3720 prints, and every engine that runs here against one bit at a time.
 *
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/crc32c.h"
#include "base/crc32c_engines.h"
#include "harness.h"
#include "sanitizers.h"

#define POLYNOMIAL 0x82f63b78u

ONE_THREAD;

struct engine {
    const char *name;
    bool (*runs)(void);
    uint32_t (*compute)(uint32_t crc, const void *data, uint64_t length);
};

static bool always(void)
{
    return true;
}

static const struct engine engines[] = {
    {"chosen", always, quire__crc32c},
    {"portable", always, quire__crc32c_portable},
#ifdef QUIRE__HAVE_CRC32C_X86
    {"x86", quire__crc32c_x86_runs, quire__crc32c_x86},
#endif
#ifdef QUIRE__HAVE_CRC32C_ARM
    {"arm", quire__crc32c_arm_runs, quire__crc32c_arm},
#endif
#ifdef QUIRE__HAVE_ISAL
    {"isal", always, quire__crc32c_isal},
#endif
};

static void require_runs(const struct engine *engine)
{
    if (!engine->runs())
        SKIP("this processor lacks its instructions");
}

/* One bit at a time, as the definition has it. */
static uint32_t step_bits(uint32_t crc, uint8_t byte)
{
    crc ^= byte;
    for (int i = 0; i < 8; i++)
        crc = crc >> 1 ^ (crc & 1 ? POLYNOMIAL : 0);
    return crc;
}

static uint32_t reference(uint32_t crc, const uint8_t *at, uint64_t length)
{
    crc = ~crc;
    while (length--)
        crc = step_bits(crc, *at++);
    return ~crc;
}

static void fill(uint8_t *bytes, uint64_t length)
{
    for (uint64_t i = 0; i < length; i++)
        bytes[i] = (uint8_t)harness_random();
}

static uint8_t *allocate(uint64_t length)
{
    uint8_t *bytes = malloc(length);

    REQUIRE(bytes != NULL);
    return bytes;
}

/* RFC 3720, B.4; the last is a SCSI command. And the check value by which catalogues of checksums know this one. */
static const struct {
    const char *what;
    uint64_t length;
    uint32_t crc;
    uint8_t first;
    int8_t step;
} series[] = {
    {"nothing", 0, 0, 0, 0},
    {"zeros", 32, 0x8a9136aa, 0, 0},
    {"ones", 32, 0x62a8ab43, 0xff, 0},
    {"ascending", 32, 0x46dd794e, 0, 1},
    {"descending", 32, 0x113fdb5c, 31, -1},
    {"digits", 9, 0xe3069283, '1', 1},
};

static const uint8_t command[48] = {
    [0] = 0x01, [1] = 0xc0, [16] = 0x14, [22] = 0x04, [27] = 0x14, [31] = 0x18, [32] = 0x28, [40] = 0x02};

TEST_EACH(crc32c_published, struct engine, engines)
{
    require_runs(it);
    for (size_t i = 0; i < sizeof(series) / sizeof(series[0]); i++) {
        uint8_t bytes[32];
        for (uint64_t at = 0; at < series[i].length; at++)
            bytes[at] = (uint8_t)(series[i].first + (int)at * series[i].step);
        uint32_t crc = it->compute(0, bytes, series[i].length);
        if (crc != series[i].crc)
            FAIL("%s: %08" PRIx32 ", but RFC 3720 has %08" PRIx32, series[i].what, crc, series[i].crc);
    }
    CHECK_UINT(it->compute(0, command, sizeof(command)), 0xd9963a56);
}

/* Exactly as long as what is read, so that AddressSanitizer sees a byte too many, at either end. */
TEST_EACH(crc32c_every_length, struct engine, engines)
{
    require_runs(it);
    for (uint64_t length = 0; length <= 1100; length++) {
        uint8_t *bytes = allocate(length + 15);
        fill(bytes, length + 15);
        for (uint64_t skew = 0; skew < 16; skew++) {
            uint32_t start = (uint32_t)harness_random();
            uint32_t crc = it->compute(start, bytes + skew, length);
            uint32_t should = reference(start, bytes + skew, length);
            if (crc != should)
                FAIL("%" PRIu64 " bytes at %" PRIu64 ": %08" PRIx32 ", not %08" PRIx32, length, skew, crc, should);
        }
        free(bytes);
    }
}

/* Streams of every length that there is, each with constants of its own, also after a whole block. */
TEST_EACH(crc32c_every_stream, struct engine, engines)
{
    uint8_t bytes[2 * 3072];

    require_runs(it);
    fill(bytes, sizeof(bytes));
    for (uint64_t length = 24; length <= sizeof(bytes); length += 24)
        CHECK_UINT(it->compute(0, bytes, length), reference(0, bytes, length));
}

/* Around the ends of whole blocks of three streams. */
TEST_EACH(crc32c_random_lengths, struct engine, engines)
{
    const uint64_t most = 1 << 18;
    uint8_t *bytes = allocate(most + 8);

    require_runs(it);
    fill(bytes, most + 8);
    for (int i = 0; i < 100; i++) {
        uint64_t skew = harness_below(8), length = harness_below(UINT64_C(1) << harness_below(19));
        uint64_t near = 3072 * (1 + harness_below(5)) - 32 + harness_below(64);
        CHECK_UINT(it->compute(0, bytes + skew, length), reference(0, bytes + skew, length));
        CHECK_UINT(it->compute(0, bytes + skew, near), reference(0, bytes + skew, near));
    }
    free(bytes);
}

TEST_EACH(crc32c_chains, struct engine, engines)
{
    const uint64_t length = 20000;
    uint8_t *bytes = allocate(length);

    require_runs(it);
    fill(bytes, length);
    uint32_t whole = reference(0, bytes, length);
    for (int i = 0; i < 200; i++) {
        uint64_t first = harness_below(length + 1), second = first + harness_below(length + 1 - first);
        uint32_t crc = it->compute(0, bytes, first);
        crc = it->compute(crc, bytes + first, second - first);
        crc = it->compute(crc, bytes + second, length - second);
        if (crc != whole)
            FAIL("cut at %" PRIu64 " and %" PRIu64 ": %08" PRIx32 ", not %08" PRIx32, first, second, crc, whole);
    }
    free(bytes);
}

/* A step over so many bytes of zero is linear in crc: columns of its matrix, squared as often as length has bits. */
static uint32_t step_matrix(const uint32_t column[32], uint32_t crc)
{
    uint32_t sum = 0;

    for (int i = 0; i < 32; i++)
        if (crc >> i & 1)
            sum ^= column[i];
    return sum;
}

static uint32_t reference_of_zeros(uint64_t length)
{
    uint32_t column[32], squared[32], crc = UINT32_MAX;

    for (int i = 0; i < 32; i++)
        column[i] = step_bits(UINT32_C(1) << i, 0);
    for (; length; length >>= 1) {
        if (length & 1)
            crc = step_matrix(column, crc);
        for (int i = 0; i < 32; i++)
            squared[i] = step_matrix(column, column[i]);
        memcpy(column, squared, sizeof(column));
    }
    return ~crc;
}

enum { ZEROS = 1 << 21 };

/* Many times the same memory, one behind the other. */
static void *map_zeros(uint64_t length)
{
    int file = memfd_create("zeros", MFD_CLOEXEC);
    if (file < 0 || ftruncate(file, ZEROS) < 0)
        SKIP("no memory as a file");
    unsigned char *zeros = mmap(NULL, length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (zeros == MAP_FAILED)
        SKIP("no address space for it");
    for (uint64_t at = 0; at < length; at += ZEROS)
        REQUIRE(mmap(zeros + at, ZEROS, PROT_READ, MAP_SHARED | MAP_FIXED, file, 0) != MAP_FAILED);
    close(file);
    return zeros;
}

/* More than 32 bits count. */
TEST_EACH(crc32c_huge, struct engine, engines)
{
    const uint64_t length = (UINT64_C(1) << 32) + 4099;
    const uint64_t mapped = (UINT64_C(1) << 32) + ZEROS;

    require_runs(it);
    if (SANITIZED || it->compute == quire__crc32c_portable || strcmp(quire__crc32c_engine(), "portable") == 0)
        SKIP("takes seconds");
    void *zeros = map_zeros(mapped);
    CHECK_UINT(it->compute(0, zeros, length), reference_of_zeros(length));
    CHECK(munmap(zeros, mapped) == 0);
}

TEST(crc32c_reference_of_zeros)
{
    static const uint8_t zeros[5000];

    for (int i = 0; i < 50; i++) {
        uint64_t length = harness_below(sizeof(zeros) + 1);
        CHECK_UINT(reference_of_zeros(length), reference(0, zeros, length));
    }
}

/* A damaged bit anywhere is seen, and so are two. */
TEST(crc32c_sees_damage)
{
    uint8_t block[4096];

    fill(block, sizeof(block));
    uint32_t intact = quire__crc32c(0, block, sizeof(block));
    for (uint64_t bit = 0; bit < 8 * sizeof(block); bit++) {
        uint64_t other = harness_below(8 * sizeof(block));
        block[bit / 8] = (uint8_t)(block[bit / 8] ^ 1 << bit % 8);
        CHECK(quire__crc32c(0, block, sizeof(block)) != intact);
        block[other / 8] = (uint8_t)(block[other / 8] ^ 1 << other % 8);
        CHECK(other == bit || quire__crc32c(0, block, sizeof(block)) != intact);
        block[other / 8] = (uint8_t)(block[other / 8] ^ 1 << other % 8);
        block[bit / 8] = (uint8_t)(block[bit / 8] ^ 1 << bit % 8);
    }
}

TEST(crc32c_engine_is_named)
{
    const char *should = "portable";

#ifdef QUIRE__HAVE_CRC32C_X86
    if (quire__crc32c_x86_runs())
        should = "sse4.2";
#endif
#ifdef QUIRE__HAVE_CRC32C_ARM
    if (quire__crc32c_arm_runs())
        should = "armv8";
#endif
#ifdef QUIRE__HAVE_ISAL
    if (quire__crc32c_isal_folds())
        should = "isa-l";
#endif
    CHECK_STR(quire__crc32c_engine(), should);
}
