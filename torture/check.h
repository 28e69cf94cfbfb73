/* Is what recovery makes of a disk what it may be?
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TORTURE_CHECK_H
#define QUIRE_TORTURE_CHECK_H

#include <quire/log.h>

#include "torture/base.h"
#include "torture/walk.h"

enum { TORTURE_SEQUENCES = 1024, TORTURE_LANES = 8 };

/* What the records of a run are, and what it asks of a log. */
struct torture_rules {
    const struct quire_log_options *options;
    const struct torture_base *base; /* NULL, or what was there before the first of them */
    uint64_t seed;                   /* of the records */
    uint64_t length_most;            /* of a record */
    bool fixed_length;               /* of every record */
    bool lanes;    /* records came through lanes: they say which, and the how manieth of it they are */
    bool may_trim; /* the log need not begin with the first sequence there was */
    bool repeats;  /* random numbers are the same each time, as if from a saved memory */
    bool may_lose; /* gaps are declared where records were dropped, or claimed and not published */
    bool stored
        [TORTURE_SEQUENCES]; /* but not these: they were published, or are about to be; by sequence behind the base */
};

/* The sequence behind the base; 0: it is of the base, or too far. An index of stored. */
uint64_t torture_rules_index(const struct torture_rules *rules, uint64_t sequence);
/* name: the sequence of the record, or what torture_record_of_lane says. */
uint64_t torture_record_length(const struct torture_rules *rules, uint64_t name);
/* So many bytes at to. */
void torture_record_fill(const struct torture_rules *rules, uint64_t name, unsigned char *to);
/* The name of a record whose sequence is not known yet, which begins with it: number 1, 2, ... of a lane. */
uint64_t torture_record_of_lane(uint32_t lane, uint64_t number);

struct torture_verdict {
    char why[256]; /* "": all is well */
};

/* The first objection counts. Returns false. */
__attribute__((format(printf, 2, 3))) bool torture_object(struct torture_verdict *verdict, const char *format, ...);

/* Opens the log on what image has, reads it, goes on with it and reads it again. acknowledged: the records that must be
 * there; begun: the last one that can be. trace (or NULL): what that does to the disk. */
void torture_check(const struct torture_rules *rules, const struct torture_image *image, uint64_t acknowledged,
                   uint64_t begun, struct torture_trace *trace, struct torture_verdict *verdict);

#endif
