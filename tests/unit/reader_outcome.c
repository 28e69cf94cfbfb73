/* Reading and verifying what is hurt. See reader_outcome.h.
 *
 * SPDX-License-Identifier: MIT */
#include "reader_outcome.h"

static void note(const struct log_builder *b, struct outcome *out, const struct quire_record *record)
{
    if (record->kind == QUIRE_RECORD_GAP && record->reason == QUIRE_GAP_DAMAGE) {
        out->lost += record->lost;
        return;
    }
    REQUIRE(record->sequence < SEEN_MOST);
    REQUIRE(is_right(b, record));
    REQUIRE(!out->seen[record->sequence]);
    out->seen[record->sequence] = true;
    out->records++;
}

static void note_obstacle(struct outcome *out, const struct quire_damage *damage, int rc)
{
    CHECK_CODE(damage->code, rc);
    if (out->obstacles++ == 0)
        out->first = *damage;
    if (damage->first_sequence != 0)
        out->lost += damage->last_sequence - damage->first_sequence + 1;
    REQUIRE(out->obstacles < 1000);
}

struct outcome read_all(const struct log_builder *b, uint32_t flags, bool forwards)
{
    struct outcome out = {0};
    struct quire_damage damage;
    struct quire_record record;
    uint64_t last = forwards ? 0 : UINT64_MAX;
    quire_reader *reader = open_reader(b->directory, flags, &damage);
    int rc = forwards ? 0 : quire_reader_seek_end(reader);

    REQUIRE_OK(rc);
    while ((rc = forwards ? quire_reader_next(reader, &record) : quire_reader_previous(reader, &record)) != 0) {
        if (rc > 0) {
            REQUIRE(forwards ? record.sequence >= last : record.sequence <= last);
            last = record.sequence;
            note(b, &out, &record);
            continue;
        }
        CHECK(!(flags & QUIRE_READ_GAPS));
        note_obstacle(&out, &damage, rc);
        /* Asking again gives the same. */
        REQUIRE_CODE(forwards ? quire_reader_next(reader, &record) : quire_reader_previous(reader, &record), rc);
        REQUIRE_OK(quire_reader_skip(reader));
    }
    REQUIRE_OK(quire_reader_close(reader));
    return out;
}

static void name_damage(void *context, const struct quire_damage *damage)
{
    struct named *named = context;
    named->count++;
    named->last = *damage;
}

int verify(const struct log_builder *b, struct named *named, struct quire_verify_result *result)
{
    struct quire_verify_options options = {
        .size = sizeof options, .threads = 2, .damaged = name_damage, .context = named};
    *result = (struct quire_verify_result){.size = sizeof *result};
    *named = (struct named){0};
    return quire_verify(b->directory, &options, result);
}

uint64_t check_losses(const struct log_builder *b, const struct outcome *out, uint64_t segment,
                      const struct built_block *block)
{
    uint64_t lost = 0;

    for (uint64_t i = 0; i < b->record_count; i++) {
        const struct quire_record *record = &b->records[i].record;
        bool hit = record->segment == segment && (!block || record->offset == block->offset);
        CHECK(out->seen[record->sequence] == !hit);
        lost += hit;
    }
    return lost;
}
