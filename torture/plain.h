/* A run of the plain writer (quire/writer.h): one file, opened, appended to and closed, once or twice; and what its
 * bytes are. A mark counts bytes, and one more for the name: 1 says that the file is there. What it calls begun is,
 * where it is not 0, the size that the file has for good, and one more.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TORTURE_PLAIN_H
#define QUIRE_TORTURE_PLAIN_H

#include <quire/writer.h>

#include "torture/bytes.h"
#include "torture/check.h"
#include "torture/disk.h"
#include "torture/subject.h"

#define TORTURE_PLAIN_NAME "plain"
#define TORTURE_PLAIN_PATH TORTURE_DIRECTORY "/" TORTURE_PLAIN_NAME

enum { TORTURE_PLAIN_THREADS = 4, TORTURE_PLAIN_PROMISES = 256, TORTURE_PLAIN_RECORD = 32 * 1024 };
enum { TORTURE_PLAIN_HEAD = 4 }; /* bytes that a named record begins with; none of them is 0 */

struct torture_plain {
    uint64_t seed;
    struct quire_writer_options options;
    uint64_t before;     /* bytes in the file when the run begins; 0: there is none */
    uint32_t sessions;   /* the file is opened again, by another method */
    uint32_t threads;    /* that append */
    uint32_t records;    /* that each of them appends in a session */
    uint32_t sync_every; /* on average */
    uint64_t length_most;
    bool claims; /* records are built in place */
    bool lanes;  /* each thread has its own */
    bool named;  /* records say whose they are: where one will lie is not known when it is made */
    bool leaves; /* the last claim is not published */
    enum torture_fault fault;
    uint64_t fault_at; /* which write or flush fails */
    int fault_code;

    /* What came of it. */
    uint32_t file;                  /* its number in the end; TORTURE_NO_FILE: there is none */
    bool has_name;                  /* the file's name was promised */
    uint64_t doubt_from, doubt_end; /* a flush of these bytes failed, and no other makes it good */
    struct torture_plain_promise {
        uint64_t end; /* of what was acknowledged as durable when */
        uint32_t thread, number;
    } promises[TORTURE_PLAIN_PROMISES]; /* this record of that thread was, too */
    uint32_t promise_count;
    struct torture_image image;                    /* what it began with */
    struct torture_arena arena;                    /* of that */
    struct torture_bytes known[TORTURE_DEPTH + 1]; /* of a run; of what a check at depth 0 had, at depth 1; ... */
};

void torture_plain_draw(uint64_t seed, uint32_t method, struct torture_plain *plain);
/* Buffers as the method takes them. */
void torture_plain_fit(struct quire_writer_options *options, uint32_t method);
void torture_plain_print(const struct torture_plain *plain, char *line, uint64_t room);

/* The bytes that are to lie at offset, whatever record they belong to. */
void torture_plain_fill(const struct torture_plain *plain, uint64_t offset, uint64_t length, unsigned char *to);
/* Record number `number` of a thread, of length_most bytes, and back: false if these are not the first bytes of one. */
void torture_plain_name(const struct torture_plain *plain, uint32_t thread, uint32_t number, unsigned char *to);
bool torture_plain_parse(const unsigned char *record, uint32_t *thread, uint32_t *number);

void torture_plain_run(struct torture_plain *plain, struct torture_trace *trace, struct torture_verdict *verdict);
/* Was what the run appended written, and what it was told true? Fills known[0] for this. */
bool torture_plain_is_true(struct torture_plain *plain, const struct torture_trace *trace,
                           struct torture_verdict *verdict);
void torture_plain_check(struct torture_plain *plain, const struct torture_cut *cut, struct torture_verdict *verdict);

#endif
