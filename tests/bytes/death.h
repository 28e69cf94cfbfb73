/* A process that dies at a step of its own: where a call of the library's is about to change a file, or amid a write,
 * between two of its pages, as a kill in the kernel does.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TESTS_DEATH_H
#define QUIRE_TESTS_DEATH_H

#include <stdint.h>

/* So many steps are taken from now on; the next one kills this process. */
void death_after(uint64_t steps);

#endif
