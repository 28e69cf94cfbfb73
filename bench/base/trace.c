/* Spans of time, thread by thread. See trace.h.
 *
 * SPDX-License-Identifier: MIT */
#include "base/trace.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK_SPANS = 1024 };

struct span {
    const char *name;
    uint64_t begin_ns, end_ns, offset, bytes;
};

struct chunk {
    struct chunk *next;
    unsigned count;
    struct span span[CHUNK_SPANS];
};

/* One thread's spans, in the order they were noted. */
struct track {
    struct track *next;
    pid_t thread;
    char name[32];
    struct chunk *first, *last;
};

static struct {
    _Atomic bool on;
    _Atomic uint64_t kept, lost;
    uint64_t most;
    unsigned generation; /* of the trace: tells a thread that what it remembers is gone */
    pthread_mutex_t lock;
    struct track *tracks;
} trace = {.lock = PTHREAD_MUTEX_INITIALIZER};

static _Thread_local struct track *mine;
static _Thread_local unsigned mine_generation;

void bench_trace_start(uint64_t most)
{
    trace.most = most;
    trace.generation++;
    atomic_store(&trace.kept, 0);
    atomic_store(&trace.lost, 0);
    atomic_store(&trace.on, true);
}

bool bench_trace_on(void)
{
    return atomic_load_explicit(&trace.on, memory_order_relaxed);
}

static struct track *my_track(void)
{
    if (mine && mine_generation == trace.generation)
        return mine;
    struct track *track = calloc(1, sizeof *track);
    if (!track)
        return NULL;
    track->thread = gettid();
    pthread_getname_np(pthread_self(), track->name, sizeof track->name);
    pthread_mutex_lock(&trace.lock);
    track->next = trace.tracks;
    trace.tracks = track;
    pthread_mutex_unlock(&trace.lock);
    mine = track;
    mine_generation = trace.generation;
    return track;
}

/* Where the next span of this thread goes; NULL: there is no more room. */
static struct span *next_span(void)
{
    struct track *track = my_track();
    if (!track)
        return NULL;
    if (!track->last || track->last->count == CHUNK_SPANS) {
        if (atomic_fetch_add(&trace.kept, CHUNK_SPANS) + CHUNK_SPANS > trace.most)
            return NULL;
        struct chunk *chunk = malloc(sizeof *chunk);
        if (!chunk)
            return NULL;
        chunk->next = NULL;
        chunk->count = 0;
        *(track->last ? &track->last->next : &track->first) = chunk;
        track->last = chunk;
    }
    return &track->last->span[track->last->count++];
}

void bench_trace_span(const char *name, uint64_t begin_ns, uint64_t end_ns, uint64_t offset, uint64_t bytes)
{
    if (!bench_trace_on())
        return;
    struct span *span = next_span();
    if (span)
        *span = (struct span){name, begin_ns, end_ns, offset, bytes};
    else
        atomic_fetch_add(&trace.lost, 1);
}

/* As JSON has it: the names here hold quotes or backslashes at most. */
static void write_text(FILE *out, const char *text)
{
    fputc('"', out);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            fputc('\\', out);
        fputc((unsigned char)*text < ' ' ? ' ' : *text, out);
    }
    fputc('"', out);
}

static void write_span(FILE *out, const struct track *track, const struct span *span)
{
    uint64_t length = span->end_ns - span->begin_ns;
    fputs(",\n{\"ph\":\"X\",\"name\":", out);
    write_text(out, span->name);
    fprintf(out, ",\"cat\":\"quire\",\"pid\":%d,\"tid\":%d,\"ts\":%" PRIu64 ".%03u,\"dur\":%" PRIu64 ".%03u", getpid(),
            track->thread, span->begin_ns / 1000, (unsigned)(span->begin_ns % 1000), length / 1000,
            (unsigned)(length % 1000));
    if (span->offset != UINT64_MAX)
        fprintf(out, ",\"args\":{\"offset\":%" PRIu64 ",\"bytes\":%" PRIu64 "}", span->offset, span->bytes);
    else if (span->bytes != UINT64_MAX)
        fprintf(out, ",\"args\":{\"bytes\":%" PRIu64 "}", span->bytes);
    fputc('}', out);
}

static void write_track(FILE *out, const struct track *track)
{
    fprintf(out, ",\n{\"ph\":\"M\",\"name\":\"thread_name\",\"pid\":%d,\"tid\":%d,\"args\":{\"name\":", getpid(),
            track->thread);
    write_text(out, track->name);
    fputs("}}", out);
    for (const struct chunk *chunk = track->first; chunk; chunk = chunk->next)
        for (unsigned i = 0; i < chunk->count; i++)
            write_span(out, track, &chunk->span[i]);
}

int bench_trace_write(FILE *out)
{
    fprintf(out,
            "{\"displayTimeUnit\":\"ns\",\"otherData\":{\"lost_spans\":%" PRIu64 "},\"traceEvents\":[\n"
            "{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":%d,\"tid\":%d,\"args\":{\"name\":\"quire bench\"}}",
            atomic_load(&trace.lost), getpid(), getpid());
    for (const struct track *track = trace.tracks; track; track = track->next)
        write_track(out, track);
    fputs("\n]}\n", out);
    return ferror(out) ? -EIO : 0;
}

void bench_trace_end(void)
{
    atomic_store(&trace.on, false);
    for (struct track *track = trace.tracks, *next; track; track = next) {
        next = track->next;
        for (struct chunk *chunk = track->first, *after; chunk; chunk = after) {
            after = chunk->next;
            free(chunk);
        }
        free(track);
    }
    trace.tracks = NULL;
    trace.generation++;
}
