/* The faulty file system: rules, counts, barriers, and the operations on files. Its queue is in fault_queue.c.
 *
 * SPDX-License-Identifier: MIT */
#include "fault_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const op_names[FAULT_OPS] = {
    "open",  "close",      "unlink",         "rename",          "make_directory", "list",  "free_space",
    "lock",  "facts",      "identify",       "allocate",        "truncate",       "write", "write_durably",
    "read",  "sync",       "sync_directory", "start_writeback", "drop_cache",     "map",   "populate",
    "unmap", "queue_open", "queue_write",    "queue_reap",      "completion",
};

const char *fault_op_name(enum fault_op op)
{
    return op_names[op];
}

/* The rule for this call, if one hits. Called with the mutex held. */
static struct fault_verdict match(struct fault *fault, enum fault_op op, uint64_t end)
{
    for (uint32_t i = 0; i < fault->rule_count; i++) {
        struct fault_armed *armed = &fault->rules[i];
        const struct fault_rule *rule = &armed->rule;
        if (rule->op != op || (rule->from_offset && end <= rule->from_offset))
            continue;
        uint64_t first = rule->nth ? rule->nth : 1, times = rule->times ? rule->times : 1;
        armed->seen++;
        if (armed->seen >= first && armed->seen - first < times) {
            fault->hits++;
            return (struct fault_verdict){.hit = true, .kind = rule->kind, .code = rule->code};
        }
    }
    return (struct fault_verdict){0};
}

struct fault_verdict fault_enter(struct fault *fault, enum fault_op op, uint64_t offset, uint64_t length)
{
    pthread_mutex_lock(&fault->mutex);
    fault->calls[op]++;
    if (fault->held[op]) {
        fault->waiting[op]++;
        pthread_cond_broadcast(&fault->changed);
        while (fault->held[op])
            pthread_cond_wait(&fault->changed, &fault->mutex);
        fault->waiting[op]--;
    }
    struct fault_verdict verdict = match(fault, op, offset + length);
    pthread_mutex_unlock(&fault->mutex);
    return verdict;
}

void fault_note_write(struct fault *fault, const void *memory, uint64_t length, uint64_t offset, bool queued)
{
    pthread_mutex_lock(&fault->mutex);
    if (fault->write_count == fault->write_room) {
        fault->write_room = fault->write_room ? 2 * fault->write_room : FAULT_WRITES_FIRST;
        fault->writes = realloc(fault->writes, fault->write_room * sizeof *fault->writes);
        REQUIRE(fault->writes != NULL);
    }
    fault->writes[fault->write_count++] = (struct fault_write){(uintptr_t)memory, length, offset, queued};
    if (fault->content_end < offset + length)
        fault->content_end = offset + length;
    pthread_mutex_unlock(&fault->mutex);
}

bool fault_is_aligned(struct fault *fault, const void *memory, uint64_t length, uint64_t offset)
{
    return ((uintptr_t)memory | length | offset) % fault->setup.align == 0;
}

uint64_t fault_half(uint64_t length, uint64_t align)
{
    uint64_t half = length / 2 / align * align;
    return half ? half : align;
}

static int fault_open(struct quire__io *io, const char *path, unsigned how, uint32_t mode, int *file)
{
    struct fault *fault = (struct fault *)io;
    struct fault_verdict verdict = fault_enter(fault, FAULT_OPEN, 0, 0);
    if (verdict.hit)
        return verdict.code;
    if (how & QUIRE__IO_DIRECT && fault->setup.align == 0)
        return -EINVAL;
    int rc = fault->below->ops->open(fault->below, path, how & ~(unsigned)QUIRE__IO_DIRECT, mode, file);
    if (rc < 0)
        return rc;
    REQUIRE(*file < FAULT_FILES);
    pthread_mutex_lock(&fault->mutex);
    fault->direct[*file] = how & QUIRE__IO_DIRECT;
    fault->files++;
    if (!fault->path)
        fault->path = strdup(path);
    pthread_mutex_unlock(&fault->mutex);
    return 0;
}

static int fault_close(struct quire__io *io, int file)
{
    struct fault *fault = (struct fault *)io;
    struct fault_verdict verdict = fault_enter(fault, FAULT_CLOSE, 0, 0);
    pthread_mutex_lock(&fault->mutex);
    fault->files--;
    pthread_mutex_unlock(&fault->mutex);
    /* As in Linux: the handle is gone even when close says that something went wrong. */
    int rc = fault->below->ops->close(fault->below, file);
    return verdict.hit ? verdict.code : rc;
}

static int fault_unlink(struct quire__io *io, const char *path)
{
    struct fault *fault = (struct fault *)io;
    struct fault_verdict verdict = fault_enter(fault, FAULT_UNLINK, 0, 0);
    return verdict.hit ? verdict.code : fault->below->ops->unlink(fault->below, path);
}

static int fault_rename(struct quire__io *io, const char *from, const char *to)
{
    struct fault *fault = (struct fault *)io;
    struct fault_verdict verdict = fault_enter(fault, FAULT_RENAME, 0, 0);
    return verdict.hit ? verdict.code : fault->below->ops->rename(fault->below, from, to);
}

static int fault_make_directory(struct quire__io *io, const char *path, uint32_t mode)
{
    struct fault *fault = (struct fault *)io;
    struct fault_verdict verdict = fault_enter(fault, FAULT_MAKE_DIRECTORY, 0, 0);
    return verdict.hit ? verdict.code : fault->below->ops->make_directory(fault->below, path, mode);
}

static int fault_list(struct quire__io *io, const char *path, int (*see)(void *context, const char *name),
                      void *context)
{
    struct fault *fault = (struct fault *)io;
    struct fault_verdict verdict = fault_enter(fault, FAULT_LIST, 0, 0);
    return verdict.hit ? verdict.code : fault->below->ops->list(fault->below, path, see, context);
}

static int fault_free_space(struct quire__io *io, const char *path, uint64_t *bytes)
{
    struct fault *fault = (struct fault *)io;
    struct fault_verdict verdict = fault_enter(fault, FAULT_FREE_SPACE, 0, 0);
    return verdict.hit ? verdict.code : fault->below->ops->free_space(fault->below, path, bytes);
}

static int fault_lock(struct quire__io *io, int file)
{
    struct fault *fault = (struct fault *)io;
    struct fault_verdict verdict = fault_enter(fault, FAULT_LOCK, 0, 0);
    return verdict.hit ? verdict.code : fault->below->ops->lock(fault->below, file);
}

static int fault_facts(struct quire__io *io, int file, struct quire__io_facts *facts)
{
    struct fault *fault = (struct fault *)io;
    struct fault_verdict verdict = fault_enter(fault, FAULT_FACTS, 0, 0);
    int rc = verdict.hit ? verdict.code : fault->below->ops->facts(fault->below, file, facts);
    if (rc < 0)
        return rc;
    facts->memory_align = facts->offset_align = fault->setup.align;
    pthread_mutex_lock(&fault->mutex);
    if (fault->content_end < facts->size)
        fault->content_end = facts->size;
    pthread_mutex_unlock(&fault->mutex);
    return 0;
}

static int fault_identify(struct quire__io *io, const char *path, uint64_t *device, uint64_t *inode)
{
    struct fault *fault = (struct fault *)io;
    struct fault_verdict verdict = fault_enter(fault, FAULT_IDENTIFY, 0, 0);
    return verdict.hit ? verdict.code : fault->below->ops->identify(fault->below, path, device, inode);
}

static int fault_allocate(struct quire__io *io, int file, uint64_t offset, uint64_t length, bool grow)
{
    struct fault *fault = (struct fault *)io;
    struct fault_verdict verdict = fault_enter(fault, FAULT_ALLOCATE, offset, length);
    if (verdict.hit && verdict.kind == FAULT_FAIL)
        return verdict.code;
    if (verdict.hit && verdict.kind == FAULT_SHORT)
        length = fault_half(length, 1);
    int rc = fault->below->ops->allocate(fault->below, file, offset, length, grow);
    return verdict.hit ? verdict.code : rc;
}

static int fault_truncate(struct quire__io *io, int file, uint64_t length)
{
    struct fault *fault = (struct fault *)io;
    struct fault_verdict verdict = fault_enter(fault, FAULT_TRUNCATE, 0, 0);
    return verdict.hit ? verdict.code : fault->below->ops->truncate(fault->below, file, length);
}

static int write_as(struct quire__io *io, enum fault_op op, int file, const void *from, uint64_t length,
                    uint64_t offset, uint64_t *written)
{
    struct fault *fault = (struct fault *)io;
    struct fault_verdict verdict = fault_enter(fault, op, offset, length);
    fault_note_write(fault, from, length, offset, false);
    if (fault->direct[file] && !fault_is_aligned(fault, from, length, offset)) {
        FAIL("direct write of %" PRIu64 " bytes at %" PRIu64 " from %p is not aligned", length, offset, from);
        return -EINVAL;
    }
    if (verdict.hit && verdict.kind == FAULT_FAIL)
        return verdict.code;
    if (verdict.hit && verdict.kind == FAULT_SHORT)
        length = fault_half(length, fault->direct[file] ? fault->setup.align : 1);
    int rc = fault->below->ops->write(fault->below, file, from, length, offset, written);
    return verdict.hit && verdict.code ? verdict.code : rc;
}

static int fault_read_op(struct quire__io *io, int file, void *to, uint64_t length, uint64_t offset, uint64_t *got)
{
    struct fault *fault = (struct fault *)io;
    struct fault_verdict verdict = fault_enter(fault, FAULT_READ, offset, length);
    if (verdict.hit && verdict.kind == FAULT_FAIL)
        return verdict.code;
    if (verdict.hit && verdict.kind == FAULT_SHORT)
        length = fault_half(length, 1);
    int rc = fault->below->ops->read(fault->below, file, to, length, offset, got);
    return verdict.hit && verdict.code ? verdict.code : rc;
}

static int fault_write_op(struct quire__io *io, int file, const void *from, uint64_t length, uint64_t offset,
                          uint64_t *written)
{
    return write_as(io, FAULT_WRITE, file, from, length, offset, written);
}

/* As with syncs, the device is quick. */
static int fault_write_durably(struct quire__io *io, int file, const void *from, uint64_t length, uint64_t offset,
                               uint64_t *written)
{
    int rc = write_as(io, FAULT_WRITE_DURABLY, file, from, length, offset, written);

    /* Whether the write failed or its flush, nobody knows. */
    if (rc < 0 && rc != -EINTR && rc != -EAGAIN)
        fault_note_sync((struct fault *)io, file, rc);
    return rc;
}

static uint64_t watched_bytes(struct fault *fault)
{
    pthread_mutex_lock(&fault->mutex);
    uint64_t bytes = fault->content_end < fault->setup.watch_durable ? fault->content_end : fault->setup.watch_durable;
    pthread_mutex_unlock(&fault->mutex);
    return bytes;
}

static int fault_sync(struct quire__io *io, int file)
{
    struct fault *fault = (struct fault *)io;
    struct bytes now = {0};
    /* What is in the file before the sync begins is what the sync promises; what comes during it is not. */
    if (fault->setup.watch_durable)
        now = read_beginning(fault->path, watched_bytes(fault));
    struct fault_verdict verdict = fault_enter(fault, FAULT_SYNC, 0, 0);
    int rc = verdict.hit ? verdict.code : 0;
    fault_note_sync(fault, file, rc);
    if (rc == 0 && fault->setup.watch_durable) {
        pthread_mutex_lock(&fault->mutex);
        struct bytes old = fault->durable;
        fault->durable = now;
        now = old;
        pthread_mutex_unlock(&fault->mutex);
    }
    bytes_free(&now);
    return rc;
}

static int fault_sync_directory(struct quire__io *io, const char *path)
{
    struct fault *fault = (struct fault *)io;
    struct fault_verdict verdict = fault_enter(fault, FAULT_SYNC_DIRECTORY, 0, 0);
    int rc = verdict.hit ? verdict.code : 0;
    pthread_mutex_lock(&fault->mutex);
    fault->name_durable |= rc == 0;
    fault_note_directory(fault, path, rc);
    pthread_mutex_unlock(&fault->mutex);
    return rc;
}

static int fault_start_writeback(struct quire__io *io, int file, uint64_t offset, uint64_t length)
{
    struct fault *fault = (struct fault *)io;
    struct fault_verdict verdict = fault_enter(fault, FAULT_WRITEBACK, offset, length);
    return verdict.hit ? verdict.code : fault->below->ops->start_writeback(fault->below, file, offset, length);
}

static int fault_drop_cache(struct quire__io *io, int file, uint64_t offset, uint64_t length)
{
    struct fault *fault = (struct fault *)io;
    struct fault_verdict verdict = fault_enter(fault, FAULT_DROP_CACHE, offset, length);
    return verdict.hit ? verdict.code : fault->below->ops->drop_cache(fault->below, file, offset, length);
}

static int fault_map(struct quire__io *io, int file, uint64_t offset, uint64_t length, void **memory)
{
    struct fault *fault = (struct fault *)io;
    struct fault_verdict verdict = fault_enter(fault, FAULT_MAP, offset, length);
    int rc = verdict.hit ? verdict.code : fault->below->ops->map(fault->below, file, offset, length, memory);
    pthread_mutex_lock(&fault->mutex);
    fault->maps += rc == 0;
    fault->content_end = UINT64_MAX;
    pthread_mutex_unlock(&fault->mutex);
    return rc;
}

static int fault_populate(struct quire__io *io, void *memory, uint64_t length)
{
    struct fault *fault = (struct fault *)io;
    struct fault_verdict verdict = fault_enter(fault, FAULT_POPULATE, 0, 0);
    return verdict.hit ? verdict.code : fault->below->ops->populate(fault->below, memory, length);
}

static int fault_unmap(struct quire__io *io, void *memory, uint64_t length)
{
    struct fault *fault = (struct fault *)io;
    struct fault_verdict verdict = fault_enter(fault, FAULT_UNMAP, 0, 0);
    int rc = fault->below->ops->unmap(fault->below, memory, length);
    pthread_mutex_lock(&fault->mutex);
    fault->maps -= rc == 0;
    pthread_mutex_unlock(&fault->mutex);
    return verdict.hit ? verdict.code : rc;
}

static const struct quire__io_ops fault_ops = {
    .open = fault_open,
    .close = fault_close,
    .unlink = fault_unlink,
    .rename = fault_rename,
    .make_directory = fault_make_directory,
    .list = fault_list,
    .free_space = fault_free_space,
    .lock = fault_lock,
    .facts = fault_facts,
    .identify = fault_identify,
    .allocate = fault_allocate,
    .truncate = fault_truncate,
    .write = fault_write_op,
    .write_durably = fault_write_durably,
    .read = fault_read_op,
    .sync = fault_sync,
    .sync_directory = fault_sync_directory,
    .start_writeback = fault_start_writeback,
    .drop_cache = fault_drop_cache,
    .map = fault_map,
    .populate = fault_populate,
    .unmap = fault_unmap,
    .queue_open = fault_queue_open,
};

struct fault *fault_new(struct fault_setup setup)
{
    struct fault *fault = calloc(1, sizeof *fault);
    REQUIRE(fault != NULL);
    fault->io.ops = &fault_ops;
    fault->below = quire__io_system();
    fault->setup = setup;
    pthread_mutex_init(&fault->mutex, NULL);
    pthread_cond_init(&fault->changed, NULL);
    return fault;
}

void fault_free(struct fault *fault)
{
    if (fault->files || fault->maps || fault->queues)
        FAIL("left open: %" PRId64 " files, %" PRId64 " mappings, %" PRId64 " queues", fault->files, fault->maps,
             fault->queues);
    pthread_cond_destroy(&fault->changed);
    pthread_mutex_destroy(&fault->mutex);
    bytes_free(&fault->durable);
    fault_forget_names(fault);
    free(fault->path);
    free(fault->writes);
    free(fault);
}

struct quire__io *fault_io(struct fault *fault)
{
    return &fault->io;
}

void fault_add(struct fault *fault, struct fault_rule rule)
{
    pthread_mutex_lock(&fault->mutex);
    REQUIRE(fault->rule_count < FAULT_RULES);
    fault->rules[fault->rule_count++] = (struct fault_armed){.rule = rule};
    pthread_mutex_unlock(&fault->mutex);
}

void fault_once(struct fault *fault, enum fault_op op, uint64_t nth, int code)
{
    fault_add(fault, (struct fault_rule){.op = op, .code = code, .nth = nth});
}

void fault_ever(struct fault *fault, enum fault_op op, uint64_t nth, int code)
{
    fault_add(fault, (struct fault_rule){.op = op, .code = code, .nth = nth, .times = UINT64_MAX});
}

void fault_clear(struct fault *fault)
{
    pthread_mutex_lock(&fault->mutex);
    fault->rule_count = 0;
    pthread_mutex_unlock(&fault->mutex);
}

uint64_t fault_calls(struct fault *fault, enum fault_op op)
{
    pthread_mutex_lock(&fault->mutex);
    uint64_t calls = fault->calls[op];
    pthread_mutex_unlock(&fault->mutex);
    return calls;
}

uint64_t fault_hits(struct fault *fault)
{
    pthread_mutex_lock(&fault->mutex);
    uint64_t hits = fault->hits;
    pthread_mutex_unlock(&fault->mutex);
    return hits;
}

const struct fault_write *fault_writes(struct fault *fault, uint64_t *count)
{
    pthread_mutex_lock(&fault->mutex);
    *count = fault->write_count;
    pthread_mutex_unlock(&fault->mutex);
    return fault->writes;
}

void fault_hold(struct fault *fault, enum fault_op op)
{
    pthread_mutex_lock(&fault->mutex);
    fault->held[op] = true;
    pthread_mutex_unlock(&fault->mutex);
}

void fault_release(struct fault *fault, enum fault_op op)
{
    pthread_mutex_lock(&fault->mutex);
    fault->held[op] = false;
    pthread_cond_broadcast(&fault->changed);
    pthread_mutex_unlock(&fault->mutex);
}

void fault_await(struct fault *fault, enum fault_op op, uint32_t count)
{
    pthread_mutex_lock(&fault->mutex);
    while (fault->waiting[op] < count)
        pthread_cond_wait(&fault->changed, &fault->mutex);
    pthread_mutex_unlock(&fault->mutex);
}

struct bytes fault_durable(struct fault *fault)
{
    struct bytes copy = {0};
    pthread_mutex_lock(&fault->mutex);
    bytes_add(&copy, fault->durable.data, fault->durable.length);
    pthread_mutex_unlock(&fault->mutex);
    return copy;
}

bool fault_name_durable(struct fault *fault)
{
    pthread_mutex_lock(&fault->mutex);
    bool durable = fault->name_durable;
    pthread_mutex_unlock(&fault->mutex);
    return durable;
}

quire_writer *fault_open_writer(struct fault *fault, const char *path, const struct quire_writer_options *options)
{
    quire_writer *writer = NULL;
    REQUIRE_OK(quire__writer_open_on(&fault->io, path, options, &writer));
    return writer;
}
