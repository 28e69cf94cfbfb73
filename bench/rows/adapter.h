/* The one thing the instrument knows about a way of appending.
 *
 * A row of the table is an adapter and its parameters. libquire's methods, libc, a buffer behind a mutex and the
 * machine's own limits all stand behind these few functions, so a peer is one more adapter. The clock runs from the
 * first append until finish has returned; open, thread_open, thread_close and close are outside of it.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_ADAPTER_H
#define BENCH_ADAPTER_H

#include <stdbool.h>
#include <stdint.h>

#include "workload/workload.h"

/* Which word of --methods asks for a row. */
enum bench_family {
    BENCH_WRITE,
    BENCH_STDIO,
    BENCH_PAGED,
    BENCH_MMAP,
    BENCH_URING,
    BENCH_LANE,
    BENCH_LOG, /* records that survive: quire_log */
    BENCH_CONCURRENT,
    BENCH_FWRITE,
    BENCH_FWRITE_UNLOCKED,
    BENCH_PEERS, /* those of --peers */
    BENCH_LIMITS,
    BENCH_STAGING, /* no row: the cost of an append while a buffer is free, measured apart */
    BENCH_FAMILIES
};

/* Rows that are tried side by side and reported as their best one. */
enum bench_group { BENCH_ALONE, BENCH_GROUP_DIRECT, BENCH_GROUP_WRITTEN };

/* When what is appended becomes durable. */
enum bench_sync {
    BENCH_SYNC_NONE, /* never: finish gives everything to the kernel */
    BENCH_SYNC_END,  /* finish makes everything durable */
    BENCH_SYNC_EACH  /* each append returns when its record is durable */
};

struct bench_adapter;
struct bench_latency;
struct bench_series;

struct bench_row {
    char name[48];
    const char *method; /* as the JSON names it */
    enum bench_family family;
    const struct bench_adapter *adapter;
    uint32_t quire_method; /* enum quire_method, for rows of libquire */
    uint64_t buffer_bytes; /* 0: the adapter's default */
    unsigned threads;
    unsigned in_flight; /* limit: direct */
    unsigned batch;     /* records in a transaction, where a peer has them */
    bool prepared;      /* open prepares written space for the whole workload */
    bool recycled;      /* a log whose segments have all been others before */
    enum bench_group group;
};

/* What a row's bytes survive when it has ended. */
enum bench_durability {
    BENCH_NOTHING, /* they are in this process's memory */
    BENCH_KERNEL,  /* the death of the process: the kernel has them */
    BENCH_DEVICE   /* a power cut: a device flush has covered them */
};

/* What one run of a row is given. */
struct bench_job {
    const struct bench_row *row;
    struct bench_workload *work;
    const char *path;         /* the file to append to; it does not exist */
    const char *written_path; /* a file kept from run to run, whose blocks have been written before */
    enum bench_sync sync;
    unsigned run;                  /* part of every record's identity */
    struct bench_latency *latency; /* NULL, or where appends, hand-overs and syncs are noted */
    double rate;                   /* 0: the next append begins when the last has returned. Else so many are due a
                                      second, by all threads together */
    bool poisson;                  /* due as chance would have it, not at even distances */
    unsigned handicap;             /* per cent by which appending is made slower on purpose */
    struct bench_series *series;   /* NULL, or who samples while the row runs */
    bool perf;                     /* what the processor counts is wanted too */
    const char *counters;          /* the device's in /sys; "" where there are none */
};

/* What a run used up; 0 where the adapter cannot say. */
struct bench_use {
    uint64_t bytes;        /* appended: the workload's, unless the adapter says otherwise */
    double seconds;        /* by a clock of its own; 0: it has none */
    uint64_t writes;       /* write requests that the kernel was given */
    uint64_t memory_bytes; /* of buffers */
};

/* Functions return 0, -errno or a code of quire_strerror's. */
struct bench_adapter {
    int (*open)(const struct bench_job *job, void **state);
    int (*thread_open)(void *state, void **thread);           /* NULL: the state serves all threads */
    int (*append)(void *thread, struct bench_cursor *cursor); /* all records of the cursor */
    int (*thread_flush)(void *thread);                        /* NULL: nothing to hand over */
    int (*finish)(void *state);
    int (*thread_close)(void *thread); /* NULL with thread_open */
    int (*close)(void *state);
    /* Reads back what the run left and compares; the reason why not, in a sentence, or NULL. */
    const char *(*verify)(const struct bench_job *job);
    uint64_t (*buffer_bytes)(void *state);           /* in use, defaults resolved */
    void (*use)(void *state, struct bench_use *use); /* NULL: nothing to say */
    /* A peer says how each kind of sync was had; NULL where it cannot give that. */
    const char *how[BENCH_SYNC_EACH + 1];
    bool no_records;  /* it writes bytes and knows nothing of records: it has no rate */
    bool memory_only; /* its bytes never leave this process */
    bool no_sync;     /* finish syncs nothing: there is nothing left to sync */
};

extern const struct bench_adapter bench_quire_writer, bench_quire_lane;
extern const struct bench_adapter bench_quire_log, bench_quire_log_lane;
extern const struct bench_adapter bench_peer_fwrite, bench_peer_fwrite_unlocked, bench_peer_mutex;
extern const struct bench_adapter bench_limit_memcpy, bench_limit_page_cache, bench_limit_direct, bench_limit_written,
    bench_limit_durable;

#endif
