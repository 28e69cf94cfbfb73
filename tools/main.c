/* quire: the command. Finds the subcommand and says which version this is.
 *
 * SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <quire/quire.h>

#include "command.h"
#include "report/report.h"

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary; /* without a name: the heading of those that follow */
} commands[] = {
    {NULL, NULL, "records into a log and out of it"},
    {"append", command_append, "append standard input, record by record"},
    {"cat", command_cat, "print the records, or a range of them"},
    {"tail", command_tail, "print the last records, and follow"},
    {"wait", command_wait, "return when a record is durable"},
    {"export", command_export, "write the records as Parquet"},
    {NULL, NULL, "looking after a log"},
    {"info", command_info, "say what it is and what is in it"},
    {"verify", command_verify, "check every byte"},
    {"repair", command_repair, "make a damaged one whole again"},
    {"trim", command_trim, "take old segments away"},
    {"truncate", command_truncate, "take the newest records away"},
    {NULL, NULL, "for programs that know nothing of quire"},
    {"mount", command_mount, "show a directory whose files any program appends to"},
    {"umount", command_umount, "take it away, when everything is written"},
    {NULL, NULL, "proving"},
    {"torture", command_torture, "cut the power of a simulated disk, with your log and options"},
    {NULL, NULL, "measuring"},
    {"bench", command_bench, "measure which way of appending is fastest here"},
    {"doctor", command_doctor, "say what this machine means for appending, and what to change"},
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

static void print_help(void)
{
    puts("quire: append-only files at the speed of the machine, with the durability the caller chose\n\n"
         "usage: quire COMMAND [OPTION...]\n"
         "       quire --version | --help");
    for (size_t i = 0; i < COMMANDS; i++)
        if (commands[i].name)
            printf("  %-8s %s\n", commands[i].name, commands[i].summary);
        else
            printf("\n%s:\n", commands[i].summary);
    puts("\n`quire COMMAND --help` says what a command takes.\n"
         "exit: 0 done, 1 failed, 2 not understood, 128 + signal when stopped by one.");
}

static void print_version(void)
{
    const char *const features[] = {quire_features(), bench_json_available() ? "json" : "",
                                    command_mount_available() ? "fuse" : ""};
    bool any = false;
    printf("quire %s\nfeatures:", quire_version());
    for (size_t i = 0; i < sizeof features / sizeof features[0]; i++)
        if (*features[i])
            any |= printf(" %s", features[i]) > 0;
    puts(any ? "" : " none");
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

/* A standard file that is closed must not become one of a log's: what is read from it or written to it is an error, as
 * it would be. False: that could not be had. */
static bool hold_standard_files(void)
{
    for (int file = STDIN_FILENO; file <= STDERR_FILENO; file++)
        if (fcntl(file, F_GETFD) < 0 && open("/dev/null", file == STDIN_FILENO ? O_WRONLY : O_RDONLY) != file)
            return false;
    return true;
}

int main(int argc, char **argv)
{
    if (!hold_standard_files())
        return EXIT_FAILED;
    /* A file that may not grow so large is an error of writing, and not the end of the process. */
    signal(SIGXFSZ, SIG_IGN);
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
        if (commands[i].name && strcmp(first, commands[i].name) == 0)
            return finish(commands[i].run(argc - 1, argv + 1));
    if (!*first)
        fputs("quire: a command is missing; `quire --help` lists them\n", stderr);
    else
        fprintf(stderr, "quire: there is no %s \"%s\"; `quire --help` lists what there is\n",
                *first == '-' ? "option" : "command", first);
    return EXIT_USAGE;
}
