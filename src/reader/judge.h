/* What it means that no whole block, or not the one expected, lies where reading goes on.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_READER_JUDGE_H
#define QUIRE_READER_JUDGE_H

#include "reader/reader.h"

enum quire__verdict {
    QUIRE__VERDICT_END,    /* nothing there yet */
    QUIRE__VERDICT_AGAIN,  /* it has changed meanwhile, or goes on at end without anything lost: read there */
    QUIRE__VERDICT_DAMAGE, /* damage is filled; reading goes on at end */
    QUIRE__VERDICT_GONE,   /* the segment was taken away by retention */
};

struct quire__judgement {
    enum quire__verdict verdict;
    struct quire_damage damage;
    struct quire__place end;
};

/* found: what lies at the place, unless it is sealed or its segment cannot be entered (NULL). The rules, in this order:
 *  1. the file was written anew for another segment: GONE;
 *  2. what can be read there by now: AGAIN;
 *  3. a later segment begins with the sequence expected or a lower one: it counts, and reading goes on there;
 *  4. with QUIRE_READ_DURABLE, what is expected is not known to be durable: END;
 *  5. a block that is whole but larger than allowed, or of a codec that this build lacks: DAMAGE of that code;
 *  6. a segment behind cannot be read at all: DAMAGE of its code;
 *  7. the writer says that it has not come there yet: END;
 *  8. a whole block lies behind, here or in a segment that seemed empty: DAMAGE up to it;
 *  9. a later segment follows: GONE if the log begins behind the place by now, else DAMAGE up to it, or QUIRE_E_MISSING
 *     if this one is sealed, or a number is missing;
 * 10. it is known to have been durable: DAMAGE;
 * 11. otherwise END: nothing, or the torn tail of a write that did not come to its end.
 * Negative: why it could not be found out. */
int quire__judge(quire_reader *reader, const struct quire__place *place, const struct quire__found *found,
                 struct quire__judgement *judgement);

#endif
