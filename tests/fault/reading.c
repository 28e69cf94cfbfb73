/* A reader over damage of every kind while the system fails: each of its operations, and of its allocations, once.
 *
 * What the process lacks (memory, handles) says nothing about the log: who asks again gets what he would have got. What
 * the device says may cost records, but never without a word, and never gives a wrong one. A reader opened afterwards
 * finds the log as it is.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "heap_hooks.h"
#include "hurt_logs.h"
#include "io/retry.h"
#include "log_builder.h"
#include "one_refusal.h"
#include "reader/reader.h"
#include "steps.h"

ONE_THREAD;

enum { MOST_STEPS = 3000, EVENTS_MOST = 400, ASKED_AGAIN = 3 };

/* ---- the logs */

struct scene {
    const char *name;
    void (*make)(struct log_builder *b);
};

static const struct scene scenes[] = {
#define ROW(name) {#name, hurt_##name},
    HURT_LOGS(ROW)
#undef ROW
};

/* ---- what comes out */

/* A record, or damage. */
struct event {
    int64_t code; /* 0: a record */
    uint64_t sequence, lost, segment, block, offset;
};

struct outcome {
    struct event events[EVENTS_MOST];
    uint64_t count;
    int error; /* that was not damage, and was given up for: seeking */
};

struct play {
    const struct log_builder *b;
    struct steps steps;
    struct quire_damage damage;
    quire_reader *reader;
    uint64_t errors; /* that are no damage: asked again after each */
    struct outcome out;
};

struct mode {
    const char *name;
    uint32_t flags;
    bool backwards;
    int (*seek)(struct play *play);
    uint64_t stride; /* from one step to the next; QUIRE_SWEEP=all: 1 */
};

static struct event *add(struct play *play)
{
    REQUIRE(play->out.count < EVENTS_MOST);
    return &play->out.events[play->out.count++];
}

static void note_record(struct play *play, const struct quire_record *record)
{
    bool is_damage = record->kind == QUIRE_RECORD_GAP && record->reason == QUIRE_GAP_DAMAGE;
    uint64_t armed = refuse_at;

    refuse_at = 0; /* not for the check */
    if (!is_damage && !is_right(play->b, record))
        FAIL("record %" PRIu64 " is wrong", record->sequence);
    refuse_at = armed;
    *add(play) = (struct event){
        is_damage ? play->damage.code : 0, record->sequence, record->lost, record->segment, 0, record->offset};
}

static void note_damage(struct play *play)
{
    const struct quire_damage *d = &play->damage;
    uint64_t lost = d->first_sequence ? d->last_sequence - d->first_sequence + 1 : 0;

    *add(play) = (struct event){d->code, d->first_sequence, lost, d->segment, d->block, d->offset};
}

/* An error that may be gone the next time: true. */
static bool is_to_be_asked_again(struct play *play, int rc)
{
    if ((!quire__is_of_process(rc) && rc != -EIO) || play->errors >= ASKED_AGAIN)
        return false;
    play->errors++;
    return true;
}

static bool is_damage(const struct play *play, int rc)
{
    return rc < 0 && play->reader->obstacle.damage.code == rc;
}

static int read_one(struct play *play, bool backwards, struct quire_record *record)
{
    return backwards ? quire_reader_previous(play->reader, record) : quire_reader_next(play->reader, record);
}

/* To the end, and there once more: what was not to be seen for a moment is there now. */
static void read_through(struct play *play, bool backwards)
{
    struct quire_record record;

    for (int ends = 0; ends < 2;) {
        int rc = read_one(play, backwards, &record);
        if (rc == 1) {
            note_record(play, &record);
        } else if (rc == 0) {
            ends++;
        } else if (is_damage(play, rc)) {
            note_damage(play);
            if (quire_reader_skip(play->reader) < 0)
                return;
        } else if (!is_to_be_asked_again(play, rc)) {
            FAIL("%s again and again", quire_strerror(rc));
            return;
        }
    }
}

static int seek_end(struct play *play)
{
    return quire_reader_seek_end(play->reader);
}

static int seek_middle(struct play *play)
{
    return quire_reader_seek_sequence(play->reader, play->b->records[play->b->record_count / 2].record.sequence);
}

static int seek_time(struct play *play)
{
    return quire_reader_seek_time(play->reader, play->b->records[play->b->record_count / 2].record.time);
}

static const struct mode modes[] = {
    {"forwards", 0, false, NULL, 1},         {"durable", QUIRE_READ_DURABLE, false, NULL, 5},
    {"backwards", 0, true, seek_end, 1},     {"from_the_middle", 0, false, seek_middle, 5},
    {"from_a_time", 0, false, seek_time, 5},
};

static int open_asking_again(struct play *play, uint32_t flags)
{
    struct quire_reader_options options = {
        .size = sizeof options, .flags = flags, .block_most = 2 * PAGE, .damage = &play->damage};
    int rc;

    do
        rc = quire__reader_open_on(&play->steps.io, play->b->directory, &options, &play->reader);
    while (is_to_be_asked_again(play, rc));
    return rc;
}

static void run(struct play *play, const struct mode *mode)
{
    int rc = open_asking_again(play, mode->flags);

    if (rc < 0) {
        play->out.error = rc;
        return;
    }
    do
        rc = mode->seek ? mode->seek(play) : 0;
    while (is_to_be_asked_again(play, rc));
    play->out.error = rc;
    read_through(play, mode->backwards);
    REQUIRE_OK(quire_reader_close(play->reader));
    CHECK_INT(play->steps.open, 0);
}

static void start(struct play *play, const struct log_builder *b, uint64_t at, uint64_t times, int code)
{
    memset(play, 0, sizeof *play);
    play->b = b;
    steps_begin(&play->steps);
    steps_arm(&play->steps, at, times, code);
}

/* But for the number of a block, which may not be known where the blocks in front could not be counted. */
static bool is_same(const struct outcome *a, const struct outcome *b)
{
    if (a->error != b->error || a->count != b->count)
        return false;
    for (uint64_t i = 0; i < a->count; i++) {
        struct event event = a->events[i];
        if (event.block == UINT64_MAX)
            event.block = b->events[i].block;
        if (memcmp(&event, &b->events[i], sizeof event) != 0)
            return false;
    }
    return true;
}

static void print(const char *what, const struct outcome *out)
{
    printf("# %s: error %d\n", what, out->error);
    for (uint64_t i = 0; i < out->count; i++)
        printf("#   code %" PRId64 " sequence %" PRIu64 " lost %" PRIu64 " segment %" PRIu64 " block %" PRId64
               " offset %" PRIu64 "\n",
               out->events[i].code, out->events[i].sequence, out->events[i].lost, out->events[i].segment,
               (int64_t)out->events[i].block, out->events[i].offset);
}

/* ---- the sweep */

struct failure {
    const char *name;
    int code;
    uint64_t times;
    bool is_of_process;
};

static const struct failure failures[] = {
    {"ENOMEM", -ENOMEM, 1, true}, {"EMFILE", -EMFILE, 1, true}, {"ENFILE", -ENFILE, 1, true}, {"EIO", -EIO, 2, false}};

/* Each record once, and in order. */
static bool is_in_order(const struct outcome *out, bool backwards)
{
    uint64_t last = backwards ? UINT64_MAX : 0;

    for (uint64_t i = 0; i < out->count; i++) {
        const struct event *event = &out->events[i];
        if (event->code != 0)
            continue;
        if (backwards ? event->sequence >= last : event->sequence <= last)
            return false;
        last = event->sequence;
    }
    return true;
}

/* Of the records that should be, those left out: is there damage between those around them? Others may be there: where
 * less is known the end of a log may be taken for damage. */
static bool are_holes_told(const struct outcome *is, const struct outcome *should, bool backwards)
{
    bool is_told = is->error < 0;
    uint64_t at = 0;

    for (uint64_t i = 0; i < should->count; i++) {
        uint64_t sequence = should->events[i].sequence;
        if (should->events[i].code != 0)
            continue;
        for (; at < is->count; at++) {
            const struct event *event = &is->events[at];
            if (event->code == 0 && (backwards ? event->sequence <= sequence : event->sequence >= sequence))
                break;
            is_told |= event->code != 0;
        }
        bool is_there = at < is->count && is->events[at].sequence == sequence;
        if (!is_there && !is_told)
            return false;
        is_told = !is_there || is->error < 0;
    }
    return true;
}

static void check(const struct play *play, const struct outcome *should, const struct mode *mode,
                  const struct failure *failure, uint64_t at)
{
    bool right = failure->is_of_process
                     ? is_same(&play->out, should)
                     : is_in_order(&play->out, mode->backwards) && are_holes_told(&play->out, should, mode->backwards);

    if (right)
        return;
    FAIL("%s, %s at %" PRIu64 ": another outcome", mode->name, failure->name, at);
    print("is", &play->out);
    print("should be", should);
}

static bool wants_all(void)
{
    const char *how = getenv("QUIRE_SWEEP");

    return how && strcmp(how, "all") == 0;
}

static void sweep(const struct log_builder *b, const struct mode *mode, const struct outcome *should,
                  const struct failure *failure)
{
    static struct play play;
    uint64_t at = 1;

    for (; at < MOST_STEPS; at += wants_all() ? 1 : mode->stride) {
        start(&play, b, at, failure->times, failure->code);
        run(&play, mode);
        if (play.steps.hits == 0)
            break;
        check(&play, should, mode, failure, at);
    }
    CHECK(at > 5 && at < MOST_STEPS);
}

static void sweep_memory(const struct log_builder *b, const struct mode *mode, const struct outcome *should)
{
    static const struct failure failure = {"refused", -ENOMEM, 1, true};
    static struct play play;

    for (uint64_t at = 1; at < MOST_STEPS; at++) {
        start(&play, b, 0, 0, -ENOMEM);
        allocations = refused = 0;
        refuse_at = at;
        run(&play, mode);
        refuse_at = 0;
        if (refused == 0)
            break;
        check(&play, should, mode, &failure, at);
    }
}

static bool applies(const struct scene *scene, const struct failure *failure)
{
    /* Nobody could say which log it is if the device failed besides. */
    if (!failure->is_of_process)
        return scene->make != hurt_first_foreign;
    /* They come to the same: once over each is enough. */
    return scene->make == hurt_unborn || failure == &failures[0];
}

TEST_EACH(reading, struct scene, scenes)
{
    static struct play should;
    struct log_builder b;

    /* Windows are opened again and again. */
    mallopt(M_MMAP_THRESHOLD, 1 << 25);
    mallopt(M_TRIM_THRESHOLD, 1 << 25);
    it->make(&b);
    for (size_t m = 0; m < sizeof modes / sizeof modes[0]; m++) {
        start(&should, &b, 0, 0, 0);
        run(&should, &modes[m]);
        for (size_t f = 0; f < sizeof failures / sizeof failures[0]; f++)
            if (applies(it, &failures[f]))
                sweep(&b, &modes[m], &should.out, &failures[f]);
        sweep_memory(&b, &modes[m], &should.out);
    }
    builder_close(&b);
}
