/* Repair, trim and truncate without a cut: what they have to keep, and what becomes of the log. See mend.h.
 *
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "torture/disk_internal.h"
#include "torture/mend.h"
#include "torture/schedule.h"

struct run {
    struct torture_mend *mend;
    struct torture_disk *disk;
    struct torture_verdict *verdict;
    bool is_none; /* there is no log to be mended */
};

#define OBJECT(run, ...) torture_object((run)->verdict, __VA_ARGS__)

int torture_mend_once(struct torture_disk *disk, const struct torture_mend *mend, quire_see_step *see, void *context)
{
    struct quire__io *io = torture_disk_io(disk);
    uint64_t count = 0;

    switch (mend->mending) {
    case TORTURE_TRIM:
        return quire__trim_on(io, TORTURE_DIRECTORY, mend->sequence, &count);
    case TORTURE_TRUNCATE:
        return quire__truncate_within_on(io, TORTURE_DIRECTORY, mend->sequence, mend->length, &count);
    case TORTURE_REPAIR:
    case TORTURE_MENDINGS:
        break;
    }
    return quire__repair_on(io, TORTURE_DIRECTORY, 1, see, context, &count);
}

static int note_step(void *context, const struct quire_repair_step *step)
{
    struct run *run = context;

    if (run->mend->step_count < TORTURE_STEPS)
        run->mend->steps[run->mend->step_count++] = *step;
    return 0;
}

/* Every record that could be read before, and was to stay, can be read; nothing else came; nothing is missing. */
static bool is_kept(struct run *run)
{
    const struct torture_mend *mend = run->mend;
    const struct torture_listing *before = &mend->before, *after = &mend->after;
    uint64_t first = before->first, last = before->last;
    uint64_t is_cut = torture_mend_cuts(mend);

    if (mend->mending == TORTURE_TRIM && after->first > first)
        first = after->first;
    if (mend->mending == TORTURE_TRIM && first > mend->sequence && first > before->first)
        return OBJECT(run, "trim below %" PRIu64 " took up to %" PRIu64, mend->sequence, first - 1);
    if (mend->mending == TORTURE_TRUNCATE && mend->sequence < last)
        last = mend->sequence;
    if (mend->mending != TORTURE_REPAIR && (after->last != last || after->first > first))
        return OBJECT(run, "records %" PRIu64 " to %" PRIu64 " are left, of %" PRIu64 " to %" PRIu64, after->first,
                      after->last, first, last);
    uint64_t differs = torture_listing_differs(before, after, first, last - is_cut, mend->mending != TORTURE_REPAIR);
    if (differs == 0)
        differs = torture_listing_differs(after, &mend->whole, after->first, after->last - is_cut, false);
    return differs == 0 || OBJECT(run, "record %" PRIu64 " is not what it was", differs);
}

static void body(void *argument)
{
    struct run *run = argument;
    struct torture_mend *mend = run->mend;

    /* A log that a power cut left, and that was not opened since, may have to be repaired first. */
    if (torture_listing_read(run->disk, false, &mend->before) < 0)
        mend->mending = TORTURE_REPAIR;
    int rc = torture_listing_read(run->disk, true, &mend->before);
    /* Nothing that could be read is left, or there was nothing yet. */
    run->is_none = rc < 0 || mend->before.last == 0;
    if (run->is_none)
        return;
    mend->step_count = 0;
    if (mend->mending != TORTURE_REPAIR)
        mend->sequence = mend->before.first + mend->sequence % (mend->before.last - mend->before.first + 1);
    rc = torture_mend_once(run->disk, mend, note_step, run);
    torture_disk_mark(run->disk, 1, 0);
    if (rc < 0)
        OBJECT(run, "cannot be mended: %s", quire_strerror(rc));
    rc = rc < 0 ? rc : torture_listing_read(run->disk, false, &mend->after);
    if (rc < 0)
        OBJECT(run, "cannot be read afterwards: %s", quire_strerror(rc));
    else
        is_kept(run);
}

void torture_mend_run(struct torture_mend *mend, struct torture_trace *trace, struct torture_verdict *verdict)
{
    struct run run = {.mend = mend, .verdict = verdict};

    run.disk = torture_disk_new(&mend->image, trace, mend->seed);
    if (!run.disk) {
        OBJECT(&run, "no memory");
        return;
    }
    const char *why = torture_schedule_run(mend->seed, body, &run);
    if (why)
        OBJECT(&run, "%s", why);
    if (torture_disk_complaint(run.disk))
        OBJECT(&run, "%s", torture_disk_complaint(run.disk));
    if (torture_disk_free(run.disk) > 0)
        OBJECT(&run, "a handle, a mapping or a queue was left open");
    if (run.is_none)
        torture_trace_reset(trace);
}
