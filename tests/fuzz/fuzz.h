/* What every target has: the entry that both engines and the replay call, and how it says that something is wrong.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TESTS_FUZZ_H
#define QUIRE_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Of libFuzzer: takes any bytes, returns 0, keeps nothing. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the program, so that the engine keeps the input. */
#define FUZZ_CHECK(truth, ...)                              \
    do {                                                    \
        if (!(truth)) {                                     \
            fprintf(stderr, "%s:%d: ", __FILE__, __LINE__); \
            fprintf(stderr, __VA_ARGS__);                   \
            fprintf(stderr, ": not so: %s\n", #truth);      \
            abort();                                        \
        }                                                   \
    } while (0)

#endif
