/* A directory in memory, behind the seam (io/io.h), that counts what is read from it.
 *
 * It is there for one input and gone with it: nothing of one run is seen by the next, which gets only the memory that
 * files lay in, to be quicker. It cannot map and has no queue, so a
 * log on it is opened with the methods paged and write. Reads and writes are as large as they were asked for, or, with
 * short_reads, sometimes a part of that.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TESTS_FUZZ_MEMORY_IO_H
#define QUIRE_TESTS_FUZZ_MEMORY_IO_H

#include <pthread.h>

#include "io/io.h"

#define MEMORY_DIRECTORY "/log"

enum { MEMORY_NAME = 64, MEMORY_FILES = 64, MEMORY_HANDLES = 128 };

struct memory_file {
    char name[MEMORY_NAME]; /* "": none has it any more, or it is free */
    uint32_t hash;          /* of the name */
    unsigned char *bytes;   /* room of them */
    uint64_t size, room;
    uint32_t handles;
    bool used;
};

struct memory_io {
    struct quire__io io; /* first: the seam hands it back */
    pthread_mutex_t lock;
    struct memory_file files[MEMORY_FILES];
    uint32_t file_end; /* behind the last that was used */
    struct {
        uint32_t file; /* MEMORY_FILES: the directory */
        bool used, locks;
    } handles[MEMORY_HANDLES];
    uint64_t changes;           /* of the names */
    uint64_t calls, bytes_read; /* operations of any kind */
    uint64_t bytes_most;        /* a file may not grow beyond: -EFBIG */
    bool short_reads;
    bool has_threads; /* it is used by several at once */
};

/* Empty. It was zeros, or closed. */
void memory_io_open(struct memory_io *memory);
/* How many handles were left open. */
uint32_t memory_io_close(struct memory_io *memory);

/* Makes a file, in the place of any of that name, of size zeros. NULL: there are too many. */
struct memory_file *memory_io_put(struct memory_io *memory, const char *name, uint64_t size);
/* Makes a file larger, with zeros. NULL: it cannot be. */
struct memory_file *memory_io_grow(struct memory_io *memory, struct memory_file *file, uint64_t size);
struct memory_file *memory_io_find(struct memory_io *memory, const char *name);
struct memory_file *memory_io_segment(struct memory_io *memory, uint64_t number);

/* to becomes a directory of the same files. */
void memory_io_copy(struct memory_io *to, const struct memory_io *from);

/* Bytes of all files. */
uint64_t memory_io_bytes(const struct memory_io *memory);

#endif
