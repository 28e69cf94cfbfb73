/* quire verify: checks every byte of a log.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "arguments.h"
#include "base/cost.h"
#include "base/progress.h"
#include "base/stop.h"
#include "command.h"
#include "info_print.h"
#include "log_words.h"
#include "record_out.h"

#define NAME "quire verify"
#define COMPLAIN(...) command_complain(NAME, EXIT_USAGE, __VA_ARGS__)

static const char help[] =
    "usage: quire verify [OPTION...] DIR\n"
    "Reads all of the log in DIR, and checks every byte: headers, checksums, sequences, footers. Prints\n"
    "each damaged place on a line, then totals. A writer may be at work meanwhile. Nothing is changed.\n"
    "\n"
    "  --chain      also the chain of SHA-256 over the segments, if `quire append --chain` wrote it\n"
    "  --threads N  a segment each at a time, 1 to 256 (default: one per processor)\n"
    "  --json       one JSON object, with the damaged places\n"
    "  --help       print this\n"
    "\n"
    "A torn tail, of records that nobody was told were safe, is reported and is not damage.\n"
    "exit: 0 whole, 1 damaged, 2 not understood or could not be checked, 128 + signal.\n";

enum option_code { CHAIN, THREADS, JSON };
enum { THREADS_MOST = 256 };

static const struct option options[] = {
    {"chain", no_argument, NULL, CHAIN},
    {"threads", required_argument, NULL, THREADS},
    {"json", no_argument, NULL, JSON},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

struct request {
    const char *directory;
    uint32_t flags, threads;
    bool json;
};

static int take_option(void *context, int code)
{
    struct request *request = context;
    switch ((enum option_code)code) {
    case CHAIN:
        request->flags |= QUIRE_VERIFY_CHAIN;
        return EXIT_DONE;
    case THREADS:
        return command_take_number(NAME, "--threads", optarg, 1, THREADS_MOST, &request->threads);
    case JSON:
        request->json = true;
        return command_check_json(NAME);
    }
    return EXIT_USAGE;
}

/* More places than there is memory for are counted all the same, by quire_verify. */
static void keep_place(void *context, const struct quire_damage *damage)
{
    struct verified *v = context;
    if (v->count == v->capacity) {
        size_t capacity = v->capacity ? 2 * v->capacity : 64;
        struct quire_damage *more = realloc(v->places, capacity * sizeof *more);
        if (!more)
            return;
        v->places = more;
        v->capacity = capacity;
    }
    v->places[v->count++] = *damage;
}

static int by_place(const void *a, const void *b)
{
    const struct quire_damage *x = a, *y = b;
    if (x->segment != y->segment)
        return x->segment < y->segment ? -1 : 1;
    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static int show_progress(void *context, uint64_t done, uint64_t total)
{
    (void)context;
    enum { WIDTH = 40 };
    char text[96], bar[WIDTH + 1];
    uint64_t share = total > 0 ? done * WIDTH / total : 0;
    for (uint64_t i = 0; i < WIDTH; i++)
        bar[i] = i < share ? '#' : '.';
    bar[WIDTH] = '\0';
    snprintf(text, sizeof text, "[%s] %3.0f %%  %.1f of %.1f GB", bar,
             total > 0 ? 100.0 * (double)done / (double)total : 100.0, (double)done / 1e9, (double)total / 1e9);
    bench_progress(text);
    return bench_stop_signal ? -EINTR : 0;
}

static int print_result(const struct request *request, struct verified *v)
{
    if (v->count > 0)
        qsort(v->places, v->count, sizeof v->places[0], by_place);
    if (!request->json)
        verified_print(v, stdout);
    else if (verified_print_json(v, stdout) < 0)
        return command_complain(NAME, EXIT_USAGE, "the JSON could not be written");
    return v->code == 0 ? EXIT_DONE : EXIT_FAILED;
}

static int verify(const struct request *request)
{
    struct verified v = {.directory = request->directory,
                         .chained = request->flags & QUIRE_VERIFY_CHAIN,
                         .result = {.size = sizeof v.result}};
    struct quire_verify_options how = {.size = sizeof how,
                                       .flags = request->flags,
                                       .threads = request->threads,
                                       .damaged = keep_place,
                                       .progress = show_progress,
                                       .context = &v};
    double begin = bench_now();
    bench_stop_install();
    v.code = quire_verify(request->directory, &how, &v.result);
    v.seconds = bench_now() - begin;
    bench_progress("");
    int rc;
    if (bench_stop_signal)
        rc = bench_stop_code();
    else if (v.code == 0 || v.code == QUIRE_E_DAMAGED)
        rc = print_result(request, &v);
    else
        rc = log_complain(NAME, request->directory, v.code, NULL) ? EXIT_USAGE : EXIT_DONE;
    free(v.places);
    return rc;
}

int command_verify(int argc, char **argv)
{
    struct request request = {.directory = NULL};
    int rc;
    const struct command_options taken = {
        .command = NAME, .help = help, .options = options, .directory = &request.directory, .take = take_option};
    return command_take_line(&taken, argc, argv, &request, &rc) ? verify(&request) : rc;
}
