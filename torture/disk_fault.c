/* The write or flush of the disk in memory that fails. See disk.h.
 *
 * SPDX-License-Identifier: MIT */
#include "torture/disk_internal.h"
#include "torture/schedule.h"

void torture_disk_fail(struct torture_disk *disk, enum torture_fault fault, uint64_t nth, int code)
{
    disk->fault = fault;
    disk->fault_in = nth;
    disk->fault_code = code;
}

bool torture_disk_has_fault(const struct torture_disk *disk)
{
    return disk->fault != TORTURE_NO_FAULT;
}

int disk_meets_fault(struct torture_disk *disk, enum torture_fault fault)
{
    if (disk->fault != fault || disk->fault_in == 0 || --disk->fault_in > 0)
        return 0;
    disk->fault = TORTURE_NO_FAULT;
    return disk->fault_code;
}

int disk_meets_failing_flush(struct torture_disk *disk, struct disk_handle *handle)
{
    if (handle->failed)
        disk_complain(disk, "a flush is asked for again, after one that failed");
    int rc = disk_meets_fault(disk, TORTURE_FAIL_SYNC);
    handle->failed |= rc < 0;
    return rc;
}

void disk_store_some(struct torture_disk *disk, uint32_t file, uint64_t offset, uint64_t length, const void *data)
{
    uint64_t some = torture_schedule_random() % (length + 1) / TORTURE_SECTOR * TORTURE_SECTOR;

    if (some > 0)
        disk_store(disk, file, offset, some, data, true, NULL);
}
