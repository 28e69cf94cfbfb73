/* What reading a command line is for every subcommand alike.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_ARGUMENTS_H
#define TOOLS_ARGUMENTS_H

#include <getopt.h>
#include <stdbool.h>

struct command_options {
    const char *command;          /* who complains, and whose --help is named */
    const char *help;             /* what --help prints, and -h */
    const struct option *options; /* their codes are small numbers, or letters: "help" is 'h' */
    const char *letters;          /* NULL, or those taken beside h, as of getopt: "n:f" */
    bool operands;                /* words that are no options are taken too, and then stand behind all options */
    const char **directory;       /* NULL, or where the one operand goes, a log's directory */
    int (*take)(void *request, int code); /* one option but --help, its value in optarg: an exit code */
    int (*check)(void *request);          /* NULL, or what options mean together: an exit code */
};

/* Hands each option to take until one is refused, then has all of them checked. True: the command goes on, optind is
 * that of the first operand. False: it ends with this exit code, after its help or after a complaint. */
bool command_take_line(const struct command_options *options, int argc, char **argv, void *request, int *exit_code);

/* EXIT_DONE and a whole number from least to most, or EXIT_USAGE after a complaint that names the option. */
int command_take_number(const char *command, const char *option, const char *text, unsigned least, unsigned most,
                        unsigned *number);

/* EXIT_DONE if path is a directory that can be written in; else EXIT_USAGE after a complaint that names --dir. */
int command_check_directory(const char *command, const char *path);

/* EXIT_DONE if this build writes JSON; else EXIT_USAGE after a complaint that names --json. */
int command_check_json(const char *command);

#endif
