/* A small harness for test programs: cases register themselves, each runs in a process and a directory of its own.
 *
 *     TEST(addition) { CHECK_INT(1 + 1, 2); }
 *
 * Program arguments: [--list] [substring of the cases to run]. Environment: SEED=n repeats a run, TIMEOUT=s changes
 * the time after which a case counts as hung, NOFORK=1 runs in this process (for a debugger), TMPDIR says where.
 * Exit status: 0 passed, 1 something failed, 77 everything was skipped.
 * A case fails on a failed check, a signal, a hang, or when it leaves a file handle, a mapping or a thread behind.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TESTS_HARNESS_H
#define QUIRE_TESTS_HARNESS_H

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef void harness_run(const void *argument);

/* Adds the case group/name (name may be NULL). argument must live on. */
void harness_add(const char *group, const char *name, harness_run *run, const void *argument);
/* One of hundreds of a kind. Under a sanitizer, where each costs a search for leaks, every third is taken. */
void harness_add_of_many(const char *group, const char *name, harness_run *run, const void *argument);
void harness_declare_one_thread(void);

#define TEST(name)                                            \
    static void test_##name(void);                            \
    static void run_##name(const void *unused)                \
    {                                                         \
        (void)unused;                                         \
        test_##name();                                        \
    }                                                         \
    __attribute__((constructor)) static void add_##name(void) \
    {                                                         \
        harness_add(#name, NULL, run_##name, NULL);           \
    }                                                         \
    static void test_##name(void)

/* One case for each row of an array whose rows have a member `name`. The body sees the row as `it`. */
#define TEST_EACH(name_, type, table)                                             \
    static void test_##name_(type const *it);                                     \
    static void run_##name_(const void *row)                                      \
    {                                                                             \
        test_##name_(row);                                                        \
    }                                                                             \
    __attribute__((constructor)) static void add_##name_(void)                    \
    {                                                                             \
        for (size_t row_ = 0; row_ < sizeof(table) / sizeof((table)[0]); row_++)  \
            harness_add(#name_, (table)[row_].name, run_##name_, &(table)[row_]); \
    }                                                                             \
    static void test_##name_(type const *it)

/* For a program whose cases have one thread and take long: ThreadSanitizer has nothing to find there, and skips them. */
#define ONE_THREAD                                                    \
    __attribute__((constructor)) static void declare_one_thread(void) \
    {                                                                 \
        harness_declare_one_thread();                                 \
    }                                                                 \
    _Static_assert(true, "a declaration, for the semicolon")

/* CHECK goes on after a failure, REQUIRE ends the case. Both print what was compared. Any thread. */
#define CHECK(truth) harness_check((truth), __FILE__, __LINE__, #truth)
#define CHECK_INT(is, should) harness_check_int((int64_t)(is), (int64_t)(should), __FILE__, __LINE__, #is, #should)
#define CHECK_UINT(is, should) harness_check_uint((uint64_t)(is), (uint64_t)(should), __FILE__, __LINE__, #is, #should)
#define CHECK_STR(is, should) harness_check_str((is), (should), __FILE__, __LINE__, #is)
#define CHECK_BYTES(is, should, length) harness_check_bytes((is), (should), (length), __FILE__, __LINE__, #is)
#define REQUIRE(truth) (CHECK(truth) ? (void)0 : harness_abandon())
#define REQUIRE_INT(is, should) (CHECK_INT(is, should) ? (void)0 : harness_abandon())
#define REQUIRE_UINT(is, should) (CHECK_UINT(is, should) ? (void)0 : harness_abandon())

bool harness_check(bool truth, const char *file, int line, const char *text);
bool harness_check_int(int64_t is, int64_t should, const char *file, int line, const char *a, const char *b);
bool harness_check_uint(uint64_t is, uint64_t should, const char *file, int line, const char *a, const char *b);
bool harness_check_str(const char *is, const char *should, const char *file, int line, const char *text);
bool harness_check_bytes(const void *is, const void *should, size_t length, const char *file, int line,
                         const char *text);

/* A failure in words. */
__attribute__((format(printf, 3, 4))) void harness_fail(const char *file, int line, const char *format, ...);
#define FAIL(...) harness_fail(__FILE__, __LINE__, __VA_ARGS__)

_Noreturn void harness_abandon(void);

/* Ends the case: it could not be run here, and why. */
__attribute__((format(printf, 1, 2))) _Noreturn void harness_skip(const char *format, ...);
#define SKIP(...) harness_skip(__VA_ARGS__)

/* This case's own directory, empty at its start and removed after it. */
const char *harness_directory(void);

/* A name in that directory, good until the case ends. One thread. */
const char *harness_path(const char *name);

/* Pseudo-random numbers that SEED repeats, for each case its own. One thread. */
uint64_t harness_random(void);
uint64_t harness_below(uint64_t limit);

#endif
