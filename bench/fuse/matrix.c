/* The matrix. See matrix.h.
 *
 * SPDX-License-Identifier: MIT */
#include "fuse/matrix.h"

#include <stdio.h>
#include <string.h>

#include "base/number.h"

enum { OPTIONS_MOST = 6, WORD_ROOM = 40 };

static const uint64_t limit_least = 1000000, limit_most = UINT64_C(1000000000000);

static const struct {
    const char *name, *text, *word;
    const char *options[OPTIONS_MOST];
} modes[BENCH_FUSE_MODES] = {
    [BENCH_FUSE_NATIVE] = {"native", "write(2) on the file system itself", "", {NULL}},
    [BENCH_FUSE_PLAIN] = {"plain", "quire mount --mode plain", "plain", {"--mode", "plain", NULL}},
    [BENCH_FUSE_WRITEBACK] = {"writeback",
                              "quire mount --mode plain --writeback",
                              "plain",
                              {"--mode", "plain", "--writeback", NULL}},
    [BENCH_FUSE_PASSTHROUGH] = {"passthrough",
                                "quire mount --mode passthrough",
                                "passthrough",
                                {"--mode", "passthrough", NULL}},
    [BENCH_FUSE_LOG_LZ4] = {"log+lz4",
                            "quire mount --mode log --compress lz4",
                            "log",
                            {"--mode", "log", "--compress", "lz4", NULL}},
    [BENCH_FUSE_LOG_ZSTD] = {"log+zstd",
                             "quire mount --mode log --compress zstd",
                             "log",
                             {"--mode", "log", "--compress", "zstd", NULL}},
};

const char *bench_fuse_mode_name(enum bench_fuse_mode mode)
{
    return modes[mode].name;
}

const char *bench_fuse_mode_text(enum bench_fuse_mode mode)
{
    return modes[mode].text;
}

const char *const *bench_fuse_mode_options(enum bench_fuse_mode mode)
{
    return modes[mode].options;
}

const char *bench_fuse_mode_word(enum bench_fuse_mode mode)
{
    return modes[mode].word;
}

struct bench_fuse_choice bench_fuse_choice_default(void)
{
    struct bench_fuse_choice choice = {
        .sizes = 6,
        .size = {128, 1 << 10, 4 << 10, 16 << 10, 64 << 10, 1 << 20},
    };
    memset(choice.mode, true, sizeof choice.mode);
    memset(choice.payload, true, sizeof choice.payload);
    return choice;
}

/* Hands each word of the list to take, until one is refused. */
static bool take_words(const char *list, bool (*take)(const char *word, void *taken), void *taken, const char **culprit)
{
    static char word[WORD_ROOM];
    for (const char *at = list;; at++) {
        size_t length = strcspn(at, ",");
        snprintf(word, sizeof word, "%.*s", length < sizeof word ? (int)length : (int)sizeof word - 1, at);
        if (length >= sizeof word || !take(word, taken)) {
            *culprit = word;
            return false;
        }
        at += length;
        if (!*at)
            return true;
    }
}

static bool take_mode(const char *word, void *taken)
{
    bool *chosen = taken;
    for (unsigned i = 0; i < BENCH_FUSE_MODES; i++)
        if (strcmp(word, modes[i].name) == 0)
            return chosen[i] = true;
    return false;
}

static bool take_payload(const char *word, void *taken)
{
    bool *chosen = taken;
    for (unsigned i = 0; i < BENCH_FUSE_PAYLOADS; i++)
        if (strcmp(word, bench_fuse_payload_name(i)) == 0)
            return chosen[i] = true;
    return false;
}

/* Numbers in the order of the list, each once. */
struct numbers {
    unsigned count, most;
    uint64_t number[BENCH_FUSE_SIZES_MOST];
};

static bool add_number(struct numbers *numbers, uint64_t number)
{
    for (unsigned i = 0; i < numbers->count; i++)
        if (numbers->number[i] == number)
            return true;
    if (numbers->count == numbers->most)
        return false;
    numbers->number[numbers->count++] = number;
    return true;
}

static bool take_size(const char *word, void *taken)
{
    uint64_t size;
    return bench_parse_size(word, &size) && size >= 1 && size <= BENCH_FUSE_APPEND_MOST && add_number(taken, size);
}

static bool take_limit(const char *word, void *taken)
{
    uint64_t limit;
    return bench_parse_count(word, &limit) && limit >= limit_least && limit <= limit_most && add_number(taken, limit);
}

bool bench_fuse_choose_modes(struct bench_fuse_choice *choice, const char *list, const char **culprit)
{
    bool chosen[BENCH_FUSE_MODES] = {false};
    if (!take_words(list, take_mode, chosen, culprit))
        return false;
    memcpy(choice->mode, chosen, sizeof chosen);
    return true;
}

bool bench_fuse_choose_payloads(struct bench_fuse_choice *choice, const char *list, const char **culprit)
{
    bool chosen[BENCH_FUSE_PAYLOADS] = {false};
    if (!take_words(list, take_payload, chosen, culprit))
        return false;
    memcpy(choice->payload, chosen, sizeof chosen);
    return true;
}

bool bench_fuse_choose_sizes(struct bench_fuse_choice *choice, const char *list, const char **culprit)
{
    struct numbers numbers = {.most = BENCH_FUSE_SIZES_MOST};
    if (!take_words(list, take_size, &numbers, culprit))
        return false;
    choice->sizes = numbers.count;
    memcpy(choice->size, numbers.number, sizeof choice->size);
    return true;
}

bool bench_fuse_choose_limits(struct bench_fuse_choice *choice, const char *list, const char **culprit)
{
    struct numbers numbers = {.most = BENCH_FUSE_LIMITS_MOST};
    if (!take_words(list, take_limit, &numbers, culprit))
        return false;
    choice->limits = numbers.count;
    memcpy(choice->limit, numbers.number, sizeof choice->limit);
    return true;
}
