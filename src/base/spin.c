/* The slow half of a spin lock: looking again, then yielding, then sleeping. See spin.h.
 *
 * SPDX-License-Identifier: MIT */
#include "base/spin.h"

#include <sched.h>
#include <time.h>

static void pause_a_moment(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static void wait_a_little(unsigned looks)
{
    if (looks < 100)
        pause_a_moment();
    else if (looks < 1000)
        sched_yield();
    else
        nanosleep(&(struct timespec){.tv_nsec = 50000}, NULL);
}

void quire__spin_wait_and_lock(struct quire__spin *spin)
{
    unsigned looks = 0;

    do {
        while (atomic_load_explicit(&spin->held, memory_order_relaxed))
            wait_a_little(looks++);
    } while (!quire__spin_try(spin));
}
