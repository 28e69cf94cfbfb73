/* The counters of a mount as JSON and as a table. See statistics.h.
 *
 * SPDX-License-Identifier: MIT */
#include "statistics.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include <quire/quire.h>

#include "mount.h"

#define NAME_OF(name, text) text,
static const char *const request_names[] = {STATISTICS_REQUESTS(NAME_OF)};
#undef NAME_OF

const char *mode_name(enum mode mode)
{
    static const char *const names[] = {"plain", "passthrough", "log"};
    return names[mode];
}

/* A path may hold any byte. What is not UTF-8 is shown as if each byte were a character of its own. */
static bool is_utf8_tail(const unsigned char *text, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if ((text[i] & 0xc0) != 0x80)
            return false;
    return true;
}

static size_t sequence_length(const unsigned char *text)
{
    if (text[0] >= 0xc2 && text[0] <= 0xdf && is_utf8_tail(text + 1, 1))
        return 2;
    /* Neither longer than needed nor half of a pair of UTF-16. */
    if (text[0] >= 0xe0 && text[0] <= 0xef && is_utf8_tail(text + 1, 2) && !(text[0] == 0xe0 && text[1] < 0xa0) &&
        !(text[0] == 0xed && text[1] > 0x9f))
        return 3;
    if (text[0] >= 0xf0 && text[0] <= 0xf4 && is_utf8_tail(text + 1, 3) && !(text[0] == 0xf0 && text[1] < 0x90) &&
        !(text[0] == 0xf4 && text[1] > 0x8f))
        return 4;
    return 0;
}

static void print_text(const char *text, FILE *out)
{
    const unsigned char *at = (const unsigned char *)text;

    fputc('"', out);
    while (*at) {
        size_t length = *at < 0x80 ? 1 : sequence_length(at);
        if (*at == '"' || *at == '\\')
            fprintf(out, "\\%c", *at);
        else if (*at < 0x20 || length == 0)
            fprintf(out, "\\u%04x", *at);
        else
            fwrite(at, 1, length, out);
        at += length ? length : 1;
    }
    fputc('"', out);
}

static void print_named(const char *name, const char *text, FILE *out)
{
    fprintf(out, "\"%s\":", name);
    if (text)
        print_text(text, out);
    else
        fputs("null", out);
    fputc(',', out);
}

static uint64_t load(_Atomic uint64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

static void print_requests(struct statistics *s, FILE *out)
{
    fputs("\"requests\":{", out);
    for (int i = 0; i < REQUEST_KINDS; i++)
        fprintf(out, "%s\"%s\":%" PRIu64, i > 0 ? "," : "", request_names[i], load(&s->requests[i]));
    fputs("},", out);
}

static const char *codec_name(uint32_t codec)
{
    if (codec == QUIRE_CODEC_LZ4)
        return "lz4";
    return codec == QUIRE_CODEC_ZSTD ? "zstd" : "none";
}

static void print_json(struct mount *mount, FILE *out)
{
    const struct settings *settings = &mount->settings;
    struct statistics *s = &mount->statistics;

    fprintf(out, "{\"schema\":1,\"pid\":%ld,", (long)getpid());
    print_named("backing", settings->backing, out);
    print_named("mountpoint", settings->mountpoint, out);
    print_named("mode", mode_name(mount_mode(mount)), out);
    print_named("asked", mode_name(settings->mode), out);
    print_named("why", mount->why, out);
    print_named("compress", codec_name(settings->codec), out);
    fprintf(out, "\"writeback\":%s,", settings->writeback ? "true" : "false");
    fprintf(out, "\"read_only\":%s,", mount->is_read_only ? "true" : "false");
    fprintf(out, "\"gather_bytes\":%" PRIu64 ",\"flush_ms\":%u,", settings->gather_bytes, settings->flush_ms);
    print_requests(s, out);
    fprintf(out, "\"write_bytes\":%" PRIu64 ",\"read_bytes\":%" PRIu64 ",\"stored_bytes\":%" PRIu64 ",",
            load(&s->write_bytes), load(&s->read_bytes), load(&s->stored_bytes));
    fprintf(out, "\"syncs\":%" PRIu64 ",\"errors\":%" PRIu64 ",\"open_files\":%" PRIu64 "}\n", load(&s->syncs),
            load(&s->errors), load(&s->open_files));
}

char *statistics_json(struct mount *mount, size_t *length)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    if (!out)
        return NULL;
    print_json(mount, out);
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    *length = size;
    return text;
}

void statistics_print(struct mount *mount, FILE *out)
{
    struct statistics *s = &mount->statistics;
    const struct {
        const char *name;
        uint64_t value;
    } rows[] = {{"bytes written", load(&s->write_bytes)},
                {"bytes read", load(&s->read_bytes)},
                {"bytes stored", load(&s->stored_bytes)},
                {"syncs", load(&s->syncs)},
                {"errors", load(&s->errors)}};

    for (int i = 0; i < REQUEST_KINDS; i++)
        fprintf(out, "%-14s %12" PRIu64 "\n", request_names[i], load(&s->requests[i]));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        fprintf(out, "%-14s %12" PRIu64 "\n", rows[i].name, rows[i].value);
}
