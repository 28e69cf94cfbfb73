/* What the tests of a writer share.
 *
 * SPDX-License-Identifier: MIT */
#include "support.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

const struct method methods[METHODS] = {
    {"write", QUIRE_METHOD_WRITE}, {"stdio", QUIRE_METHOD_STDIO}, {"paged", QUIRE_METHOD_PAGED},
    {"mmap", QUIRE_METHOD_MMAP},   {"uring", QUIRE_METHOD_URING},
};

bool check_code(int is, int should, const char *file, int line, const char *text)
{
    if (is == should)
        return true;
    harness_fail(file, line, "%s is %d (%s), should be %d (%s)", text, is, quire_strerror(is), should,
                 quire_strerror(should));
    return false;
}

struct quire_writer_options options_for(uint32_t method)
{
    return (struct quire_writer_options){.size = sizeof(struct quire_writer_options), .method = method};
}

void set_buffers(struct quire_writer_options *options, uint64_t bytes, uint32_t count)
{
    options->buffer_bytes = bytes;
    options->buffer_count = options->method == QUIRE_METHOD_MMAP ? 0 : count;
}

quire_writer *open_writer(const char *path, const struct quire_writer_options *options)
{
    quire_writer *writer = NULL;
    int rc = quire_writer_open(path, options, &writer);
    if (rc == QUIRE_E_NO_DIRECT || rc == QUIRE_E_NO_URING)
        SKIP("%s", quire_strerror(rc));
    REQUIRE_OK(rc);
    REQUIRE(writer != NULL);
    return writer;
}

void skip_without_uring(uint32_t method)
{
    if (method != QUIRE_METHOD_URING)
        return;
    struct quire_writer_options o = options_for(method);
    const char *path = harness_path("probe");
    REQUIRE_OK(quire_writer_close(open_writer(path, &o)));
    REQUIRE_INT(unlink(path), 0);
}

struct quire_watermarks watermarks_of(quire_writer *writer)
{
    struct quire_watermarks marks = {0};
    REQUIRE_OK(quire_writer_watermarks(writer, &marks));
    return marks;
}

struct quire_writer_stats stats_of(quire_writer *writer)
{
    struct quire_writer_stats stats = {.size = sizeof stats};
    REQUIRE_OK(quire_writer_stats(writer, &stats));
    return stats;
}

static void bytes_reserve(struct bytes *bytes, uint64_t length)
{
    if (bytes->capacity - bytes->length >= length)
        return;
    bytes->capacity = 2 * (bytes->length + length);
    bytes->data = realloc(bytes->data, bytes->capacity);
    REQUIRE(bytes->data != NULL);
}

void bytes_add(struct bytes *bytes, const void *data, uint64_t length)
{
    bytes_reserve(bytes, length);
    if (length)
        memcpy(bytes->data + bytes->length, data, length);
    bytes->length += length;
}

void bytes_free(struct bytes *bytes)
{
    free(bytes->data);
    *bytes = (struct bytes){0};
}

void fill(void *memory, uint64_t length, uint64_t tag)
{
    uint8_t *at = memory;
    uint64_t state = (tag + 1) * UINT64_C(0x9e3779b97f4a7c15);
    while (length > 0) {
        uint64_t piece = length < sizeof state ? length : sizeof state;
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        /* No byte is zero: a hole or a page not written is then never taken for content. */
        uint64_t bytes = state | UINT64_C(0x0101010101010101);
        memcpy(at, &bytes, piece);
        at += piece;
        length -= piece;
    }
}

const uint8_t *bytes_add_filled(struct bytes *bytes, uint64_t length, uint64_t tag)
{
    bytes_reserve(bytes, length + 1);
    uint8_t *at = bytes->data + bytes->length;
    fill(at, length, tag);
    bytes->length += length;
    return at;
}

struct bytes read_file(const char *path)
{
    return read_beginning(path, UINT64_MAX);
}

struct bytes read_beginning(const char *path, uint64_t most)
{
    struct bytes all = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        FAIL("%s: %s", path, strerror(errno));
        harness_abandon();
    }
    while (all.length < most) {
        bytes_reserve(&all, 1 << 16);
        uint64_t left = most - all.length, room = all.capacity - all.length;
        ssize_t got = read(fd, all.data + all.length, left < room ? left : room);
        REQUIRE(got >= 0);
        if (got == 0)
            break;
        all.length += (uint64_t)got;
    }
    close(fd);
    return all;
}

void write_file(const char *path, const void *data, uint64_t length)
{
    FILE *file = fopen(path, "we");
    REQUIRE(file != NULL);
    REQUIRE(fwrite(data, 1, length, file) == length);
    REQUIRE(fclose(file) == 0);
}

void overwrite(const char *path, uint64_t offset, const void *data, uint64_t length)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);
    REQUIRE(file >= 0);
    REQUIRE_INT(pwrite(file, data, length, (off_t)offset), length);
    REQUIRE_INT(close(file), 0);
}

void flip_byte(const char *path, uint64_t offset, unsigned char mask)
{
    unsigned char byte;
    int file = open(path, O_RDWR | O_CLOEXEC);
    REQUIRE(file >= 0);
    REQUIRE_INT(pread(file, &byte, 1, (off_t)offset), 1);
    byte ^= mask;
    REQUIRE_INT(pwrite(file, &byte, 1, (off_t)offset), 1);
    REQUIRE_INT(close(file), 0);
}

bool check_file(const char *path, const struct bytes *model, const char *file, int line)
{
    struct bytes is = read_file(path);
    uint64_t common = is.length < model->length ? is.length : model->length, at = 0;
    bool same = is.length == model->length && (common == 0 || memcmp(is.data, model->data, common) == 0);
    while (!same && at < common && is.data[at] == model->data[at])
        at++;
    if (!same && at < common)
        harness_fail(file, line, "file of %" PRIu64 " bytes, should be %" PRIu64 ": byte %" PRIu64 " is %02x, not %02x",
                     is.length, model->length, at, is.data[at], model->data[at]);
    else if (!same)
        harness_fail(file, line, "file of %" PRIu64 " bytes, should be %" PRIu64, is.length, model->length);
    bytes_free(&is);
    return same;
}

int64_t file_size(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0 ? (int64_t)st.st_size : -1;
}

int count_files(void)
{
    DIR *d = opendir(harness_directory());
    REQUIRE(d != NULL);
    int count = -2;
    while (readdir(d))
        count++;
    closedir(d);
    return count;
}

struct worker {
    pthread_t thread;
    thread_body *body;
    void *argument;
    uint32_t number;
};

static void *run_worker(void *argument)
{
    struct worker *worker = argument;
    worker->body(worker->argument, worker->number);
    return NULL;
}

void in_threads(uint32_t count, thread_body *body, void *argument)
{
    struct worker *workers = calloc(count, sizeof *workers);
    REQUIRE(workers != NULL);
    for (uint32_t i = 0; i < count; i++) {
        workers[i] = (struct worker){.body = body, .argument = argument, .number = i};
        REQUIRE_INT(pthread_create(&workers[i].thread, NULL, run_worker, &workers[i]), 0);
    }
    for (uint32_t i = 0; i < count; i++)
        pthread_join(workers[i].thread, NULL);
    free(workers);
}

void note_sleeper(struct sleepers *sleepers, uint32_t number)
{
    atomic_store(&sleepers->task[number], (int)gettid());
}

/* The state follows the name in parentheses, which may hold anything. */
static bool is_asleep(int task)
{
    char path[64], line[512];
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", task);
    FILE *stat = fopen(path, "re");
    if (!stat)
        return false;
    size_t got = fread(line, 1, sizeof line - 1, stat);
    fclose(stat);
    line[got] = '\0';
    const char *name_end = strrchr(line, ')');
    return name_end && name_end[1] == ' ' && name_end[2] == 'S';
}

void await_asleep(struct sleepers *sleepers, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        /* Twice in a row: a thread sleeps for a moment too when it meets a lock. */
        for (int seen = 0; seen < 2;) {
            int task = atomic_load(&sleepers->task[i]);
            seen = task && is_asleep(task) ? seen + 1 : 0;
            nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        }
}

static bool others_are_asleep(void)
{
    DIR *tasks = opendir("/proc/self/task");
    struct dirent *entry;
    bool all = true;

    REQUIRE(tasks != NULL);
    while ((entry = readdir(tasks)) != NULL) {
        int task = atoi(entry->d_name);
        all &= task == 0 || task == (int)gettid() || is_asleep(task);
    }
    closedir(tasks);
    return all;
}

void await_others_asleep(void)
{
    /* Twice in a row, as above. */
    for (int seen = 0; seen < 2;) {
        seen = others_are_asleep() ? seen + 1 : 0;
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
}
