/* No buffer free, and nobody may wait: -EAGAIN, or dropped and counted. The device is held the whole time, so an
 * append that waited for it would hang, and fail by that.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <sched.h>

#include "fault.h"

enum { RECORD = 500, TRIES = 2000 };

struct stuck {
    const char *name;
    uint32_t method;
    uint32_t on_full;
    enum fault_op op; /* what the device hangs in */
};

static const struct stuck stuck[] = {
    {"paged_again", QUIRE_METHOD_PAGED, QUIRE_FULL_AGAIN, FAULT_WRITE},
    {"paged_drop", QUIRE_METHOD_PAGED, QUIRE_FULL_DROP, FAULT_WRITE},
    {"mmap_again", QUIRE_METHOD_MMAP, QUIRE_FULL_AGAIN, FAULT_MAP},
    {"mmap_drop", QUIRE_METHOD_MMAP, QUIRE_FULL_DROP, FAULT_MAP},
    {"uring_again", QUIRE_METHOD_URING, QUIRE_FULL_AGAIN, FAULT_COMPLETION},
    {"uring_drop", QUIRE_METHOD_URING, QUIRE_FULL_DROP, FAULT_COMPLETION},
};

static struct quire_writer_options small(const struct stuck *it)
{
    struct quire_writer_options o = options_for(it->method);
    set_buffers(&o, PAGE, 3);
    o.lane_bytes = PAGE;
    o.on_full = it->on_full;
    o.claim_timeout_ms = 50;
    return o;
}

static int refusal_of(const struct stuck *it)
{
    return it->on_full == QUIRE_FULL_AGAIN ? -EAGAIN : QUIRE_E_DROPPED;
}

/* The writer's own thread makes the first space ready; until then an append is refused, which is no news. */
static void append_until_taken(quire_writer *w, const void *data, uint64_t length)
{
    int rc;
    while ((rc = quire_writer_append(w, data, length, NULL)) == -EAGAIN || rc == QUIRE_E_DROPPED)
        sched_yield();
    REQUIRE_OK(rc);
}

struct counted {
    uint64_t accepted, refused;
};

static struct counted append_many(quire_writer *w, const struct stuck *it, struct bytes *model)
{
    struct counted c = {0};
    for (uint64_t i = 0; i < TRIES; i++) {
        uint64_t before = model->length, offset = 77;
        int rc = quire_writer_append(w, bytes_add_filled(model, RECORD, i), RECORD, &offset);
        if (rc == 0) {
            REQUIRE_UINT(offset, before);
            c.accepted++;
        } else {
            REQUIRE_CODE(rc, refusal_of(it));
            REQUIRE_UINT(offset, 77);
            c.refused++;
            model->length = before;
        }
    }
    return c;
}

static void check_counts(const struct stuck *it, const struct quire_writer_stats *before,
                         const struct quire_writer_stats *after, const struct counted *c)
{
    bool again = it->on_full == QUIRE_FULL_AGAIN;
    CHECK_UINT(after->appends - before->appends, c->accepted);
    CHECK_UINT(after->append_bytes - before->append_bytes, c->accepted * RECORD);
    CHECK_UINT(after->agains - before->agains, again ? c->refused : 0);
    CHECK_UINT(after->drops - before->drops, again ? 0 : c->refused);
    CHECK_UINT(after->drop_bytes - before->drop_bytes, again ? 0 : c->refused * RECORD);
}

TEST_EACH(full_counted, struct stuck, stuck)
{
    struct fault *fault = fault_new((struct fault_setup){.align = 512});
    struct quire_writer_options o = small(it);
    const char *path = harness_path("file");
    struct bytes model = {0};
    quire_writer *w = fault_open_writer(fault, path, &o);
    append_until_taken(w, bytes_add_filled(&model, RECORD, 1), RECORD);
    fault_hold(fault, it->op);
    struct quire_writer_stats before = stats_of(w);
    struct counted c = append_many(w, it, &model);
    CHECK(c.accepted > 0 && c.accepted <= 3 * PAGE / RECORD);
    CHECK_UINT(c.accepted + c.refused, TRIES);
    fault_await(fault, it->op, 1); /* the writer's thread, and it alone, hangs */
    fault_release(fault, it->op);
    struct quire_writer_stats after = stats_of(w);
    check_counts(it, &before, &after, &c);
    append_until_taken(w, bytes_add_filled(&model, RECORD, 2), RECORD);
    REQUIRE_OK(quire_writer_close(w));
    CHECK_FILE(path, &model);
    bytes_free(&model);
    fault_free(fault);
}

/* A record that no state of the buffers could take is not tried for ever. */
TEST_EACH(full_too_large, struct stuck, stuck)
{
    struct fault *fault = fault_new((struct fault_setup){.align = 512});
    struct quire_writer_options o = small(it);
    quire_writer *w = fault_open_writer(fault, harness_path("file"), &o);
    static uint8_t data[5 * PAGE];
    struct iovec pieces[] = {{data, 2 * PAGE}, {data, 3 * PAGE}};
    struct quire_claim claim;
    uint64_t most = it->method == QUIRE_METHOD_MMAP ? PAGE : 2 * PAGE;
    fill(data, sizeof data, 1);
    CHECK_CODE(quire_writer_append(w, data, sizeof data, NULL), QUIRE_E_TOO_LARGE);
    CHECK_CODE(quire_writer_appendv(w, pieces, 2, NULL), QUIRE_E_TOO_LARGE);
    CHECK_CODE(quire_writer_claim(w, most + 1, &claim), QUIRE_E_TOO_LARGE);
    append_until_taken(w, data, most);
    CHECK_UINT(stats_of(w).append_bytes, most);
    REQUIRE_OK(quire_writer_close(w));
    CHECK_INT(file_size(harness_path("file")), most);
    fault_free(fault);
}

/* A lane refuses the record that it has no room for, and keeps those it has. */
TEST_EACH(full_lane, struct stuck, stuck)
{
    struct fault *fault = fault_new((struct fault_setup){.align = 512});
    struct quire_writer_options o = small(it);
    const char *path = harness_path("file");
    struct bytes model = {0};
    quire_lane *lane = NULL;
    quire_writer *w = fault_open_writer(fault, path, &o);
    append_until_taken(w, bytes_add_filled(&model, RECORD, 1), RECORD);
    REQUIRE_OK(quire_lane_open(w, &lane));
    fault_hold(fault, it->op);
    struct counted c = {0};
    struct quire_writer_stats before = stats_of(w);
    for (uint64_t i = 0; i < TRIES; i++) {
        uint64_t length = model.length;
        int rc = quire_lane_append(lane, bytes_add_filled(&model, RECORD, i), RECORD);
        if (rc < 0) {
            REQUIRE_CODE(rc, refusal_of(it));
            model.length = length;
        }
        *(rc < 0 ? &c.refused : &c.accepted) += 1;
    }
    CHECK(c.accepted > 0 && c.accepted <= 4 * PAGE / RECORD && c.refused > 0);
    struct quire_writer_stats full = stats_of(w);
    check_counts(it, &before, &full, &c);
    fault_release(fault, it->op);
    uint64_t end = 0;
    REQUIRE_OK(quire_lane_flush(lane, &end)); /* a flush waits, whatever appends do */
    CHECK_UINT(end, model.length);
    REQUIRE_OK(quire_writer_sync(w));
    CHECK_UINT(watermarks_of(w).durable, model.length);
    REQUIRE_OK(quire_lane_close(lane));
    REQUIRE_OK(quire_writer_close(w));
    CHECK_FILE(path, &model);
    bytes_free(&model);
    fault_free(fault);
}

/* Refused because the disk is full, not because a buffer is: that is what the caller hears, sooner or later. */
TEST_EACH(full_disk, struct stuck, stuck)
{
    if (it->method == QUIRE_METHOD_PAGED)
        return; /* finds out by writing: tests/fault/poison.c */
    struct fault *fault = fault_new((struct fault_setup){.align = 512});
    struct quire_writer_options o = small(it);
    const char *path = harness_path("file");
    struct bytes model = {0};
    quire_writer *w = fault_open_writer(fault, path, &o);
    fault_ever(fault, FAULT_ALLOCATE, 1, -ENOSPC);
    bytes_add_filled(&model, RECORD, 1);
    int rc;
    while ((rc = quire_writer_append(w, model.data, RECORD, NULL)) == refusal_of(it))
        sched_yield();
    CHECK_CODE(rc, -ENOSPC);
    CHECK_OK(quire_writer_sync(w));
    fault_clear(fault);
    while ((rc = quire_writer_append(w, model.data, RECORD, NULL)) == refusal_of(it) || rc == -ENOSPC)
        sched_yield();
    CHECK_OK(rc);
    REQUIRE_OK(quire_writer_close(w));
    CHECK_FILE(path, &model);
    bytes_free(&model);
    fault_free(fault);
}

/* The device fails while appends are being refused: the failure is what they return from then on. */
TEST_EACH(full_then_failed, struct stuck, stuck)
{
    struct fault *fault = fault_new((struct fault_setup){.align = 512});
    struct quire_writer_options o = small(it);
    struct bytes model = {0};
    bool poisons = it->op != FAULT_MAP; /* a window that cannot be had may be had later */
    quire_writer *w = fault_open_writer(fault, harness_path("file"), &o);
    append_until_taken(w, bytes_add_filled(&model, RECORD, 1), RECORD);
    fault_hold(fault, it->op);
    append_many(w, it, &model);
    fault_ever(fault, it->op, 1, -EIO);
    fault_release(fault, it->op);
    int rc;
    while ((rc = quire_writer_append(w, model.data, RECORD, NULL)) == 0 || rc == refusal_of(it))
        sched_yield();
    CHECK_CODE(rc, -EIO);
    CHECK_CODE(quire_writer_close(w), poisons ? -EIO : 0);
    bytes_free(&model);
    fault_free(fault);
}
