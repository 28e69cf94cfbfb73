/* disk-record: runs the workload on a log whose disk is a block log's, and notes for each acknowledgement how many
 * entries the block log had.
 *
 *     disk-record METHOD PROFILE SEED RECORDS DIRECTORY BLOCK_LOG ROWS
 *
 * ROWS is made: the structures of witness.h, one after the other. It must not lie on the disk that is recorded.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "common.h"
#include "entries.h"
#include "work.h"

enum { HUNG_SECONDS = 120 }; /* then the signal ends it: a call did not return */

struct notes {
    int rows, block_log;
};

static int note(void *context, enum disk_row_kind kind, uint64_t sequence, uint64_t segment)
{
    const struct notes *notes = context;
    struct disk_row row = {.kind = kind, .sequence = sequence, .segment = segment};

    int rc = disk_entries_count(notes->block_log, &row.position);
    if (rc < 0)
        return rc;
    return write(notes->rows, &row, sizeof row) == (ssize_t)sizeof row ? 0 : -EIO;
}

int main(int argc, char **argv)
{
    if (argc != 8)
        disk_usage("usage: disk-record METHOD PROFILE SEED RECORDS DIRECTORY BLOCK_LOG ROWS");
    struct notes notes = {.rows = open(argv[7], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600),
                          .block_log = open(argv[6], O_RDONLY | O_CLOEXEC)};
    if (notes.rows < 0 || notes.block_log < 0)
        disk_give_up("%s or %s cannot be opened", argv[6], argv[7]);
    struct disk_work work = {.directory = argv[5],
                             .profile = disk_profile_of(argv[2]),
                             .method = disk_method_of(argv[1]),
                             .seed = disk_number_of(argv[3]),
                             .records = disk_number_of(argv[4]),
                             .tell = note,
                             .context = &notes};
    alarm(HUNG_SECONDS);
    /* From here on the log may be half made. */
    int rc = note(&notes, DISK_ROW_BEGIN, 0, 0);
    if (rc == 0)
        rc = disk_work_run(&work);
    disk_skip_unavailable(rc);
    if (rc < 0)
        disk_give_up("the workload failed: %s", quire_strerror(rc));
    return 0;
}
