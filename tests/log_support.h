/* What the tests of a log share: opening one, a model of its records, and reading it back.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TESTS_LOG_SUPPORT_H
#define QUIRE_TESTS_LOG_SUPPORT_H

#include "support.h"

enum { LOG_METHODS = 4 };
extern const struct method log_methods[LOG_METHODS];

/* Small blocks and segments, so that a test meets their ends. */
struct quire_log_options small_log(uint32_t method);

/* Opens, or ends the case: skipped where the method is not to be had on this machine, failed for any other reason. */
quire_log *open_log(const char *directory, const struct quire_log_options *options);

/* Skips the case where the build cannot compress with it (enum quire_codec). */
void skip_without_codec(uint32_t codec);

struct quire_watermarks log_marks(quire_log *log);
struct quire_log_stats log_stats(quire_log *log);

/* The record with that sequence: a length and bytes that only depend on it. */
uint64_t record_length(uint64_t sequence);
void record_fill(void *memory, uint64_t sequence);

/* Appends the next record of the model: sequence is what the log must give. */
int append_next(quire_log *log, uint64_t sequence);

/* Appends the records from to to, each of which must go well. */
void append_many(quire_log *log, uint64_t from, uint64_t to);

/* Reads the whole log: the records are the model's, from first to last, and no more. Fails the case where not. */
#define CHECK_LOG(directory, first, last) check_log((directory), (first), (last), __FILE__, __LINE__)
bool check_log(const char *directory, uint64_t first, uint64_t last, const char *file, int line);

/* How many records, and sequences declared lost, can be read; the last sequence. Negative: why not. */
int count_log(const char *directory, uint64_t *records, uint64_t *lost, uint64_t *last);

/* directory/<number>.quire; good until the next call. */
const char *segment_name(const char *directory, uint64_t number);

#endif
