/* Being told to stop. See stopping.h.
 *
 * SPDX-License-Identifier: MIT */
#include "stopping.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

static int asked_by;

int stopping_open(void)
{
    static const int asked[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    sigset_t set;
    struct sigaction ignore = {.sa_handler = SIG_IGN}, old;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++)
        if (sigaction(asked[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaddset(&set, asked[i]);
    if (sigaction(SIGPIPE, &ignore, NULL) != 0 || sigaction(SIGXFSZ, &ignore, NULL) != 0 ||
        sigprocmask(SIG_BLOCK, &set, NULL) != 0)
        return -errno;
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return fd < 0 ? -errno : fd;
}

int stopping_signal(int stopping)
{
    struct signalfd_siginfo info;
    if (!asked_by && read(stopping, &info, sizeof info) == (ssize_t)sizeof info)
        asked_by = (int)info.ssi_signo;
    return asked_by;
}

int stopping_wait(int stopping, int file, bool write, int timeout_ms)
{
    struct pollfd both[2] = {{.fd = file, .events = write ? POLLOUT : POLLIN}, {.fd = stopping, .events = POLLIN}};
    if (asked_by)
        return -EINTR;
    int ready = poll(both, 2, timeout_ms);
    if (ready < 0)
        return errno == EINTR ? 0 : -errno;
    if (both[1].revents && stopping_signal(stopping))
        return -EINTR;
    return both[0].revents ? 1 : 0;
}
