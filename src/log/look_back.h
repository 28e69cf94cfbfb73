/* Reading a log's last segments, as far back as it is not known to be durable.
 *
 * What no flush covered may have reached the device in any order, over the ends of segments too: a block of the last
 * one may be whole while one of the segment before is missing. So the last segments are read back to the one that
 * holds the last sequence known to be durable, and then the whole blocks have to follow on each other from there.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_LOG_LOOK_BACK_H
#define QUIRE_LOG_LOOK_BACK_H

#include "log/log.h"
#include "log/tail.h"

struct quire__seen {
    uint64_t number;
    struct quire__segment_header header;
    struct quire__tail tail;
    uint64_t lowest_behind; /* that a segment behind this one begins with; UINT64_MAX: none begins */
    bool unborn;            /* no header: its making was cut short */
    bool is_torn;           /* its whole blocks do not follow on what is in front of them: as if they were not whole */
};

struct quire__look_back {
    quire_log *log;
    struct quire_damage *damage;
    enum quire_call *failed_call;
    struct quire__segment_list list;
    bool is_brief;            /* the list has only the last segments */
    struct quire__seen *seen; /* the last one first */
    uint64_t count;
    uint64_t last;   /* index of the segment in which what follows on each other ends; without meaning if count is 0 */
    uint64_t mark;   /* the highest sequence known to be durable */
    uint64_t oldest; /* number of the first segment; 0: there is none */
    uint64_t newest;
    bool has_id; /* log->log_id is filled in */
};

/* Nothing is changed, but that the files that are read are flushed first (unless QUIRE_SYNC_NONE): what a dead
 * writer left in the page cache may not be on the device, and after a failed flush never will. With QUIRE_SYNC_NONE
 * the last sealed segment is taken to be whole. On an error *damage says where. */
int quire__look_back(struct quire__look_back *back);
void quire__look_back_end(struct quire__look_back *back);

#endif
