/* What programs append. See payload.h.
 *
 * SPDX-License-Identifier: MIT */
#include "fuse/payload.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "base/chance.h"
#include "workload/workload.h"

enum { RECORD_ROOM = 512, AGENT_ROOM = 160, HOSTS = 6000, PAGES = 4000, SERIES = 256 };
static const uint64_t first_second = 1780000000; /* any time would do */

/* Where the making stands: what one record has to do with the one before. */
struct making {
    uint64_t chance;
    uint64_t number;       /* of the record */
    uint64_t microseconds; /* the time of the record */
    double value[SERIES];
};

static const struct {
    const char *name, *text;
} words[BENCH_FUSE_PAYLOADS] = {
    [BENCH_FUSE_ACCESS] = {"access", "access log"},
    [BENCH_FUSE_JSON] = {"json", "JSON with random identifiers"},
    [BENCH_FUSE_METRICS] = {"metrics", "binary metrics"},
    [BENCH_FUSE_RANDOM] = {"random", "random bytes"},
};

const char *bench_fuse_payload_name(enum bench_fuse_payload payload)
{
    return words[payload].name;
}

const char *bench_fuse_payload_text(enum bench_fuse_payload payload)
{
    return words[payload].text;
}

/* 0 to below - 1. */
static unsigned draw(struct making *m, unsigned below)
{
    return (unsigned)((bench_chance(&m->chance) >> 32) * below >> 32);
}

/* The same, but low numbers come much more often: visitors and pages are like that. */
static unsigned draw_low(struct making *m, unsigned below)
{
    unsigned first = draw(m, below);
    return draw(m, first + 1);
}

/* Letters of an alphabet of 16 or 64: as traces have identifiers, and as shops do. */
static void draw_letters(struct making *m, unsigned bits, char *to, unsigned count)
{
    static const char alphabet[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
    unsigned together = 64 / bits;
    uint64_t left = 0;
    for (unsigned i = 0; i < count; i++, left >>= bits) {
        if (i % together == 0)
            left = bench_chance(&m->chance);
        to[i] = alphabet[left & ((1u << bits) - 1)];
    }
    to[count] = '\0';
}

/* The time of day of a moment, and a date that does not matter. */
static int print_time(char *to, size_t room, uint64_t microseconds, const char *format)
{
    uint64_t s = microseconds / 1000000 % 86400;
    return snprintf(to, room, format, (unsigned)(s / 3600), (unsigned)(s / 60 % 60), (unsigned)(s % 60));
}

/* Of one visitor: the same one always has the same address and program. */
static void print_visitor(unsigned host, char address[16], char agent[AGENT_ROOM])
{
    static const char *const agents[] = {
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%u.0.0.0 "
        "Safari/537.36",
        "Mozilla/5.0 (X11; Linux x86_64; rv:%u.0) Gecko/20100101 Firefox/%u.0",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/%u.4 "
        "Safari/605.1.15",
        "curl/8.%u.0",
    };
    uint64_t state = host;
    uint64_t chance = bench_chance(&state);
    unsigned version = 8 + (unsigned)(chance >> 40) % 120;
    snprintf(address, 16, "%u.%u.%u.%u", 11 + (unsigned)(chance & 127), (unsigned)(chance >> 8 & 255),
             (unsigned)(chance >> 16 & 255), (unsigned)(chance >> 24 & 255));
    snprintf(agent, AGENT_ROOM, agents[chance >> 62], version, version);
}

static unsigned make_access(struct making *m, char record[RECORD_ROOM])
{
    static const char *const pages[] = {
        "/", "/products/", "/cart?item=", "/search?q=", "/api/items/", "/images/thumb-", "/account/", "/static/app-"};
    static const char *const methods[] = {"GET", "GET", "GET", "GET", "GET", "GET", "POST", "HEAD"};
    static const unsigned states[] = {200, 200, 200, 200, 200, 200, 304, 304, 404, 301, 500};
    char time[16], address[16], agent[AGENT_ROOM];
    print_visitor(draw_low(m, HOSTS), address, agent);
    m->microseconds += draw(m, 4000);
    print_time(time, sizeof time, m->microseconds, "%02u:%02u:%02u");
    int length = snprintf(
        record, RECORD_ROOM,
        "%s - - [28/May/2026:%s +0000] \"%s %s%u HTTP/1.1\" %u %u \"https://www.example.com%s%u\" \"%s\"\n", address,
        time, methods[draw(m, sizeof methods / sizeof methods[0])], pages[draw_low(m, sizeof pages / sizeof pages[0])],
        draw(m, PAGES), states[draw(m, sizeof states / sizeof states[0])], 200 + draw(m, 60000),
        pages[draw_low(m, sizeof pages / sizeof pages[0])], draw_low(m, PAGES), agent);
    return (unsigned)length;
}

static unsigned make_json(struct making *m, char record[RECORD_ROOM])
{
    static const char *const levels[] = {"info", "info", "info", "debug", "warn", "error"};
    static const char *const services[] = {"checkout", "inventory", "gateway", "payment", "search", "mailer"};
    static const char *const messages[] = {"request finished", "cache miss",     "connection reused",
                                           "try again",        "order accepted", "queue drained"};
    char trace[33], span[17], request[33], time[16];
    m->microseconds += draw(m, 2000);
    draw_letters(m, 4, trace, sizeof trace - 1);
    draw_letters(m, 4, span, sizeof span - 1);
    draw_letters(m, 6, request, sizeof request - 1);
    print_time(time, sizeof time, m->microseconds, "%02u:%02u:%02u");
    int length =
        snprintf(record, RECORD_ROOM,
                 "{\"time\":\"2026-05-28T%s.%06uZ\",\"level\":\"%s\",\"service\":\"%s\",\"trace\":\"%s\","
                 "\"span\":\"%s\",\"request\":\"%s\",\"user\":%u,\"us\":%u,\"message\":\"%s\"}\n",
                 time, (unsigned)(m->microseconds % 1000000), levels[draw(m, sizeof levels / sizeof levels[0])],
                 services[draw_low(m, sizeof services / sizeof services[0])], trace, span, request,
                 draw_low(m, 1000000), draw_low(m, 90000), messages[draw(m, sizeof messages / sizeof messages[0])]);
    return (unsigned)length;
}

/* 24 bytes, little-endian: when, which series, its kind, and a value with two decimals that wanders. */
static unsigned make_metrics(struct making *m, char record[RECORD_ROOM])
{
    uint32_t series = (uint32_t)(m->number % SERIES);
    uint32_t kind = series % 5;
    m->microseconds += series == 0 ? 1000000 + draw(m, 300) : draw(m, 30);
    m->value[series] = round((m->value[series] + (double)draw(m, 2001) / 1000 - 1) * 100) / 100;
    uint64_t time = m->microseconds * 1000;
    double value = 100 * (double)(series + 1) + m->value[series];
    memcpy(record, &time, sizeof time);
    memcpy(record + 8, &series, sizeof series);
    memcpy(record + 12, &kind, sizeof kind);
    memcpy(record + 16, &value, sizeof value);
    return 24;
}

void bench_fuse_payload_fill(enum bench_fuse_payload payload, void *memory, uint64_t bytes, uint64_t seed)
{
    static unsigned (*const make[BENCH_FUSE_PAYLOADS])(struct making *, char *) = {
        [BENCH_FUSE_ACCESS] = make_access, [BENCH_FUSE_JSON] = make_json, [BENCH_FUSE_METRICS] = make_metrics};
    struct making m = {.chance = seed, .microseconds = first_second * 1000000};
    char record[RECORD_ROOM], *to = memory;
    if (!make[payload]) {
        bench_fill(memory, bytes, seed);
        return;
    }
    for (uint64_t done = 0; done < bytes; m.number++) {
        uint64_t length = make[payload](&m, record);
        uint64_t fits = length < bytes - done ? length : bytes - done;
        memcpy(to + done, record, fits);
        done += fits;
    }
}

int bench_fuse_pool_make(struct bench_fuse_pool *pool, enum bench_fuse_payload payload, uint64_t file_bytes,
                         uint64_t most_append)
{
    struct bench_fuse_pool p = {.bytes = file_bytes < BENCH_FUSE_POOL_BYTES ? file_bytes : BENCH_FUSE_POOL_BYTES,
                                .most_append = most_append};
    /* An append that crosses the end may be longer than the pool itself. */
    p.mapped = p.bytes + most_append;
    void *memory = mmap(NULL, p.mapped, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return -errno;
    p.memory = memory;
    bench_fuse_payload_fill(payload, p.memory, p.bytes, (uint64_t)payload + 1);
    for (uint64_t at = p.bytes; at < p.mapped; at++)
        p.memory[at] = p.memory[at - p.bytes];
    *pool = p;
    return 0;
}

void bench_fuse_pool_free(struct bench_fuse_pool *pool)
{
    if (pool->memory)
        munmap(pool->memory, pool->mapped);
    *pool = (struct bench_fuse_pool){.memory = NULL};
}
