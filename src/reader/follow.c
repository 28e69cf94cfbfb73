/* Waiting for what is not there yet.
 *
 * The writer writes live.quire with each hand-over, and inotify tells who watches the directory. What is there is
 * looked for after the watch is armed, so that nothing that comes in between is slept through. Where nothing is told
 * (a file system of another machine, segments written through a mapping by a writer without live.quire) a look every
 * second serves instead.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/clock.h"
#include "reader/reader.h"

#define LOOK_EVERY_MS 1000

/* Watches the directory: what is written to the files in it, and which come and go. */
static int arm(quire_reader *reader)
{
    if (reader->watch >= 0)
        return 0;
    int watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (watch < 0)
        return -errno;
    if (inotify_add_watch(watch, reader->catalog.directory, IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_DELETE) < 0) {
        int rc = -errno;
        close(watch); /* nothing was written through it */
        return rc;
    }
    reader->watch = watch;
    return 0;
}

/* What was told so far is old. */
static void drain(quire_reader *reader)
{
    char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));

    while (read(reader->watch, events, sizeof events) > 0)
        ;
}

/* Until something is told, or so many milliseconds are over. */
static int sleep_ms(quire_reader *reader, int ms)
{
    struct pollfd waited = {.fd = reader->watch, .events = POLLIN};

    return poll(&waited, reader->watch >= 0 ? 1 : 0, ms) < 0 ? -errno : 0;
}

static int left_ms(uint64_t begun, int timeout_ms)
{
    if (timeout_ms < 0)
        return LOOK_EVERY_MS;
    uint64_t passed = (quire__clock_ns() - begun) / 1000000;
    if (passed >= (uint64_t)timeout_ms)
        return 0;
    return (int)quire__min((uint64_t)timeout_ms - passed, LOOK_EVERY_MS);
}

int quire_reader_wait(quire_reader *reader, int timeout_ms)
{
    uint64_t begun = quire__clock_ns();

    if (!reader)
        return QUIRE_E_ARGUMENT;
    /* Without inotify (too many watches, say) the look every second remains. */
    int rc = arm(reader);
    if (rc == -ENOMEM)
        return rc;
    for (;;) {
        if (reader->watch >= 0)
            drain(reader);
        quire__catalog_wake(&reader->catalog);
        /* An error is for next to tell. */
        if (quire__reader_find_next(reader) != 0)
            return 1;
        int ms = left_ms(begun, timeout_ms);
        if (ms == 0)
            return 0;
        rc = sleep_ms(reader, ms);
        if (rc < 0)
            return rc;
    }
}
