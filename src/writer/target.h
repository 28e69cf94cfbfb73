/* The file that a writer appends to: found or made, locked, its name durable; cut and closed in the end.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TARGET_H
#define QUIRE_TARGET_H

#include "writer/writer.h"

/* Opens writer->path into file, facts and begin. *created: this call made the file. On failure nothing is left, and
 * *failed_call says what failed. */
int quire__target_open(quire_writer *writer, bool *created, enum quire_call *failed_call);

/* Closes the file, and removes one that open created, unless code says that it is another's by now. For an open that
 * fails with code later on. */
void quire__target_abandon(quire_writer *writer, bool created, int code);

/* Cuts the file to end, its true length, if it may be longer. */
int quire__target_cut(quire_writer *writer, uint64_t end);

/* Makes the space that the options ask for at open. */
int quire__target_prepare(quire_writer *writer);

/* Sees to it that the file has space up to end, and more for what comes next. -ENOSPC and others poison nothing:
 * what was appended stays, and this can be tried again. */
int quire__target_extend(quire_writer *writer, uint64_t end);

/* A second descriptor of the same file past the page cache. QUIRE_E_NO_DIRECT, QUIRE_E_REPLACED. */
int quire__target_open_direct(quire_writer *writer, int *file);

#endif
