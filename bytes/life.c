/* Opening and closing the log of a byte file. See life.h.
 *
 * SPDX-License-Identifier: MIT */
#include "bytes/life.h"

#include <errno.h>

/* Most files are small, and a log has two segments of disk ready while it is open; a file that grows is one that goes on
 * growing, and rotates less often then. */
static const struct {
    uint64_t from, segment; /* a file of so many bytes has segments of so many */
} growth[] = {
    {UINT64_C(256) << 20, UINT64_C(64) << 20}, {UINT64_C(1) << 20, UINT64_C(16) << 20}, {0, UINT64_C(1) << 20}};

#define RESERVE (UINT64_C(16) << 10) /* a footer, and what is on its way */

static uint64_t segment_for(const struct bytes_file *file, uint64_t size)
{
    uint64_t least = bytes_block(file) * BYTES_BLOCK_COUNT;
    size_t at = 0;

    if (file->options.segment_bytes)
        return file->options.segment_bytes;
    while (size < growth[at].from)
        at++;
    return growth[at].segment > least ? growth[at].segment : least;
}

void bytes_note_growth(struct bytes_file *file)
{
    if (segment_for(file, file->tail.end) > file->segment_asked)
        atomic_store(&file->outgrown, true);
}

int bytes_measure(const struct bytes_file *file, uint64_t *size, bool *cut_short)
{
    struct bytes_reader *reader;
    int rc = bytes_reader_open(file->directory, &reader);

    if (rc < 0)
        return rc;
    rc = bytes_reader_size(reader, size, cut_short);
    bytes_reader_close(reader);
    return rc;
}

void bytes_set_end(struct bytes_file *file, uint64_t size, bool cut_short)
{
    pthread_mutex_lock(&file->lock);
    bytes_tail_close(&file->tail);
    file->tail = (struct bytes_tail){.begin = size, .given = size, .end = size};
    file->cut_short = cut_short;
    file->flushed = true;
    file->givens = 0;
    pthread_mutex_unlock(&file->lock);
}

/* What recovery left is what the file is now. */
static int begin_tail(struct bytes_file *file)
{
    struct bytes_tail tail;
    uint64_t size = 0;
    bool cut_short = false;
    int rc = bytes_measure(file, &size, &cut_short);

    if (rc == 0 && cut_short)
        rc = QUIRE_E_DAMAGED;
    /* What the log has not written fits beside a piece that is pending. */
    if (rc == 0)
        rc = bytes_tail_open(&tail, (BYTES_BLOCK_COUNT + 2) * bytes_block(file), size);
    if (rc < 0)
        return rc;
    pthread_mutex_lock(&file->lock);
    file->tail = tail;
    file->cut_short = false;
    file->sequence = 0;
    pthread_mutex_unlock(&file->lock);
    atomic_fetch_add(&file->generation, 1);
    return 0;
}

static int open_with(struct bytes_file *file, uint64_t segment_bytes)
{
    const struct bytes_file_options *o = &file->options;
    const struct quire_log_options options = {.size = sizeof options,
                                              .flags = QUIRE_LOG_BACKGROUND,
                                              .block_bytes = bytes_block(file),
                                              .block_count = BYTES_BLOCK_COUNT,
                                              .segment_bytes = segment_bytes,
                                              .reserve_bytes = RESERVE,
                                              .prepare =
                                                  o->grows ? QUIRE_LOG_PREPARE_NONE : QUIRE_LOG_PREPARE_ALLOCATED,
                                              .codec = o->codec,
                                              .codec_level = o->codec_level,
                                              .file_mode = o->file_mode};

    return quire_log_open(file->directory, &options, &file->log);
}

int bytes_open_log(struct bytes_file *file, uint64_t expected)
{
    uint64_t segment_bytes = segment_for(file, file->tail.end + expected);
    int rc = open_with(file, segment_bytes);

    /* Where there is no room for large ones there may be for small ones. */
    if ((rc == -ENOSPC || rc == -EDQUOT) && !file->options.segment_bytes)
        rc = open_with(file, segment_for(file, 0));
    if (rc < 0)
        return rc;
    file->segment_asked = segment_bytes;
    file->outgrown = false;
    rc = begin_tail(file);
    if (rc == 0)
        return 0;
    /* Nothing was appended: there is nothing to lose. */
    quire_log_close(file->log);
    file->log = NULL;
    return rc;
}

int bytes_close_log(struct bytes_file *file)
{
    struct quire_log_stats stats = {.size = sizeof stats};
    uint64_t size = file->tail.end;
    bool cut_short = false;

    if (!file->log)
        return 0;
    quire_log_flush(file->log); /* what fails here, close says */
    if (quire_log_stats(file->log, &stats) == 0)
        file->stored += stats.write_bytes;
    int rc = quire_log_close(file->log);
    file->log = NULL;
    if (rc < 0 && file->failure == 0)
        file->failure = rc;
    /* What a failed log kept is what there is now. */
    if (rc < 0 && bytes_measure(file, &size, &cut_short) < 0)
        cut_short = true;
    bytes_set_end(file, size, cut_short);
    return rc;
}
