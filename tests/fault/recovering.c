/* Recovery while the system fails: each of its operations, and of its allocations, once.
 *
 * An error comes out, or what would have come out without it. Recovery that was broken off is done again, by whoever
 * opens the log next, and comes to the same end.
 *
 * SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/sha256.h"
#include "heap_hooks.h"
#include "left_logs.h"
#include "log/keep_aside.h"
#include "log/recover.h"
#include "log/resume_chain.h"
#include "log_builder.h"
#include "log_support.h"
#include "one_refusal.h"
#include "steps.h"

ONE_THREAD;

enum { MOST_STEPS = 3000, GONE = 3 * PAGE };

/* ---- the logs */

struct scene {
    const char *name;
    void (*make)(struct log_builder *b);
    uint32_t flags, sync_policy;
    int code;      /* that recovery ends with, */
    uint64_t last; /* or the last sequence */
};

static const struct scene scenes[] = {
    {"whole", left_whole, .last = 10},
    {"whole_no_sync", left_whole, .sync_policy = QUIRE_SYNC_NONE, .last = 10},
    {"torn", left_torn, .last = 10},
    {"torn_large", left_torn_large, .last = 11},
    {"cut_off", left_cut_off, .last = 10},
    {"hole", left_hole, .last = 3},
    {"damaged", left_damaged, .code = QUIRE_E_DAMAGED},
    {"end_damaged", left_end_damaged, .code = QUIRE_E_DAMAGED},
    {"past_damage", left_damaged, .flags = QUIRE_LOG_READ_PAST_DAMAGE, .last = 12},
    {"past_the_end", left_end_damaged, .flags = QUIRE_LOG_READ_PAST_DAMAGE, .last = 10},
    {"past_two", left_damaged_twice, .flags = QUIRE_LOG_READ_PAST_DAMAGE, .last = 15},
    {"unborn", left_unborn, .last = 10},
    {"only_unborn", left_only_unborn, .last = 0},
    {"made_ready", left_made_ready, .last = 10},
    {"used_up", left_used_up, .code = -EOVERFLOW},
    {"closed_well", left_closed_well, .last = 21},
    {"closed_otherwise", left_closed_otherwise, .last = 21},
    {"closed_at_the_last", left_closed_at_the_last, .last = 21},
    {"foreign", left_foreign, .code = QUIRE_E_FOREIGN},
};

/* ---- one recovery */

struct found {
    struct quire__recovered recovered;
    struct quire_recovery report;
    struct quire_damage damage;
    enum quire_call failed_call;
    int rc;
};

static quire_log *make_log(struct quire__io *io, const char *directory, const struct scene *scene)
{
    quire_log *log = aligned_alloc(QUIRE__CACHE_LINE, quire__round_up(sizeof *log, QUIRE__CACHE_LINE));

    REQUIRE(log != NULL);
    memset(log, 0, sizeof *log);
    log->io = io;
    snprintf(log->directory, sizeof log->directory, "%s", directory);
    log->folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    REQUIRE(log->folder >= 0);
    log->options.flags = scene->flags;
    log->options.sync_policy = scene->sync_policy;
    return log;
}

static void unmake_log(quire_log *log)
{
    close(log->folder);
    free(log);
}

static struct found recover(struct quire__io *io, const char *directory, const struct scene *scene, uint64_t refuse)
{
    quire_log *log = make_log(io, directory, scene);
    struct found found = {.rc = 0};

    allocations = refused = 0;
    refuse_at = refuse;
    found.rc = quire__recover(log, &found.recovered, &found.report, &found.damage, &found.failed_call);
    refuse_at = 0;
    unmake_log(log);
    return found;
}

static void check_found(const struct scene *scene, const struct found *found, const char *when)
{
    if (found->rc != scene->code)
        FAIL("%s: %s", when, quire_strerror(found->rc));
    if (found->rc == 0 && found->recovered.next_sequence != scene->last + 1)
        FAIL("%s: up to %" PRIu64, when, found->recovered.next_sequence - 1);
    if (found->rc == QUIRE_E_DAMAGED || found->rc == QUIRE_E_FOREIGN)
        CHECK_INT(found->damage.code, found->rc);
}

static void clear(const char *directory)
{
    DIR *folder = opendir(directory);

    REQUIRE(folder);
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;)
        if (entry->d_name[0] != '.')
            REQUIRE_INT(unlinkat(dirfd(folder), entry->d_name, 0), 0);
    closedir(folder);
}

/* What the log ends with, and its end is whole: once more there is nothing to do. */
static void check_settled(const struct log_builder *b, const struct scene *scene)
{
    struct steps steps;

    steps_begin(&steps);
    struct found again = recover(&steps.io, b->directory, scene, 0);
    check_found(scene, &again, "after it");
    again = recover(&steps.io, b->directory, scene, 0);
    check_found(scene, &again, "after that");
    CHECK_UINT(again.report.torn_bytes, 0);
}

struct failure {
    const char *name;
    int code;
    bool is_refusal; /* of an allocation */
};

static const struct failure failures[] = {{"EIO", -EIO, false}, {"ENOMEM", -ENOMEM, false}, {"refused", -ENOMEM, true}};

/* False: none was left to fail. */
static bool fail_once(const struct scene *scene, const struct failure *failure, uint64_t at)
{
    struct log_builder b;
    struct steps steps;

    scene->make(&b);
    steps_begin(&steps);
    steps_arm(&steps, failure->is_refusal ? 0 : at, 1, failure->code);
    struct found found = recover(&steps.io, b.directory, scene, failure->is_refusal ? at : 0);
    bool hit = steps.hits + refused > 0;
    /* Another log's first segment that cannot be read is not asked by readers either. */
    bool is_passed_over = found.rc == 0 && scene->code == QUIRE_E_FOREIGN && failure->code == -EIO;
    /* What is no more than a hint may fail unseen. */
    if (found.rc != failure->code && !is_passed_over)
        check_found(scene, &found, failure->name);
    else
        CHECK(hit);
    CHECK_INT(steps.open, 0);
    check_settled(&b, scene);
    builder_close(&b);
    clear(b.directory);
    return hit;
}

TEST_EACH(recovering, struct scene, scenes)
{
    for (size_t f = 0; f < sizeof failures / sizeof failures[0]; f++) {
        uint64_t at = 1;
        while (at < MOST_STEPS && fail_once(it, &failures[f], at))
            at++;
        CHECK(at < MOST_STEPS);
    }
}

/* ---- a file that becomes shorter */

static void shrink(void *world)
{
    REQUIRE_INT(truncate(world, GONE), 0);
}

/* Nobody else writes to the log of a writer. If it happens all the same nothing is read that is not there. */
TEST(recovering_a_file_that_shrinks)
{
    const struct scene scene = {"", left_torn_large, .last = 11};
    uint64_t hits = 1;

    for (uint64_t at = 1; hits > 0; at++) {
        struct log_builder b;
        struct steps steps;
        left_torn_large(&b);
        steps_begin(&steps);
        steps.act = shrink;
        steps.world = (void *)(uintptr_t)segment_path(&b, 2);
        steps_arm(&steps, at, 1, 0);
        struct found found = recover(&steps.io, b.directory, &scene, 0);
        hits = steps.hits;
        CHECK_OK(found.rc);
        CHECK(found.recovered.next_sequence == 11 || found.recovered.next_sequence == 12);
        builder_close(&b);
        clear(b.directory);
    }
}

/* ---- what is kept aside */

TEST(torn_names_used_up)
{
    struct steps steps;
    struct quire__path path;
    int file = -7;

    steps_begin(&steps);
    steps_arm(&steps, 1, UINT64_MAX, -EEXIST);
    CHECK_CODE(quire__torn_create(&steps.io, harness_directory(), 1, PAGE, &path, &file), -EEXIST);
    CHECK_INT(file, -7);
}

TEST(torn_name_too_long)
{
    static char directory[PATH_MAX];
    struct quire__path path;
    enum quire_call call;
    int file = -7;

    memset(directory, 'd', sizeof directory - 20);
    CHECK_CODE(quire__torn_create(quire__io_system(), directory, 1, PAGE, &path, &file), -ENAMETOOLONG);
    CHECK_INT(file, -7);
    CHECK_CODE(quire__keep_aside(quire__io_system(), directory, 1, PAGE, 2 * PAGE, &call), -ENAMETOOLONG);
    CHECK_CODE(quire__cut_segment(quire__io_system(), directory, 1, PAGE, &call), -ENAMETOOLONG);
}

TEST(nothing_to_keep_aside)
{
    struct steps steps;
    enum quire_call call;

    steps_begin(&steps);
    CHECK_OK(quire__keep_aside(&steps.io, harness_directory(), 1, PAGE, PAGE, &call));
    CHECK_UINT(steps.count, 0);
}

/* ---- the hash chain */

static bool open_chained(quire_log **log)
{
    struct quire_log_options o = small_log(QUIRE_METHOD_PAGED);

    o.flags = QUIRE_LOG_CHAIN | QUIRE_LOG_NO_LIVE;
    int rc = quire_log_open(harness_path("log"), &o, log);
    if (rc == QUIRE_E_NO_CHAIN)
        return false;
    REQUIRE_OK(rc);
    return true;
}

static int resume(struct steps *steps, const struct found *found, uint64_t refuse, unsigned char *digest)
{
    const struct scene scene = {.name = ""};
    quire_log *log = make_log(&steps->io, harness_path("log"), &scene);
    struct quire__segment writing = {.number = found->recovered.number};
    enum quire_call failed_call;

    memcpy(log->log_id, found->recovered.header.identity.log_id, sizeof log->log_id);
    log->writing = &writing;
    REQUIRE_OK(quire__sha256_open(&log->chain));
    allocations = refused = 0;
    refuse_at = refuse;
    int rc = quire__chain_resume(log, &found->recovered, &failed_call);
    refuse_at = 0;
    if (rc == 0)
        quire__sha256_digest(log->chain, digest);
    CHECK_INT(failed_call, QUIRE_CALL_READ);
    quire__sha256_close(log->chain);
    unmake_log(log);
    CHECK_INT(steps->open, 0);
    return rc;
}

/* A file of the two that becomes shorter. */
static void resume_shrunk(const struct found *found, uint64_t number, int code)
{
    char path[PATH_MAX];
    unsigned char digest[32];
    struct steps steps;
    bool is_told = false;

    snprintf(path, sizeof path, "%s", segment_name(harness_path("log"), number));
    struct bytes before = read_file(path);
    steps_begin(&steps);
    steps.act = shrink;
    steps.world = path;
    for (uint64_t at = 1; at == 1 || steps.hits > 0; at++) {
        steps_arm(&steps, at, 1, 0);
        int rc = resume(&steps, found, 0, digest);
        CHECK(rc == 0 || rc == code);
        is_told |= rc < 0;
        write_file(path, before.data, before.length);
    }
    CHECK(is_told == (code < 0));
    bytes_free(&before);
}

/* The digest that the log's own writer would go on with, or the error: never another digest. */
TEST(resuming_a_chain)
{
    const struct scene scene = {.name = ""};
    unsigned char should[32], digest[32];
    struct steps steps;
    quire_log *log = NULL;

    if (!open_chained(&log))
        SKIP("this build has no SHA-256");
    append_many(log, 1, 40);
    REQUIRE_OK(quire_log_rotate(log));
    append_many(log, 41, 80);
    /* As after a crash: the last segment has no footer. */
    REQUIRE_OK(quire_log_sync(log, 0));
    struct found found = recover(quire__io_system(), harness_path("log"), &scene, 0);
    REQUIRE_OK(found.rc);
    REQUIRE(found.recovered.number > 1 && !found.recovered.tail.sealed);
    steps_begin(&steps);
    steps_arm(&steps, 0, 0, 0);
    REQUIRE_OK(resume(&steps, &found, 0, should));
    for (int refuses = 0; refuses < 2; refuses++) {
        uint64_t at = 1;
        for (; at < MOST_STEPS; at++) {
            steps_arm(&steps, refuses ? 0 : at, 1, -EIO);
            int rc = resume(&steps, &found, refuses ? at : 0, digest);
            if (steps.hits + refused == 0)
                break;
            CHECK_CODE(rc, refuses ? -ENOMEM : -EIO);
        }
        CHECK_BYTES(digest, should, sizeof should);
        CHECK(at < MOST_STEPS);
    }
    resume_shrunk(&found, found.recovered.number - 1, 0);
    resume_shrunk(&found, found.recovered.number, QUIRE_E_DAMAGED);
    REQUIRE_OK(quire_log_close(log));
}
