/* Looking at a log from outside: what is in it, whether it is whole, and mending it.
 *
 * None of these need the log to be open; inspect and verify may run while a writer appends, the others take its lock.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_CHECK_H
#define QUIRE_CHECK_H

#include <stdint.h>

#include <quire/error.h>
#include <quire/log.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One segment, as its header and its blocks tell. */
struct quire_segment_info {
    uint64_t number;
    uint64_t file_bytes;                    /* the file's length, with space made ready */
    uint64_t data_bytes;                    /* up to the end of the last whole block */
    uint64_t blocks, records, lost;         /* lost: sequences declared lost by gap records */
    uint64_t first_sequence, last_sequence; /* both 0: none */
    uint64_t first_time, last_time;         /* nanoseconds since 1970 */
    uint64_t created;                       /* time of making */
    uint32_t sealed;                        /* 1: ends in a footer */
    int32_t code;                           /* 0, or why it cannot be read to its end */
};

struct quire_log_info {
    uint64_t size; /* in: sizeof(struct quire_log_info) as the caller knows it */
    unsigned char id[16];
    uint64_t segments;
    uint64_t first_sequence, last_sequence; /* both 0: none */
    uint64_t first_time, last_time;
    uint64_t file_bytes, data_bytes;
    uint64_t durable;    /* known durable */
    uint64_t torn_files; /* files kept aside by recovery and repair */
    uint32_t version;    /* of the format */
    uint32_t locked;     /* 1: a writer has it open now */
};

/* see (unless NULL) is called for each segment, oldest first; other than 0 stops and is returned. Reads the headers of
 * blocks, not the records. *info is left alone unless 0 is returned; it cannot be NULL. */
typedef int quire_see_segment(void *context, const struct quire_segment_info *segment);
int quire_inspect(const char *directory, quire_see_segment *see, void *context, struct quire_log_info *info);

#define QUIRE_VERIFY_CHAIN 1u /* also the SHA-256 chain: QUIRE_E_NO_CHAIN if the log or this build has none */

struct quire_verify_options {
    uint64_t size;
    uint32_t flags;
    uint32_t threads; /* 0: one per processor */
    /* NULL, or called for each damaged place, by one thread at a time, in no order. */
    void (*damaged)(void *context, const struct quire_damage *damage);
    /* NULL, or called now and then by one thread at a time: bytes checked so far, of so many. Other than 0 stops. */
    int (*progress)(void *context, uint64_t done, uint64_t total);
    void *context;
};

struct quire_verify_result {
    uint64_t size;
    uint64_t segments, blocks, records, lost;
    uint64_t bytes;           /* of whole blocks */
    uint64_t damaged;         /* places */
    uint64_t damaged_records; /* records that cannot be read, as far as is known */
    uint64_t torn_bytes;      /* behind last whole blocks: dropped by the next open or by repair, not damage */
    uint64_t first_sequence, last_sequence;
    unsigned char chain[32]; /* with QUIRE_VERIFY_CHAIN: the digest of the last sealed segment */
};

/* Checks every byte. 0: whole. QUIRE_E_DAMAGED: see damaged, and *result is filled all the same. Other errors: it
 * could not be checked. A torn tail is not damage. */
int quire_verify(const char *directory, const struct quire_verify_options *options, struct quire_verify_result *result);

enum quire_repair_kind {
    QUIRE_REPAIR_CUT_TAIL = 1,        /* cut a torn tail off a segment */
    QUIRE_REPAIR_DECLARE_GAP = 2,     /* put a gap record in the place of damaged blocks */
    QUIRE_REPAIR_SET_ASIDE = 3,       /* take out all of a segment that cannot be read at all */
    QUIRE_REPAIR_DECLARE_MISSING = 4, /* make a segment of one gap record for one that is missing */
    QUIRE_REPAIR_RENEW_FOOTER = 5     /* write a footer again that does not fit its segment's blocks: what a repair that
                                         was interrupted leaves */
};

struct quire_repair_step {
    uint32_t kind;
    uint32_t reserved;
    uint64_t segment, offset, bytes;        /* what is taken out; kept in <number>-<offset>.torn */
    uint64_t first_sequence, last_sequence; /* records given up */
};

/* Plans, and with apply carries out, what makes verify clean again. see (unless NULL) is called for each step before
 * it is done; other than 0 stops (a positive number: -ECANCELED is returned). Nothing is deleted: what is taken out
 * is kept aside and durable before anything changes. *steps (unless NULL): how many. QUIRE_E_LOCKED while a writer
 * has the log. QUIRE_E_MISSING: so many segments in a row that none of this makes sense; take away the file whose number
 * is far from the others. What the system would not let be read (-EIO, -EMFILE, ...) is not damage: the error is
 * returned, and nothing is given up for it; one that stays is the device's, and the files have to be copied to another
 * first. Called again after an error it goes on where it was. */
typedef int quire_see_step(void *context, const struct quire_repair_step *step);
int quire_repair(const char *directory, int apply, quire_see_step *see, void *context, uint64_t *steps);

/* Takes away the oldest segments whose records are all below sequence; *segments: how many. */
int quire_trim(const char *directory, uint64_t sequence, uint64_t *segments);

/* Takes away all records behind sequence, for good: the next append gets sequence + 1. *records: how many went.
 * What is torn or damaged right behind it goes as well. QUIRE_E_TRIMMED if sequence is gone from the front, QUIRE_E_RANGE
 * if it was never there, QUIRE_E_DAMAGED if it, or what lies in front of it in its segment, cannot be read. That is not
 * looked at where sequence is the last that a block's header tells of: nothing goes then. */
int quire_truncate(const char *directory, uint64_t sequence, uint64_t *records);

/* As quire_truncate, and of the record with that sequence only the first length bytes stay, if it is longer. It is as it
 * was until it is shorter: a crash in between leaves all of it. */
int quire_truncate_within(const char *directory, uint64_t sequence, uint64_t length, uint64_t *records);

#ifdef __cplusplus
}
#endif
#endif
