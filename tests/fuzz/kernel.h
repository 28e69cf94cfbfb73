/* Pages, threads and random bytes for the library under test, kept from one input to the next.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TESTS_FUZZ_KERNEL_H
#define QUIRE_TESTS_FUZZ_KERNEL_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Of the linker: NAME is replaced by __wrap_NAME. */
void *__wrap_mmap(void *at, size_t bytes, int protection, int flags, int file, off_t offset);
void *__wrap_mmap64(void *at, size_t bytes, int protection, int flags, int file, off_t offset);
int __wrap_munmap(void *at, size_t bytes);
int __wrap_madvise(void *at, size_t bytes, int advice);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument);
int __wrap_pthread_join(pthread_t thread, void **result);
ssize_t __wrap_getrandom(void *to, size_t length, unsigned flags);

/* Random bytes begin anew: an input does the same each time. */
void kernel_begin(void);

#endif
