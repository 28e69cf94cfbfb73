/* What a writer has done so far, in numbers.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_STATS_H
#define QUIRE_STATS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How far the bytes of a file have come. All three are offsets from the start of the file, none ever goes back,
 * and appended >= written >= durable. */
struct quire_watermarks {
    uint64_t appended; /* in the writer's order; what lies in lanes not yet handed over is not in it */
    uint64_t written;  /* given to the kernel: survives the death of the process, not a power cut */
    uint64_t durable;  /* covered by a device flush that succeeded: survives a power cut */
};

/* Counters since open. Each is exact; taken together they are a snapshot only while nobody appends.
 * "Where it comes from" is said for every field that is not plain counting. */
struct quire_writer_stats {
    uint64_t size;           /* in: sizeof(struct quire_writer_stats) as the caller knows it */
    uint32_t method;         /* enum quire_method: the method in use, after a fallback if one was allowed */
    uint32_t method_asked;   /* enum quire_method: the method asked for, or the default */
    int32_t fallback_reason; /* the code for which method_asked could not be had; 0 = no fallback happened */
    uint32_t direct;         /* 1 if whole pages go to the device past the page cache */
    uint32_t registered;     /* 1 if the buffers are registered with the kernel (uring, memory limit allowing) */
    uint32_t lanes;          /* lanes open now */
    uint64_t buffer_bytes;   /* one buffer (for mmap: one window), after defaults */
    uint64_t buffer_count;   /* number of buffers, after defaults */
    uint64_t memory_bytes;   /* memory held for staging: buffers and open lanes */
    uint64_t appends;        /* records accepted: appends and publishes, through the writer and through lanes */
    uint64_t append_bytes;   /* bytes of those */
    uint64_t drops;          /* records refused with QUIRE_E_DROPPED */
    uint64_t drop_bytes;     /* bytes of those */
    uint64_t agains;         /* records refused with -EAGAIN */
    uint64_t waits;          /* appends that found no free buffer and had to wait or to drain one themselves */
    uint64_t hand_overs;     /* batches that lanes handed to the writer */
    uint64_t writes;         /* write requests to the kernel: write(2) calls or io_uring write completions */
    uint64_t write_bytes;    /* bytes the kernel accepted through those (mmap: none, it stores into the file) */
    uint64_t tail_writes;    /* those of the writes that did not end on a page boundary */
    uint64_t syncs;          /* device flushes asked for that succeeded (fdatasync) */
    uint64_t sync_joins;     /* callers whom somebody else's flush made durable (group commit) */
    uint64_t allocations;    /* times space was allocated ahead in the file */
    uint64_t in_flight_most; /* most write requests under way at once */
};

/* Counters of a log since open, exact as those of a writer; what is called the same means the same. */
struct quire_log_stats {
    uint64_t size;   /* in: sizeof(struct quire_log_stats) as the caller knows it */
    uint32_t method; /* enum quire_method */
    uint32_t method_asked;
    int32_t fallback_reason;
    uint32_t direct; /* 1 if blocks go to the device past the page cache */
    uint32_t registered;
    uint32_t lanes;
    uint64_t block_bytes, block_count;
    uint64_t memory_bytes; /* buffers, scratch for compression, and open lanes */
    uint64_t appends;      /* records accepted; those of a lane once they are handed over */
    uint64_t append_bytes; /* their bytes */
    uint64_t drops, drop_bytes;
    uint64_t agains;
    uint64_t waits;          /* appends that found no free buffer */
    uint64_t hand_overs;     /* batches that lanes handed over */
    uint64_t blocks;         /* blocks written: data, gap and footer */
    uint64_t block_payload;  /* bytes of records in them, before compression */
    uint64_t gaps;           /* gap records among the blocks */
    uint64_t writes;         /* write requests to the kernel */
    uint64_t write_bytes;    /* bytes of those */
    uint64_t syncs;          /* device flushes asked for that succeeded, of segments */
    uint64_t sync_joins;     /* callers whom somebody else's flush made durable */
    uint64_t rotations;      /* segments sealed */
    uint64_t rotation_waits; /* of those: the next segment was not ready yet */
    uint64_t recycled;       /* segments made of old ones */
    uint64_t trimmed;        /* segments taken away */
    uint64_t continued;      /* times the log went on in a fresh segment after a failure */
    uint64_t segment;        /* number of the segment being written */
    uint64_t in_flight_most;
};

#ifdef __cplusplus
}
#endif
#endif
