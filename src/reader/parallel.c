/* quire_scan: every record of a log, by several threads.
 *
 * SPDX-License-Identifier: MIT */
#include "base/given.h"
#include "reader/crew.h"
#include "reader/whole.h"

struct scan {
    quire_see_record *see;
    void *context;
};

static int see_share(struct quire__crew *crew, uint32_t thread, quire_reader *reader, uint64_t end)
{
    const struct scan *scan = crew->context;
    struct quire_record record;
    int rc;

    while (!quire__crew_is_over(crew) && (rc = quire_reader_next(reader, &record)) != 0) {
        if (rc < 0)
            return rc;
        if (record.segment >= end)
            break;
        rc = scan->see(scan->context, thread, &record);
        if (rc != 0)
            return rc;
    }
    return 0;
}

int quire__scan_on(struct quire__io *io, const char *directory, const struct quire_reader_options *options,
                   uint32_t threads, quire_see_record *see, void *context)
{
    struct scan scan = {.see = see, .context = context};
    struct quire__crew crew = {.io = io, .directory = directory, .work = see_share, .context = &scan};

    if (!directory || !see)
        return QUIRE_E_ARGUMENT;
    int rc = quire__given_take(options, QUIRE__READER_OPTIONS_LEAST, &crew.options, sizeof crew.options);
    if (rc < 0)
        return rc;
    rc = quire__crew_run(&crew, threads);
    if (rc != 0 && crew.options.damage)
        *crew.options.damage = crew.damage;
    return rc;
}

int quire_scan(const char *directory, const struct quire_reader_options *options, uint32_t threads,
               quire_see_record *see, void *context)
{
    return quire__scan_on(quire__io_system(), directory, options, threads, see, context);
}
