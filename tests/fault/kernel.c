/* System calls refused by seccomp. See kernel.h.
 *
 * SPDX-License-Identifier: MIT */
#include "kernel.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/prctl.h>

#include "harness.h"

enum { STEPS = 6, MOST_REFUSALS = 8 };

struct run {
    const struct kernel_refusal *refusals;
    size_t count;
    void (*body)(void *argument);
    void *argument;
    bool ran;
};

/* The lower half of an argument. */
static uint32_t place_of(uint32_t argument)
{
    uint32_t high_first = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0;

    return (uint32_t)offsetof(struct seccomp_data, args) + argument * 8 + high_first;
}

static void add_refusal(struct sock_filter *at, const struct kernel_refusal *refusal)
{
    const struct sock_filter steps[STEPS] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)refusal->call, 0, 4),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, place_of(refusal->argument)),
        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, refusal->mask),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, refusal->value, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)refusal->code),
    };

    for (size_t i = 0; i < STEPS; i++)
        at[i] = steps[i];
}

static bool refuse(const struct run *run)
{
    struct sock_filter filter[STEPS * MOST_REFUSALS + 1];
    struct sock_fprog program = {.len = (unsigned short)(run->count * STEPS + 1), .filter = filter};

    for (size_t i = 0; i < run->count; i++)
        add_refusal(filter + i * STEPS, &run->refusals[i]);
    filter[run->count * STEPS] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static void *run_refused(void *argument)
{
    struct run *run = argument;

    run->ran = refuse(run);
    if (run->ran)
        run->body(run->argument);
    return NULL;
}

void kernel_refusing(const struct kernel_refusal *refusals, size_t count, void (*body)(void *argument), void *argument)
{
    struct run run = {.refusals = refusals, .count = count, .body = body, .argument = argument};
    pthread_t thread;

    REQUIRE(count <= MOST_REFUSALS);
    REQUIRE_INT(pthread_create(&thread, NULL, run_refused, &run), 0);
    REQUIRE_INT(pthread_join(thread, NULL), 0);
    if (!run.ran)
        SKIP("no seccomp filter can be set here");
}
