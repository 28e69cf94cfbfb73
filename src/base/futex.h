/* Sleeping on a word until it changes: threads wake in groups, without a mutex to queue at afterwards.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_FUTEX_H
#define QUIRE_FUTEX_H

#include <linux/futex.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Sleeps unless *word is not expected any more. May return for no reason: look again. group: bits of who is woken. */
static inline void quire__futex_wait(_Atomic uint32_t *word, uint32_t expected, uint32_t group)
{
    /* What it returns does not matter: the caller looks at the state it waits for. */
    syscall(SYS_futex, word, FUTEX_WAIT_BITSET_PRIVATE, expected, NULL, NULL, group);
}

/* Wakes up to most of those who sleep in one of the groups. */
static inline void quire__futex_wake(_Atomic uint32_t *word, int most, uint32_t group)
{
    syscall(SYS_futex, word, FUTEX_WAKE_BITSET_PRIVATE, most, NULL, NULL, group);
}

#endif
