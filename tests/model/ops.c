/* Steps to text and back. See ops.h.
 *
 * SPDX-License-Identifier: MIT */
#include "model/ops.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS = 5 };

/* NULL: no more. words: what the numbers from 0 on are called, if anything. */
struct argument {
    const char *name;
    const char *words[WORDS];
};

static const struct {
    const char *name;
    struct argument arguments[OP_ARGUMENTS];
} table[OP_KINDS] = {
    [OP_OPEN] = {"open",
                 {{"method", {"paged", "write", "mmap", "uring"}},
                  {"sync", {"request", "each", "interval", "none"}},
                  {"block", {NULL}},
                  {"count", {NULL}},
                  {"extra", {NULL}},
                  {"codec", {"none", "zstd", "lz4"}},
                  {"keep", {NULL}},
                  {"prepare", {"default", "allocated", "written", "none"}},
                  {"full", {"wait", "again", "drop"}},
                  {"rotate", {NULL}},
                  {"chain", {NULL}},
                  {"times", {NULL}},
                  {"quiet", {NULL}},
                  {"continue", {NULL}},
                  {"background", {NULL}}}},
    [OP_APPEND] = {"append", {{"bytes", {NULL}}, {"times", {NULL}}, {"pieces", {NULL}}}},
    [OP_BATCH] = {"batch", {{"bytes", {NULL}}, {"records", {NULL}}}},
    [OP_CLAIM] = {"claim", {{"bytes", {NULL}}}},
    [OP_PUBLISH] = {"publish", {{"which", {NULL}}}},
    [OP_LANE_OPEN] = {"lane-open", {{NULL, {NULL}}}},
    [OP_LANE_APPEND] = {"lane-append", {{"which", {NULL}}, {"bytes", {NULL}}, {"times", {NULL}}, {"pieces", {NULL}}}},
    [OP_LANE_CLAIM] = {"lane-claim", {{"which", {NULL}}, {"bytes", {NULL}}, {"less", {NULL}}, {"drop", {NULL}}}},
    [OP_LANE_FLUSH] = {"lane-flush", {{"which", {NULL}}}},
    [OP_LANE_CLOSE] = {"lane-close", {{"which", {NULL}}}},
    [OP_FLUSH] = {"flush", {{NULL, {NULL}}}},
    [OP_SYNC] = {"sync", {{"back", {NULL}}}},
    [OP_WAIT] = {"wait", {{"back", {NULL}}}},
    [OP_ROTATE] = {"rotate", {{NULL, {NULL}}}},
    [OP_TRIM] = {"trim", {{"back", {NULL}}}},
    [OP_TRUNCATE] = {"truncate", {{"back", {NULL}}}},
    [OP_REPAIR] = {"repair", {{NULL, {NULL}}}},
    [OP_CLOSE] = {"close", {{NULL, {NULL}}}},
    [OP_CRASH] = {"crash", {{"state", {NULL}}, {"stale", {NULL}}}},
    [OP_KILL] = {"kill", {{NULL, {NULL}}}},
    [OP_PAUSE] = {"pause", {{"ms", {NULL}}}},
    [OP_STATS] = {"stats", {{NULL, {NULL}}}},
    [OP_READ] = {"read", {{"durable", {NULL}}}},
    [OP_BACKWARDS] = {"backwards", {{NULL, {NULL}}}},
    [OP_SEEK] = {"seek", {{"back", {NULL}}}},
    [OP_SEEK_TIME] = {"seek-time", {{"back", {NULL}}}},
    [OP_FOLLOW] = {"follow", {{"durable", {NULL}}}},
    [OP_RESUME] = {"resume", {{NULL, {NULL}}}},
    [OP_SCAN] = {"scan", {{NULL, {NULL}}}},
    [OP_VERIFY] = {"verify", {{NULL, {NULL}}}},
    [OP_INSPECT] = {"inspect", {{NULL, {NULL}}}},
};

uint32_t op_arguments(enum op_kind kind)
{
    uint32_t count = 0;

    while (count < OP_ARGUMENTS && table[kind].arguments[count].name)
        count++;
    return count;
}

static int print_argument(const struct argument *argument, uint64_t value, char *to, size_t room)
{
    if (value == 0)
        return 0;
    if (value < WORDS && argument->words[value])
        return snprintf(to, room, " %s=%s", argument->name, argument->words[value]);
    return snprintf(to, room, " %s=%" PRIu64, argument->name, value);
}

void ops_print(const struct op *ops, uint32_t count, char *to, size_t room)
{
    size_t at = 0;

    to[0] = '\0';
    for (uint32_t i = 0; i < count; i++) {
        if (at < room)
            at += (size_t)snprintf(to + at, room - at, "%s", table[ops[i].kind].name);
        for (uint32_t k = 0; k < op_arguments(ops[i].kind) && at < room; k++)
            at += (size_t)print_argument(&table[ops[i].kind].arguments[k], ops[i].arguments[k], to + at, room - at);
        if (at < room)
            at += (size_t)snprintf(to + at, room - at, "\n");
    }
}

static bool is_end(char c)
{
    return c == '\0' || c == '\n' || c == ';';
}

/* Up to a blank, an equals sign or the end. */
static size_t word_length(const char *text)
{
    size_t length = 0;

    while (!is_end(text[length]) && !isspace((unsigned char)text[length]) && text[length] != '=')
        length++;
    return length;
}

static bool is_word(const char *text, size_t length, const char *name)
{
    return name && strlen(name) == length && memcmp(text, name, length) == 0;
}

static bool parse_value(const struct argument *argument, const char *text, size_t length, uint64_t *value)
{
    char *end;

    for (uint32_t i = 0; i < WORDS; i++)
        if (is_word(text, length, argument->words[i])) {
            *value = i;
            return true;
        }
    *value = strtoull(text, &end, 10);
    return length > 0 && end == text + length;
}

/* name=value; NULL: not understood. */
static const char *parse_argument(const char *text, struct op *op)
{
    size_t length = word_length(text);

    if (text[length] != '=')
        return NULL;
    const char *value = text + length + 1;
    for (uint32_t i = 0; i < op_arguments(op->kind); i++) {
        const struct argument *argument = &table[op->kind].arguments[i];
        if (is_word(text, length, argument->name))
            return parse_value(argument, value, word_length(value), &op->arguments[i]) ? value + word_length(value)
                                                                                       : NULL;
    }
    return NULL;
}

static bool parse_kind(const char *text, size_t length, struct op *op)
{
    for (int kind = 0; kind < OP_KINDS; kind++)
        if (is_word(text, length, table[kind].name)) {
            *op = (struct op){.kind = (enum op_kind)kind};
            return true;
        }
    return false;
}

static const char *skip_blanks(const char *text)
{
    while (*text == ' ' || *text == '\t')
        text++;
    return text;
}

/* Behind it; NULL: not understood. */
static const char *parse_one(const char *text, struct op *op)
{
    size_t length = word_length(text);

    if (!parse_kind(text, length, op))
        return NULL;
    text = skip_blanks(text + length);
    while (text && !is_end(*text)) {
        text = parse_argument(text, op);
        text = text ? skip_blanks(text) : NULL;
    }
    return text;
}

int ops_parse(const char *text, struct op *ops, uint32_t most, const char **wrong)
{
    uint32_t count = 0;

    for (;;) {
        while (isspace((unsigned char)*text) || *text == ';')
            text++;
        if (*text == '\0')
            return (int)count;
        const char *next = count < most ? parse_one(text, &ops[count++]) : NULL;
        if (!next) {
            *wrong = text;
            return -1;
        }
        text = next;
    }
}
