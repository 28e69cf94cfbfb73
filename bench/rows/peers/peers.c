/* The peers there are. See peers.h.
 *
 * SPDX-License-Identifier: MIT */
#include "rows/peers/peers.h"

#include <stdio.h>

#ifdef BENCH_HAVE_SQLITE
#include <sqlite3.h>
#endif
#ifdef BENCH_HAVE_LEVELDB
#include <leveldb/c.h>
#endif
#ifdef BENCH_HAVE_GIO
#include <glib.h>
#endif
#if defined(BENCH_HAVE_SPDLOG) || defined(BENCH_HAVE_BOOST_LOG)
#include "rows/peers/logger.h"
#endif

#ifdef BENCH_HAVE_ROCKSDB
#define ROCKSDB (&bench_peer_rocksdb)
#else
#define ROCKSDB NULL
#endif
#ifdef BENCH_HAVE_LEVELDB
#define LEVELDB (&bench_peer_leveldb)
#else
#define LEVELDB NULL
#endif
#ifdef BENCH_HAVE_SQLITE
#define SQLITE (&bench_peer_sqlite)
#else
#define SQLITE NULL
#endif
#ifdef BENCH_HAVE_GIO
#define GIO (&bench_peer_gio)
#else
#define GIO NULL
#endif
#ifdef BENCH_HAVE_SPDLOG
#define SPDLOG (&bench_peer_spdlog)
#define SPDLOG_ASYNC (&bench_peer_spdlog_async)
#else
#define SPDLOG NULL
#define SPDLOG_ASYNC NULL
#endif
#ifdef BENCH_HAVE_BOOST_LOG
#define BOOST_LOG (&bench_peer_boost)
#else
#define BOOST_LOG NULL
#endif
#ifdef BENCH_HAVE_FIO
#define FIO (&bench_peer_fio)
#else
#define FIO NULL
#endif

const struct bench_peer *bench_peer_at(unsigned number)
{
    static const struct bench_peer peers[] = {
        {"rocksdb", "RocksDB", ROCKSDB, 0, true},
        {"leveldb", "LevelDB", LEVELDB, 0, false},
        {"sqlite", "SQLite (1 per commit)", SQLITE, 1, false},
        {"sqlite", "SQLite (1000 per commit)", SQLITE, 1000, false},
        {"spdlog", "spdlog", SPDLOG, 0, false},
        {"spdlog", "spdlog, asynchronous", SPDLOG_ASYNC, 0, false},
        {"boost", "Boost.Log", BOOST_LOG, 0, false},
        {"glib", "GBufferedOutputStream (64K)", GIO, 0, false},
        {"fio", "fio (io_uring, 1M x 16)", FIO, 0, false},
    };
    return number < sizeof peers / sizeof peers[0] ? &peers[number] : NULL;
}

const char *bench_peer_versions(char text[200])
{
    char *at = text;
    *text = '\0';
#define ADD(...) (at += snprintf(at, (size_t)(text + 200 - at), __VA_ARGS__))
#ifdef BENCH_HAVE_ROCKSDB
    ADD("RocksDB " BENCH_ROCKSDB_VERSION ", ");
#endif
#ifdef BENCH_HAVE_LEVELDB
    ADD("LevelDB %d.%d, ", leveldb_major_version(), leveldb_minor_version());
#endif
#ifdef BENCH_HAVE_SQLITE
    ADD("SQLite %s, ", sqlite3_libversion());
#endif
#ifdef BENCH_HAVE_SPDLOG
    ADD("spdlog %s, ", bench_spdlog_version());
#endif
#ifdef BENCH_HAVE_BOOST_LOG
    ADD("Boost %s, ", bench_boost_version());
#endif
#ifdef BENCH_HAVE_GIO
    ADD("GLib %u.%u.%u, ", glib_major_version, glib_minor_version, glib_micro_version);
#endif
#undef ADD
    if (at > text)
        at[-2] = '\0';
    return text;
}
