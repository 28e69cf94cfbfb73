/* What the library asks of the system's threads, futexes, clock and random numbers, answered by the schedule while one
 * runs. The linker puts these in the place of the system's (--wrap). See schedule.h.
 *
 * A mutex is the system's own, tried; who finds it taken waits in the schedule. Returns are those of the manual.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "torture/schedule.h"

#define REAL(name) __real_##name
#define WRAP(name) __wrap_##name
/* The linker's names for the system's function, and for the one in its place. */
#define REPLACED(type, name, ...) \
    type REAL(name)(__VA_ARGS__); \
    type WRAP(name)(__VA_ARGS__)

REPLACED(int, pthread_create, pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
         void *argument);
REPLACED(int, pthread_join, pthread_t thread, void **result);
REPLACED(int, pthread_mutex_lock, pthread_mutex_t *mutex);
REPLACED(int, pthread_mutex_trylock, pthread_mutex_t *mutex);
REPLACED(int, pthread_mutex_unlock, pthread_mutex_t *mutex);
REPLACED(int, pthread_cond_wait, pthread_cond_t *cond, pthread_mutex_t *mutex);
REPLACED(int, pthread_cond_timedwait, pthread_cond_t *cond, pthread_mutex_t *mutex, const struct timespec *until);
REPLACED(int, pthread_cond_signal, pthread_cond_t *cond);
REPLACED(int, pthread_cond_broadcast, pthread_cond_t *cond);
REPLACED(int, sched_yield, void);
REPLACED(int, nanosleep, const struct timespec *duration, struct timespec *left);
REPLACED(int, clock_gettime, clockid_t clock, struct timespec *now);
REPLACED(ssize_t, getrandom, void *to, size_t length, unsigned flags);
REPLACED(long, syscall, long number, ...);

enum { ANY = 1 }; /* the group of who has none */

static uint64_t nanoseconds(const struct timespec *time)
{
    return (uint64_t)time->tv_sec * 1000000000u + (uint64_t)time->tv_nsec;
}

int WRAP(pthread_create)(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument)
{
    if (!torture_schedule_is_on())
        return REAL(pthread_create)(thread, attributes, run, argument);
    int number = torture_schedule_start(run, argument);
    if (number < 0)
        return EAGAIN;
    *thread = (pthread_t)number;
    return 0;
}

int WRAP(pthread_join)(pthread_t thread, void **result)
{
    if (!torture_schedule_is_on())
        return REAL(pthread_join)(thread, result);
    torture_schedule_join((int)thread);
    if (result)
        *result = NULL;
    return 0;
}

/* However often somebody else comes first. */
static void lock(pthread_mutex_t *mutex)
{
    while (REAL(pthread_mutex_trylock)(mutex) == EBUSY)
        torture_schedule_wait(mutex, ANY, UINT64_MAX);
}

static void unlock(pthread_mutex_t *mutex)
{
    REAL(pthread_mutex_unlock)(mutex);
    torture_schedule_wake(mutex, ANY, 1);
}

int WRAP(pthread_mutex_lock)(pthread_mutex_t *mutex)
{
    if (!torture_schedule_is_on())
        return REAL(pthread_mutex_lock)(mutex);
    torture_schedule_pause();
    lock(mutex);
    return 0;
}

int WRAP(pthread_mutex_trylock)(pthread_mutex_t *mutex)
{
    torture_schedule_pause();
    return REAL(pthread_mutex_trylock)(mutex);
}

int WRAP(pthread_mutex_unlock)(pthread_mutex_t *mutex)
{
    if (!torture_schedule_is_on())
        return REAL(pthread_mutex_unlock)(mutex);
    unlock(mutex);
    return 0;
}

static bool wait(pthread_cond_t *cond, pthread_mutex_t *mutex, uint64_t deadline)
{
    unlock(mutex);
    bool woken = torture_schedule_wait(cond, ANY, deadline);
    lock(mutex);
    return woken;
}

int WRAP(pthread_cond_wait)(pthread_cond_t *cond, pthread_mutex_t *mutex)
{
    if (!torture_schedule_is_on())
        return REAL(pthread_cond_wait)(cond, mutex);
    wait(cond, mutex, UINT64_MAX);
    return 0;
}

int WRAP(pthread_cond_timedwait)(pthread_cond_t *cond, pthread_mutex_t *mutex, const struct timespec *until)
{
    if (!torture_schedule_is_on())
        return REAL(pthread_cond_timedwait)(cond, mutex, until);
    return wait(cond, mutex, nanoseconds(until)) ? 0 : ETIMEDOUT;
}

int WRAP(pthread_cond_signal)(pthread_cond_t *cond)
{
    if (!torture_schedule_is_on())
        return REAL(pthread_cond_signal)(cond);
    torture_schedule_wake(cond, ANY, 1);
    return 0;
}

int WRAP(pthread_cond_broadcast)(pthread_cond_t *cond)
{
    if (!torture_schedule_is_on())
        return REAL(pthread_cond_broadcast)(cond);
    torture_schedule_wake(cond, ANY, UINT32_MAX);
    return 0;
}

int WRAP(sched_yield)(void)
{
    if (!torture_schedule_is_on())
        return REAL(sched_yield)();
    torture_schedule_yield();
    return 0;
}

int WRAP(nanosleep)(const struct timespec *duration, struct timespec *left)
{
    static const char nobody; /* wakes one who sleeps there */

    if (!torture_schedule_is_on())
        return REAL(nanosleep)(duration, left);
    torture_schedule_wait(&nobody, ANY, torture_schedule_clock() + nanoseconds(duration));
    return 0;
}

int WRAP(clock_gettime)(clockid_t clock, struct timespec *now)
{
    if (!torture_schedule_is_on())
        return REAL(clock_gettime)(clock, now);
    uint64_t time = torture_schedule_clock();
    *now = (struct timespec){.tv_sec = (time_t)(time / 1000000000u), .tv_nsec = (long)(time % 1000000000u)};
    return 0;
}

ssize_t WRAP(getrandom)(void *to, size_t length, unsigned flags)
{
    if (!torture_schedule_is_on())
        return REAL(getrandom)(to, length, flags);
    unsigned char *bytes = to;
    for (size_t i = 0; i < length; i++)
        bytes[i] = (unsigned char)torture_schedule_entropy();
    return (ssize_t)length;
}

static long futex(uint32_t *word, int operation, uint32_t value, uint32_t group)
{
    torture_schedule_pause();
    if (operation == FUTEX_WAKE_BITSET_PRIVATE) {
        torture_schedule_wake(word, group, value);
        return 0;
    }
    if (__atomic_load_n(word, __ATOMIC_SEQ_CST) == value)
        torture_schedule_wait(word, group, UINT64_MAX);
    return 0;
}

/* The library makes no other system call this way than futex, whose six arguments these are. */
long WRAP(syscall)(long number, ...)
{
    va_list list;

    va_start(list, number);
    long a = va_arg(list, long), b = va_arg(list, long), c = va_arg(list, long), d = va_arg(list, long),
         e = va_arg(list, long), f = va_arg(list, long);
    va_end(list);
    if (number != SYS_futex || !torture_schedule_is_on())
        return REAL(syscall)(number, a, b, c, d, e, f);
    return futex((uint32_t *)a, (int)b, (uint32_t)c, (uint32_t)f);
}
