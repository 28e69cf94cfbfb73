/* What a faulty disk is told, and what it answers: memory that it shares with whoever breaks it, a mapped file.
 *
 * SPDX-License-Identifier: MIT */
#ifndef DISK_FAULT_CONTROL_H
#define DISK_FAULT_CONTROL_H

#include <stdint.h>

struct disk_fault_control {
    _Atomic int32_t data_error;  /* 0, or the errno of writes that begin a block of quire's in any of their pages */
    _Atomic int32_t flush_error; /* 0, or the errno of flushes: what was written since the last good one is then gone */
    _Atomic uint64_t failed;     /* operations that were refused */
    _Atomic uint64_t writes, flushes;
};

#endif
