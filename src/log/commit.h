/* Making records durable: one device flush for everybody who waits, while the next group gathers.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_LOG_COMMIT_H
#define QUIRE_LOG_COMMIT_H

#include "log/log.h"

/* Returns when everything up to sequence is durable, or with the failure, or QUIRE_E_CLAIM_OPEN. */
int quire__commit_up_to(quire_log *log, uint64_t sequence);

/* The same, but leaves the flush to others. */
int quire__commit_await(quire_log *log, uint64_t sequence);

/* The device flush of a segment that was written up to offset: observed, counted, and never tried again. */
int quire__commit_sync_file(quire_log *log, int file, uint64_t offset);

/* Wakes all who wait, since nothing will come any more. */
void quire__commit_wake_all(quire_log *log);

#endif
