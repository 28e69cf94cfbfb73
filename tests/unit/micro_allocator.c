/* The counting of allocations that `quire bench micro` does: by what takes the allocator's place in the command, which
 * this program links too (tools/allocations.c).
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "allocations.h"
#include "harness.h"
#include "micro/line.h"
#include "micro/micro.h"

/* Allocates on purpose, in the time: 32 bytes an operation. */
static int allocating(const struct bench_micro *benchmark, struct bench_trial *trial)
{
    (void)benchmark;
    bench_trial_start(trial);
    for (uint64_t i = 0; i < trial->operations; i++) {
        void *volatile memory = malloc(32);
        if (!memory)
            return -ENOMEM;
        free(memory);
    }
    return 0;
}

static struct bench_micro_allocations really_counted(void)
{
    struct bench_micro_allocations counted;
    allocations_read(&counted.bytes, &counted.count);
    return counted;
}

TEST(micro_counts_allocations)
{
    static const struct bench_micro table[] = {{.name = "Allocating", .run = allocating}};
    if (!allocations_counted())
        SKIP("a sanitizer or valgrind has the allocator");
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    REQUIRE(out != NULL);
    struct bench_micro_settings s = bench_micro_settings_default();
    s.directory = harness_directory();
    s.cpus[0] = 1;
    s.counter = really_counted;
    s.goal = (struct bench_micro_goal){.operations = 1000};
    CHECK_INT(bench_micro_run(table, 1, &s, out), 0);
    REQUIRE(fclose(out) == 0);
    CHECK(strstr(text, "\t      32 B/op\t       1 allocs/op\n") != NULL);
    free(text);
}

/* Each function gives good memory, and counts what was asked for once. */
TEST(micro_allocator)
{
    if (!allocations_counted())
        SKIP("a sanitizer or valgrind has the allocator");
    void *memory[6] = {NULL}, *aligned = NULL;
    struct bench_micro_allocations before = really_counted();
    memory[0] = malloc(100);
    memory[1] = calloc(10, 20);
    memory[2] = realloc(NULL, 300);
    memory[3] = memalign(4096, 400);
    memory[4] = aligned_alloc(64, 512);
    int rc = posix_memalign(&memory[5], 8192, 600);
    memory[2] = realloc(memory[2], 3000);
    struct bench_micro_allocations after = really_counted();
    CHECK_UINT(after.count - before.count, 7);
    CHECK_UINT(after.bytes - before.bytes, 100 + 200 + 300 + 400 + 512 + 600 + 3000);
    CHECK_INT(rc, 0);
    CHECK((uintptr_t)memory[3] % 4096 == 0 && (uintptr_t)memory[4] % 64 == 0 && (uintptr_t)memory[5] % 8192 == 0);
    for (size_t i = 0; i < 200; i++)
        CHECK_INT(((char *)memory[1])[i], 0);
    for (size_t i = 0; i < 6; i++)
        free(memory[i]);
    CHECK_INT(posix_memalign(&aligned, 24, 1), EINVAL);
    CHECK_INT(posix_memalign(&aligned, 4, 1), EINVAL);
    CHECK_INT(posix_memalign(&aligned, 8, SIZE_MAX - 4096), ENOMEM);
    volatile size_t too_many = SIZE_MAX / 2;   /* volatile: the compiler would see that it cannot be */
    void *volatile none = calloc(too_many, 4); /* likewise */
    CHECK(none == NULL && aligned == NULL);
    CHECK_UINT(really_counted().count, after.count);
}

/* Many, since one may be aligned by chance. */
TEST(micro_allocator_aligns)
{
    enum { MANY = 32 };
    void *memory[3 * MANY];
    for (size_t i = 0; i < MANY; i++) {
        memory[3 * i] = memalign(256, 24);
        memory[3 * i + 1] = aligned_alloc(512, 512);
        memory[3 * i + 2] = NULL;
        CHECK_INT(posix_memalign(&memory[3 * i + 2], 1024, 24), 0);
        CHECK_UINT((uintptr_t)memory[3 * i] % 256, 0);
        CHECK_UINT((uintptr_t)memory[3 * i + 1] % 512, 0);
        CHECK_UINT((uintptr_t)memory[3 * i + 2] % 1024, 0);
    }
    for (size_t i = 0; i < 3 * MANY; i++)
        free(memory[i]);
}
