/* The queue of src/io/uring.c on the real kernel, where it refuses: a ring that cannot be had, buffers that are not
 * registered, a hand-in that is refused for now or for good, a wait that a signal ends.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "io/io.h"
#include "kernel.h"
#include "support.h"

enum { BUFFERS = 2, IO_URING_ENTER_GETEVENTS = 1 };

static _Alignas(PAGE) unsigned char memory[BUFFERS][PAGE];

static int try_queue(uint32_t depth, struct quire__queue **queue)
{
    return quire__uring_open(quire__io_system(), depth, memory, PAGE, BUFFERS, queue);
}

static struct quire__queue *open_queue(uint32_t depth)
{
    struct quire__queue *queue = NULL;

    int rc = try_queue(depth, &queue);
    if (rc == QUIRE_E_NO_URING)
        SKIP("%s", quire_strerror(rc));
    REQUIRE_OK(rc);
    return queue;
}

static void skip_without_ring(void)
{
    struct quire__queue *queue = open_queue(BUFFERS);

    queue->ops->close(queue);
}

static int put(struct quire__queue *queue, int file, uint32_t buffer)
{
    return queue->ops->write(queue, file, buffer, memory[buffer], PAGE, (uint64_t)buffer * PAGE, buffer);
}

static int open_file(void)
{
    int file = open(harness_path("file"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    REQUIRE(file >= 0);
    for (uint32_t i = 0; i < BUFFERS; i++)
        fill(memory[i], PAGE, i);
    return file;
}

/* All come to a good end, each once, taken in one at a time. */
static void reap_all(struct quire__queue *queue, uint32_t count)
{
    uint32_t seen = 0;

    for (uint32_t i = 0; i < count; i++) {
        struct quire__completion end = {0};
        uint32_t taken = 0;
        REQUIRE_OK(queue->ops->reap(queue, true, &end, 1, &taken));
        REQUIRE_UINT(taken, 1);
        CHECK_INT(end.result, PAGE);
        seen |= 1u << end.tag;
    }
    CHECK_UINT(seen, (1u << count) - 1);
}

static void check_written(void)
{
    CHECK_FILE(harness_path("file"), &((struct bytes){.data = memory[0], .length = sizeof memory}));
}

static void refuse_queue(void *code)
{
    struct quire__queue *queue = NULL;

    CHECK_CODE(try_queue(BUFFERS, &queue), *(const int *)code);
    CHECK(queue == NULL);
}

struct refused {
    const char *name;
    int from_kernel, code;
};

static const struct refused refused_setups[] = {
    {"unknown", ENOSYS, QUIRE_E_NO_URING}, {"forbidden", EPERM, QUIRE_E_NO_URING}, {"no_memory", ENOMEM, -ENOMEM}};

TEST_EACH(ring_refused, struct refused, refused_setups)
{
    const struct kernel_refusal setup[] = {{.call = SYS_io_uring_setup, .code = it->from_kernel}};
    int code = it->code;

    skip_without_ring();
    kernel_refusing(setup, 1, refuse_queue, &code);
}

/* Pinning the buffers may be forbidden: then each write pins its own. */
static void write_unregistered(void *unused)
{
    struct quire__queue *queue = open_queue(BUFFERS);
    int file = open_file();

    (void)unused;
    CHECK(!queue->registered);
    REQUIRE_OK(put(queue, file, 0));
    REQUIRE_OK(put(queue, file, 1));
    reap_all(queue, 2);
    queue->ops->close(queue);
    close(file);
    check_written();
}

TEST(ring_unregistered)
{
    const struct kernel_refusal pinning[] = {{.call = SYS_io_uring_register, .code = ENOMEM}};

    kernel_refusing(pinning, 1, write_unregistered, NULL);
}

/* What was refused for now stays in the ring until that is full, and goes in with the next wait. */
static void write_refused_for_now(void *unused)
{
    struct quire__queue *queue = open_queue(BUFFERS);
    int file = open_file();
    struct quire__completion end;
    uint32_t taken = 77;

    (void)unused;
    CHECK_OK(put(queue, file, 0));
    CHECK_OK(put(queue, file, 1));
    CHECK_CODE(put(queue, file, 1), -EBUSY);
    CHECK_OK(queue->ops->reap(queue, false, &end, 1, &taken));
    CHECK_UINT(taken, 0);
    CHECK_INT(file_size(harness_path("file")), 0);
    reap_all(queue, 2);
    CHECK_OK(queue->ops->reap(queue, false, &end, 1, &taken));
    CHECK_UINT(taken, 0);
    queue->ops->close(queue);
    close(file);
    check_written();
}

static const struct refused refused_for_now[] = {{"again", EAGAIN, 0}, {"busy", EBUSY, 0}, {"interrupted", EINTR, 0}};

TEST_EACH(ring_refused_for_now, struct refused, refused_for_now)
{
    const struct kernel_refusal handing_in[] = {
        {.call = SYS_io_uring_enter, .code = it->from_kernel, .argument = 3, .mask = IO_URING_ENTER_GETEVENTS}};

    kernel_refusing(handing_in, 1, write_refused_for_now, NULL);
}

static void write_refused(void *unused)
{
    struct quire__queue *queue = open_queue(BUFFERS);
    int file = open_file();
    struct quire__completion end;
    uint32_t taken = 77;

    (void)unused;
    CHECK_CODE(put(queue, file, 0), -ENXIO);
    CHECK_CODE(queue->ops->reap(queue, true, &end, 1, &taken), -ENXIO);
    CHECK_CODE(queue->ops->reap(queue, false, &end, 1, &taken), -ENXIO);
    CHECK_UINT(taken, 77);
    queue->ops->close(queue);
    close(file);
    CHECK_INT(file_size(harness_path("file")), 0);
}

TEST(ring_refused_for_good)
{
    const struct kernel_refusal handing_in[] = {{.call = SYS_io_uring_enter, .code = ENXIO}};

    kernel_refusing(handing_in, 1, write_refused, NULL);
}

static volatile sig_atomic_t signals;
static int pipe_ends[2];

/* The first only ends the wait; the others make room for what it waits for. */
static void on_signal(int number)
{
    static char drained[65536];

    (void)number;
    if (signals++ > 0 && read(pipe_ends[0], drained, sizeof drained) < 0)
        _exit(1);
}

/* A pipe that is full: a write to it waits. */
static void make_full_pipe(void)
{
    static const char filling[65536];

    REQUIRE_INT(pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK), 0);
    while (write(pipe_ends[1], filling, sizeof filling) > 0)
        ;
    REQUIRE_INT(errno, EAGAIN);
    REQUIRE_INT(fcntl(pipe_ends[1], F_SETFL, 0), 0);
}

TEST(ring_wait_interrupted)
{
    struct quire__queue *queue = open_queue(BUFFERS);
    struct sigaction action = {.sa_handler = on_signal}; /* without SA_RESTART */
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    struct itimerspec often = {.it_interval.tv_nsec = 20000000, .it_value.tv_nsec = 20000000};
    timer_t timer;

    make_full_pipe();
    CHECK_OK(queue->ops->write(queue, pipe_ends[1], 0, memory[0], PAGE, 0, 0));
    REQUIRE_INT(sigaction(SIGUSR1, &action, NULL), 0);
    REQUIRE_INT(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
    REQUIRE_INT(timer_settime(timer, 0, &often, NULL), 0);
    reap_all(queue, 1);
    REQUIRE_INT(timer_delete(timer), 0);
    CHECK(signals > 1);
    queue->ops->close(queue);
    close(pipe_ends[0]);
    close(pipe_ends[1]);
}

TEST(ring_without_handles)
{
    struct rlimit before;
    struct quire__queue *queue = NULL;

    skip_without_ring();
    REQUIRE_INT(getrlimit(RLIMIT_NOFILE, &before), 0);
    REQUIRE_INT(setrlimit(RLIMIT_NOFILE, &(struct rlimit){0, before.rlim_max}), 0);
    CHECK_CODE(try_queue(BUFFERS, &queue), -EMFILE);
    REQUIRE_INT(setrlimit(RLIMIT_NOFILE, &before), 0);
    CHECK(queue == NULL);
}
