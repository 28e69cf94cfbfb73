/* Which flushes failed: none of those files is to be flushed again, and nobody may rely on what is in them.
 *
 * SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fault_internal.h"

static bool identify_file(int file, const char *path, struct fault_identity *identity)
{
    struct statx stx;

    if (statx(file, path, *path ? AT_SYMLINK_NOFOLLOW : AT_EMPTY_PATH, STATX_INO | STATX_BTIME, &stx) < 0)
        return false;
    if (!(stx.stx_mask & STATX_BTIME))
        return false; /* it cannot be told from another that has its number later */
    *identity = (struct fault_identity){stx.stx_ino, stx.stx_btime.tv_sec, stx.stx_btime.tv_nsec};
    return true;
}

/* With the mutex. */
static bool is_failed(const struct fault *fault, const struct fault_identity *identity)
{
    for (uint32_t i = 0; i < fault->failed_count; i++)
        if (memcmp(&fault->failed[i], identity, sizeof *identity) == 0)
            return true;
    return false;
}

/* After a failed flush the kernel says that the pages are clean: a second one succeeds over lost data. */
void fault_note_sync(struct fault *fault, int file, int rc)
{
    struct fault_identity identity;

    if (!identify_file(file, "", &identity))
        return;
    pthread_mutex_lock(&fault->mutex);
    bool again = is_failed(fault, &identity);
    if (rc < 0 && !again && fault->failed_count < FAULT_FAILED_MOST)
        fault->failed[fault->failed_count++] = identity;
    pthread_mutex_unlock(&fault->mutex);
    if (again)
        FAIL("a flush was asked for again of a file whose flush failed");
}

bool fault_sync_failed(struct fault *fault, const char *path)
{
    struct fault_identity identity;

    if (!identify_file(AT_FDCWD, path, &identity))
        return false;
    pthread_mutex_lock(&fault->mutex);
    bool failed = is_failed(fault, &identity);
    pthread_mutex_unlock(&fault->mutex);
    return failed;
}

void fault_forget_names(struct fault *fault)
{
    for (uint32_t i = 0; i < fault->failed_names_count; i++)
        free(fault->failed_names[i]);
    fault->failed_names_count = 0;
}

/* One that goes well serves all the names in its directory. */
void fault_note_directory(struct fault *fault, const char *path, int rc)
{
    if (rc == 0)
        fault_forget_names(fault);
    else if (fault->failed_names_count < FAULT_NAMES_MOST)
        fault->failed_names[fault->failed_names_count++] = strdup(path);
}

bool fault_name_failed(struct fault *fault, const char *path)
{
    bool failed = false;

    pthread_mutex_lock(&fault->mutex);
    for (uint32_t i = 0; i < fault->failed_names_count; i++)
        failed |= fault->failed_names[i] && strcmp(fault->failed_names[i], path) == 0;
    pthread_mutex_unlock(&fault->mutex);
    return failed;
}
