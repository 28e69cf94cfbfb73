/* One file of the mode log. See log_file.h.
 *
 * SPDX-License-Identifier: MIT */
#include "log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <quire/quire.h>

#include "say.h"

#define LIVE_NAME "live.quire" /* written with each block: its time is that of the last append */

enum { TIMES_PATH_TEXT = LOG_PATH_TEXT + sizeof LIVE_NAME };

const char *log_path(const struct node *node, char text[LOG_PATH_TEXT])
{
    snprintf(text, LOG_PATH_TEXT, "/proc/self/fd/%d/.", node->fd);
    return text;
}

/* Who may read the file may read its log. */
static uint32_t mode_of_segments(const struct node *node)
{
    struct stat st;

    return fstat(node->fd, &st) == 0 ? (st.st_mode & 0666) | 0600 : 0600;
}

static int open_bytes(struct mount *mount, struct node *node, struct log_file *file)
{
    const struct settings *s = &mount->settings;
    const struct bytes_file_options options = {.codec = s->codec,
                                               .codec_level = s->codec_level,
                                               .block_bytes = s->block_bytes,
                                               .segment_bytes = s->segment_bytes,
                                               .grows = mount->network != NULL,
                                               .file_mode = mode_of_segments(node)};
    char path[LOG_PATH_TEXT];

    return bytes_file_open(log_path(node, path), &options, &file->bytes);
}

/* Want of memory or descriptors says nothing about the log. */
static bool is_passing(int code)
{
    return code == -ENOMEM || code == -EMFILE || code == -ENFILE || code == -EINTR || code == -EAGAIN;
}

static int make_locked(struct mount *mount, struct node *node)
{
    struct log_file *file = calloc(1, sizeof *file);

    if (!file)
        return -ENOMEM;
    file->code = open_bytes(mount, node, file);
    if (is_passing(file->code)) {
        int rc = file->code;
        free(file);
        return rc;
    }
    node->state = file;
    return 0;
}

/* What could not be read may have been repaired. */
static void try_again_locked(struct mount *mount, struct node *node, struct log_file *file)
{
    if (!file->bytes)
        file->code = open_bytes(mount, node, file);
}

int log_file_of(struct mount *mount, struct node *node, struct log_file **file)
{
    pthread_mutex_lock(&node->lock);
    int rc = node->state ? 0 : make_locked(mount, node);
    if (rc == 0) {
        *file = node->state;
        try_again_locked(mount, node, *file);
    }
    pthread_mutex_unlock(&node->lock);
    return rc;
}

static int errno_of(int code)
{
    switch (code) {
    case QUIRE_E_LOCKED:
        return -EBUSY;
    case QUIRE_E_VERSION:
    case QUIRE_E_NO_CODEC:
        return -EPROTONOSUPPORT;
    case QUIRE_E_RANGE: /* not at the end: a file of a log is appended to, and nothing else */
        return -EOPNOTSUPP;
    default:
        return code > -4096 ? code : -EIO;
    }
}

static const char *advice(int code)
{
    switch (code) {
    case QUIRE_E_LOCKED:
        return "; end the other writer";
    case QUIRE_E_VERSION:
        return "; mount it with that version";
    case QUIRE_E_NO_CODEC:
        return "; build quire with it";
    case -EBADMSG:
        return ": it keeps records of its own, which are no file's bytes; `quire cat` prints them";
    case -ENOSPC:
    case -EDQUOT:
        return "; what was gathered is kept until there is room";
    default:
        return code > -4096 ? "" : "; `quire verify` says where, `quire repair` what can be done";
    }
}

int log_errno(struct node *node, int code)
{
    struct log_file *file = node->state;
    char link[LOG_PATH_TEXT], path[PATH_MAX];

    if (code == 0 || code == QUIRE_E_RANGE || (file && atomic_exchange(&file->said, code) == code))
        return code == 0 ? 0 : errno_of(code);
    snprintf(link, sizeof link, "/proc/self/fd/%d", node->fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    path[length > 0 ? length : 0] = '\0';
    say("\"%s\": %s%s", path, quire_strerror(code), advice(code));
    return errno_of(code);
}

void log_count_stored(struct mount *mount, struct log_file *file)
{
    uint64_t stored = bytes_file_stored(file->bytes);

    if (stored <= file->stored)
        return;
    statistics_add(&mount->statistics.stored_bytes, stored - file->stored);
    file->stored = stored;
}

/* What carries the times of a file: what its log writes with each block, or before the first the directory. */
static void times_path(const struct node *node, char path[TIMES_PATH_TEXT])
{
    snprintf(path, TIMES_PATH_TEXT, "/proc/self/fd/%d/" LIVE_NAME, node->fd);
    if (access(path, F_OK) != 0)
        snprintf(path, TIMES_PATH_TEXT, "/proc/self/fd/%d", node->fd);
}

int log_set_times(const struct node *node, const struct timespec times[2], struct timespec taken[2])
{
    char path[TIMES_PATH_TEXT];
    struct stat st;

    times_path(node, path);
    if (utimensat(AT_FDCWD, path, times, 0) < 0 || stat(path, &st) < 0)
        return -errno;
    taken[0] = st.st_atim;
    taken[1] = st.st_mtim;
    return 0;
}

void log_keep_times(struct node *node, struct log_file *file)
{
    pthread_mutex_lock(&node->lock);
    if (file->has_times)
        log_set_times(node, file->times, file->times); /* a time that is not kept is no loss of bytes */
    pthread_mutex_unlock(&node->lock);
}
