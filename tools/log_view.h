/* A log being printed, by cat and tail alike: the reader, the format, what was lost on the way.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_LOG_VIEW_H
#define TOOLS_LOG_VIEW_H

#include "record_out.h"

struct log_view {
    const char *command, *directory; /* the caller's, as are: */
    record_print *print;             /* NULL: by the first record */
    uint32_t flags;                  /* QUIRE_READ_... */
    quire_reader *reader;
    struct quire_damage damage;
    struct record_out out;
    bool lost; /* damage was passed over */
};

/* EXIT_DONE and the reader stands before the first record, or an exit code after a complaint. */
int log_view_open(struct log_view *view);

/* Prints the record; a gap goes to standard error, after what stands before it, and as JSON to both. */
void log_view_gap(struct log_view *view, const struct quire_record *gap);
static inline void log_view_show(struct log_view *view, const struct quire_record *record)
{
    if (__builtin_expect(record->kind != QUIRE_RECORD_DATA, 0)) {
        log_view_gap(view, record);
        return;
    }
    if (__builtin_expect(!view->print, 0))
        view->print = record_format_for(record);
    view->print(&view->out, record);
}

/* Says what code a function of the reader returned; what was printed before it comes first. An exit code. */
int log_view_complain(struct log_view *view, int code);

/* Everything out and closed. An exit code: code, EXIT_FAILED if something was lost or could not be written. */
int log_view_close(struct log_view *view, int code);

#endif
