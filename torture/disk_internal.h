/* What the files of the disk share.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TORTURE_DISK_INTERNAL_H
#define QUIRE_TORTURE_DISK_INTERNAL_H

#include "torture/disk.h"

enum { DISK_HANDLES = 64, DISK_MAPS = 16, DISK_ALIGN = 512 };

enum disk_handle_kind { DISK_FREE, DISK_FILE, DISK_FOLDER };

struct disk_handle {
    enum disk_handle_kind kind;
    uint32_t file;
    bool locks;
    bool failed; /* a flush of it did */
};

struct disk_map {
    unsigned char *memory; /* NULL: free */
    uint32_t file;
    uint64_t offset, length;
};

struct torture_disk {
    struct quire__io io;         /* first: the seam hands it back */
    struct torture_arena arena;  /* of pages, where there is no trace that keeps them */
    struct torture_image image;  /* as the page cache has it */
    struct torture_trace *trace; /* NULL: nobody writes it down */
    struct disk_handle handles[DISK_HANDLES];
    struct disk_map maps[DISK_MAPS];
    uint64_t changes; /* of the directory's names */
    uint64_t queues, random;
    enum torture_fault fault;
    uint64_t fault_in; /* so many until it comes */
    int fault_code;
    const char *complaint;
    bool is_full;
};

void disk_complain(struct torture_disk *disk, const char *what);

/* An event, or one that is forgotten where nothing is written down. */
struct torture_event *disk_note(struct torture_disk *disk, enum torture_kind kind, uint32_t file);

/* Bytes to a file, and its size if it grows. *event (may be NULL): the write's number. -ENOSPC: no memory.
 * is_done: it has come to its end. */
int disk_store(struct torture_disk *disk, uint32_t file, uint64_t offset, uint64_t length, const void *data,
               bool is_done, uint64_t *event);

/* What was stored into mappings meanwhile. */
void disk_notice_stores(struct torture_disk *disk);

/* What mappings have behind the end of a file that is cut is gone. */
void disk_cut_maps(struct torture_disk *disk, uint32_t file, uint64_t size);

/* 0, or the code with which this write or flush is to fail. */
int disk_meets_fault(struct torture_disk *disk, enum torture_fault fault);
/* The same for a flush through this handle, and none may be asked for behind one that failed. */
int disk_meets_failing_flush(struct torture_disk *disk, struct disk_handle *handle);

/* Of a write that fails: some of it, from the front. */
void disk_store_some(struct torture_disk *disk, uint32_t file, uint64_t offset, uint64_t length, const void *data);

struct disk_handle *disk_handle_of(struct torture_disk *disk, int file);

int disk_map(struct quire__io *io, int file, uint64_t offset, uint64_t length, void **memory);
int disk_populate(struct quire__io *io, void *memory, uint64_t length);
int disk_unmap(struct quire__io *io, void *memory, uint64_t length);
int disk_queue_open(struct quire__io *io, uint32_t depth, void *memory, uint64_t bytes, uint32_t count,
                    struct quire__queue **queue);

#endif
