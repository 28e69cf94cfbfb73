/* What `quire info` and `quire verify` found, in words and as JSON.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TOOLS_INFO_PRINT_H
#define TOOLS_INFO_PRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <quire/check.h>

struct info {
    const char *directory;
    struct quire_log_info log;
    struct quire_segment_info *segments;
    size_t count, capacity;
};

void info_print(const struct info *info, bool segments, FILE *out);

/* 0 or -errno. Where the build has no jansson: never called. */
int info_print_json(const struct info *info, FILE *out);

struct verified {
    const char *directory;
    bool chained; /* the chain was asked for */
    int code;     /* what quire_verify returned: 0 or QUIRE_E_DAMAGED */
    double seconds;
    struct quire_verify_result result;
    struct quire_damage *places; /* sorted by segment and offset */
    size_t count, capacity;
};

void verified_print(const struct verified *verified, FILE *out);
int verified_print_json(const struct verified *verified, FILE *out);

/* Digits of bytes, lower case, with a NUL behind. text has room for 2 * length + 1. */
void info_hex(const unsigned char *bytes, size_t length, char *text);

#endif
