/* The last lines of a byte file. See tail_bytes.h.
 *
 * SPDX-License-Identifier: MIT */
#include "tail_bytes.h"

#include <errno.h>

#include "bytes/reader.h"
#include "command.h"
#include "log_words.h"
#include "record_out.h"

enum { CHUNK = 64 * 1024 };

struct view {
    const struct tail_bytes *tail;
    struct bytes_reader *reader;
    struct record_out out;
    unsigned char chunk[CHUNK];
    uint64_t at; /* what comes next */
};

static uint64_t chunk_at(struct view *view, uint64_t from, uint64_t to, int *rc)
{
    uint64_t got = 0;
    *rc = bytes_reader_read(view->reader, from, view->chunk, to - from, &got);
    return got;
}

/* Where the last lines begin; a newline at the very end ends the last one. */
static int find_begin(struct view *view, uint64_t size)
{
    uint64_t lines = view->tail->lines, newlines = 0;
    int rc = 0;
    view->at = size;
    if (lines == 0)
        return 0;
    for (uint64_t to = size; rc == 0 && to > 0;) {
        uint64_t from = to > CHUNK ? to - CHUNK : 0;
        uint64_t got = chunk_at(view, from, to, &rc);
        if (rc == 0 && got < to - from)
            rc = QUIRE_E_DAMAGED;
        for (uint64_t i = got; rc == 0 && i > 0; i--) {
            if (view->chunk[i - 1] == '\n' && from + i < size && ++newlines == lines)
                return 0;
            view->at = from + i - 1;
        }
        to = from;
    }
    return rc;
}

static int print_what_is_there(struct view *view)
{
    uint64_t got = 1;
    int rc = 0;
    while (rc == 0 && got > 0 && view->out.code == 0) {
        got = chunk_at(view, view->at, view->at + CHUNK, &rc);
        record_out_put(&view->out, view->chunk, got);
        view->at += got;
    }
    return rc;
}

static int follow(struct view *view)
{
    int rc = 0;
    while (rc >= 0 && record_out_flush(&view->out) == 0) {
        rc = bytes_reader_wait(view->reader, -1);
        if (rc >= 0 || rc == -EINTR)
            rc = print_what_is_there(view);
    }
    return rc;
}

static int print(struct view *view)
{
    uint64_t size;
    bool cut_short;
    int rc = bytes_reader_size(view->reader, &size, &cut_short);
    if (rc == 0)
        rc = find_begin(view, size);
    if (rc == 0)
        rc = print_what_is_there(view);
    return rc == 0 && view->tail->follow ? follow(view) : rc;
}

int tail_bytes_print(const struct tail_bytes *tail)
{
    static struct view view; /* the chunk is large for a stack */
    view = (struct view){.tail = tail};
    int rc = record_out_open(&view.out);
    if (rc < 0)
        return log_complain(tail->command, tail->directory, rc, NULL);
    rc = bytes_reader_open(tail->directory, &view.reader);
    if (rc == 0)
        rc = print(&view);
    int code = record_out_close(&view.out, tail->command, EXIT_DONE);
    bytes_reader_close(view.reader);
    return rc < 0 ? log_complain(tail->command, tail->directory, rc, NULL) : code;
}
