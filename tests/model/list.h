/* What a log is to hold: a plain list of records, and what is known of how safe they are.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TESTS_MODEL_LIST_H
#define QUIRE_TESTS_MODEL_LIST_H

#include <stdbool.h>
#include <stdint.h>

#include <quire/reader.h>

enum { LIST_MOST = 16384, LIST_RECORD_MOST = 256 * 1024 };

enum entry_kind {
    ENTRY_DATA,    /* a record, known */
    ENTRY_LANE,    /* a record of some lane: which, its content will tell */
    ENTRY_CLAIMED, /* claimed and not published */
    ENTRY_LOST     /* declared lost, for a reason */
};

struct entry {
    enum entry_kind kind;
    uint32_t reason; /* of ENTRY_LOST: enum quire_gap_reason */
    uint64_t id;     /* what is in it; of ENTRY_LANE 0: not yet known */
    uint64_t length;
    uint64_t time; /* as first read; 0: not yet */
    bool joined;   /* of one batch with the next */
};

/* A record that was appended to a lane. */
struct lane_record {
    uint64_t id, length;
    bool seen; /* found in the log */
};

struct list {
    struct entry entries[LIST_MOST]; /* by sequence: from 1 on */
    uint64_t count;                  /* the last sequence */
    uint64_t first_most;             /* the log begins no later than here */
    uint64_t first_seen;             /* and began here when it was read last */
    uint64_t durable, written;       /* as the log or a reader said: a power cut, a kill leaves them */
    uint64_t undeclared;             /* dropped, and not in the log's order yet */
    uint64_t unplaced;               /* in lanes, and not in the log's order as far as is known */
    struct lane_record lane_records[LIST_MOST];
    uint64_t lane_record_count;
    uint64_t ids;
};

/* The content of record id, which begins with it. Constant bytes compress, others do not: half of the records each. */
void list_fill(uint64_t id, uint64_t length, unsigned char *to);
/* Has it that content? */
bool list_is(uint64_t id, uint64_t length, const void *data, uint64_t data_length);

/* A new name for a record. */
uint64_t list_name(struct list *list);

/* The last sequence that may have been given: threads hand over what lanes hold, and declare what was dropped. */
static inline uint64_t list_most(const struct list *list)
{
    return list->count + list->undeclared + list->unplaced;
}

/* The log's order has come to `appended`: what came in between was dropped, or came out of lanes. NULL: it may be; else
 * what is wrong. */
const char *list_extend(struct list *list, uint64_t appended);
/* The record behind all others. NULL, or what is wrong with its sequence. */
const char *list_add(struct list *list, uint64_t sequence, struct entry entry);
/* The list ends here. What was in lanes, or dropped without a word, is gone. */
void list_cut(struct list *list, uint64_t last);
/* Claims that nobody will publish are lost. */
void list_void_claims(struct list *list);

/* What a reader gives. NULL, or what is wrong with it; *next: the sequence behind it. */
const char *list_see(struct list *list, const struct quire_record *record, uint64_t *next);

#endif
