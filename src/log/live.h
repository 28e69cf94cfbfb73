/* live.quire: how far the log is, for readers in other processes, who are woken by its change.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_LOG_LIVE_H
#define QUIRE_LOG_LIVE_H

#include "log/log.h"

/* Opens or makes it, unless the options say that there is to be none. */
int quire__live_open(quire_log *log, enum quire_call *failed_call);
void quire__live_close(quire_log *log);

/* What a writer that closed the log left there, if the directory, which folder is, has not changed since: its segments
 * are those from live->oldest to live->newest. Whose log it is remains to be seen. */
bool quire__live_recall(struct quire__io *io, const char *directory, int folder, struct quire__disk_live *live);

/* At close, when nothing will change any more: says which segments there are. newest: the last that has a name. */
void quire__live_say_goodbye(quire_log *log, uint64_t newest);

/* What another writer left there, of the log log_id; durable 0 if nothing that can be read. */
int quire__live_mark(struct quire__io *io, const char *directory, const unsigned char *log_id, uint64_t *durable);

/* With the drain lock: says how far the log is now. */
void quire__live_tell(quire_log *log);

#endif
