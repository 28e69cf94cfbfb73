/* quire_verify: reads every block of a log, and says what is damaged.
 *
 * Readers without QUIRE_READ_GAPS go through the segments, and each obstacle that stops one is a damaged place.
 *
 * SPDX-License-Identifier: MIT */
#include <quire/check.h>

#include "base/given.h"
#include "reader/crew.h"
#include "reader/verify_chain.h"
#include "reader/whole.h"

#define PROGRESS_EVERY (UINT64_C(8) << 20)
#define OPTIONS_LEAST (offsetof(struct quire_verify_options, flags) + sizeof(uint32_t))
#define RESULT_LEAST (offsetof(struct quire_verify_result, segments) + sizeof(uint64_t))

struct verify {
    const struct quire_verify_options *options;
    struct quire_verify_result *result; /* with the crew's lock */
    uint64_t total, done, told;         /* bytes */
    bool damaged;
};

/* What was seen of the segment that is being read. */
struct share {
    struct quire__crew *crew;
    struct verify *verify;
    quire_reader *reader;
    uint64_t segment;
    bool is_hurt;
    struct quire__disk_footer sums;
    struct quire_verify_result found; /* not handed in yet */
};

static int tell_progress(struct verify *verify)
{
    if (!verify->options->progress || verify->done - verify->told < PROGRESS_EVERY)
        return 0;
    verify->told = verify->done;
    return verify->options->progress(verify->options->context, quire__min(verify->done, verify->total), verify->total);
}

static void add_range(struct quire_verify_result *to, const struct quire_verify_result *from)
{
    if (from->first_sequence != 0 && (to->first_sequence == 0 || from->first_sequence < to->first_sequence))
        to->first_sequence = from->first_sequence;
    to->last_sequence = quire__max(to->last_sequence, from->last_sequence);
}

/* Adds what was found to the whole. Other than 0: the caller's progress said stop. */
static int hand_in(struct share *share)
{
    struct quire_verify_result *to = share->verify->result;
    struct quire_verify_result *from = &share->found;

    pthread_mutex_lock(&share->crew->lock);
    to->blocks += from->blocks;
    to->records += from->records;
    to->lost += from->lost;
    to->bytes += from->bytes;
    to->torn_bytes += from->torn_bytes;
    add_range(to, from);
    share->verify->done += from->bytes;
    int rc = tell_progress(share->verify);
    pthread_mutex_unlock(&share->crew->lock);
    *from = (struct quire_verify_result){0};
    return rc;
}

static void count_damage(struct share *share, const struct quire_damage *damage)
{
    struct verify *verify = share->verify;

    share->is_hurt = true;
    pthread_mutex_lock(&share->crew->lock);
    verify->damaged = true;
    verify->result->damaged++;
    if (damage->first_sequence != 0)
        verify->result->damaged_records += damage->last_sequence - damage->first_sequence + 1;
    if (verify->options->damaged)
        verify->options->damaged(verify->options->context, damage);
    pthread_mutex_unlock(&share->crew->lock);
}

static uint64_t count_void(const struct quire__unit *unit)
{
    struct quire__block_record record;
    uint64_t at = 0;
    uint64_t count = 0;

    for (uint64_t i = 0; i < unit->items; i++) {
        quire__block_next_record(&unit->header, unit->payload, &at, &record);
        count += record.is_void;
    }
    return count;
}

static void count_block(struct share *share, uint64_t bytes)
{
    share->found.blocks++;
    share->found.bytes += bytes;
}

static int count_unit(struct share *share)
{
    const struct quire__unit *unit = &share->reader->unit;
    uint64_t sequences = unit->end.sequence - unit->begin.sequence;
    uint64_t lost = unit->kind == QUIRE__UNIT_GAP ? sequences : count_void(unit);

    count_block(share, quire__block_bytes(&unit->header));
    share->found.lost += lost;
    share->found.records += sequences - lost;
    if (share->found.first_sequence == 0)
        share->found.first_sequence = unit->begin.sequence;
    share->found.last_sequence = unit->end.sequence - 1;
    quire__footer_add(&share->sums, &unit->header);
    return share->found.bytes >= PROGRESS_EVERY ? hand_in(share) : 0;
}

/* In more than a byte: it is that of another segment, which had the place on the disk before. */
static bool is_of_another(uint64_t epoch, uint64_t expected)
{
    uint64_t changed = epoch ^ expected;

    return changed != 0 && changed >> (__builtin_ctzll(changed) / 8 * 8) > 0xff;
}

/* A footer that is broken costs no record, and would pass for the torn tail of a segment that was left. */
static bool was_footer(const struct share *share, const unsigned char *page)
{
    struct quire__disk_block header;
    uint64_t tag;

    memcpy(&header, page, sizeof header);
    memcpy(&tag, share->reader->catalog.log_id, sizeof tag);
    int signs = (header.magic == QUIRE__BLOCK_MAGIC) + (header.epoch == share->reader->scan.identity.epoch) +
                (header.log_tag == tag) + (header.type == QUIRE__BLOCK_FOOTER) +
                (header.payload_bytes == sizeof share->sums);
    return signs >= 4 && !is_of_another(header.epoch, share->reader->scan.identity.epoch);
}

/* What lies behind the last whole block, page by page. */
struct rest {
    uint64_t at;
    uint64_t torn;          /* the end of what a write left there */
    uint64_t run, torn_run; /* where the pages without a header begin that go up to at; and torn at that place */
};

/* A file that was used before is full of old blocks, and of their insides: the old block behind says how far back
 * the one before it reached. */
static int see_rest(struct quire__scan *scan, struct rest *rest)
{
    struct quire__disk_block old;
    struct quire__found found;
    const unsigned char *page;
    uint64_t have = 0;
    uint64_t at = rest->at;

    int rc = quire__scan_look(scan, at, &found);
    if (rc == 0)
        rc = quire__window_need(&scan->window, scan->io, scan->file, at, QUIRE__PAGE, &page, &have);
    if (rc < 0)
        return rc;
    rest->at += QUIRE__PAGE;
    if (found.kind != QUIRE__FIND_EMPTY) {
        rest->torn = at + quire__min(QUIRE__PAGE, have);
        return 0;
    }
    old.magic = 0;
    if (have >= QUIRE__PAGE)
        memcpy(&old, page, sizeof old);
    if (old.magic == QUIRE__BLOCK_MAGIC) {
        if (rest->torn == at && old.previous_pages * (uint64_t)QUIRE__PAGE >= at - rest->run)
            rest->torn = rest->torn_run;
        rest->at = quire__max(rest->at, at + quire__block_bytes(&old));
    }
    rest->run = rest->at;
    rest->torn_run = rest->torn;
    return 0;
}

/* The bytes that lie behind the last whole block. */
static int measure_torn(struct share *share, uint64_t offset)
{
    struct quire__scan *scan = &share->reader->scan;
    struct rest rest = {.at = offset, .torn = offset, .run = offset, .torn_run = offset};
    uint64_t size = 0;

    int rc = quire__scan_size(scan, &size);
    while (rc == 0 && rest.at < size)
        rc = see_rest(scan, &rest);
    share->found.torn_bytes += rest.torn - offset;
    return rc;
}

static int judge_rest(struct share *share)
{
    quire_reader *reader = share->reader;
    struct quire_damage damage = {.code = QUIRE_E_DAMAGED, .segment = share->segment, .offset = reader->left.offset};
    const unsigned char *page;
    uint64_t have = 0;

    int rc = quire__reader_enter(reader, share->segment);
    if (rc == 0)
        rc = quire__window_need(&reader->scan.window, reader->scan.io, reader->scan.file, reader->left.offset,
                                QUIRE__PAGE, &page, &have);
    if (rc < 0)
        return rc;
    if (have < QUIRE__PAGE || !was_footer(share, page))
        return measure_torn(share, reader->left.offset);
    damage.block = share->sums.blocks;
    count_damage(share, &damage);
    return 0;
}

/* The footer says what the segment should have held. */
static void check_footer(struct share *share)
{
    const struct quire__disk_footer *footer = &share->reader->footer;
    const struct quire__disk_footer *sums = &share->sums;
    struct quire_damage damage = {.code = QUIRE_E_DAMAGED, .segment = share->segment, .block = sums->blocks};

    count_block(share, QUIRE__PAGE);
    if (share->is_hurt || (footer->blocks == sums->blocks && footer->records == sums->records &&
                           footer->lost == sums->lost && footer->checksum == sums->checksum))
        return;
    count_damage(share, &damage);
}

/* Segments behind the last whole block, where a write did not come to its end. */
static int measure_behind(struct share *share)
{
    struct quire__catalog *catalog = &share->reader->catalog;
    int rc = 0;

    for (uint64_t i = quire__catalog_find(catalog, share->segment + 1); rc == 0 && i < catalog->count; i++) {
        rc = quire__catalog_load(catalog, i);
        if (rc < 0 || catalog->entries[i].state != QUIRE__ENTRY_BROKEN)
            continue;
        rc = quire__reader_enter(share->reader, catalog->entries[i].number);
        if (rc == 0)
            rc = measure_torn(share, QUIRE__SEGMENT_BEGIN);
    }
    return rc;
}

/* What lay where the segment ends. It does not count if a later one took over in the middle of it. */
static int finish_segment(struct share *share)
{
    quire_reader *reader = share->reader;
    /* One that was met may be that of a segment behind, which holds nothing else. */
    bool has_footer = reader->footer.blocks != UINT64_MAX && reader->footer_segment == share->segment;
    int rc = 0;

    if (has_footer)
        check_footer(share);
    else if (reader->left.kind == QUIRE__FIND_BROKEN && reader->left_segment == share->segment)
        rc = judge_rest(share);
    return rc == 0 ? hand_in(share) : rc;
}

/* One step on: 1 while the segment goes on. */
static int see_step(struct share *share, uint64_t end)
{
    quire_reader *reader = share->reader;

    int rc = quire__reader_advance(reader);
    if (rc < 0 && (reader->obstacle.damage.code == 0 || reader->obstacle.is_final))
        return rc;
    /* What is wrong with the first block of the next share is found there too. */
    if (rc < 0 && reader->obstacle.damage.segment >= end)
        return 0;
    if (rc < 0) {
        count_damage(share, &reader->obstacle.damage);
        quire_reader_skip(reader);
        if (reader->unit.end.segment >= end)
            return 0;
        return 1;
    }
    if (rc == 0 || reader->unit.begin.segment >= end)
        return 0;
    if (reader->unit.begin.segment != share->segment) {
        /* The log goes on in a segment that came meanwhile, or whose first block is broken. */
        share->segment = reader->unit.begin.segment;
        share->is_hurt = true;
    }
    rc = count_unit(share);
    return rc == 0 ? 1 : rc;
}

static int see_share(struct quire__crew *crew, uint32_t thread, quire_reader *reader, uint64_t end)
{
    struct share share = {.crew = crew, .verify = crew->context, .reader = reader, .segment = reader->unit.end.segment};
    int rc;

    (void)thread;
    reader->footer.blocks = UINT64_MAX;
    reader->left.kind = QUIRE__FIND_BLOCK;
    do
        rc = see_step(&share, end);
    while (rc == 1 && !quire__crew_is_over(crew));
    if (rc == 0 && end == UINT64_MAX && !share.is_hurt)
        rc = measure_behind(&share);
    return rc == 0 ? finish_segment(&share) : rc;
}

/* How much there is to do. */
static int survey(struct quire__io *io, const char *directory, struct verify *verify)
{
    struct quire_log_info info = {.size = sizeof info};

    int rc = quire__inspect_on(io, directory, NULL, NULL, &info);
    verify->total = info.data_bytes;
    verify->result->segments = info.segments;
    return rc;
}

/* No segment can be read, so that there is no log to go through: the first one is the place. */
static void count_unreadable(struct quire__io *io, const char *directory, struct verify *verify)
{
    struct quire_damage damage = {.block = UINT64_MAX};
    struct quire__catalog catalog;

    damage.code = quire__catalog_open(&catalog, io, directory, &damage.segment);
    if (damage.code == 0) {
        quire__catalog_close(&catalog); /* it can be read by now */
        return;
    }
    verify->result->damaged++;
    if (verify->options->damaged)
        verify->options->damaged(verify->options->context, &damage);
}

int quire__verify_on(struct quire__io *io, const char *directory, const struct quire_verify_options *options,
                     struct quire_verify_result *result)
{
    struct quire_verify_options taken;
    struct quire_verify_result found = {.size = sizeof found};
    struct verify verify = {.options = &taken, .result = &found};
    struct quire__crew crew = {.io = io,
                               .verifies = true,
                               .directory = directory,
                               .options = {.size = sizeof crew.options},
                               .work = see_share,
                               .context = &verify};

    if (!directory || !result)
        return QUIRE_E_ARGUMENT;
    int rc = quire__given_take(options, OPTIONS_LEAST, &taken, sizeof taken);
    if (rc < 0 || taken.flags & ~QUIRE_VERIFY_CHAIN || !quire__given_holds(result, RESULT_LEAST))
        return QUIRE_E_OPTIONS;
    rc = survey(io, directory, &verify);
    if (rc == QUIRE_E_DAMAGED)
        count_unreadable(io, directory, &verify);
    if (rc == 0)
        rc = quire__crew_run(&crew, taken.threads);
    if (rc == 0 && taken.progress)
        rc = taken.progress(taken.context, verify.total, verify.total);
    if (rc == 0 && taken.flags & QUIRE_VERIFY_CHAIN)
        rc = quire__verify_chain(io, directory, &taken, &found);
    verify.damaged |= found.damaged > 0;
    quire__given_fill(result, &found, sizeof found);
    return rc == 0 && verify.damaged ? QUIRE_E_DAMAGED : rc;
}

int quire_verify(const char *directory, const struct quire_verify_options *options, struct quire_verify_result *result)
{
    return quire__verify_on(quire__io_system(), directory, options, result);
}
