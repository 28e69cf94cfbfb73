/* A log being printed. See log_view.h.
 *
 * SPDX-License-Identifier: MIT */
#include "log_view.h"

#include <errno.h>

#include "command.h"
#include "log_words.h"

int log_view_open(struct log_view *view)
{
    struct quire_reader_options options = {.size = sizeof options, .flags = view->flags, .damage = &view->damage};
    if (record_out_open(&view->out) < 0)
        return log_complain(view->command, view->directory, -ENOMEM, NULL);
    int rc = quire_reader_open(view->directory, &options, &view->reader);
    if (rc == 0)
        return EXIT_DONE;
    record_out_close(&view->out, view->command, EXIT_FAILED);
    return log_complain(view->command, view->directory, rc, &view->damage);
}

void log_view_gap(struct log_view *view, const struct quire_record *gap)
{
    char text[RECORD_GAP_TEXT];
    if (view->print == record_print_json)
        view->print(&view->out, gap);
    record_out_flush(&view->out);
    command_complain(view->command, EXIT_FAILED, "\"%s\": %s", view->directory, record_gap_text(gap, text));
    view->lost |= gap->reason == QUIRE_GAP_DAMAGE && view->flags & QUIRE_READ_GAPS;
}

int log_view_complain(struct log_view *view, int code)
{
    if (record_out_flush(&view->out) < 0)
        return EXIT_FAILED;
    return log_complain(view->command, view->directory, code, &view->damage);
}

int log_view_close(struct log_view *view, int code)
{
    code = record_out_close(&view->out, view->command, code);
    int rc = quire_reader_close(view->reader);
    if (rc < 0 && code == EXIT_DONE)
        code = log_complain(view->command, view->directory, rc, NULL);
    return code == EXIT_DONE && view->lost ? EXIT_FAILED : code;
}
