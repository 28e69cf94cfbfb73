/* What users would take instead: stores and loggers with a log inside, each an adapter that is built where its library
 * is.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_PEERS_H
#define BENCH_PEERS_H

#include "rows/adapter.h"

struct bench_peer {
    const char *name;                    /* as --peers has it */
    const char *title;                   /* of its rows */
    const struct bench_adapter *adapter; /* NULL: not in this build */
    unsigned batch;                      /* records in a transaction; 0: it has none */
    bool concurrent;                     /* threads may share it: beside the log it has a row of as many threads */
};

/* The peers there are; a peer with several rows is there several times. NULL beyond the last. */
const struct bench_peer *bench_peer_at(unsigned number);

/* "RocksDB 7.8.3", ...: those that are in this build, in one line. */
const char *bench_peer_versions(char text[200]);

#ifdef BENCH_HAVE_ROCKSDB
extern const struct bench_adapter bench_peer_rocksdb;
#endif
#ifdef BENCH_HAVE_LEVELDB
extern const struct bench_adapter bench_peer_leveldb;
#endif
#ifdef BENCH_HAVE_SQLITE
extern const struct bench_adapter bench_peer_sqlite;
#endif
#ifdef BENCH_HAVE_GIO
extern const struct bench_adapter bench_peer_gio;
#endif
#ifdef BENCH_HAVE_SPDLOG
extern const struct bench_adapter bench_peer_spdlog, bench_peer_spdlog_async;
#endif
#ifdef BENCH_HAVE_BOOST_LOG
extern const struct bench_adapter bench_peer_boost;
#endif
#ifdef BENCH_HAVE_FIO
extern const struct bench_adapter bench_peer_fio;
#endif

/* Keys of stores: eight bytes whose order is that of the numbers. */
static inline void bench_peer_key(uint64_t number, char key[8])
{
    uint64_t big = __builtin_bswap64(number);
    memcpy(key, &big, sizeof big);
}

#endif
