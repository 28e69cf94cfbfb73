/* A check in a process of its own. See guard.h.
 *
 * SPDX-License-Identifier: MIT */
#include "guard.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SECONDS = 60 };

struct answer {
    bool right;
    struct disk_findings findings;
};

static _Noreturn void check(int to, const char *directory, const struct disk_profile *profile, uint32_t method,
                            const struct disk_expectation *expectation)
{
    struct answer answer;

    memset(&answer, 0, sizeof answer);
    alarm(SECONDS);
    answer.right = disk_check(directory, profile, method, expectation, &answer.findings);
    _exit(write(to, &answer, sizeof answer) == (ssize_t)sizeof answer ? 0 : 1);
}

static pid_t wait_for(pid_t child, int *status)
{
    pid_t gone;

    do
        gone = waitpid(child, status, 0);
    while (gone < 0 && errno == EINTR);
    return gone;
}

bool disk_check_guarded(const char *directory, const struct disk_profile *profile, uint32_t method,
                        const struct disk_expectation *expectation, struct disk_findings *findings)
{
    struct answer answer = {.right = false};
    int ends[2];
    int status = 0;

    *findings = (struct disk_findings){.why = "the check cannot be started"};
    if (pipe(ends) < 0)
        return false;
    pid_t child = fork();
    if (child == 0)
        check(ends[1], directory, profile, method, expectation);
    close(ends[1]);
    ssize_t got = child < 0 ? 0 : read(ends[0], &answer, sizeof answer);
    close(ends[0]);
    if (child < 0 || wait_for(child, &status) != child)
        return false;
    if (got != (ssize_t)sizeof answer) {
        snprintf(findings->why, sizeof findings->why, "the check ended by signal %d", WTERMSIG(status));
        return false;
    }
    *findings = answer.findings;
    return answer.right;
}
