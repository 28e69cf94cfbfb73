/* All that a run has outside of itself: the directory, a mount of each mode, the group whose disk is made slower. Begun
 * once, ended on every way out.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_FUSE_SESSION_H
#define BENCH_FUSE_SESSION_H

#include "fuse/fuse.h"
#include "fuse/mount.h"
#include "fuse/report.h"
#include "fuse/throttle.h"
#include "machine/place.h"

enum { BENCH_FUSE_FAILURE_ROOM = 480 };

struct bench_fuse_session {
    struct bench_place place;
    struct bench_fuse_throttle throttle;
    struct bench_fuse_mount mount[BENCH_FUSE_MODES];
    bool is_there[BENCH_FUSE_MODES]; /* it can be appended to */
};

/* Makes the directory and mounts the modes that are chosen; of those that cannot be had the report says why. 0; -EINTR;
 * or -errno, and failure says in a sentence what failed. To be ended after anything. */
int bench_fuse_session_begin(struct bench_fuse_session *session, const struct bench_fuse_settings *settings,
                             struct bench_fuse_report *report, char failure[BENCH_FUSE_FAILURE_ROOM]);

/* Takes the daemons into a group that can be limited. Where there is none to be had the report says why. */
void bench_fuse_session_group(struct bench_fuse_session *session, struct bench_fuse_report *report);

/* 0; or -EIO, where a daemon did not end as it should, and failure says so. */
int bench_fuse_session_end(struct bench_fuse_session *session, char failure[BENCH_FUSE_FAILURE_ROOM]);

#endif
