/* What the commands around a log say alike: why a log cannot be had, and where it is damaged.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_LOG_WORDS_H
#define TOOLS_LOG_WORDS_H

#include <quire/log.h>
#include <quire/reader.h>

enum { LOG_PLACE_TEXT = 160 /* room for a place in words */ };

/* "segment 3, block 12, offset 49152, records 100 to 199": where, and what is lost there as far as is known. */
const char *log_place_text(const struct quire_damage *damage, char text[LOG_PLACE_TEXT]);

/* "damaged", "missing", "of another log", ...: what is wrong there. */
const char *log_damage_name(int code);

/* One sentence about a code that quire gave for the log in directory, and what to do next. damage: NULL, or what was
 * filled if the code is one of damage. EXIT_FAILED, or EXIT_USAGE where what was asked cannot be. */
int log_complain(const char *command, const char *directory, int code, const struct quire_damage *damage);

/* What quire_reader_seek_sequence returned for sequence, if it is that there is no such record: EXIT_FAILED after a
 * sentence. EXIT_DONE: it is something else, and nothing was said. The reader stands elsewhere then. */
int log_complain_of_seek(const char *command, quire_reader *reader, uint64_t sequence, int code);

#endif
