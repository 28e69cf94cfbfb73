/* A kernel that refuses system calls: for one thread, and for good, by a seccomp filter.
 *
 * For what the real io seam does when the kernel says no where no file system can be made to.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TESTS_KERNEL_H
#define QUIRE_TESTS_KERNEL_H

#include <stddef.h>
#include <stdint.h>

/* A call that is refused with code, a positive errno, where (its argument & mask) == value: always, if both are 0. */
struct kernel_refusal {
    int call, code;
    uint32_t argument, mask, value;
};

/* Runs body in a thread of its own with these refusals, and waits for it. Skips the case where the kernel has no filters. */
void kernel_refusing(const struct kernel_refusal *refusals, size_t count, void (*body)(void *argument), void *argument);

#endif
