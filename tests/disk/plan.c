/* Choosing what a power cut leaves. See plan.h.
 *
 * SPDX-License-Identifier: MIT */
#include "plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"

enum { SECTOR = 512, PAGE = 4096 };
enum { BLOCK_MAGIC_BYTES = 4, BLOCK_PAGES_AT = 12 }; /* docs/format.md */

uint64_t disk_plan_block_bytes(const struct disk_entries *entries, const struct disk_entry *entry)
{
    uint32_t pages;

    if (entry->data == UINT64_MAX || entry->length < PAGE ||
        memcmp(entries->file + entry->data, "QBLK", BLOCK_MAGIC_BYTES) != 0)
        return 0;
    memcpy(&pages, entries->file + entry->data + BLOCK_PAGES_AT, sizeof pages);
    uint64_t bytes = (uint64_t)pages * PAGE;
    return bytes < entry->length ? bytes : entry->length;
}

static int set_window(const struct disk_entries *entries, uint64_t position, struct disk_plan *plan)
{
    uint64_t window = disk_entries_window(entries, position);
    uint64_t count = position - window;

    if (count > plan->room) {
        unsigned char *larger = realloc(plan->fates, count);
        if (!larger)
            return -ENOMEM;
        plan->fates = larger;
        plan->room = count;
    }
    plan->position = position;
    plan->window = window;
    plan->torn = UINT64_MAX;
    return 0;
}

static void set_all(const struct disk_entries *entries, struct disk_plan *plan, enum disk_fate fate)
{
    for (uint64_t i = plan->window; i < plan->position; i++)
        plan->fates[i - plan->window] = entries->entries[i].durable ? DISK_FATE_KEPT : (unsigned char)fate;
}

static void set_some(const struct disk_entries *entries, struct disk_plan *plan, uint64_t *state)
{
    uint64_t often = 1 + disk_below(state, 7); /* of 8 */

    for (uint64_t i = plan->window; i < plan->position; i++)
        if (entries->entries[i].durable || disk_below(state, 8) < often)
            plan->fates[i - plan->window] = DISK_FATE_KEPT;
        else
            plan->fates[i - plan->window] = DISK_FATE_GONE;
}

/* One of the window that the rest is to be the opposite of. */
static void set_one(const struct disk_entries *entries, struct disk_plan *plan, uint64_t *state, enum disk_fate fate)
{
    uint64_t chosen = plan->window + disk_below(state, plan->position - plan->window);

    set_all(entries, plan, fate == DISK_FATE_KEPT ? DISK_FATE_GONE : DISK_FATE_KEPT);
    if (!entries->entries[chosen].durable)
        plan->fates[chosen - plan->window] = (unsigned char)fate;
}

/* The last write of the window that may be torn, or the one before it, ...; UINT64_MAX: none. */
static uint64_t find_block(const struct disk_entries *entries, const struct disk_plan *plan, uint64_t *state)
{
    uint64_t found = UINT64_MAX;

    for (uint64_t i = plan->position; i-- > plan->window;) {
        if (entries->entries[i].durable || disk_plan_block_bytes(entries, &entries->entries[i]) == 0)
            continue;
        found = i;
        if (disk_below(state, 2) == 0)
            break;
    }
    return found;
}

static bool tear(const struct disk_entries *entries, struct disk_plan *plan, uint64_t *state)
{
    uint64_t torn = find_block(entries, plan, state);

    if (torn == UINT64_MAX)
        return false;
    set_some(entries, plan, state);
    plan->torn = torn;
    plan->unit = disk_below(state, 2) ? SECTOR : PAGE;
    uint64_t units = disk_plan_block_bytes(entries, &entries->entries[torn]) / plan->unit;
    if (units < 2) {
        plan->unit = SECTOR;
        units = disk_plan_block_bytes(entries, &entries->entries[torn]) / SECTOR;
    }
    plan->cut = 1 + disk_below(state, units - 1);
    plan->chance = disk_random(state);
    plan->fates[torn - plan->window] = disk_below(state, 2) ? DISK_FATE_TORN_PREFIX : DISK_FATE_TORN_SUBSET;
    return true;
}

bool disk_plan_keeps(const struct disk_plan *plan, uint64_t offset)
{
    uint64_t unit = offset / plan->unit;

    if (plan->fates[plan->torn - plan->window] == DISK_FATE_TORN_PREFIX)
        return unit < plan->cut;
    /* The one at cut is gone, so that something is. */
    return unit != plan->cut && disk_mix(plan->chance + unit) % 4 != 0;
}

int disk_plan_choose(const struct disk_entries *entries, uint64_t position, enum disk_plan_kind wanted, uint64_t *state,
                     struct disk_plan *plan)
{
    int rc = set_window(entries, position, plan);
    if (rc < 0)
        return rc;
    if (plan->window == plan->position)
        wanted = DISK_PLAN_ALL;
    if (wanted == DISK_PLAN_TORN && !tear(entries, plan, state))
        wanted = DISK_PLAN_SOME;
    plan->kind = wanted;
    switch (wanted) {
    case DISK_PLAN_ALL:
        set_all(entries, plan, DISK_FATE_KEPT);
        break;
    case DISK_PLAN_NONE:
        set_all(entries, plan, DISK_FATE_GONE);
        break;
    case DISK_PLAN_SOME:
        set_some(entries, plan, state);
        break;
    case DISK_PLAN_ALL_BUT_ONE:
        set_one(entries, plan, state, DISK_FATE_GONE);
        break;
    case DISK_PLAN_ONE:
        set_one(entries, plan, state, DISK_FATE_KEPT);
        break;
    case DISK_PLAN_TORN:
        break;
    }
    return 0;
}

void disk_plan_free(struct disk_plan *plan)
{
    free(plan->fates);
    *plan = (struct disk_plan){0};
}

const char *disk_plan_name(enum disk_plan_kind kind)
{
    static const char *const names[DISK_PLAN_KINDS] = {"all", "none", "some", "all but one", "one", "torn"};

    return names[kind];
}
