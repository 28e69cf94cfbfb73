/* Numbers as the commands around a log take them. Units tell them apart: K M G T (upper case, 1024 each) or B are
 * bytes, ms s m h d (lower case) are times, a number without a unit is a count or a sequence.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_LOG_NUMBERS_H
#define TOOLS_LOG_NUMBERS_H

#include <stdbool.h>
#include <stdint.h>

enum log_unit { LOG_COUNT, LOG_BYTES, LOG_TIME };

/* Digits and one unit. *value: of times in milliseconds. False, and nothing written, for anything else. */
bool log_parse_quantity(const char *text, uint64_t *value, enum log_unit *unit);

/* The digits that *text begins with, one at least; *text is behind them then. */
bool log_parse_digits(const char **text, uint64_t *value);

/* Digits alone, 1 or more. */
bool log_parse_sequence(const char *text, uint64_t *sequence);

/* The same, as the value of that option. EXIT_DONE, or EXIT_USAGE after a complaint. */
int log_take_sequence(const char *command, const char *option, const char *text, uint64_t *sequence);

/* A size: digits, or digits and K M G T B; upper or lower case, for nothing else can be meant. */
bool log_parse_bytes(const char *text, uint64_t *bytes);

/* A time of milliseconds, with its unit. */
bool log_parse_age(const char *text, uint64_t *milliseconds);

#endif
