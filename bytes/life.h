/* What the files of this room know of a byte file beyond file.h: how its log is opened and closed.
 *
 * Two locks. life: held shared by who uses the log, alone by who opens, closes or cuts it. lock: the tail and what
 * belongs to it. life is taken first.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BYTES_LIFE_H
#define BYTES_LIFE_H

#include <pthread.h>
#include <stdatomic.h>

#include <quire/quire.h>

#include "bytes/file.h"
#include "bytes/piece.h"
#include "bytes/tail.h"

/* Buffers of the log: one fills, one is compressed, two are on their way. */
enum { BYTES_BLOCK_COUNT = 4 };

/* Pieces whose way is followed one by one. */
enum { BYTES_GIVEN_MOST = 64 };

struct bytes_file {
    pthread_rwlock_t life;
    quire_log *log;              /* NULL: it rests */
    int failure;                 /* of a log that was closed since: what it was given is not all there */
    uint64_t segment_asked;      /* of that log: larger ones may have had no room */
    _Atomic bool outgrown;       /* its segments are too small for what the file has become */
    uint64_t stored;             /* by logs that were closed since */
    _Atomic uint64_t generation; /* of what readers know: a cut ends one */
    struct bytes_file_options options;

    pthread_mutex_t lock;
    struct bytes_tail tail;
    bool cut_short;
    bool flushed;      /* everything that was given is with the kernel */
    uint64_t sequence; /* of the last piece given */
    /* Where pieces end that the log may not have written yet, oldest first. */
    struct {
        uint64_t sequence, end;
    } given[BYTES_GIVEN_MOST];
    int givens;

    char directory[];
};

static inline uint64_t bytes_block(const struct bytes_file *file)
{
    return file->options.block_bytes ? file->options.block_bytes : BYTES_FILE_BLOCK;
}

/* How long the file is by its log, and whether it was longer. */
int bytes_measure(const struct bytes_file *file, uint64_t *size, bool *cut_short);

/* The file, whose log rests, is that long. */
void bytes_set_end(struct bytes_file *file, uint64_t size, bool cut_short);

/* With life alone. Opens the log, for a file that is expected to become so much longer soon; and closes it: durably, and
 * what is pending is lost. */
int bytes_open_log(struct bytes_file *file, uint64_t expected);
int bytes_close_log(struct bytes_file *file);

/* With life alone. Gives what is pending and closes the log. What there is no room for is kept, and the log open. */
int bytes_rest(struct bytes_file *file);

/* With lock, after an append: notes whether the log is to be closed and opened again, with larger segments. */
void bytes_note_growth(struct bytes_file *file);

#endif
