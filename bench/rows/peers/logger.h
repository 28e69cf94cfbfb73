/* A logger as C calls it: those that are measured are libraries of C++ templates.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_LOGGER_H
#define BENCH_LOGGER_H

#ifdef __cplusplus
extern "C" {
#endif

struct bench_logger {
    int (*open)(const char *path, void **log); /* 0 or -errno */
    void (*append)(void *log, const void *record, unsigned long length);
    int (*flush)(void *log); /* everything is given to the kernel: 0 or -errno */
    void (*close)(void *log);
};

/* An asynchronous one takes no more records after its flush. */
extern const struct bench_logger bench_logger_spdlog, bench_logger_spdlog_async, bench_logger_boost;

const char *bench_spdlog_version(void);
const char *bench_boost_version(void);

#ifdef __cplusplus
}
#endif
#endif
