/* Records out of the bytes of standard input. See append_input.h.
 *
 * SPDX-License-Identifier: MIT */
#include "append_input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { PREFIX = 4, PIPE_BYTES = 1024 * 1024, PIPE_DEFAULT = 64 * 1024 };
/* Fuzzing has little to read, and is to come to where one read ends. */
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
enum { READ_LEAST = 256 };
#else
enum { READ_LEAST = 256 * 1024 };
#endif

/* Some allow less than others, and not everything is a pipe: it works as well without. */
void input_widen_pipe(void)
{
    for (int bytes = PIPE_BYTES; bytes > PIPE_DEFAULT && fcntl(STDIN_FILENO, F_SETPIPE_SZ, bytes) < 0; bytes /= 2)
        if (errno != EPERM)
            break;
}

/* Room for one read behind what is there. */
static int make_room(struct input *input)
{
    uint64_t rest = input_rest(input);
    if (input->capacity - input->end >= READ_LEAST)
        return 0;
    if (rest > 0 && input->begin > 0)
        memmove(input->bytes, input->bytes + input->begin, rest);
    input->begin = 0;
    input->end = rest;
    if (input->capacity - rest >= READ_LEAST)
        return 0;
    uint64_t capacity = input->capacity ? 2 * input->capacity : 4 * READ_LEAST;
    unsigned char *bytes = realloc(input->bytes, capacity);
    if (!bytes)
        return -ENOMEM;
    input->bytes = bytes;
    input->capacity = capacity;
    return 0;
}

int input_read(struct input *input)
{
    int rc = make_room(input);
    if (rc < 0)
        return rc;
    ssize_t got = read(STDIN_FILENO, input->bytes + input->end, READ_LEAST);
    if (got < 0)
        return errno == EINTR || errno == EAGAIN ? 0 : -errno;
    input->end += (uint64_t)got;
    input->ended = got == 0;
    return 0;
}

/* Of the next record: its bytes, and how many of the input it takes up. */
struct found {
    unsigned char *data;
    uint64_t length, whole;
};

/* Where the marks are that end records. Lines are short: to look for each alone costs more than the line. */
struct marks {
    unsigned char *at, *end; /* not looked at yet */
    unsigned char *base;     /* where those that were found and not given are: */
    uint64_t found;          /* a bit for each byte from there */
    unsigned char mark;
};

#ifdef __SSE2__
enum { MARKS_AT_ONCE = 64 };

static inline uint64_t marks_in(const unsigned char *bytes, unsigned char mark)
{
    __m128i wanted = _mm_set1_epi8((char)mark);
    uint64_t found = 0;
    for (int i = 0; i < 4; i++) {
        __m128i sixteen = _mm_loadu_si128((const __m128i *)(const void *)(bytes + 16 * i));
        found |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(sixteen, wanted)) << 16 * i;
    }
    return found;
}
#else
enum { MARKS_AT_ONCE = INT32_MAX };

static inline uint64_t marks_in(const unsigned char *bytes, unsigned char mark)
{
    (void)bytes;
    (void)mark;
    return 0;
}
#endif

/* The next one, or NULL. */
static inline unsigned char *marks_next(struct marks *marks)
{
    while (!marks->found) {
        if (marks->end - marks->at < MARKS_AT_ONCE) {
            unsigned char *last = memchr(marks->at, marks->mark, (size_t)(marks->end - marks->at));
            marks->at = last ? last + 1 : marks->end;
            return last;
        }
        marks->found = marks_in(marks->at, marks->mark);
        marks->base = marks->at;
        marks->at += MARKS_AT_ONCE;
    }
    unsigned char *next = marks->base + __builtin_ctzll(marks->found);
    marks->found &= marks->found - 1;
    return next;
}

static inline bool find_delimited(struct input *input, struct marks *marks, struct found *found)
{
    unsigned char *from = input->bytes + input->begin;
    uint64_t rest = input_rest(input);
    unsigned char *end = marks_next(marks);
    if (!end && !(input->ended && rest > 0)) {
        input->searched = rest;
        return false;
    }
    uint64_t length = end ? (uint64_t)(end - from) : rest;
    *found = (struct found){from, length, end ? length + 1 : length};
    return true;
}

static bool find_prefixed(const struct input *input, struct found *found)
{
    const unsigned char *p = input->bytes + input->begin;
    uint64_t rest = input_rest(input);
    if (rest < PREFIX)
        return false;
    uint64_t length = (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24;
    *found = (struct found){input->bytes + input->begin + PREFIX, length, PREFIX + length};
    return length > input->record_most || rest - PREFIX >= length;
}

static bool find_chunk(const struct input *input, struct found *found)
{
    uint64_t rest = input_rest(input);
    uint64_t length = rest < input->chunk ? rest : input->chunk;
    *found = (struct found){input->bytes + input->begin, length, length};
    return length == input->chunk || (input->ended && length > 0);
}

static inline bool find(struct input *input, struct marks *marks, struct found *found)
{
    switch (input->framing) {
    case INPUT_LINES:
    case INPUT_NULL:
        return find_delimited(input, marks, found);
    case INPUT_PREFIXED:
        return find_prefixed(input, found);
    case INPUT_CHUNKS:
        return find_chunk(input, found);
    }
    return false;
}

static enum input_status status_of_rest(const struct input *input)
{
    bool delimited = input->framing == INPUT_LINES || input->framing == INPUT_NULL;
    if (delimited && input->searched > input->record_most)
        return INPUT_TOO_LARGE;
    if (input->ended && input_rest(input) > 0)
        return INPUT_INCOMPLETE;
    return INPUT_FINE;
}

int input_take(struct input *input, struct iovec *records, int most, uint64_t bytes_most, struct iovec *raw,
               enum input_status *status)
{
    uint64_t begin = input->begin, bytes = 0;
    struct marks marks = {.at = input->bytes + begin + input->searched,
                          .end = input->bytes + input->end,
                          .mark = input->framing == INPUT_LINES ? '\n' : '\0'};
    struct found found;
    int count = 0;
    *status = INPUT_FINE;
    while (count < most && bytes < bytes_most) {
        if (!find(input, &marks, &found)) {
            *status = status_of_rest(input);
            break;
        }
        if (found.length > input->record_most) {
            *status = INPUT_TOO_LARGE;
            break;
        }
        /* The records of a batch lie in one block: a large one goes alone. */
        if (count > 0 && bytes + found.length > bytes_most)
            break;
        records[count++] = (struct iovec){found.data, found.length};
        bytes += found.length;
        input->begin += found.whole;
        input->searched = 0;
    }
    *raw = (struct iovec){input->bytes + begin, input->begin - begin};
    input->consumed += raw->iov_len;
    return count;
}

void input_free(struct input *input)
{
    free(input->bytes);
}
