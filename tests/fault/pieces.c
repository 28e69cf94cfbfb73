/* A record larger than all buffers goes to the file in pieces: who appends meanwhile waits, and comes behind it.
 *
 * SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "fault.h"

enum { SMALL = 500, LARGE = 40 * PAGE + 123, OTHERS = 3 };

struct held {
    const char *name;
    uint32_t method;
    enum fault_op op; /* what the device hangs in */
};

static const struct held held[] = {{"paged", QUIRE_METHOD_PAGED, FAULT_WRITE},
                                   {"mmap", QUIRE_METHOD_MMAP, FAULT_MAP},
                                   {"uring", QUIRE_METHOD_URING, FAULT_COMPLETION}};

struct appender {
    quire_writer *writer;
    uint8_t *data;
    uint64_t length, offset;
    int rc;
    pthread_t thread;
};

static void *append(void *argument)
{
    struct appender *self = argument;

    self->rc = quire_writer_append(self->writer, self->data, self->length, &self->offset);
    return NULL;
}

static void begin(struct appender *appender, quire_writer *writer, uint64_t length, uint64_t seed)
{
    *appender = (struct appender){.writer = writer, .data = malloc(length), .length = length};
    REQUIRE(appender->data);
    fill(appender->data, length, seed);
    REQUIRE_INT(pthread_create(&appender->thread, NULL, append, appender), 0);
}

static void check(struct appender *appender, const struct bytes *file)
{
    CHECK_OK(appender->rc);
    REQUIRE(appender->offset + appender->length <= file->length);
    CHECK_BYTES(file->data + appender->offset, appender->data, appender->length);
    free(appender->data);
}

TEST_EACH(pieces_are_waited_for, struct held, held)
{
    struct fault *fault = fault_new((struct fault_setup){.align = 512});
    struct quire_writer_options o = options_for(it->method);
    struct appender large, others[OTHERS];

    set_buffers(&o, 2 * PAGE, 2);
    quire_writer *w = fault_open_writer(fault, harness_path("file"), &o);
    fault_hold(fault, it->op);
    begin(&large, w, LARGE, 1);
    fault_await(fault, it->op, 1);
    for (uint64_t i = 0; i < OTHERS; i++)
        begin(&others[i], w, SMALL, 2 + i);
    /* They have come to where they wait, all but surely. */
    nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    fault_release(fault, it->op);
    REQUIRE_INT(pthread_join(large.thread, NULL), 0);
    for (int i = 0; i < OTHERS; i++)
        REQUIRE_INT(pthread_join(others[i].thread, NULL), 0);
    REQUIRE_OK(quire_writer_close(w));
    struct bytes file = read_file(harness_path("file"));
    CHECK_UINT(file.length, LARGE + OTHERS * SMALL);
    check(&large, &file);
    CHECK_UINT(large.offset, 0);
    for (int i = 0; i < OTHERS; i++)
        check(&others[i], &file);
    bytes_free(&file);
    fault_free(fault);
}
