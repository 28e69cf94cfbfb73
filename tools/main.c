/* quire: the command. Finds the subcommand and says which version this is.
 *
 * SPDX-License-Identifier: MIT */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include <quire/quire.h>

#include "command.h"
#include "report/report.h"

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
} commands[] = {
    {"bench", command_bench, "measure which way of appending is fastest here"},
    {"doctor", command_doctor, "say what this machine means for appending, and what to change"},
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

static void print_help(void)
{
    puts("quire: append-only files at the speed of the machine, with the durability the caller chose\n\n"
         "usage: quire COMMAND [OPTION...]\n"
         "       quire --version | --help\n\n"
         "commands:");
    for (size_t i = 0; i < COMMANDS; i++)
        printf("  %-8s %s\n", commands[i].name, commands[i].summary);
    puts("\n`quire COMMAND --help` says what a command takes.\n"
         "exit: 0 done, 1 failed, 2 not understood, 128 + signal when stopped by one.");
}

static void print_version(void)
{
    const char *features = quire_features(), *json = bench_json_available() ? "json" : "";
    const char *between = *features && *json ? " " : "";
    const char *none = *features || *json ? "" : "none";
    printf("quire %s\nfeatures: %s%s%s%s\n", quire_version(), features, between, json, none);
}

/* What was printed must have arrived: a full disk or a closed pipe is a failure too. */
static int finish(int code)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    if (code == EXIT_DONE)
        fputs("quire: standard output could not be written\n", stderr);
    return code == EXIT_DONE ? EXIT_FAILED : code;
}

int main(int argc, char **argv)
{
    /* Which characters the terminal shows; numbers stay as programs read them. */
    setlocale(LC_CTYPE, "");
    const char *first = argc > 1 ? argv[1] : "";
    if (strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0) {
        print_help();
        return finish(EXIT_DONE);
    }
    if (strcmp(first, "--version") == 0) {
        print_version();
        return finish(EXIT_DONE);
    }
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(first, commands[i].name) == 0)
            return finish(commands[i].run(argc - 1, argv + 1));
    if (!*first)
        fputs("quire: a command is missing; `quire --help` lists them\n", stderr);
    else
        fprintf(stderr, "quire: there is no %s \"%s\"; `quire --help` lists what there is\n",
                *first == '-' ? "option" : "command", first);
    return EXIT_USAGE;
}
