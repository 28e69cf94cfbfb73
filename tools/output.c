/* Where a report of a subcommand goes. See output.h.
 *
 * SPDX-License-Identifier: MIT */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"

int command_output_open(struct command_output *output, const char *command, const char *option, const char *path)
{
    *output = (struct command_output){.command = command, .path = path};
    if (strcmp(path, "-") == 0) {
        output->file = stdout;
        output->path = NULL;
        return EXIT_DONE;
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    output->created = fd >= 0;
    if (fd < 0 && errno == EEXIST)
        fd = open(path, O_WRONLY | O_CLOEXEC);
    output->file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (output->file)
        return EXIT_DONE;
    int rc = command_complain(command, EXIT_USAGE, "%s takes a file that can be written, not %s: %s", option, path,
                              strerror(errno));
    if (fd >= 0)
        close(fd);
    if (output->created)
        unlink(path);
    return rc;
}

static int cannot_write(const struct command_output *output)
{
    return command_complain(output->command, EXIT_FAILED, "cannot write %s: %s", output->path, strerror(errno));
}

int command_output_close(struct command_output *output, int code)
{
    if (!output->path)
        return code;
    struct stat st;
    int fd = fileno(output->file);
    if (code == EXIT_DONE && fflush(output->file) == 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
        ftruncate(fd, ftello(output->file)) != 0)
        code = cannot_write(output);
    bool failed = ferror(output->file);
    failed |= fclose(output->file) != 0;
    if (failed && code == EXIT_DONE)
        code = cannot_write(output);
    if (code != EXIT_DONE && output->created)
        unlink(output->path);
    return code;
}
