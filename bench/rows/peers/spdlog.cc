// A peer: spdlog, writing records as they are (pattern %v, no end of line) to its basic file sink, from the appending
// thread or from its asynchronous one.
//
// SPDX-License-Identifier: MIT
#include <cerrno>
#include <memory>
#include <new>
#include <string>

#include <spdlog/async.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>

#include "rows/peers/logger.h"

namespace
{

struct log_of_spdlog {
    std::shared_ptr<spdlog::sinks::sink> sink;
    std::shared_ptr<spdlog::details::thread_pool> pool; // of the asynchronous one
    std::shared_ptr<spdlog::logger> logger;
};

constexpr std::size_t queue_records = 8192;

int open_log(const char *path, bool async, void **log)
{
    try {
        auto made = std::make_unique<log_of_spdlog>();
        made->sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(path, true);
        if (async) {
            made->pool = std::make_shared<spdlog::details::thread_pool>(queue_records, 1);
            made->logger = std::make_shared<spdlog::async_logger>("bench", made->sink, made->pool,
                                                                  spdlog::async_overflow_policy::block);
        } else {
            made->logger = std::make_shared<spdlog::logger>("bench", made->sink);
        }
        made->logger->set_formatter(
            std::make_unique<spdlog::pattern_formatter>("%v", spdlog::pattern_time_type::local, ""));
        *log = made.release();
        return 0;
    } catch (const std::bad_alloc &) {
        return -ENOMEM;
    } catch (const std::exception &) {
        return -EIO;
    }
}

int open_plain(const char *path, void **log)
{
    return open_log(path, false, log);
}

int open_async(const char *path, void **log)
{
    return open_log(path, true, log);
}

void append(void *log, const void *record, unsigned long length)
{
    auto *l = static_cast<log_of_spdlog *>(log);
    l->logger->log(spdlog::level::info, spdlog::string_view_t(static_cast<const char *>(record), length));
}

// What is queued is written before the thread of the queue ends.
int flush(void *log)
{
    auto *l = static_cast<log_of_spdlog *>(log);
    try {
        if (l->pool) {
            l->logger.reset();
            l->pool.reset();
            l->sink->flush();
        } else {
            l->logger->flush();
        }
        return 0;
    } catch (const std::exception &) {
        return -EIO;
    }
}

void close_log(void *log)
{
    delete static_cast<log_of_spdlog *>(log);
}

} // namespace

extern "C" const bench_logger bench_logger_spdlog = {open_plain, append, flush, close_log};
extern "C" const bench_logger bench_logger_spdlog_async = {open_async, append, flush, close_log};

extern "C" const char *bench_spdlog_version(void)
{
    static const std::string version = std::to_string(SPDLOG_VER_MAJOR) + "." + std::to_string(SPDLOG_VER_MINOR) + "." +
                                       std::to_string(SPDLOG_VER_PATCH);
    return version.c_str();
}
