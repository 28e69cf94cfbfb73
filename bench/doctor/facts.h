/* What is known of the place where somebody wants to append, before anything is measured.
 *
 * Files of /proc and /sys are read below a root, so that a test can show a machine that is not there. What cannot be
 * found out is unknown: "", 0 or -1, as each says; nothing is guessed.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_FACTS_H
#define BENCH_FACTS_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "machine/counters.h"
#include "machine/mount.h"

/* What kind of storage is underneath, as far as appending goes. */
enum bench_storage {
    BENCH_STORAGE_UNKNOWN,
    BENCH_STORAGE_FLASH,   /* says that it does not rotate: SSD, NVMe */
    BENCH_STORAGE_VIRTUAL, /* a virtual machine's disk: what is behind it cannot be seen */
    BENCH_STORAGE_DISK,    /* rotates */
    BENCH_STORAGE_NETWORK, /* NFS, CIFS, ... */
    BENCH_STORAGE_MEMORY,  /* tmpfs, ramfs */
    BENCH_STORAGE_LAYERED, /* overlayfs, FUSE, 9p, virtiofs: another file system is underneath */
};

struct bench_facts {
    char directory[PATH_MAX];
    char kernel[128], cpu[128];
    unsigned cores;
    bool virtual_machine;
    struct bench_mount mount; /* type "" : unknown */
    enum bench_storage storage;
    char device[64], model[64], scheduler[64], schedulers[128];
    int rotational; /* -1: unknown */
    struct bench_queue queue;
    uint64_t logical_block, physical_block, optimal_io;         /* bytes; 0: unknown or none */
    uint64_t memory_bytes, dirty_bytes, dirty_background_bytes; /* limits of dirty pages, in bytes of this memory */
    int dirty_ratio;                                            /* as it is set; -1: bytes are, or unknown */
    uint64_t free_bytes;                                        /* UINT64_MAX: unknown */
    uint64_t memlock_bytes, file_size_limit;                    /* UINT64_MAX: none */
    uint64_t cgroup_memory_bytes;                               /* UINT64_MAX: none */
    uint32_t direct_memory, direct_offset; /* alignment of O_DIRECT as the kernel states it; 0: not stated */
    uint64_t atomic_most;                  /* bytes that one write can put there whole; 0: none */
    bool cachestat;
    int uring; /* 0 or why io_uring cannot be had: -errno */
};

/* Reads what stands in files below root and what the kernel says of the directory. directory exists. */
void bench_facts_read(struct bench_facts *facts, const char *root, const char *directory);

/* The part that reads files only: nothing of it is asked of the running kernel. device: "major:minor", "" for none. */
void bench_facts_read_files(struct bench_facts *facts, const char *root, const char *directory, const char *device);

/* "flash", "a virtual disk", "a rotating disk", ... */
const char *bench_storage_name(enum bench_storage storage);

/* Whether one of the mount's options is this word, or begins with it where it ends in "=". */
bool bench_facts_has_option(const struct bench_facts *facts, const char *option);

#endif
