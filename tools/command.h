/* The subcommands of quire, one file each.
 *
 * A subcommand gets its own arguments, argv[0] being its name; the program's stand before it. It prints results on stdout
 * and everything else on stderr, and returns the exit code.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_COMMAND_H
#define TOOLS_COMMAND_H

#include <stdbool.h>

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

int command_doctor(int argc, char **argv);
int command_append(int argc, char **argv);
int command_cat(int argc, char **argv);
int command_tail(int argc, char **argv);
int command_export(int argc, char **argv);
int command_info(int argc, char **argv);
int command_verify(int argc, char **argv);
int command_wait(int argc, char **argv);
int command_repair(int argc, char **argv);
int command_trim(int argc, char **argv);
int command_truncate(int argc, char **argv);
int command_mount(int argc, char **argv);
bool command_mount_available(void); /* this build has it */
int command_umount(int argc, char **argv);
int command_torture(int argc, char **argv);
int command_bench(int argc, char **argv);
int command_bench_compare(int argc, char **argv);
int command_bench_fuse(int argc, char **argv);  /* quire bench fuse */
int command_bench_log(int argc, char **argv);   /* quire bench log */
int command_bench_sync(int argc, char **argv);  /* quire bench sync */
int command_bench_micro(int argc, char **argv); /* quire bench micro */

/* Prints "command: sentence" on standard error and returns code. */
__attribute__((format(printf, 3, 4))) int command_complain(const char *command, int code, const char *format, ...);

#endif
