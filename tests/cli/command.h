/* Running the command: its output, its status; and reading its JSON.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TESTS_COMMAND_H
#define QUIRE_TESTS_COMMAND_H

#include <stddef.h>
#include <sys/types.h>

/* The command's path, from the environment variable QUIRE. Ends the case where it is not set. */
const char *command_path(void);

struct running {
    pid_t child;
    int out, err;
};

struct outcome {
    int status; /* what it returned, or 128 + the signal that ended it */
    char *out, *err;
};

/* arguments without the command's own name, with a NULL at the end. Standard input is empty. */
struct running start_command(const char *const *arguments);
struct outcome finish_command(struct running *running);
struct outcome run_command(const char *const *arguments);
void outcome_free(struct outcome *outcome);

int lines_of(const char *text);
int longest_line(const char *text);

/* Is the command refused with status, by one line on standard error that begins with "who: " and has says in it, and
 * with nothing on standard output? */
void check_refusal(const char *const *arguments, int status, const char *who, const char *says);

/* Is each of these values, up to a NULL, refused by a line that names the option? command is the word behind `quire
 * bench`, or NULL. */
struct garbled {
    const char *option;
    const char *values[24];
};
void check_garbled(const char *command, const struct garbled *rows, size_t count);

/* Does the help fit a screen, and name these options, up to a NULL? */
void check_help(const char *const *arguments, const char *const *options);

/* Is text a report of schema 1 over these two workloads, with so many rounds? */
void check_report(const char *text, const size_t bytes[2], const size_t records[2], size_t rounds);

#endif
