/* What `quire append` passes on to standard output, and when: records as they came, or their sequences, once they are
 * as safe as was asked for.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_APPEND_PASS_H
#define TOOLS_APPEND_PASS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

enum pass_what { PASS_NOTHING, PASS_RECORDS, PASS_SEQUENCES };

struct pass_mark {
    uint64_t sequence; /* when this one is safe, */
    uint64_t end;      /* the bytes before this one may go */
};

struct pass {
    enum pass_what what;
    int stopping;         /* see stopping.h */
    unsigned char *bytes; /* those from begin to end wait */
    uint64_t begin, end, capacity;
    struct pass_mark *marks; /* oldest first */
    uint64_t mark_begin, mark_end, mark_capacity;
};

/* Keeps what is to be passed on for count records from the sequence first, which came as raw. 0 or -ENOMEM. */
int pass_add(struct pass *pass, const struct iovec *raw, uint64_t first, uint64_t count);

/* Writes what may go now that all up to `safe` is safe. 0; -EINTR: told to
 * stop, and who reads it takes nothing any more; or why it could not be written. */
int pass_on(struct pass *pass, uint64_t safe);

/* Forgets what waits, and passes on nothing any more. */
void pass_drop(struct pass *pass);

/* So much waits that it should be made safe now. */
bool pass_is_full(const struct pass *pass);

static inline bool pass_waits(const struct pass *pass)
{
    return pass->end > pass->begin;
}

void pass_free(struct pass *pass);

#endif
