/* Where a report of a subcommand goes: opened before a minute is spent on measuring, kept only if all went well.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_OUTPUT_H
#define TOOLS_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

struct command_output {
    FILE *file;
    const char *command; /* who complains */
    const char *path;    /* NULL: stdout */
    bool created;        /* there was no such file before */
};

/* Opens path, or takes stdout for "-". EXIT_DONE, or EXIT_USAGE after a complaint that names the option; nothing is left
 * behind then. What a file held stays until close. */
int command_output_open(struct command_output *output, const char *command, const char *option, const char *path);

/* With code EXIT_DONE the report replaces what was in the file; after any other a file that was created is removed and
 * one that was there is left as it was, as long as nothing was written to it. Returns code, or EXIT_FAILED after a
 * complaint. */
int command_output_close(struct command_output *output, int code);

#endif
