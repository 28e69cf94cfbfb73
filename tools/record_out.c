/* Records to standard output: the buffer. See record_out.h.
 *
 * SPDX-License-Identifier: MIT */
#include "record_out.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "command.h"

int record_out_open(struct record_out *out)
{
    *out = (struct record_out){.buffer = malloc(RECORD_OUT_BYTES)};
    return out->buffer ? 0 : -ENOMEM;
}

static void write_all(struct record_out *out, const unsigned char *data, uint64_t length)
{
    while (length > 0 && out->code == 0) {
        ssize_t got = write(STDOUT_FILENO, data, length);
        if (got < 0 && errno != EINTR)
            out->code = -errno;
        data += got > 0 ? got : 0;
        length -= got > 0 ? (uint64_t)got : 0;
    }
}

int record_out_flush(struct record_out *out)
{
    write_all(out, out->buffer, out->used);
    out->used = 0;
    return out->code;
}

void record_out_put_slowly(struct record_out *out, const void *data, uint64_t length)
{
    record_out_flush(out);
    if (length > RECORD_OUT_BYTES / 2) {
        write_all(out, data, length);
        return;
    }
    memcpy(out->buffer, data, length);
    out->used = length;
}

int record_out_close(struct record_out *out, const char *command, int code)
{
    int rc = record_out_flush(out);
    free(out->buffer);
    if (rc == 0)
        return code;
    if (rc == -EPIPE)
        return EXIT_FAILED;
    return command_complain(command, EXIT_FAILED, "standard output could not be written: %s", quire_strerror(rc));
}
