/* What can be done with a log, one step at a time, as words and numbers.
 *
 * A step means something whatever came before it: one that cannot be taken (an append to a log that is closed) is passed
 * over, and an argument that is too large is taken as the largest that makes sense. So any list of steps is a program,
 * and so is any part of it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TESTS_MODEL_OPS_H
#define QUIRE_TESTS_MODEL_OPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OP_ARGUMENTS = 15, OPS_MOST = 256 };

enum op_kind {
    OP_OPEN,
    OP_APPEND,
    OP_BATCH,
    OP_CLAIM,
    OP_PUBLISH,
    OP_LANE_OPEN,
    OP_LANE_APPEND,
    OP_LANE_CLAIM,
    OP_LANE_FLUSH,
    OP_LANE_CLOSE,
    OP_FLUSH,
    OP_SYNC,
    OP_WAIT,
    OP_ROTATE,
    OP_TRIM,
    OP_TRUNCATE,
    OP_REPAIR,
    OP_CLOSE,
    OP_CRASH,
    OP_KILL,
    OP_PAUSE,
    OP_STATS,
    OP_READ,
    OP_BACKWARDS,
    OP_SEEK,
    OP_SEEK_TIME,
    OP_FOLLOW,
    OP_RESUME,
    OP_SCAN,
    OP_VERIFY,
    OP_INSPECT,
    OP_KINDS
};

/* Of OP_OPEN. */
enum {
    OPEN_METHOD,
    OPEN_SYNC,
    OPEN_BLOCK, /* pages of a block, less one */
    OPEN_COUNT, /* blocks, less three */
    OPEN_EXTRA, /* pages by which a segment is larger than it must be */
    OPEN_CODEC,
    OPEN_KEEP, /* segments; 0: no retention */
    OPEN_PREPARE,
    OPEN_FULL,
    OPEN_ROTATE, /* milliseconds */
    OPEN_CHAIN,
    OPEN_TIMES,
    OPEN_QUIET, /* no live.quire */
    OPEN_CONTINUE,
    OPEN_BACKGROUND
};

struct op {
    enum op_kind kind;
    uint64_t arguments[OP_ARGUMENTS];
};

/* How many arguments a kind has. */
uint32_t op_arguments(enum op_kind kind);

/* Draws a list: the same for the same seed. Returns how many, at most `most`. */
uint32_t ops_draw(uint64_t seed, uint32_t most, struct op *ops);

/* One line for each: "append bytes=300 times=2". What is 0 is left out. to has room for so many bytes. */
void ops_print(const struct op *ops, uint32_t count, char *to, size_t room);

/* The other way; lines end in a newline or a semicolon. Returns how many, or -1: *wrong is where it is not understood. */
int ops_parse(const char *text, struct op *ops, uint32_t most, const char **wrong);

#endif
