/* Taking steps. See world.h.
 *
 * SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "model/world.h"
#include "torture/schedule.h"

bool object(struct world *world, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    if (WELL(world)) {
        world->which = format;
        vsnprintf(world->why, sizeof world->why, format, arguments);
    }
    va_end(arguments);
    return false;
}

/* The log's own threads go on. */
static void do_pause(struct world *world, uint64_t ms)
{
    if (!storage_can_crash(world->storage))
        ms = least(ms, 3); /* a real one */
    nanosleep(&(struct timespec){.tv_nsec = (long)least(ms, 900) * 1000000}, NULL);
}

static void take_putting(struct world *world, const struct op *op)
{
    const uint64_t *a = op->arguments;

    switch (op->kind) {
    case OP_APPEND:
        do_append(world, a);
        break;
    case OP_BATCH:
        do_batch(world, a);
        break;
    case OP_CLAIM:
        do_claim(world, a[0]);
        break;
    case OP_PUBLISH:
        do_publish(world, a[0]);
        break;
    case OP_LANE_OPEN:
        do_lane_open(world);
        break;
    case OP_LANE_APPEND:
        do_lane_append(world, a);
        break;
    case OP_LANE_CLAIM:
        do_lane_claim(world, a);
        break;
    case OP_LANE_FLUSH:
        do_lane_flush(world, a[0]);
        break;
    case OP_LANE_CLOSE:
        do_lane_close(world, a[0]);
        break;
    default:
        break;
    }
}

static void take_keeping(struct world *world, const struct op *op)
{
    const uint64_t *a = op->arguments;

    switch (op->kind) {
    case OP_OPEN:
        do_open(world, a);
        break;
    case OP_FLUSH:
        do_flush(world);
        break;
    case OP_SYNC:
    case OP_WAIT:
        do_sync(world, a[0], op->kind == OP_WAIT);
        break;
    case OP_ROTATE:
        do_rotate(world);
        break;
    case OP_TRIM:
        do_trim(world, a[0]);
        break;
    case OP_CLOSE:
        do_close(world);
        break;
    case OP_CRASH:
        do_crash(world, a[0] % 1024, a[1] > 0);
        break;
    case OP_KILL:
        do_crash(world, UINT64_MAX, false);
        break;
    case OP_PAUSE:
        do_pause(world, a[0]);
        break;
    case OP_STATS:
        do_stats(world);
        break;
    default:
        break;
    }
}

static void take_looking(struct world *world, const struct op *op)
{
    const uint64_t *a = op->arguments;

    switch (op->kind) {
    case OP_READ:
        do_read(world, a[0] > 0);
        break;
    case OP_BACKWARDS:
        do_backwards(world);
        break;
    case OP_SEEK:
        do_seek(world, a[0]);
        break;
    case OP_SEEK_TIME:
        do_seek_time(world, a[0]);
        break;
    case OP_FOLLOW:
        do_follow(world, a[0] > 0);
        break;
    case OP_RESUME:
        do_resume(world);
        break;
    case OP_SCAN:
        do_scan(world);
        break;
    case OP_VERIFY:
        do_verify(world);
        break;
    case OP_INSPECT:
        do_inspect(world);
        break;
    case OP_TRUNCATE:
        do_truncate(world, a[0]);
        break;
    case OP_REPAIR:
        do_repair(world);
        break;
    default:
        break;
    }
}

struct game {
    struct world world;
    const struct op *ops;
    uint32_t count, step;
};

static void take_step(struct game *game, const struct op *op)
{
    take_putting(&game->world, op);
    take_keeping(&game->world, op);
    take_looking(&game->world, op);
    look_at_marks(&game->world);
}

/* At the end it is closed, opened, closed and read, whatever came before. */
static const struct op ending[] = {{.kind = OP_CLOSE},  {.kind = OP_OPEN}, {.kind = OP_READ},  {.kind = OP_CLOSE},
                                   {.kind = OP_FOLLOW}, {.kind = OP_READ}, {.kind = OP_VERIFY}};

static void body(void *argument)
{
    struct game *game = argument;
    struct world *world = &game->world;

    for (; game->step < game->count && WELL(world); game->step++)
        take_step(game, &game->ops[game->step]);
    for (size_t i = 0; i < sizeof ending / sizeof ending[0] && WELL(world); i++)
        take_step(game, &ending[i]);
    stop_following(world);
    if (world->log)
        quire_log_close(world->log); /* something is wrong already */
}

static void run(struct game *game, uint64_t seed, bool scheduled)
{
    const char *why = NULL;

    if (scheduled)
        why = torture_schedule_run(seed, body, game);
    else
        body(game);
    if (why)
        object(&game->world, "%s", why);
}

bool play(const struct op *ops, uint32_t count, uint64_t seed, const char *directory, struct outcome *outcome)
{
    struct game *game = calloc(1, sizeof *game);
    struct list *list = calloc(1, sizeof *list);
    struct storage *storage = storage_new(directory, seed);

    *outcome = (struct outcome){.step = 0, .why = "no memory"};
    if (game && list && storage) {
        list->first_most = 1;
        *game = (struct game){.world = {.storage = storage, .list = list}, .ops = ops, .count = count};
        storage_attach(storage, &game->world);
        run(game, seed, directory == NULL);
    }
    bool was_full = false;
    const char *why = storage ? storage_free(storage, &was_full) : NULL;
    if (game && why)
        object(&game->world, "%s", why);
    if (game && list && storage) {
        outcome->step = game->step;
        outcome->which = game->world.which;
        memcpy(outcome->why, game->world.why, sizeof outcome->why);
    }
    if (was_full)
        outcome->why[0] = '\0'; /* such a list ends there, and says nothing */
    free(list);
    free(game);
    return outcome->why[0] == '\0';
}
