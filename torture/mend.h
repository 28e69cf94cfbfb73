/* A run of what changes a log from outside (quire/check.h): repair of one that is damaged, trim, truncate. A mark of 1
 * says that it returned.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TORTURE_MEND_H
#define QUIRE_TORTURE_MEND_H

#include <quire/check.h>

#include "mend/mend.h"
#include "torture/listing.h"
#include "torture/scenario.h"
#include "torture/subject.h"
#include "torture/walk.h"

enum torture_mending { TORTURE_REPAIR, TORTURE_TRIM, TORTURE_TRUNCATE, TORTURE_MENDINGS };
enum { TORTURE_STEPS = 64, TORTURE_DAMAGES = 3 };

struct torture_mend {
    uint64_t seed;
    struct torture_scenario scenario; /* how the log was made */
    bool crashed;                     /* and left by a power cut, not closed */
    enum torture_mending mending;
    uint64_t sequence;          /* of trim and truncate */
    uint64_t length;            /* of truncate: bytes that stay of that record, or QUIRE__WHOLE */
    char damage[256];           /* in words */
    struct torture_image image; /* what it begins with: the log, damaged */
    struct torture_arena arena;
    struct torture_trace made;    /* making the log, */
    struct torture_walk walk;     /* along that */
    struct torture_listing whole; /* what was ever in it */
    struct torture_listing before, after;
    struct quire_repair_step steps[TORTURE_STEPS]; /* what repair took out, each */
    uint32_t step_count;
};

/* Is the last record that stays cut? */
static inline bool torture_mend_cuts(const struct torture_mend *mend)
{
    return mend->mending == TORTURE_TRUNCATE && mend->length != QUIRE__WHOLE;
}

/* Draws a log and makes it, and damages it if it is to be repaired. */
bool torture_mend_prepare(uint64_t seed, struct torture_mend *mend, struct torture_verdict *verdict);

/* Mends what is on the disk. see: of repair. */
int torture_mend_once(struct torture_disk *disk, const struct torture_mend *mend, quire_see_step *see, void *context);

/* To the end. Does it keep what it has to? Fills after and steps. */
void torture_mend_run(struct torture_mend *mend, struct torture_trace *trace, struct torture_verdict *verdict);
void torture_mend_check(struct torture_mend *mend, const struct torture_cut *cut, struct torture_verdict *verdict);

#endif
