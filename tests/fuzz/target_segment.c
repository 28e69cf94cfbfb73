/* First pages of segments, live.quire, and names in a log's directory, held against docs/format.md.
 *
 * Input: what (1), what to make right (1), 6 unused, and the bytes of it.
 *
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include <quire/error.h>

#include "fuzz.h"
#include "log/segment.h"
#include "oracle.h"

#define SEQUENCE_MOST (UINT64_C(1) << 62)
enum { CONTROL = 8, SEAL = 1, RIGHT_NUMBER = 2, WHOLE = 4, KINDS = 3, NUMBER = 3 };

static void open_segment(struct memory_io *memory, const uint8_t *data, size_t size, unsigned flags)
{
    struct quire__segment_header header;
    struct quire__disk_segment should = {0};
    struct memory_file *file =
        memory_io_put(memory, "0000000000000003.quire", flags & (SEAL | WHOLE) ? QUIRE__PAGE : size);
    uint64_t bytes = 0;
    uint64_t number = NUMBER;
    int handle = -1;

    if (file->size > 0)
        memcpy(file->bytes, data, quire__min(size, file->size));
    if (flags & SEAL && flags & RIGHT_NUMBER)
        memcpy(file->bytes + offsetof(struct quire__disk_segment, number), &number, sizeof number);
    if (flags & SEAL) {
        uint32_t sum = oracle_crc32c(0, file->bytes + 12, QUIRE__PAGE - 12);
        memcpy(file->bytes + 8, &sum, sizeof sum);
    }
    bool whole = oracle_segment(file->bytes, file->size, &should);
    int rc = quire__segment_open(&memory->io, MEMORY_DIRECTORY, NUMBER, NULL, &handle, &header, &bytes);
    FUZZ_CHECK((rc == 0) == (whole && should.number == NUMBER), "opened: %d", rc);
    if (rc == 0) {
        FUZZ_CHECK(bytes == file->size && header.number == should.number && header.created == should.created &&
                       header.segment_bytes == should.segment_bytes && header.identity.epoch == should.epoch &&
                       header.identity.reused == (should.compatible & 1) &&
                       memcmp(header.identity.log_id, should.log_id, 16) == 0,
                   "what the page says");
        memory->io.ops->close(&memory->io, handle);
        FUZZ_CHECK(quire__segment_open(&memory->io, MEMORY_DIRECTORY, NUMBER, (const unsigned char *)"0123456789abcdef",
                                       &handle, &header, &bytes) == QUIRE_E_FOREIGN ||
                       memcmp(should.log_id, "0123456789abcdef", 16) == 0,
                   "of another log");
    }
}

static void load_live(struct memory_io *memory, const uint8_t *data, size_t size, unsigned flags)
{
    struct quire__disk_live live = {0};
    struct memory_file *file = memory_io_put(memory, QUIRE__LIVE_NAME, size);
    unsigned char id[16] = {0};
    bool found = false;

    if (size > 0)
        memcpy(file->bytes, data, size);
    if (flags & SEAL && size >= sizeof live) {
        uint32_t sum = oracle_crc32c(0, file->bytes + 12, sizeof live - 12);
        memcpy(file->bytes, "QUIRLIVE", 8);
        memcpy(file->bytes + 8, &sum, sizeof sum);
    }
    if (size >= sizeof live)
        memcpy(id, file->bytes + 16, 8);
    FUZZ_CHECK(quire__live_load(&memory->io, MEMORY_DIRECTORY, &live, &found) == 0 && found == (size >= sizeof live),
               "live.quire of %zu bytes", size);
    if (!found)
        return;
    uint32_t sum;
    memcpy(&sum, file->bytes + 8, sizeof sum);
    bool whole = memcmp(file->bytes, "QUIRLIVE", 8) == 0 && sum == oracle_crc32c(0, file->bytes + 12, 76) &&
                 memcmp(file->bytes + 16, id, 8) == 0 && live.written <= SEQUENCE_MOST && live.durable <= SEQUENCE_MOST;
    FUZZ_CHECK(quire__live_is_whole(&live, id) == whole, "live.quire is whole");
}

static void parse_name(struct memory_io *memory, const uint8_t *data, size_t size)
{
    struct quire__segment_list list;
    char name[MEMORY_NAME] = {0};
    char again[MEMORY_NAME];
    uint64_t number = 0;

    memcpy(name, data, size < sizeof name ? size : sizeof name - 1);
    bool is_segment = quire__segment_parse_name(name, &number);
    if (is_segment) {
        snprintf(again, sizeof again, "%016" PRIu64 ".quire", number);
        FUZZ_CHECK(strcmp(name, again) == 0 && number > 0 && number < UINT64_C(10000000000000000),
                   "the name of %" PRIu64, number);
    }
    if (name[0] && !memory_io_put(memory, name, 0))
        abort();
    FUZZ_CHECK(quire__segment_list_read(&memory->io, MEMORY_DIRECTORY, &list) == 0, "listed");
    FUZZ_CHECK(list.count == is_segment && (list.count == 0 || list.numbers[0] == number), "listed");
    quire__segment_list_free(&list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct memory_io memory;

    if (size < CONTROL)
        return 0;
    memory_io_open(&memory);
    memory.short_reads = data[1] & 128;
    switch (data[0] % KINDS) {
    case 0:
        open_segment(&memory, data + CONTROL, size - CONTROL, data[1]);
        break;
    case 1:
        load_live(&memory, data + CONTROL, size - CONTROL, data[1]);
        break;
    default:
        parse_name(&memory, data + CONTROL, size - CONTROL);
        break;
    }
    FUZZ_CHECK(memory_io_close(&memory) == 0, "everything is closed");
    return 0;
}
