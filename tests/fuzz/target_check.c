/* Inspect, verify and repair over files that are anything: looking changes nothing, a plan changes nothing, and a repair
 * that was carried out leaves a log that verify calls whole, with every record in it that could be read before.
 *
 * Input: a script (script.h). flags: 1 with the hash chain, 4 reads come short.
 *
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include <quire/check.h>
#include <quire/error.h>

#include "fuzz.h"
#include "mend/mend.h"
#include "reader/whole.h"
#include "reading.h"
#include "script.h"

enum { CHAIN = 1, STEPS_MOST = 2000 };

static void check_unchanged(struct memory_io *memory, const struct memory_io *before)
{
    FUZZ_CHECK(memory->file_end == before->file_end, "as many files");
    for (uint32_t i = 0; i < before->file_end; i++) {
        const struct memory_file *was = &before->files[i];
        const struct memory_file *is = &memory->files[i];
        FUZZ_CHECK(was->used == is->used && was->size == is->size && strcmp(was->name, is->name) == 0 &&
                       (was->size == 0 || memcmp(is->bytes, was->bytes, was->size) == 0),
                   "%s was not changed", was->name);
    }
}

struct seen {
    uint64_t segments, places, steps;
};

static int see_segment(void *context, const struct quire_segment_info *segment)
{
    struct seen *seen = context;

    FUZZ_CHECK(segment->data_bytes <= segment->file_bytes, "segment %" PRIu64, segment->number);
    seen->segments++;
    return 0;
}

static void see_damage(void *context, const struct quire_damage *damage)
{
    struct seen *seen = context;

    FUZZ_CHECK(damage->code < 0 && damage->first_sequence <= damage->last_sequence, "damage of segment %" PRIu64,
               damage->segment);
    if (getenv("SAY"))
        fprintf(stderr, "damage: segment %" PRIu64 " offset %" PRIu64 ", %" PRIu64 " to %" PRIu64 "\n", damage->segment,
                damage->offset, damage->first_sequence, damage->last_sequence);
    seen->places++;
}

static int see_step(void *context, const struct quire_repair_step *step)
{
    struct seen *seen = context;

    FUZZ_CHECK(step->kind >= QUIRE_REPAIR_CUT_TAIL && step->kind <= QUIRE_REPAIR_RENEW_FOOTER, "a kind of step");
    if (getenv("SAY"))
        fprintf(stderr,
                "step: %u, segment %" PRIu64 " offset %" PRIu64 ", %" PRIu64 " bytes, %" PRIu64 " to %" PRIu64 "\n",
                step->kind, step->segment, step->offset, step->bytes, step->first_sequence, step->last_sequence);
    return ++seen->steps > STEPS_MOST;
}

static int verify(struct memory_io *memory, uint32_t flags, struct quire_verify_result *result)
{
    struct seen seen = {0};
    struct quire_verify_options options = {
        .size = sizeof options, .flags = flags, .threads = 1, .damaged = see_damage, .context = &seen};

    *result = (struct quire_verify_result){.size = sizeof *result};
    int rc = quire__verify_on(&memory->io, MEMORY_DIRECTORY, &options, result);
    if (rc == 0 || rc == QUIRE_E_DAMAGED)
        FUZZ_CHECK((rc != 0) == (seen.places > 0) && result->damaged == seen.places, "places of damage are told");
    return rc;
}

static void inspect(struct memory_io *memory)
{
    struct quire_log_info info = {.size = sizeof info};
    struct seen seen = {0};

    int rc = quire__inspect_on(&memory->io, MEMORY_DIRECTORY, see_segment, &seen, &info);
    if (rc == 0)
        FUZZ_CHECK(info.segments == seen.segments && info.data_bytes <= info.file_bytes,
                   "%" PRIu64 " segments, %" PRIu64 " seen, %" PRIu64 " of %" PRIu64 " bytes", info.segments,
                   seen.segments, info.data_bytes, info.file_bytes);
}

static void read_log(struct memory_io *memory, struct reading *reading)
{
    quire_reader *reader = reading_open(memory, QUIRE_READ_GAPS, NULL);

    *reading = (struct reading){0};
    if (!reader)
        return;
    reading_forward(reader, memory, true, reading);
    quire_reader_close(reader);
}

/* is_lawful: of other logs only that it comes to an end. */
static void repair(struct memory_io *memory, const struct reading *old, bool is_lawful)
{
    struct quire_verify_result result;
    struct reading now;
    struct seen seen = {0};
    uint64_t steps = 0;

    if (quire__repair_on(&memory->io, MEMORY_DIRECTORY, 1, see_step, &seen, &steps) < 0)
        return;
    FUZZ_CHECK(steps == seen.steps, "%" PRIu64 " steps are told", seen.steps);
    int rc = verify(memory, 0, &result);
    if (!is_lawful)
        return;
    FUZZ_CHECK(rc == 0, "a log that was repaired is whole: %s", quire_strerror(rc));
    read_log(memory, &now);
    FUZZ_CHECK(now.errors == 0, "it is read without an error");
    FUZZ_CHECK(reading_holds(&now, old, UINT64_MAX, false), "it has every record that it had");
    rc = quire__repair_on(&memory->io, MEMORY_DIRECTORY, 0, NULL, NULL, &steps);
    FUZZ_CHECK(rc == 0 && steps == 0, "nothing is left to repair: %s, %" PRIu64 " steps", quire_strerror(rc), steps);
    reading_free(&now);
}

static void look_and_mend(struct memory_io *memory, const struct script *script, bool is_lawful)
{
    static struct memory_io before;
    struct quire_verify_result result;
    struct seen seen = {0};
    struct reading old;
    uint64_t steps = 0;

    memory_io_copy(&before, memory);
    inspect(memory);
    int rc = verify(memory, script->head.flags & CHAIN ? QUIRE_VERIFY_CHAIN : 0, &result);
    reading_check_budget(memory, 3);
    read_log(memory, &old);
    if (rc == 0 && result.records < READING_MOST)
        FUZZ_CHECK(old.errors == 0, "what verify calls whole is read to its end");
    memory->calls = memory->bytes_read = 0;
    rc = quire__repair_on(&memory->io, MEMORY_DIRECTORY, 0, see_step, &seen, &steps);
    FUZZ_CHECK(seen.steps <= STEPS_MOST + 1, "it stops when it is told to");
    reading_check_budget(memory, 2);
    check_unchanged(memory, &before);
    if (rc == 0 && seen.steps < MEMORY_FILES / 2)
        repair(memory, &old, is_lawful);
    reading_free(&old);
    memory_io_close(&before);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct memory_io memory;
    static struct script script;

    bool is_lawful = reading_lay_out(&script, &memory, data, size) && script.tidy;
    look_and_mend(&memory, &script, is_lawful);
    FUZZ_CHECK(memory_io_close(&memory) == 0, "everything is closed");
    return 0;
}
