/* Bytes from any offset. See reader.h.
 *
 * The reader holds one piece, copied, while it looks at the one behind it. An offset elsewhere is searched for by the
 * sequences of pieces, each of which says where it belongs: there is no index.
 *
 * SPDX-License-Identifier: MIT */
#include "bytes/reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <quire/quire.h>

#include "bytes/piece.h"

enum { ATTEMPTS = 8 /* to find a place while segments go from the front */ };

/* A piece, or what was met instead. */
struct piece {
    uint64_t sequence;
    uint64_t begin, end; /* offsets in the file */
    bool behind_loss;    /* what lies in front of it cannot be read */
};

struct bytes_reader {
    quire_reader *log; /* stands behind next if there is one, else behind held; NULL: an empty file */
    bool holds;
    struct piece held;
    unsigned char *bytes; /* of held */
    uint64_t room;
    bool has_next;
    struct piece next;
    const unsigned char *next_bytes; /* the log reader's */
    bool lost_behind;                /* without a next: what lies behind held cannot be read */
    uint64_t generation;
    char directory[];
};

static int open_log(struct bytes_reader *reader)
{
    struct quire_reader_options options = {.size = sizeof options, .flags = QUIRE_READ_GAPS};
    int rc = reader->log ? 0 : -ENOENT;

    /* A segment may go away, or get its name, between the listing and the look at it. */
    for (int i = 0; i < ATTEMPTS && rc == -ENOENT; i++)
        rc = quire_reader_open(reader->directory, &options, &reader->log);
    return rc == QUIRE_E_NOT_A_LOG ? 0 : rc;
}

int bytes_reader_open(const char *directory, struct bytes_reader **reader)
{
    size_t length = strlen(directory) + 1;
    struct bytes_reader *r = calloc(1, sizeof *r + length);

    if (!r)
        return -ENOMEM;
    memcpy(r->directory, directory, length);
    int rc = open_log(r);
    if (rc < 0) {
        bytes_reader_close(r);
        return rc;
    }
    *reader = r;
    return 0;
}

void bytes_reader_close(struct bytes_reader *reader)
{
    if (!reader)
        return;
    if (reader->log)
        quire_reader_close(reader->log); /* what was read was checked: nothing is lost with it */
    free(reader->bytes);
    free(reader);
}

/* What a record is. 1: a piece. 0: a gap. */
static int take_record(const struct quire_record *record, struct piece *piece, const unsigned char **bytes)
{
    uint64_t begin;

    if (record->kind == QUIRE_RECORD_GAP)
        return 0;
    if (!bytes_piece_parse(record->data, record->length, &begin))
        return -EBADMSG;
    *piece = (struct piece){record->sequence, begin, begin + record->length - sizeof(struct bytes_piece_head), false};
    *bytes = (const unsigned char *)record->data + sizeof(struct bytes_piece_head);
    return 1;
}

/* The next piece in that direction. 1; or 0 at the end of the log, and *lost says whether something that cannot be read
 * lies there; where there is a piece, whether it lies in front of it. */
static int step(struct bytes_reader *reader, int (*move)(quire_reader *, struct quire_record *), struct piece *piece,
                const unsigned char **bytes, bool *lost)
{
    struct quire_record record;
    int rc;

    *lost = false;
    while ((rc = move(reader->log, &record)) == 1) {
        rc = take_record(&record, piece, bytes);
        if (rc != 0)
            break;
        *lost = true;
    }
    if (rc == 1)
        piece->behind_loss = *lost;
    return rc;
}

static void forget(struct bytes_reader *reader)
{
    reader->holds = reader->has_next = reader->lost_behind = false;
}

void bytes_reader_renew(struct bytes_reader *reader, uint64_t generation)
{
    if (reader->generation == generation)
        return;
    forget(reader);
    if (reader->log)
        quire_reader_close(reader->log);
    reader->log = NULL;
    reader->generation = generation;
}

/* Copies a piece, whose bytes are the log reader's, to be held. */
static int hold(struct bytes_reader *reader, const struct piece *piece, const unsigned char *bytes)
{
    uint64_t length = piece->end - piece->begin;

    forget(reader);
    if (length > reader->room) {
        unsigned char *grown = realloc(reader->bytes, length);
        if (!grown)
            return -ENOMEM;
        reader->bytes = grown;
        reader->room = length;
    }
    if (length > 0)
        memcpy(reader->bytes, bytes, length);
    reader->held = *piece;
    reader->holds = true;
    return 0;
}

/* Looks at what lies behind the piece held, unless that is known. More may have come since the last time. -EBADMSG: pieces of
 * whoever wrote them do not fit together. */
static int look_ahead(struct bytes_reader *reader)
{
    int rc = 0;

    if (!reader->has_next && !reader->lost_behind)
        rc = step(reader, quire_reader_next, &reader->next, &reader->next_bytes, &reader->lost_behind);
    if (rc < 0)
        return rc;
    reader->has_next |= rc == 1;
    return reader->has_next && reader->next.begin < reader->held.end ? -EBADMSG : 0;
}

/* The first piece, or the last, to be held. 0: there is none. */
static int hold_outermost(struct bytes_reader *reader, bool is_last, bool *lost)
{
    struct piece piece;
    const unsigned char *bytes;
    int rc = is_last ? quire_reader_seek_end(reader->log) : quire_reader_seek_begin(reader->log);

    if (rc < 0)
        return rc;
    rc = step(reader, is_last ? quire_reader_previous : quire_reader_next, &piece, &bytes, lost);
    if (rc != 1)
        return rc;
    rc = hold(reader, &piece, bytes);
    if (rc < 0)
        return rc;
    /* From behind, the log's reader stands in front of it now. What cannot be read behind it is known. */
    reader->lost_behind = is_last && *lost;
    if (is_last && !*lost)
        rc = quire_reader_seek_sequence(reader->log, piece.sequence + 1);
    return rc < 0 ? rc : 1;
}

/* The piece with that sequence, or the first behind it. */
static int peek(struct bytes_reader *reader, uint64_t sequence, struct piece *piece, const unsigned char **bytes)
{
    bool lost;
    int rc = quire_reader_seek_sequence(reader->log, sequence);

    return rc < 0 ? rc : step(reader, quire_reader_next, piece, bytes, &lost);
}

/* Where the piece with offset might be, between one at or in front of it and one behind it: in proportion, but well inside,
 * so that pieces of unlike sizes cost no more than a binary search. */
static uint64_t guess(const struct piece *low, const struct piece *high, uint64_t offset)
{
    uint64_t span = high->sequence - low->sequence, inset = span / 16 + 1;
    double part = (double)(offset - low->begin) / (double)(high->begin - low->begin);
    uint64_t at = (uint64_t)(part * (double)span);

    if (at < inset)
        at = inset;
    if (at > span - inset)
        at = span > inset ? span - inset : 1;
    return low->sequence + (at < span ? at : span - 1);
}

/* The last piece whose first byte is at or in front of offset, to be held. low is one of those, high is not. */
static int search(struct bytes_reader *reader, struct piece low, struct piece high, uint64_t offset)
{
    struct piece piece;
    const unsigned char *bytes;

    while (high.sequence - low.sequence > 1) {
        uint64_t at = guess(&low, &high, offset);
        int rc = peek(reader, at, &piece, &bytes);
        if (rc < 0)
            return rc;
        /* Everything from there to high cannot be read: the one looked for is in front. */
        if (rc == 0 || piece.sequence >= high.sequence)
            high.sequence = at;
        else if (piece.begin <= offset)
            low = piece;
        else
            high = (struct piece){.sequence = at, .begin = piece.begin};
    }
    int rc = peek(reader, low.sequence, &piece, &bytes);
    if (rc < 0)
        return rc;
    return rc == 1 && piece.sequence == low.sequence ? hold(reader, &piece, bytes) : QUIRE_E_TRIMMED;
}

/* Holds the piece in which offset lies, or the last one in front of it. QUIRE_E_TRIMMED: in front of the first. */
static int seek_from_ends(struct bytes_reader *reader, uint64_t offset)
{
    bool lost;
    int rc = hold_outermost(reader, true, &lost);

    if (rc != 1)
        return rc;
    struct piece last = reader->held;
    if (last.begin <= offset)
        return 1;
    rc = hold_outermost(reader, false, &lost);
    if (rc != 1)
        return rc;
    struct piece first = reader->held;
    if (first.begin > offset) {
        forget(reader);
        return first.sequence == 1 || lost ? QUIRE_E_DAMAGED : QUIRE_E_TRIMMED;
    }
    rc = search(reader, first, last, offset);
    return rc < 0 ? rc : 1;
}

/* The segment that was looked at may go away meanwhile, from the front or with what a writer found torn. */
static int seek(struct bytes_reader *reader, uint64_t offset)
{
    int rc = QUIRE_E_TRIMMED;

    for (int i = 0; i < ATTEMPTS && (rc == QUIRE_E_TRIMMED || rc == QUIRE_E_RANGE); i++)
        rc = seek_from_ends(reader, offset);
    if (rc < 0)
        forget(reader);
    return rc;
}

/* The next piece becomes the one held. */
static int advance(struct bytes_reader *reader)
{
    struct piece next = reader->next;
    int rc = hold(reader, &next, reader->next_bytes);

    return rc < 0 ? rc : 1;
}

/* Holds the piece of offset, or the last one in front of it, and knows where it ends. 0: there is none at all. */
static int stand_at(struct bytes_reader *reader, uint64_t offset)
{
    int rc = reader->holds && offset >= reader->held.begin ? 1 : seek(reader, offset);

    /* One step is what reading on takes; what is not there is elsewhere. */
    for (int steps = 0; rc == 1; steps++) {
        int looked = look_ahead(reader);
        if (looked < 0)
            return looked;
        if (!reader->has_next || offset < reader->next.begin)
            break;
        rc = steps == 1 ? seek(reader, offset) : advance(reader);
    }
    return rc;
}

/* The bytes from offset on that lie in the piece held. 0 of them: it ends there, and *rc says what that means. */
static uint64_t bytes_held(const struct bytes_reader *reader, uint64_t offset, int *rc)
{
    *rc = 0;
    if (offset < reader->held.end)
        return reader->held.end - offset;
    if (reader->lost_behind || (reader->has_next && reader->next.behind_loss))
        *rc = QUIRE_E_DAMAGED;
    else if (reader->has_next)
        *rc = -EBADMSG; /* nor do these fit together: there is a hole */
    return 0;
}

int bytes_reader_read(struct bytes_reader *reader, uint64_t offset, void *to, uint64_t length, uint64_t *got)
{
    uint64_t done = 0;
    int rc = open_log(reader);

    while (rc == 0 && reader->log && done < length) {
        rc = stand_at(reader, offset + done);
        if (rc != 1)
            break;
        uint64_t part = bytes_held(reader, offset + done, &rc);
        if (part == 0)
            break;
        if (part > length - done)
            part = length - done;
        memcpy((unsigned char *)to + done, reader->bytes + (offset + done - reader->held.begin), part);
        done += part;
    }
    if (done == 0 && rc < 0)
        return rc;
    *got = done;
    return 0;
}

int bytes_reader_wait(struct bytes_reader *reader, int timeout_ms)
{
    int rc = open_log(reader);

    if (rc < 0)
        return rc;
    return reader->log ? quire_reader_wait(reader->log, timeout_ms) : QUIRE_E_NOT_A_LOG;
}

int bytes_reader_find(struct bytes_reader *reader, uint64_t offset, uint64_t *sequence, uint64_t *begin)
{
    int rc = open_log(reader);

    if (rc == 0)
        rc = reader->log ? stand_at(reader, offset) : 0;
    if (rc < 0)
        return rc;
    if (rc == 0 || bytes_held(reader, offset, &rc) == 0)
        return rc < 0 ? rc : QUIRE_E_RANGE;
    *sequence = reader->held.sequence;
    *begin = reader->held.begin;
    return 0;
}

int bytes_reader_size(struct bytes_reader *reader, uint64_t *size, bool *cut_short)
{
    bool lost = false;
    int rc = open_log(reader);

    if (rc < 0)
        return rc;
    for (int i = 0; i < ATTEMPTS && reader->log && (i == 0 || rc == QUIRE_E_TRIMMED); i++)
        rc = hold_outermost(reader, true, &lost);
    if (rc < 0)
        return rc;
    *size = rc == 1 ? reader->held.end : 0;
    *cut_short = lost;
    return 0;
}
