/* The segments of a log as a reader sees them: which there are, and with which sequence each begins.
 *
 * What is in a segment is looked at when it is needed. A segment may be empty: the writer makes them ready before it
 * needs them. Of two segments that hold the same sequences the later one counts (a log that went on in a fresh segment
 * after a failure), and what is left has first sequences that rise.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_READER_CATALOG_H
#define QUIRE_READER_CATALOG_H

#include "log/segment.h"

enum quire__entry_state {
    QUIRE__ENTRY_UNKNOWN, /* not looked at yet */
    QUIRE__ENTRY_FILLED,  /* its first block has a header that is whole */
    QUIRE__ENTRY_EMPTY, /* no block where the first should be; it may come yet. Code -ENOENT: it was taken away again */
    QUIRE__ENTRY_BROKEN, /* bytes there which are not a block */
    QUIRE__ENTRY_BAD,    /* not to be read at all: code says why */
};

struct quire__entry {
    uint64_t number;
    enum quire__entry_state state;
    int code;              /* of the last look */
    uint32_t looks, pause; /* BAD: how often in a row, and how many loads pass before the next look */
    bool is_old;           /* BAD: what is known is not of the last load */
    struct quire__segment_header header;
    bool is_unborn;                      /* BAD: its first page was never written. No damage at the end of a log */
    uint64_t first_sequence, first_time; /* FILLED */
    uint64_t durable;                    /* FILLED: what its first block knows to be durable; 0: nothing */
};

struct quire__catalog {
    struct quire__io *io;
    char *directory;
    unsigned char log_id[16];
    struct quire__entry *entries;
    uint64_t count, room;
};

/* Lists the directory, and learns from its segments which log it is. QUIRE_E_NOT_A_LOG: no segment there. If none
 * can be read, the reason for the first, and *number which that is. -ENOENT, -ENOTDIR, -ENOMEM, ... */
int quire__catalog_open(struct quire__catalog *catalog, struct quire__io *io, const char *directory, uint64_t *number);
void quire__catalog_close(struct quire__catalog *catalog);

/* Lists the directory again. What is known of segments that are still there is kept. */
int quire__catalog_refresh(struct quire__catalog *catalog);

/* Looks whether segments have come behind the last one. Cheap. */
int quire__catalog_extend(struct quire__catalog *catalog);

/* Looks at an entry unless it is known to be filled, or was bad so often that it is not looked at each time any more.
 * Negative: it could not be looked at for want of memory or files. */
int quire__catalog_load(struct quire__catalog *catalog, uint64_t index);
/* Looks in any case. */
int quire__catalog_look_anew(struct quire__catalog *catalog, uint64_t index);
/* All are looked at again by the next load: time has passed. */
void quire__catalog_wake(struct quire__catalog *catalog);

/* Opens the file of an entry. -ENOENT: it is gone. */
int quire__catalog_open_segment(struct quire__catalog *catalog, uint64_t index, int *file,
                                struct quire__segment_header *header);

/* The first entry whose number is at least number; count if none. */
uint64_t quire__catalog_find(const struct quire__catalog *catalog, uint64_t number);

/* The first filled entry from index on that no later one overtakes; the last filled one. count: none. */
int quire__catalog_filled_from(struct quire__catalog *catalog, uint64_t index, uint64_t *filled);
int quire__catalog_last_filled(struct quire__catalog *catalog, uint64_t *filled);

/* The last filled entry whose first sequence is at most, or whose first time is below, the target; count: none. Looks
 * at O(log n) of them, where few are empty and blocks know of what is durable. */
int quire__catalog_search(struct quire__catalog *catalog, bool by_time, uint64_t target, uint64_t *index);

#endif
