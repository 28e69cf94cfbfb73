/* The names of events.
 *
 * SPDX-License-Identifier: MIT */
#include <quire/observe.h>

const char *quire_event_name(uint32_t kind)
{
    static const char *const names[] = {
        [QUIRE_EVENT_HAND_OVER] = "hand_over", [QUIRE_EVENT_WRITE] = "write", [QUIRE_EVENT_SUBMIT] = "submit",
        [QUIRE_EVENT_REAP] = "reap",           [QUIRE_EVENT_SYNC] = "sync",   [QUIRE_EVENT_ALLOCATE] = "allocate",
        [QUIRE_EVENT_WAIT] = "wait",
    };

    return kind < sizeof names / sizeof names[0] ? names[kind] : "unknown";
}
