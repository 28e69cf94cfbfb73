/* From a directory and options to a reader, and back to nothing; going over from segment to segment.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/given.h"
#include "reader/reader.h"

#define FLAGS_KNOWN (QUIRE_READ_DURABLE | QUIRE_READ_GAPS)
/* Places within a block are kept in 32 bits. */
#define BLOCK_MOST (UINT64_C(2) << 30)

static int take_options(const struct quire_reader_options *options, struct quire_reader_options *taken)
{
    int rc = quire__given_take(options, QUIRE__READER_OPTIONS_LEAST, taken, sizeof *taken);
    if (rc < 0 || taken->flags & ~FLAGS_KNOWN || taken->reserved != 0)
        return QUIRE_E_OPTIONS;
    if (taken->block_most == 0)
        taken->block_most = QUIRE__BLOCK_MOST_DEFAULT;
    return taken->block_most > BLOCK_MOST ? QUIRE_E_OPTIONS : 0;
}

static int start(quire_reader *reader, struct quire__io *io, const char *directory,
                 const struct quire_reader_options *options)
{
    uint64_t number = 0;

    reader->flags = options->flags;
    reader->damage = options->damage;
    reader->watch = -1;
    int rc = quire__catalog_open(&reader->catalog, io, directory, &number);
    if (rc < 0) {
        if (reader->damage)
            *reader->damage = (struct quire_damage){.code = rc, .segment = number, .block = UINT64_MAX};
        return rc;
    }
    rc = quire__scan_open(&reader->scan, io, options->block_most);
    if (rc == 0 && reader->flags & QUIRE_READ_DURABLE)
        rc = quire__reader_learn_durable(reader);
    return rc == 0 ? quire_reader_seek_begin(reader) : rc;
}

int quire__reader_open_on(struct quire__io *io, const char *directory, const struct quire_reader_options *options,
                          quire_reader **reader)
{
    struct quire_reader_options taken;

    if (!directory || !reader)
        return QUIRE_E_ARGUMENT;
    int rc = take_options(options, &taken);
    if (rc < 0)
        return rc;
    quire_reader *r = calloc(1, sizeof *r);
    if (!r)
        return -ENOMEM;
    r->scan.file = -1;
    rc = start(r, io, directory, &taken);
    if (rc < 0) {
        quire_reader_close(r);
        return rc;
    }
    *reader = r;
    return 0;
}

int quire_reader_open(const char *directory, const struct quire_reader_options *options, quire_reader **reader)
{
    return quire__reader_open_on(quire__io_system(), directory, options, reader);
}

int quire_reader_close(quire_reader *reader)
{
    if (!reader)
        return QUIRE_E_ARGUMENT;
    if (reader->watch >= 0)
        close(reader->watch); /* nothing was written through it */
    quire__scan_close(&reader->scan);
    quire__catalog_close(&reader->catalog);
    free(reader->places);
    free(reader);
    return 0;
}

int quire__reader_enter(quire_reader *reader, uint64_t segment)
{
    struct quire__segment_header header;
    int file;

    if (reader->scan.file >= 0 && reader->scan.number == segment)
        return 0;
    uint64_t index = quire__catalog_find(&reader->catalog, segment);
    if (index == reader->catalog.count || reader->catalog.entries[index].number != segment)
        return -ENOENT;
    int rc = quire__catalog_open_segment(&reader->catalog, index, &file, &header);
    if (rc == 0)
        quire__scan_enter(&reader->scan, file, &header);
    return rc;
}
