/* What the files of this room know of a reader beyond the public header.
 *
 * A reader holds one unit: a block whose records it gives, or a gap, which is one record. It stands within the unit,
 * or at one of its ends; advance.c loads the unit behind, retreat.c the one in front, and both decide what a place
 * means that holds no whole block. Neither gives anything: reader.c does.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_READER_INTERNAL_H
#define QUIRE_READER_INTERNAL_H

#include <quire/reader.h>

#include "reader/catalog.h"
#include "reader/live.h"
#include "reader/scan.h"

/* Bytes of the options that every caller knows. */
#define QUIRE__READER_OPTIONS_LEAST (offsetof(struct quire_reader_options, flags) + sizeof(uint32_t))

/* Between two blocks. */
struct quire__place {
    uint64_t segment, offset;
    uint64_t sequence;       /* of the record behind it; 0: not known, since there was none yet */
    uint64_t previous_pages; /* of the block in front of it, in this segment; 0: none, or not known */
    uint64_t block;          /* number of the block behind it; QUIRE__BLOCK_UNCOUNTED */
    uint64_t passed;         /* segments up to this number that cannot be read were reported */
    bool is_cut_off;         /* what lies in front of it in this segment cannot be read */
    bool sealed;             /* behind the footer: nothing follows in this segment */
};

#define QUIRE__BLOCK_UNCOUNTED UINT64_MAX

enum quire__unit_kind { QUIRE__UNIT_NONE, QUIRE__UNIT_DATA, QUIRE__UNIT_GAP };

struct quire__unit {
    enum quire__unit_kind kind;
    struct quire__place begin, end; /* NONE: the same */
    uint64_t items;                 /* records that it gives, */
    uint64_t visible;               /* so many of them now (QUIRE_READ_DURABLE), */
    uint64_t index;                 /* and stands in front of this one */
    /* DATA */
    struct quire__disk_block header;
    const unsigned char *payload;
    uint64_t at;  /* the record index lies there */
    bool indexed; /* the reader's places are those of its records */
    /* GAP */
    uint32_t reason;
    uint64_t lost, time;
};

/* Damage that was met, and where reading goes on if it is passed over. */
struct quire__obstacle {
    struct quire_damage damage; /* code 0: none */
    struct quire__place behind;
    bool is_final; /* the segment went away: only a seek helps */
};

struct quire_reader {
    struct quire__unit unit;
    uint32_t flags;
    struct quire_damage *damage;
    struct quire__catalog catalog;
    struct quire__scan scan;
    struct quire__live live;
    bool verifies;          /* that live.quire cannot be read is an error: what it says may be missing */
    uint64_t durable;       /* the highest mark seen */
    uint64_t from;          /* forwards, records below are not given */
    uint64_t limit;         /* a later segment has this sequence and what follows. UINT64_MAX: none known */
    uint64_t limit_segment; /* for which segment limit was found out; UINT64_MAX: for none */
    struct quire__obstacle obstacle;
    uint32_t *places; /* of the records of the unit's payload, if it is indexed */
    uint64_t places_room;
    /* For verify: what lay where reading left a segment or ended in it (kind BLOCK: nothing new), and the first footer
     * met (blocks UINT64_MAX: none yet). */
    struct quire__found left;
    uint64_t left_segment;
    struct quire__disk_footer footer;
    uint64_t footer_segment; /* where that lies */
    int watch;               /* inotify; -1: none */
};

int quire__reader_open_on(struct quire__io *io, const char *directory, const struct quire_reader_options *options,
                          quire_reader **reader);

/* Stands at a place, with no unit and no obstacle. */
void quire__reader_stand(quire_reader *reader, const struct quire__place *place);

/* Stands in front of the first block of the segment that is entry index. */
void quire__reader_stand_before(quire_reader *reader, uint64_t index);

/* Goes over to a segment, if it is not the one that is open. -ENOENT, QUIRE_E_DAMAGED, ...: it cannot be. */
int quire__reader_enter(quire_reader *reader, uint64_t segment);

/* Loads the unit behind the present one: 1, or 0 at the end, or the code of the obstacle that was met. With
 * QUIRE_READ_GAPS damage is a unit too. */
int quire__reader_advance(quire_reader *reader);
/* 1: the unit has something to give, advancing if need be; 0 and negative as for next. */
int quire__reader_find_next(quire_reader *reader);
/* The unit in front of the present one; 0: there is none. */
int quire__reader_retreat(quire_reader *reader);

/* Makes a unit of a block that was found at the place, which is no footer. Its items end in front of sequence end. */
void quire__unit_load(quire_reader *reader, const struct quire__found *found, const struct quire__place *place,
                      uint64_t end);
/* Moves within a data unit to the record index. */
void quire__unit_move(struct quire__unit *unit, uint64_t index);
/* Learns where the records of a data unit lie, so that it can be read backwards. -ENOMEM. */
int quire__unit_index(quire_reader *reader);
/* How many of its records may be given now. */
void quire__unit_show(quire_reader *reader);

/* An obstacle, or with QUIRE_READ_GAPS a unit of it: returns what advance and retreat return. first and last 0: which
 * records are lost is not known. begin and end are where it lies; forwards: does reading go on at end, or at begin? */
int quire__reader_meet(quire_reader *reader, const struct quire_damage *damage, const struct quire__place *begin,
                       const struct quire__place *end, bool forwards);

/* QUIRE_E_TRIMMED, for good, and its place. */
int quire__reader_trimmed(quire_reader *reader, uint64_t segment, uint64_t offset);

/* The last block that is known of, a footer too, by its header; without moving the reader. */
int quire__reader_find_last(quire_reader *reader, bool *is_found, struct quire__found *last);

/* Learns what is durable from wherever that is said. */
int quire__reader_learn_durable(quire_reader *reader);

/* A block says what was durable. */
static inline void quire__reader_note(quire_reader *reader, const struct quire__disk_block *header)
{
    reader->durable = quire__max(reader->durable, quire__block_mark(header));
}

/* Reads live.quire, and what it says about the durable. Negative: what the process lacks for that; and of a reader that
 * verifies, that the system does not give it. */
int quire__reader_look_live(quire_reader *reader);

/* The number of the block at a place that was come to without counting. */
uint64_t quire__reader_count_blocks(quire_reader *reader, const struct quire__place *place);

#endif
