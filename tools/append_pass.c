/* What `quire append` passes on. See append_pass.h.
 *
 * SPDX-License-Identifier: MIT */
#include "append_pass.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stopping.h"

enum { BYTES_FULL = 8 * 1024 * 1024, MARKS_FULL = 64 * 1024, SEQUENCE_TEXT = 21, GRACE_MS = 1000 };

/* What waits moves to the front when most of the memory is behind it, so that moving costs little. */
static int make_room(struct pass *pass, uint64_t more)
{
    uint64_t waiting = pass->end - pass->begin, need = waiting + more;
    if (pass->begin > 0 && waiting <= pass->begin) {
        memcpy(pass->bytes, pass->bytes + pass->begin, waiting);
        for (uint64_t i = pass->mark_begin; i < pass->mark_end; i++)
            pass->marks[i].end -= pass->begin;
        pass->begin = 0;
        pass->end = waiting;
    }
    if (pass->capacity - pass->end >= more)
        return 0;
    uint64_t capacity = pass->capacity ? pass->capacity : 1024 * 1024;
    while (capacity < need + pass->begin)
        capacity *= 2;
    unsigned char *bytes = realloc(pass->bytes, capacity);
    if (!bytes)
        return -ENOMEM;
    pass->bytes = bytes;
    pass->capacity = capacity;
    return 0;
}

static int make_room_for_mark(struct pass *pass)
{
    if (pass->mark_end < pass->mark_capacity)
        return 0;
    if (pass->mark_begin > 0) {
        memmove(pass->marks, pass->marks + pass->mark_begin,
                (pass->mark_end - pass->mark_begin) * sizeof pass->marks[0]);
        pass->mark_end -= pass->mark_begin;
        pass->mark_begin = 0;
        return 0;
    }
    uint64_t capacity = pass->mark_capacity ? 2 * pass->mark_capacity : 1024;
    struct pass_mark *marks = realloc(pass->marks, capacity * sizeof *marks);
    if (!marks)
        return -ENOMEM;
    pass->marks = marks;
    pass->mark_capacity = capacity;
    return 0;
}

static void put_sequence(struct pass *pass, uint64_t sequence)
{
    char digits[SEQUENCE_TEXT];
    int at = SEQUENCE_TEXT;
    digits[--at] = '\n';
    do
        digits[--at] = (char)('0' + sequence % 10);
    while (sequence /= 10);
    memcpy(pass->bytes + pass->end, digits + at, (size_t)(SEQUENCE_TEXT - at));
    pass->end += (uint64_t)(SEQUENCE_TEXT - at);
}

int pass_add(struct pass *pass, const struct iovec *raw, uint64_t first, uint64_t count)
{
    if (pass->what == PASS_NOTHING)
        return 0;
    int rc = make_room(pass, pass->what == PASS_RECORDS ? raw->iov_len : count * SEQUENCE_TEXT);
    if (rc == 0)
        rc = make_room_for_mark(pass);
    if (rc < 0)
        return rc;
    if (pass->what == PASS_RECORDS) {
        memcpy(pass->bytes + pass->end, raw->iov_base, raw->iov_len);
        pass->end += raw->iov_len;
    } else {
        for (uint64_t i = 0; i < count; i++)
            put_sequence(pass, first + i);
    }
    pass->marks[pass->mark_end++] = (struct pass_mark){first + count - 1, pass->end};
    return 0;
}

/* After a signal the reader gets a moment more, for what is safe by now. */
static int wait_for_reader(const struct pass *pass)
{
    int rc = stopping_wait(pass->stopping, STDOUT_FILENO, true, -1);
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return rc == -EINTR && poll(&out, 1, GRACE_MS) == 1 ? 0 : rc;
}

/* A file takes everything; into anything else goes what it surely takes at once, so that nobody who reads slowly keeps
 * this command from being stopped. */
static int write_out(struct pass *pass, uint64_t end)
{
    struct stat st;
    bool file = fstat(STDOUT_FILENO, &st) == 0 && S_ISREG(st.st_mode);
    while (pass->begin < end) {
        int rc = wait_for_reader(pass);
        if (rc < 0)
            return rc;
        uint64_t length = end - pass->begin;
        if (!file && length > PIPE_BUF)
            length = PIPE_BUF;
        ssize_t got = write(STDOUT_FILENO, pass->bytes + pass->begin, length);
        if (got < 0 && errno != EINTR && errno != EAGAIN)
            return -errno;
        pass->begin += got > 0 ? (uint64_t)got : 0;
    }
    return 0;
}

int pass_on(struct pass *pass, uint64_t safe)
{
    uint64_t end = pass->begin, mark = pass->mark_begin;
    while (mark < pass->mark_end && pass->marks[mark].sequence <= safe)
        end = pass->marks[mark++].end;
    if (end == pass->begin)
        return 0;
    int rc = write_out(pass, end);
    if (rc == 0)
        pass->mark_begin = mark;
    return rc;
}

void pass_drop(struct pass *pass)
{
    pass->what = PASS_NOTHING;
    pass->begin = pass->end = 0;
    pass->mark_begin = pass->mark_end = 0;
}

bool pass_is_full(const struct pass *pass)
{
    return pass->end - pass->begin >= BYTES_FULL || pass->mark_end - pass->mark_begin >= MARKS_FULL;
}

void pass_free(struct pass *pass)
{
    free(pass->bytes);
    free(pass->marks);
}
