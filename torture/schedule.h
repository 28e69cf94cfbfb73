/* Threads as coroutines of one, and a clock that moves by itself: who goes on, and when, is decided by a seed.
 *
 * What the library asks of pthread, futex, the clock and getrandom comes here (threads.c, by the linker's --wrap) while
 * a schedule runs, and goes to the system otherwise. A thread can be held up where it asks for a mutex, waits, or uses
 * the disk; so a run can be had again by its seed, down to the last byte, and one in which all wait for each other is
 * told at once.
 *
 * One at a time in a process.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TORTURE_SCHEDULE_H
#define QUIRE_TORTURE_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

/* Runs body, and the threads that it starts, until it returns. Every thread is to have been joined by then. NULL, or
 * what went wrong: a thread was left, or all wait for ever; then what they had is not given back. */
const char *torture_schedule_run(uint64_t seed, void (*body)(void *argument), void *argument);

/* Within a schedule. */
bool torture_schedule_is_on(void);
/* Others go on, if the seed says so. Nothing outside of a schedule. */
void torture_schedule_pause(void);
/* Others go on. */
void torture_schedule_yield(void);
uint64_t torture_schedule_random(void);
/* What getrandom gives: a random number or, where they repeat, the run's only one. */
uint64_t torture_schedule_entropy(void);
void torture_schedule_repeat(bool repeats);
/* Nanoseconds since 1970, each later than the one before. */
uint64_t torture_schedule_clock(void);
/* A clock that somebody sets: from here on, so many nanoseconds later. */
void torture_schedule_skip(uint64_t nanoseconds);

/* Until somebody wakes this thread on the address, with a group in common; or until the clock reads deadline
 * (UINT64_MAX: never). False: nobody did. */
bool torture_schedule_wait(const void *address, uint32_t group, uint64_t deadline);
/* Up to most of those who wait there, whichever the seed says. */
void torture_schedule_wake(const void *address, uint32_t group, uint32_t most);

/* A thread's number, or -1: too many. */
int torture_schedule_start(void *(*run)(void *argument), void *argument);
/* Until it has ended. */
void torture_schedule_join(int number);

#endif
