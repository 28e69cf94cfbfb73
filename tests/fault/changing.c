/* A file system that others change between two calls: what is found is not what was looked for, or is gone.
 *
 * A seam of this test's own: the system's, but for one operation, which does something else first.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <quire/check.h>

#include "log_support.h"
#include "reader/whole.h"
#include "writer/writer.h"

static struct quire__io_ops operations;
static struct quire__io changing = {.ops = &operations};
static _Atomic uint64_t calls;

static void begin(void)
{
    operations = *quire__io_system()->ops;
    atomic_store(&calls, 0);
}

static const struct quire__io_ops *system_ops(void)
{
    return quire__io_system()->ops;
}

static int open_on(struct quire_writer_options *o, struct quire_failure *failure)
{
    quire_writer *writer = NULL;

    o->failure = failure;
    int rc = quire__writer_open_on(&changing, harness_path("file"), o, &writer);
    CHECK(rc < 0 && writer == NULL);
    return rc;
}

/* ---- a name that comes and goes ---- */

static int open_gone_and_there(struct quire__io *io, const char *path, unsigned how, uint32_t mode, int *file)
{
    (void)io, (void)path, (void)mode, (void)file;
    atomic_fetch_add(&calls, 1);
    return how & QUIRE__IO_CREATE ? -EEXIST : -ENOENT;
}

/* Whoever looks always finds the contrary: after some attempts that is said. */
TEST(changing_name)
{
    struct quire_writer_options o = options_for(QUIRE_METHOD_PAGED);
    struct quire_failure failure = {0};

    begin();
    operations.open = open_gone_and_there;
    CHECK_CODE(open_on(&o, &failure), -EEXIST);
    CHECK_INT(failure.call, QUIRE_CALL_OPEN);
    CHECK_UINT(calls, 16);
    o.flags = QUIRE_OPEN_EXCLUSIVE;
    CHECK_CODE(open_on(&o, &failure), -EEXIST);
    CHECK_UINT(calls, 17);
}

/* ---- another file under the name ---- */

static void replace_file(void)
{
    write_file(harness_path("other"), "another", 7);
    REQUIRE_INT(rename(harness_path("other"), harness_path("file")), 0);
}

static int lock_replaced(struct quire__io *io, int file)
{
    int rc = system_ops()->lock(io, file);

    replace_file();
    return rc;
}

static int open_direct_replaced(struct quire__io *io, const char *path, unsigned how, uint32_t mode, int *file)
{
    if (how & QUIRE__IO_DIRECT)
        replace_file();
    return system_ops()->open(io, path, how, mode, file);
}

/* Before the lock was had, or before it was opened a second time. */
TEST(changing_file)
{
    struct quire_writer_options o = options_for(QUIRE_METHOD_URING);
    struct quire_failure failure = {0};

    skip_without_uring(QUIRE_METHOD_URING);
    begin();
    operations.lock = lock_replaced;
    CHECK_CODE(open_on(&o, &failure), QUIRE_E_REPLACED);
    CHECK_INT(failure.call, QUIRE_CALL_STAT);
    CHECK_FILE(harness_path("file"), &((struct bytes){.data = (uint8_t *)(uintptr_t) "another", .length = 7}));
    begin();
    operations.open = open_direct_replaced;
    CHECK_CODE(open_on(&o, &failure), QUIRE_E_REPLACED);
    CHECK_INT(file_size(harness_path("file")), 7);
}

/* ---- segments that retention takes while they are looked through ---- */

enum { SEGMENTS = 4, EACH = 20, ALL = SEGMENTS * EACH };

static void make_log(void)
{
    struct quire_log_options o = small_log(0);
    quire_log *log = open_log(harness_path("log"), &o);

    for (uint64_t i = 1; i <= ALL; i++) {
        REQUIRE_OK(append_next(log, i));
        if (i % EACH == 0 && i < ALL)
            REQUIRE_OK(quire_log_rotate(log));
    }
    REQUIRE_OK(quire_log_close(log));
}

/* The number of the listing before which the first two segments go. */
static uint64_t turn;

static int list_trimmed(struct quire__io *io, const char *path, int (*see)(void *context, const char *name),
                        void *context)
{
    if (atomic_fetch_add(&calls, 1) + 1 == turn) {
        unlink(segment_name(harness_path("log"), 1));
        unlink(segment_name(harness_path("log"), 2));
    }
    return system_ops()->list(io, path, see, context);
}

static int count_record(void *context, uint32_t thread, const struct quire_record *record)
{
    (void)thread;
    CHECK(record->sequence >= 1 && record->sequence <= ALL);
    ++*(uint64_t *)context;
    return 0;
}

/* At each moment: verify passes over what is gone, a scan says so, and neither sees less than what stayed. */
TEST(changing_segments)
{
    struct quire_verify_options o = {.size = sizeof o, .threads = 1};
    bool was_told = false;

    for (turn = 1; turn <= 8; turn++) {
        struct quire_verify_result result = {.size = sizeof result};
        uint64_t seen = 0;
        begin();
        operations.list = list_trimmed;
        make_log();
        CHECK_OK(quire__verify_on(&changing, harness_path("log"), &o, &result));
        CHECK(result.records >= ALL - 2 * EACH && result.damaged == 0);
        unlink(harness_path("log/live.quire"));
        for (uint64_t i = 1; i <= SEGMENTS; i++)
            unlink(segment_name(harness_path("log"), i));
        make_log();
        atomic_store(&calls, 0);
        int rc = quire__scan_on(&changing, harness_path("log"), NULL, 1, count_record, &seen);
        CHECK(rc == 0 || rc == QUIRE_E_TRIMMED);
        CHECK(rc != 0 || seen >= ALL - 2 * EACH);
        was_told |= rc == QUIRE_E_TRIMMED;
        unlink(harness_path("log/live.quire"));
        for (uint64_t i = 1; i <= SEGMENTS; i++)
            unlink(segment_name(harness_path("log"), i));
    }
    CHECK(was_told);
}
