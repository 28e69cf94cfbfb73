// A peer: Boost.Log, writing records as they are (no format, no end of line) to a stream, from the appending thread.
//
// SPDX-License-Identifier: MIT
#include <cerrno>
#include <fstream>
#include <memory>
#include <new>
#include <string>

#include <boost/log/core.hpp>
#include <boost/log/sinks/sync_frontend.hpp>
#include <boost/log/sinks/text_ostream_backend.hpp>
#include <boost/log/sources/logger.hpp>
#include <boost/log/sources/record_ostream.hpp>
#include <boost/smart_ptr/make_shared.hpp>
#include <boost/version.hpp>

#include "rows/peers/logger.h"

namespace
{

namespace sinks = boost::log::sinks;
using backend = sinks::text_ostream_backend;
using frontend = sinks::synchronous_sink<backend>;

struct log_of_boost {
    boost::shared_ptr<frontend> sink;
    boost::log::sources::logger logger;
};

int open_log(const char *path, void **log)
{
    try {
        auto file = boost::make_shared<std::ofstream>(path, std::ios::binary | std::ios::trunc);
        if (!*file)
            return -EIO;
        auto made = std::make_unique<log_of_boost>();
        auto stream = boost::make_shared<backend>();
        stream->add_stream(file);
        stream->auto_flush(false);
        stream->set_auto_newline_mode(sinks::disabled_auto_newline);
        made->sink = boost::make_shared<frontend>(stream);
        boost::log::core::get()->add_sink(made->sink);
        *log = made.release();
        return 0;
    } catch (const std::bad_alloc &) {
        return -ENOMEM;
    } catch (const std::exception &) {
        return -EIO;
    }
}

void append(void *log, const void *record, unsigned long length)
{
    auto &logger = static_cast<log_of_boost *>(log)->logger;
    if (boost::log::record made = logger.open_record()) {
        boost::log::record_ostream stream(made);
        stream.write(static_cast<const char *>(record), static_cast<std::streamsize>(length));
        stream.flush();
        logger.push_record(boost::move(made));
    }
}

int flush(void *log)
{
    static_cast<log_of_boost *>(log)->sink->flush();
    return 0;
}

void close_log(void *log)
{
    auto *l = static_cast<log_of_boost *>(log);
    boost::log::core::get()->remove_sink(l->sink);
    delete l;
}

} // namespace

extern "C" const bench_logger bench_logger_boost = {open_log, append, flush, close_log};

extern "C" const char *bench_boost_version(void)
{
    static const std::string version = std::to_string(BOOST_VERSION / 100000) + "." +
                                       std::to_string(BOOST_VERSION / 100 % 1000) + "." +
                                       std::to_string(BOOST_VERSION % 100);
    return version.c_str();
}
