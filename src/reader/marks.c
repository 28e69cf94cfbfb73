/* How far the log has come, as far as a reader can know.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>

#include "io/retry.h"
#include "reader/reader.h"

/* A log from which so many segments go while one is looked at has other cares. */
enum { OVERTAKEN_MOST = 8 };

int quire__reader_look_live(quire_reader *reader)
{
    int rc = quire__live_read(&reader->live, reader->catalog.io, reader->catalog.directory, reader->catalog.log_id);
    if (reader->live.is_known)
        reader->durable = quire__max(reader->durable, reader->live.disk.durable);
    /* Only a hint: where the file cannot be read less is known. */
    return quire__is_of_process(rc) || (reader->verifies && !quire__is_damage(rc)) ? rc : 0;
}

/* In a scan of its own: what the reader has given lies in the reader's. */
static int find_last_of(quire_reader *reader, uint64_t index, bool *is_found, struct quire__found *last)
{
    struct quire__segment_header header;
    struct quire__scan scan;
    int file;

    int rc = quire__scan_open(&scan, reader->catalog.io, reader->scan.block_most);
    if (rc == 0)
        rc = quire__catalog_open_segment(&reader->catalog, index, &file, &header);
    if (rc == 0) {
        quire__scan_enter(&scan, file, &header);
        rc = quire__scan_locate(&scan, QUIRE__BY_SEQUENCE, UINT64_MAX, is_found, last);
    }
    quire__scan_close(&scan);
    return rc;
}

/* In the last segment that is known, of which retention may have taken all: -ENOENT. */
static int find_last_known(quire_reader *reader, bool *is_found, struct quire__found *last)
{
    uint64_t index = 0;

    int rc = quire__catalog_extend(&reader->catalog);
    if (rc == 0)
        rc = quire__catalog_last_filled(&reader->catalog, &index);
    if (rc < 0 || index == reader->catalog.count)
        return rc;
    return find_last_of(reader, index, is_found, last);
}

int quire__reader_find_last(quire_reader *reader, bool *is_found, struct quire__found *last)
{
    *is_found = false;
    int rc = find_last_known(reader, is_found, last);
    for (int i = 0; i < OVERTAKEN_MOST && rc == -ENOENT; i++) {
        rc = quire__catalog_refresh(&reader->catalog);
        if (rc == 0)
            rc = find_last_known(reader, is_found, last);
    }
    if (rc == 0 && *is_found)
        quire__reader_note(reader, &last->header);
    return rc;
}

int quire__reader_learn_durable(quire_reader *reader)
{
    struct quire__found last;
    bool is_found = false;

    int rc = quire__reader_look_live(reader);
    return rc < 0 || reader->live.is_known ? rc : quire__reader_find_last(reader, &is_found, &last);
}

int quire_reader_watermarks(quire_reader *reader, struct quire_watermarks *watermarks)
{
    struct quire__found last;
    bool is_found = false;

    if (!reader || !watermarks)
        return QUIRE_E_ARGUMENT;
    int rc = quire__reader_look_live(reader);
    if (rc == 0)
        rc = quire__reader_find_last(reader, &is_found, &last);
    if (rc < 0)
        return rc;
    uint64_t written = is_found ? quire__block_next(&last.header) - 1 : 0;
    *watermarks = (struct quire_watermarks){
        .appended = written, .written = written, .durable = quire__min(reader->durable, written)};
    return 0;
}
