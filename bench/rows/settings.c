/* What was asked of the instrument. See settings.h.
 *
 * SPDX-License-Identifier: MIT */
#include "rows/settings.h"

#include <stdio.h>
#include <string.h>

#include "rows/peers/peers.h"

static const char *const family_names[BENCH_FAMILIES] = {
    [BENCH_WRITE] = "write",
    [BENCH_STDIO] = "stdio",
    [BENCH_PAGED] = "paged",
    [BENCH_MMAP] = "mmap",
    [BENCH_URING] = "uring",
    [BENCH_LANE] = "lane",
    [BENCH_LOG] = "log",
    [BENCH_PEERS] = "peers",
    [BENCH_CONCURRENT] = "threads",
    [BENCH_FWRITE] = "fwrite",
    [BENCH_FWRITE_UNLOCKED] = "fwrite_unlocked",
    [BENCH_LIMITS] = "limits",
    [BENCH_STAGING] = "staging",
};

struct bench_settings bench_settings_default(void)
{
    return (struct bench_settings){
        .directory = ".",
        .threads = 8,
        .sync = BENCH_SYNC_END,
    };
}

void bench_settings_complete(struct bench_settings *settings)
{
    static const struct bench_size usual[] = {{128, 100000}, {1024, 50000}, {8192, 10000}};
    static const struct bench_size durable[] = {{128, 1000}, {1024, 1000}, {8192, 1000}};
    if (settings->workload_count)
        return;
    memcpy(settings->workloads, settings->sync == BENCH_SYNC_EACH ? durable : usual, sizeof usual);
    settings->workload_count = sizeof usual / sizeof usual[0];
}

bool bench_settings_want(const struct bench_settings *settings, enum bench_family family)
{
    if (settings->chosen || family == BENCH_PEERS)
        return settings->families[family];
    if (family == BENCH_FWRITE)
        return settings->sync != BENCH_SYNC_END;
    if (family == BENCH_FWRITE_UNLOCKED || family == BENCH_STAGING)
        return settings->sync == BENCH_SYNC_NONE;
    return family != BENCH_LOG || !settings->quick;
}

const char *bench_family_name(enum bench_family family)
{
    return family < BENCH_FAMILIES ? family_names[family] : NULL;
}

/* The next word of a comma-separated list, cut to fit; false at the end. */
static bool next_word(const char **list, char *word, size_t room)
{
    if (!*list)
        return false;
    const char *end = strchrnul(*list, ',');
    snprintf(word, room, "%.*s", (int)(end - *list), *list);
    *list = *end ? end + 1 : NULL;
    return true;
}

bool bench_settings_methods(struct bench_settings *settings, const char *list, const char **culprit)
{
    static char word[64];
    *culprit = word;
    settings->chosen = true;
    while (next_word(&list, word, sizeof word)) {
        unsigned family = 0;
        while (family < BENCH_FAMILIES && strcmp(word, family_names[family]) != 0)
            family++;
        if (family == BENCH_FAMILIES || family == BENCH_PEERS)
            return false;
        settings->families[family] = true;
    }
    return true;
}

/* All of that name, as far as they are in this build; "all": all that are. */
static bool choose_peers(struct bench_settings *settings, const char *name)
{
    bool found = false;
    const struct bench_peer *peer;
    for (unsigned i = 0; (peer = bench_peer_at(i)); i++) {
        bool chosen = peer->adapter && (strcmp(name, "all") == 0 || strcmp(name, peer->name) == 0);
        settings->peers[i] |= chosen;
        found |= chosen;
    }
    return found;
}

bool bench_settings_peers(struct bench_settings *settings, const char *list, const char **culprit)
{
    static char word[64];
    *culprit = word;
    settings->families[BENCH_PEERS] = true;
    while (next_word(&list, word, sizeof word))
        if (!choose_peers(settings, word))
            return false;
    return true;
}

bool bench_settings_handicap(struct bench_settings *settings, const char *text)
{
    const char *colon = strrchr(text, ':');
    uint64_t percent;
    if (!colon || colon == text || (size_t)(colon - text) >= sizeof settings->handicapped ||
        !bench_parse_count(colon + 1, &percent) || percent < 1 || percent > 1000)
        return false;
    snprintf(settings->handicapped, sizeof settings->handicapped, "%.*s", (int)(colon - text), text);
    settings->handicap = (unsigned)percent;
    return true;
}

bool bench_settings_buffers(struct bench_settings *settings, const char *list, const char **culprit)
{
    static char word[64];
    *culprit = word;
    settings->buffer_count = 0;
    while (next_word(&list, word, sizeof word)) {
        uint64_t bytes;
        if (settings->buffer_count == BENCH_BUFFERS_MOST || !bench_parse_size(word, &bytes) || bytes < 4096 ||
            bytes > 64u << 20 || bytes % 4096 != 0)
            return false;
        settings->buffers[settings->buffer_count++] = bytes;
    }
    return true;
}
