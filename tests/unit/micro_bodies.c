/* The benchmarks of `quire bench micro`: what the table of them says, and what each leaves in its file.
 *
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include <sys/stat.h>

#include <quire/quire.h>

#include "harness.h"
#include "machine/place.h"
#include "micro/files.h"
#include "micro/line.h"
#include "micro/micro.h"

/* Names are Go's: no blanks, and none twice. The table's records fit what its bodies do with them. */
TEST(micro_table)
{
    char text[BENCH_MICRO_NAME_ROOM];
    for (size_t i = 0; i < bench_micro_table_count; i++) {
        const struct bench_micro *b = &bench_micro_table[i];
        CHECK(b->run != NULL && b->record_bytes >= 128 && b->record_bytes <= 8192);
        CHECK(strpbrk(b->name, " \t-") == NULL);
        CHECK(strlen(bench_micro_full_name(b->name, BENCH_MICRO_CPU_MOST, text)) < sizeof text - 1);
        for (size_t j = 0; j < i; j++)
            CHECK(strcmp(b->name, bench_micro_table[j].name) != 0);
    }
}

/* What the bodies leave, read back: each appends exactly so many bytes. close is late enough to look. */
static uint64_t left_bytes;
static const struct bench_place *left_place;

static struct bench_micro_allocations look(void)
{
    struct stat st;
    left_bytes = stat(left_place->file, &st) == 0 ? (uint64_t)st.st_size : 0;
    return (struct bench_micro_allocations){.bytes = 0};
}

/* The counter is asked when the stopwatch stops: by then the kernel has all that was appended. */
TEST(micro_bodies_append)
{
    struct bench_place place;
    REQUIRE_INT(bench_place_make(&place, harness_directory()), 0);
    left_place = &place;
    for (size_t i = 0; i < bench_micro_table_count; i++) {
        const struct bench_micro *b = &bench_micro_table[i];
        struct bench_trial trial = {.operations = 321, .cpus = 3, .place = &place, .counter = look};
        int rc = b->run(b, &trial);
        if (trial.skipped)
            continue;
        if (!CHECK_INT(rc, 0))
            FAIL("%s: %s", b->name, trial.reason);
        /* The files of mmap and uring are longer than their content while they are open. */
        bool exact = b->method != QUIRE_METHOD_MMAP && b->method != QUIRE_METHOD_URING;
        uint64_t appended = b->run == bench_micro_memcpy ? 0 : 321 * b->record_bytes;
        if (exact ? left_bytes != appended : left_bytes < appended)
            FAIL("%s left %" PRIu64 " bytes, not %" PRIu64, b->name, left_bytes, appended);
        CHECK_UINT(trial.bytes, b->record_bytes);
    }
    bench_place_remove(&place);
}
