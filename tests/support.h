/* What the tests of a writer share: the methods, a model of the file, codes as words.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TESTS_SUPPORT_H
#define QUIRE_TESTS_SUPPORT_H

#include <stdatomic.h>

#include <quire/quire.h>

#include "harness.h"

enum { METHODS = 5, PAGE = 4096 };

struct method {
    const char *name;
    uint32_t method;
};

extern const struct method methods[METHODS];

/* As CHECK_INT, for what quire's functions return: says the error in words. */
#define CHECK_CODE(is, should) check_code((is), (should), __FILE__, __LINE__, #is)
#define REQUIRE_CODE(is, should) (CHECK_CODE(is, should) ? (void)0 : harness_abandon())
#define CHECK_OK(is) CHECK_CODE(is, 0)
#define REQUIRE_OK(is) REQUIRE_CODE(is, 0)
bool check_code(int is, int should, const char *file, int line, const char *text);

/* Options with the size set and the method chosen. */
struct quire_writer_options options_for(uint32_t method);

/* Buffers of that size and number; for mmap, which always has two windows, of that size. */
void set_buffers(struct quire_writer_options *options, uint64_t bytes, uint32_t count);

/* Opens, or ends the case: skipped where the method is not to be had on this machine, failed for any other reason. */
quire_writer *open_writer(const char *path, const struct quire_writer_options *options);

/* Skips the case where the uring method cannot be had in its directory. */
void skip_without_uring(uint32_t method);

struct quire_watermarks watermarks_of(quire_writer *writer);
struct quire_writer_stats stats_of(quire_writer *writer);

/* Bytes that grow: the model that a file is compared with. */
struct bytes {
    uint8_t *data;
    uint64_t length, capacity;
};

void bytes_add(struct bytes *bytes, const void *data, uint64_t length);
void bytes_free(struct bytes *bytes);

/* length pseudo-random bytes, the same ones for the same tag. */
void fill(void *memory, uint64_t length, uint64_t tag);

/* Adds length bytes of that kind to the model and gives them, good until the model grows again. */
const uint8_t *bytes_add_filled(struct bytes *bytes, uint64_t length, uint64_t tag);

/* The whole of a file, at any size; ends the case if it cannot be read. */
struct bytes read_file(const char *path);
struct bytes read_beginning(const char *path, uint64_t most);
void write_file(const char *path, const void *data, uint64_t length);

/* Changes bytes of a file that is there. flip_byte twice leaves it as it was. */
void overwrite(const char *path, uint64_t offset, const void *data, uint64_t length);
void flip_byte(const char *path, uint64_t offset, unsigned char mask);

/* Is the file the model, byte for byte? Says where not. */
#define CHECK_FILE(path, model) check_file((path), (model), __FILE__, __LINE__)
bool check_file(const char *path, const struct bytes *model, const char *file, int line);

/* -1 if there is no such name. */
int64_t file_size(const char *path);

/* Names in this case's directory, without . and .. */
int count_files(void);

/* Runs body(argument, number) in count threads at once and waits for all of them. */
typedef void thread_body(void *argument, uint32_t number);
void in_threads(uint32_t count, thread_body *body, void *argument);

/* For threads of in_threads: says who this is, before it does what may make it sleep. */
struct sleepers {
    _Atomic int task[64];
};
void note_sleeper(struct sleepers *sleepers, uint32_t number);

/* Returns when threads 0 to count - 1 have said who they are and sleep in the kernel. */
void await_asleep(struct sleepers *sleepers, uint32_t count);

/* Returns when all other threads of the process sleep in the kernel. */
void await_others_asleep(void);

#endif
