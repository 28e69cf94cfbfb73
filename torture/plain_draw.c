/* What a run of the plain writer does, drawn; and its bytes. See plain.h.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "torture/plain.h"
#include "torture/random.h"

enum { RECORD_MARK = 0xa5, NUMBER_BITS = 7 };

static uint32_t below(uint64_t *state, uint32_t count)
{
    return (uint32_t)(torture_random(state) % count);
}

static bool one_in(uint64_t *state, uint32_t count)
{
    return below(state, count) == 0;
}

void torture_plain_fit(struct quire_writer_options *o, uint32_t method)
{
    o->method = method;
    if (method == QUIRE_METHOD_MMAP)
        o->buffer_count = 2;
}

static void draw_options(uint64_t *r, uint32_t method, struct quire_writer_options *o)
{
    static const uint32_t policies[] = {QUIRE_SYNC_REQUEST, QUIRE_SYNC_REQUEST, QUIRE_SYNC_EACH, QUIRE_SYNC_INTERVAL,
                                        QUIRE_SYNC_NONE};
    uint32_t any = QUIRE_METHOD_WRITE + below(r, QUIRE_METHOD_URING);

    *o = (struct quire_writer_options){.size = sizeof *o};
    o->buffer_bytes = 4096 * (1 + below(r, 3));
    o->buffer_count = 2 + below(r, 3);
    o->lane_bytes = 4096;
    torture_plain_fit(o, method ? method : any);
    o->on_full = one_in(r, 4) ? QUIRE_FULL_AGAIN + below(r, 2) : QUIRE_FULL_BLOCK;
    o->prepare = below(r, 3);
    if (o->prepare != QUIRE_PREPARE_NONE)
        o->prepare_bytes = 1 + below(r, 40000);
    o->sync_policy = policies[below(r, 5)];
    if (o->sync_policy == QUIRE_SYNC_INTERVAL)
        o->sync_interval_ms = 1 + below(r, 20);
}

static void draw_lengths(uint64_t *r, struct torture_plain *p)
{
    uint64_t most = p->options.buffer_bytes * (p->options.buffer_count - 1);

    if (p->options.method == QUIRE_METHOD_MMAP || p->options.method <= QUIRE_METHOD_STDIO)
        most = p->options.buffer_bytes;
    p->length_most = one_in(r, 2) ? 20 + below(r, 500) : one_in(r, 3) ? TORTURE_PLAIN_RECORD : 20 + below(r, 6000);
    /* A lane takes what is larger than itself elsewhere, but a claim has to fit; and so has what must not wait. */
    if (p->claims || p->lanes || p->options.on_full != QUIRE_FULL_BLOCK)
        p->length_most = p->length_most < most ? p->length_most : most;
}

static void draw_fault(uint64_t *r, struct torture_plain *p)
{
    static const int codes[] = {-EIO, -ENOSPC, -EDQUOT, -EFBIG};

    if (!one_in(r, 4))
        return;
    p->fault = one_in(r, 2) ? TORTURE_FAIL_WRITE : TORTURE_FAIL_SYNC;
    p->fault_at = 1 + below(r, 20);
    p->fault_code = codes[below(r, 4)];
}

void torture_plain_draw(uint64_t seed, uint32_t method, struct torture_plain *p)
{
    uint64_t r = seed;

    p->seed = seed;
    draw_options(&r, method, &p->options);
    p->threads = one_in(&r, 3) ? 2 + below(&r, TORTURE_PLAIN_THREADS - 1) : 1;
    p->claims = one_in(&r, 3);
    p->lanes = !p->claims && one_in(&r, 3);
    p->named = p->lanes || (p->threads > 1 && !p->claims);
    p->leaves = p->claims && one_in(&r, 4);
    p->sessions = p->named || one_in(&r, 2) ? 1 : 2;
    p->before = p->named || one_in(&r, 2) ? 0 : 1 + below(&r, 10000);
    p->records = (10 + below(&r, 30)) / p->sessions / p->threads + 1;
    p->sync_every = 1 + below(&r, 12);
    draw_lengths(&r, p);
    p->fault = TORTURE_NO_FAULT;
    draw_fault(&r, p);
}

void torture_plain_print(const struct torture_plain *p, char *line, uint64_t room)
{
    static const char *const policies[] = {"request", "none", "interval", "each"};
    static const char *const faults[] = {"", ", a write fails", ", a flush fails"};
    static const char *const full[] = {"", ", again", ", drop"};
    const struct quire_writer_options *o = &p->options;

    snprintf(line, room,
             "%s, sync %s, buffers %" PRIu64 " x %" PRIu32 "%s, prepare %" PRIu32 " %" PRIu64 ", behind %" PRIu64
             " bytes, %" PRIu32 " x %" PRIu32 " x %" PRIu32 " records up to %" PRIu64 " bytes%s%s%s%s",
             quire_method_name(o->method), policies[o->sync_policy], o->buffer_bytes, o->buffer_count, full[o->on_full],
             o->prepare, o->prepare_bytes, p->before, p->sessions, p->threads, p->records, p->length_most,
             p->claims ? ", claims" : "", p->leaves ? ", the last one open" : "", p->lanes ? ", lanes" : "",
             faults[p->fault]);
}

/* Never 0: that is what was not written. */
static void fill(uint64_t seed, uint64_t offset, uint64_t length, unsigned char *to)
{
    for (uint64_t i = 0, part; i < length; i += part) {
        uint64_t at = offset + i, inner = at % 8;
        uint64_t word = torture_mix(seed + at / 8 * UINT64_C(0x9e3779b97f4a7c15)) | UINT64_C(0x0101010101010101);
        part = 8 - inner < length - i ? 8 - inner : length - i;
        memcpy(to + i, (unsigned char *)&word + inner, part);
    }
}

void torture_plain_fill(const struct torture_plain *plain, uint64_t offset, uint64_t length, unsigned char *to)
{
    fill(plain->seed, offset, length, to);
}

void torture_plain_name(const struct torture_plain *plain, uint32_t thread, uint32_t number, unsigned char *to)
{
    uint64_t seed = torture_mix(plain->seed ^ (uint64_t)thread << 32 ^ number);

    to[0] = RECORD_MARK;
    to[1] = (unsigned char)(0x80 | thread);
    to[2] = (unsigned char)(0x80 | number >> NUMBER_BITS);
    to[3] = (unsigned char)(0x80 | number % (1U << NUMBER_BITS));
    fill(seed, TORTURE_PLAIN_HEAD, plain->length_most - TORTURE_PLAIN_HEAD, to + TORTURE_PLAIN_HEAD);
}

bool torture_plain_parse(const unsigned char *record, uint32_t *thread, uint32_t *number)
{
    *thread = record[1] & 0x7fU;
    *number = (record[2] & 0x7fU) << NUMBER_BITS | (record[3] & 0x7fU);
    return record[0] == RECORD_MARK && record[1] & record[2] & record[3] & 0x80 && *thread < TORTURE_PLAIN_THREADS;
}
