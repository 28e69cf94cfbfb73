/* From what a caller asked for to what a writer works with.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_OPTIONS_H
#define QUIRE_OPTIONS_H

#include "writer/writer.h"

/* Copies what the caller knows of the options (NULL: nothing) and refuses what this library does not know. */
int quire__options_take(const struct quire_writer_options *given, struct quire_writer_options *options);

/* Fills in the defaults of a method and checks all values against each other. */
int quire__options_settle(const struct quire__method *method, struct quire_writer_options *options);

#endif
