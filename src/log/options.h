/* From what a caller asked for to what a log works with.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_LOG_OPTIONS_H
#define QUIRE_LOG_OPTIONS_H

#include "log/log.h"

/* Copies what the caller knows of the options (NULL: nothing) and refuses what this library does not know. */
int quire__log_options_take(const struct quire_log_options *given, struct quire_log_options *options);

/* Fills in the defaults of a method and checks all values against each other. */
int quire__log_options_settle(const struct quire__log_method *method, struct quire_log_options *options);

#endif
