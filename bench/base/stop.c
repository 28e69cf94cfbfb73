/* Being told to stop. See stop.h.
 *
 * SPDX-License-Identifier: MIT */
#include "base/stop.h"

#include <stddef.h>

volatile sig_atomic_t bench_stop_signal;

static void remember(int signal)
{
    bench_stop_signal = signal;
}

void bench_stop_install(void)
{
    static const int asked[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        struct sigaction old;
        if (sigaction(asked[i], NULL, &old) == 0 && old.sa_handler == SIG_IGN)
            continue;
        struct sigaction action = {.sa_handler = remember, .sa_flags = SA_RESTART};
        sigaction(asked[i], &action, NULL);
    }
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignore, NULL);
    sigaction(SIGXFSZ, &ignore, NULL);
}

int bench_stop_code(void)
{
    return 128 + (int)bench_stop_signal;
}
