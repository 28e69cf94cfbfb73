/* All that a run has outside of itself. See session.h.
 *
 * SPDX-License-Identifier: MIT */
#include "fuse/session.h"

#include <errno.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <quire/error.h>

enum { OPEN_MOST = 16 };
static const uint64_t room_to_spare = 64 << 20; /* for the file system's own needs, and for segments made ahead */

static int check_room(const struct bench_fuse_session *session, const struct bench_fuse_settings *settings,
                      char failure[BENCH_FUSE_FAILURE_ROOM])
{
    uint64_t most = settings->bytes, room = bench_place_room(&session->place);
    if (settings->choice.limits && settings->curve_bytes > most)
        most = settings->curve_bytes;
    if (room >= most + room_to_spare)
        return 0;
    snprintf(failure, BENCH_FUSE_FAILURE_ROOM,
             "%s has %" PRIu64 " MiB of room, and %" PRIu64
             " MiB are needed; choose another place with --dir, or less with --bytes",
             settings->directory, room >> 20, (most + room_to_spare) >> 20);
    return -ENOSPC;
}

/* Asks the mount what it is. One that goes on as something else is not what a row is to be of. */
static int look(struct bench_fuse_session *session, enum bench_fuse_mode mode, char why[BENCH_FUSE_WHY_ROOM])
{
    struct bench_fuse_mount *mount = &session->mount[mode];
    const struct bench_fuse_job job = {.directory = mount->point, .is_mount = true, .daemon = mount->daemon};
    struct bench_fuse_done done;
    int rc = bench_fuse_job_run(&job, &done);
    if (rc < 0) {
        snprintf(why, BENCH_FUSE_WHY_ROOM, "%s: %s", done.call, quire_strerror(rc));
        return rc;
    }
    if (strcmp(done.stats.mode, bench_fuse_mode_word(mode)) == 0)
        return 0;
    snprintf(why, BENCH_FUSE_WHY_ROOM, "the mount goes on as %s%s%s", done.stats.mode, *done.stats.why ? ": " : "",
             done.stats.why);
    return -EOPNOTSUPP;
}

static int add_mode(struct bench_fuse_session *session, const struct bench_fuse_settings *settings,
                    enum bench_fuse_mode mode, char why[BENCH_FUSE_WHY_ROOM])
{
    struct bench_fuse_mount *mount = &session->mount[mode];
    char how[BENCH_FUSE_WHY_ROOM]; /* why says more */
    int rc = bench_fuse_mount_start(mount, mode, settings->program, session->place.directory, why);
    if (rc == 0 && mode != BENCH_FUSE_NATIVE)
        rc = look(session, mode, why);
    if (rc < 0)
        bench_fuse_mount_stop(mount, how);
    session->is_there[mode] = rc == 0;
    return rc;
}

int bench_fuse_session_begin(struct bench_fuse_session *session, const struct bench_fuse_settings *settings,
                             struct bench_fuse_report *report, char failure[BENCH_FUSE_FAILURE_ROOM])
{
    *session = (struct bench_fuse_session){.place = {.fd = -1}};
    char *parent = realpath(settings->directory, NULL);
    int rc = parent ? bench_place_make(&session->place, parent) : -errno;
    free(parent);
    if (rc < 0) {
        session->place.directory[0] = '\0';
        snprintf(failure, BENCH_FUSE_FAILURE_ROOM, "cannot make a directory in %.200s: %s", settings->directory,
                 quire_strerror(rc));
        return rc;
    }
    rc = check_room(session, settings, failure);
    for (unsigned mode = 0; mode < BENCH_FUSE_MODES && rc == 0; mode++)
        if (settings->choice.mode[mode] && add_mode(session, settings, mode, report->missing[mode]) == -EINTR)
            rc = -EINTR;
    return rc;
}

void bench_fuse_session_group(struct bench_fuse_session *session, struct bench_fuse_report *report)
{
    int rc = bench_fuse_throttle_open(&session->throttle, session->place.directory, report->no_curve);
    for (unsigned i = 0; i < BENCH_FUSE_MODES && rc == 0; i++)
        if (session->mount[i].daemon > 0 &&
            (rc = bench_fuse_throttle_join(&session->throttle, session->mount[i].daemon)) < 0)
            snprintf(report->no_curve, sizeof report->no_curve, "quire-mount cannot be put into a cgroup: %s",
                     quire_strerror(rc));
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *walk)
{
    (void)st, (void)kind, (void)walk;
    remove(path);
    return 0;
}

static void remove_files(struct bench_fuse_session *session)
{
    if (!*session->place.directory)
        return;
    /* Never into a mount, should one be left against all expectation. */
    nftw(session->place.directory, remove_one, OPEN_MOST, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
    bench_place_remove(&session->place);
}

int bench_fuse_session_end(struct bench_fuse_session *session, char failure[BENCH_FUSE_FAILURE_ROOM])
{
    char how[BENCH_FUSE_WHY_ROOM];
    int rc = 0;
    for (unsigned mode = 0; mode < BENCH_FUSE_MODES; mode++)
        if (!bench_fuse_mount_stop(&session->mount[mode], how)) {
            snprintf(failure, BENCH_FUSE_FAILURE_ROOM, "%s: when it was to unmount, quire-mount %s",
                     bench_fuse_mode_name(mode), how);
            rc = -EIO;
        }
    bench_fuse_throttle_close(&session->throttle);
    remove_files(session);
    return rc;
}
