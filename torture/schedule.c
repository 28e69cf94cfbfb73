/* Coroutines, and choosing between them. See schedule.h.
 *
 * SPDX-License-Identifier: MIT */
#include "torture/schedule.h"

#include <stddef.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "torture/random.h"

enum { THREADS = 24, STACK_BYTES = 1 << 20, TICK = 100 };

enum state { FREE, READY, WAITING, ENDED };

struct coroutine {
    enum state state;
    ucontext_t context;
    void *stack; /* kept for the next one */
    void *(*run)(void *argument);
    void *argument;
    const void *address; /* waited for */
    uint32_t group;
    uint64_t deadline;
    bool woken;
};

static struct schedule {
    bool on, repeats;
    ucontext_t outside;
    struct coroutine threads[THREADS];
    int now; /* which of them runs */
    uint64_t random, clock;
    void (*body)(void *argument);
    const char *why;
} s;

bool torture_schedule_is_on(void)
{
    return s.on;
}

uint64_t torture_schedule_random(void)
{
    return torture_random(&s.random);
}

uint64_t torture_schedule_entropy(void)
{
    /* Drawn in any case, so that the seed leads to the same threads. */
    uint64_t random = torture_schedule_random();

    return s.repeats ? UINT64_C(0x5A) : random;
}

void torture_schedule_repeat(bool repeats)
{
    s.repeats = repeats;
}

uint64_t torture_schedule_clock(void)
{
    return s.clock += TICK;
}

void torture_schedule_skip(uint64_t nanoseconds)
{
    s.clock += nanoseconds;
}

/* The first for whom the clock has come, or for whom it comes first, is ready. False: it comes for nobody. */
static bool pass_time(void)
{
    struct coroutine *first = NULL;

    for (int i = 0; i < THREADS; i++) {
        struct coroutine *thread = &s.threads[i];
        if (thread->state == WAITING && thread->deadline != UINT64_MAX &&
            (!first || thread->deadline < first->deadline))
            first = thread;
    }
    if (!first)
        return false;
    if (s.clock < first->deadline)
        s.clock = first->deadline;
    first->state = READY;
    return true;
}

/* One who waited until now, or is ready: the first from a random one on. -1: nobody is. */
static int choose(void)
{
    int first = (int)(torture_schedule_random() % THREADS);

    for (int i = 0; i < THREADS; i++)
        if (s.threads[i].state == WAITING && s.threads[i].deadline <= s.clock)
            s.threads[i].state = READY;
    for (int i = 0; i < THREADS; i++)
        if (s.threads[(first + i) % THREADS].state == READY)
            return (first + i) % THREADS;
    return -1;
}

static void give_up(const char *why)
{
    s.why = why;
    setcontext(&s.outside);
}

static void go_on_with_another(void)
{
    int before = s.now;
    int next = choose();

    if (next < 0 && pass_time())
        next = choose();
    if (next < 0)
        give_up("every thread waits for another");
    s.now = next;
    if (next != before)
        swapcontext(&s.threads[before].context, &s.threads[next].context);
}

void torture_schedule_yield(void)
{
    if (s.on)
        go_on_with_another();
}

void torture_schedule_pause(void)
{
    if (s.on && torture_schedule_random() % 4 == 0)
        go_on_with_another();
}

bool torture_schedule_wait(const void *address, uint32_t group, uint64_t deadline)
{
    struct coroutine *self = &s.threads[s.now];

    self->state = WAITING;
    self->address = address;
    self->group = group;
    self->deadline = deadline;
    self->woken = false;
    go_on_with_another();
    return self->woken;
}

void torture_schedule_wake(const void *address, uint32_t group, uint32_t most)
{
    int first = (int)(torture_schedule_random() % THREADS);

    for (int i = 0; i < THREADS && most > 0; i++) {
        struct coroutine *thread = &s.threads[(first + i) % THREADS];
        if (thread->state != WAITING || thread->address != address || !(thread->group & group))
            continue;
        thread->state = READY;
        thread->woken = true;
        most--;
    }
}

static bool is_anybody_left(void)
{
    for (int i = 1; i < THREADS; i++)
        if (s.threads[i].state != FREE)
            return true;
    return false;
}

/* Where every coroutine begins, and none returns from. */
static void live(void)
{
    struct coroutine *self = &s.threads[s.now];

    if (s.now == 0) {
        s.body(self->argument);
        give_up(is_anybody_left() ? "a thread was not joined" : NULL);
    }
    self->run(self->argument);
    self->state = ENDED;
    torture_schedule_wake(self, 1, 1);
    go_on_with_another();
}

static bool begin(int number, void *argument)
{
    struct coroutine *thread = &s.threads[number];

    if (!thread->stack) {
        void *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
        if (stack == MAP_FAILED)
            return false;
        thread->stack = stack;
    }
    getcontext(&thread->context); /* neither can fail on Linux */
    thread->context.uc_stack.ss_sp = thread->stack;
    thread->context.uc_stack.ss_size = STACK_BYTES;
    thread->context.uc_link = NULL;
    makecontext(&thread->context, live, 0);
    thread->argument = argument;
    thread->state = READY;
    return true;
}

int torture_schedule_start(void *(*run)(void *argument), void *argument)
{
    for (int i = 1; i < THREADS; i++)
        if (s.threads[i].state == FREE && begin(i, argument)) {
            s.threads[i].run = run;
            torture_schedule_pause();
            return i;
        }
    return -1;
}

void torture_schedule_join(int number)
{
    struct coroutine *thread = &s.threads[number];

    while (thread->state != ENDED)
        torture_schedule_wait(thread, 1, UINT64_MAX);
    thread->state = FREE;
}

const char *torture_schedule_run(uint64_t seed, void (*body)(void *argument), void *argument)
{
    /* 2020-09-13: a log's times are of this century. */
    static const uint64_t epoch = UINT64_C(1600000000) * 1000000000;
    volatile bool over = false;

    for (int i = 0; i < THREADS; i++)
        s.threads[i].state = FREE;
    s.random = seed;
    s.repeats = false;
    s.clock = epoch;
    s.body = body;
    s.why = "no memory for a stack";
    s.now = 0;
    if (!begin(0, argument))
        return s.why;
    s.on = true;
    getcontext(&s.outside);
    if (!over) {
        over = true; /* the second time it returns, all is done */
        setcontext(&s.threads[0].context);
    }
    s.on = false;
    return s.why;
}
