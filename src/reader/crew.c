/* Sharing out segments. See crew.h.
 *
 * SPDX-License-Identifier: MIT */
#include "reader/crew.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/thread.h"

struct hand {
    struct quire__crew *crew;
    uint32_t number;
    pthread_t thread;
};

/* The first code stays. */
static void give_up(struct quire__crew *crew, int code, const struct quire_damage *damage)
{
    pthread_mutex_lock(&crew->lock);
    if (!quire__crew_is_over(crew)) {
        crew->damage = *damage;
        atomic_store_explicit(&crew->code, code, memory_order_relaxed);
    }
    pthread_mutex_unlock(&crew->lock);
}

/* The first share begins with the log, be its first segment readable or not. */
static int stand_at_share(struct quire__crew *crew, quire_reader *reader, uint64_t share)
{
    int rc = quire_reader_seek_begin(reader);

    if (rc < 0 || share == 0)
        return rc;
    uint64_t index = quire__catalog_find(&reader->catalog, crew->numbers[share]);
    if (index == reader->catalog.count || reader->catalog.entries[index].number != crew->numbers[share])
        return quire__reader_trimmed(reader, crew->numbers[share], 0);
    rc = quire__catalog_load(&reader->catalog, index);
    if (rc == 0)
        quire__reader_stand_before(reader, index);
    return rc;
}

static int work_through(struct quire__crew *crew, uint32_t thread, quire_reader *reader)
{
    int rc = 0;

    while (rc == 0 && !quire__crew_is_over(crew)) {
        uint64_t share = atomic_fetch_add_explicit(&crew->next, 1, memory_order_relaxed);
        if (share >= crew->count)
            break;
        rc = stand_at_share(crew, reader, share);
        if (rc == 0)
            rc = crew->work(crew, thread, reader, share + 1 < crew->count ? crew->numbers[share + 1] : UINT64_MAX);
        if (rc == QUIRE_E_TRIMMED && crew->verifies)
            rc = 0;
    }
    return rc;
}

static void *run(void *argument)
{
    const struct hand *hand = argument;
    struct quire_damage damage = {0};
    struct quire_reader_options options = hand->crew->options;
    quire_reader *reader;

    options.damage = &damage;
    int rc = quire__reader_open_on(hand->crew->io, hand->crew->directory, &options, &reader);
    if (rc == 0) {
        reader->verifies = hand->crew->verifies;
        rc = work_through(hand->crew, hand->number, reader);
        quire_reader_close(reader); /* cannot fail: it is there */
    }
    if (rc != 0)
        give_up(hand->crew, rc, &damage);
    return NULL;
}

/* The segments that hold something; at least one, where an empty log begins. */
static int share_out(struct quire__crew *crew)
{
    struct quire__catalog catalog;
    uint64_t number = 0;
    uint64_t index;

    int rc = quire__catalog_open(&catalog, crew->io, crew->directory, &number);
    if (rc < 0) {
        crew->damage = (struct quire_damage){.code = rc, .segment = number, .block = UINT64_MAX};
        return rc;
    }
    crew->numbers = malloc(catalog.count * sizeof *crew->numbers);
    rc = crew->numbers ? quire__catalog_filled_from(&catalog, 0, &index) : -ENOMEM;
    while (rc == 0 && index < catalog.count) {
        crew->numbers[crew->count++] = catalog.entries[index].number;
        rc = quire__catalog_filled_from(&catalog, index + 1, &index);
    }
    if (rc == 0 && crew->count == 0)
        crew->numbers[crew->count++] = catalog.entries[0].number;
    quire__catalog_close(&catalog);
    return rc;
}

static uint32_t settle_threads(const struct quire__crew *crew, uint32_t threads)
{
    if (threads == 0) {
        long processors = sysconf(_SC_NPROCESSORS_ONLN);
        threads = processors > 0 ? (uint32_t)quire__min((uint64_t)processors, QUIRE__CREW_MOST) : 1;
    }
    return (uint32_t)quire__min(threads, crew->count);
}

int quire__crew_run(struct quire__crew *crew, uint32_t threads)
{
    struct hand hands[QUIRE__CREW_MOST];
    uint32_t started = 1;

    if (threads > QUIRE__CREW_MOST)
        return QUIRE_E_ARGUMENT;
    int rc = share_out(crew);
    if (rc < 0) {
        free(crew->numbers);
        return rc;
    }
    threads = settle_threads(crew, threads);
    pthread_mutex_init(&crew->lock, NULL); /* does not fail on Linux */
    hands[0] = (struct hand){.crew = crew};
    /* Where no thread is to be had, the others do its share. */
    for (; started < threads; started++) {
        hands[started] = (struct hand){.crew = crew, .number = started};
        if (quire__thread_start(&hands[started].thread, run, &hands[started]) < 0)
            break;
    }
    run(&hands[0]);
    for (uint32_t i = 1; i < started; i++)
        pthread_join(hands[i].thread, NULL);
    pthread_mutex_destroy(&crew->lock);
    free(crew->numbers);
    return atomic_load_explicit(&crew->code, memory_order_relaxed);
}
