/* quire append, at work: from standard input into the log, and on to standard output.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_APPEND_RUN_H
#define TOOLS_APPEND_RUN_H

#include <quire/log.h>

#include "append_input.h"
#include "append_pass.h"

enum append_sync { APPEND_EACH, APPEND_BATCH, APPEND_INTERVAL, APPEND_END, APPEND_NONE };

struct append_request {
    const char *directory;
    struct quire_log_options log;
    struct input input;
    enum append_sync sync;
    enum pass_what pass;
    bool quiet, verbose;
};

/* The exit code, after a complaint if something failed. */
int append_run(struct append_request *request);

#endif
