/* Records that say who they are.
 *
 * SPDX-License-Identifier: MIT */
#include "identity.h"

#include <stdlib.h>
#include <string.h>

static const uint32_t magic = 0x71756972;

static uint64_t tag_of(uint32_t thread, uint32_t number)
{
    return (uint64_t)thread << 32 | number;
}

void identity_build(void *memory, uint32_t thread, uint32_t number, uint32_t length)
{
    uint32_t head[4] = {magic, thread, number, length};
    memcpy(memory, head, sizeof head);
    fill((uint8_t *)memory + sizeof head, length - sizeof head, tag_of(thread, number));
}

bool identity_read(const uint8_t *memory, uint64_t available, struct identity *identity)
{
    uint32_t head[4];
    if (available < sizeof head)
        return false;
    memcpy(head, memory, sizeof head);
    if (head[0] != magic || head[3] < IDENTITY_LEAST || head[3] > available)
        return false;
    *identity = (struct identity){.thread = head[1], .number = head[2], .length = head[3]};
    uint8_t *should = malloc(head[3]);
    REQUIRE(should != NULL);
    identity_build(should, head[1], head[2], head[3]);
    bool same = memcmp(memory, should, head[3]) == 0;
    free(should);
    return same;
}

bool identity_check(const struct bytes *data, uint64_t start, const uint32_t *per_thread, uint32_t threads)
{
    uint32_t *next = calloc(threads, sizeof *next);
    REQUIRE(next != NULL);
    bool right = true;
    uint64_t at = start;
    while (right && at < data->length) {
        struct identity it;
        right = identity_read(data->data + at, data->length - at, &it) && it.thread < threads &&
                it.number == next[it.thread];
        if (right) {
            next[it.thread]++;
            at += it.length;
        }
    }
    if (!right)
        FAIL("no whole record in its thread's order at offset %" PRIu64 " of %" PRIu64, at, data->length);
    for (uint32_t t = 0; right && t < threads; t++)
        right = CHECK_UINT(next[t], per_thread[t]);
    free(next);
    return right;
}
