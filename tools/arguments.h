/* What reading a command line is for every subcommand alike.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_ARGUMENTS_H
#define TOOLS_ARGUMENTS_H

#include <getopt.h>
#include <stdbool.h>

struct command_options {
    const char *command;          /* who complains, and whose --help is named */
    const struct option *options; /* their codes are small numbers */
    int help;                     /* the code of --help, which -h is too */
    int number, follow;           /* those of what -n and -f are, unless letters lacks them */
    const char *letters;          /* NULL, or which of "n:" and "f" are taken */
    bool operands;                /* words that are no options are taken too, and then stand behind all options */
    int (*take)(void *request, int code); /* one option, its value in optarg: an exit code */
};

/* Hands each option to take until one is refused. EXIT_DONE, and optind is that of the first operand; or an exit code
 * after a complaint. */
int command_take_options(const struct command_options *options, int argc, char **argv, void *request);

/* The one operand, a log's directory. EXIT_DONE, or EXIT_USAGE after a complaint. */
int command_take_directory(const char *command, int argc, char **argv, const char **directory);

/* EXIT_DONE if path is a directory that can be written in; else EXIT_USAGE after a complaint that names --dir. */
int command_check_directory(const char *command, const char *path);

#endif
