/* The seam: everything quire does to files goes through one table of operations.
 *
 * posix.c and uring.c are the real ones; tests bring their own (fault injection, a simulated disk) and open a writer
 * on them with quire__writer_open_on(). An operation is one attempt: short writes and EINTR come back as they are, and
 * what to do about them is decided above the seam (retry.h), so that a test can provoke them.
 *
 * All return 0, or -errno, or one of QUIRE_E_...; out-parameters are left alone on failure.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_IO_H
#define QUIRE_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct quire__io;
struct quire__queue;

enum quire__io_kind { QUIRE__IO_REGULAR, QUIRE__IO_DIRECTORY, QUIRE__IO_OTHER };

/* What the kernel says about an open file. */
struct quire__io_facts {
    enum quire__io_kind kind;
    uint32_t mode;          /* permissions; 0: not known */
    uint64_t size;          /* bytes */
    uint64_t device, inode; /* which file it is */
    uint64_t changed;       /* when its content last was, in nanoseconds since 1970: of a directory, its names */
    uint32_t memory_align;  /* of O_DIRECT, in memory and in the file; 0: not stated, so not to be relied on */
    uint32_t offset_align;
};

/* How to open: or'ed. Unless READ_ONLY: for writing. Always: close-on-exec, no symbolic link followed, no waiting
 * for a FIFO's reader, and nothing but a regular file, or with FOLDER a directory: QUIRE_E_NOT_REGULAR. */
enum quire__io_open {
    QUIRE__IO_CREATE = 1,    /* create if missing */
    QUIRE__IO_EXCLUSIVE = 2, /* with CREATE: fail if present */
    QUIRE__IO_READ = 4,      /* for reading too: a shared mapping needs it */
    QUIRE__IO_DIRECT = 8,    /* past the page cache */
    QUIRE__IO_READ_ONLY = 16,
    QUIRE__IO_FOLDER = 32 /* a directory, to be locked or synced; with READ_ONLY */
};

struct quire__io_ops {
    int (*open)(struct quire__io *io, const char *path, unsigned how, uint32_t mode, int *file);
    int (*close)(struct quire__io *io, int file);
    int (*unlink)(struct quire__io *io, const char *path);
    /* Replaces what to names. */
    int (*rename)(struct quire__io *io, const char *from, const char *to);
    int (*make_directory)(struct quire__io *io, const char *path, uint32_t mode);
    /* Calls see for each name in a directory, in no order; other than 0 stops and is returned. */
    int (*list)(struct quire__io *io, const char *path, int (*see)(void *context, const char *name), void *context);
    /* Bytes that an ordinary user can still have on the file system that path is on. */
    int (*free_space)(struct quire__io *io, const char *path, uint64_t *bytes);
    /* Excludes other writers for as long as the file is open. QUIRE_E_LOCKED. */
    int (*lock)(struct quire__io *io, int file);
    int (*facts)(struct quire__io *io, int file, struct quire__io_facts *facts);
    /* Which file path names now. -ENOENT if none. */
    int (*identify)(struct quire__io *io, const char *path, uint64_t *device, uint64_t *inode);
    /* Blocks for [offset, offset + length). grow: the file's size includes them afterwards. -EOPNOTSUPP where the
     * file system cannot. On failure the size may have grown all the same. */
    int (*allocate)(struct quire__io *io, int file, uint64_t offset, uint64_t length, bool grow);
    int (*truncate)(struct quire__io *io, int file, uint64_t length);
    /* One pwrite(2). *written may be less than length. */
    int (*write)(struct quire__io *io, int file, const void *from, uint64_t length, uint64_t offset, uint64_t *written);
    /* The same, and when it returns what was written is durable, with what is needed to find it: nothing else is. */
    int (*write_durably)(struct quire__io *io, int file, const void *from, uint64_t length, uint64_t offset,
                         uint64_t *written);
    /* One pread(2). *got may be less than length; 0 at the end of the file. */
    int (*read)(struct quire__io *io, int file, void *to, uint64_t length, uint64_t offset, uint64_t *got);
    /* fdatasync: data, and what is needed to find it. */
    int (*sync)(struct quire__io *io, int file);
    /* Makes the name of path durable: fsync of the directory it is in. */
    int (*sync_directory)(struct quire__io *io, const char *path);
    /* Asks the kernel to begin writing dirty pages to the device. Promises nothing. */
    int (*start_writeback)(struct quire__io *io, int file, uint64_t offset, uint64_t length);
    /* Drops clean pages from the page cache. Promises nothing. */
    int (*drop_cache)(struct quire__io *io, int file, uint64_t offset, uint64_t length);
    /* Maps [offset, offset + length), which is allocated, shared and writable. */
    int (*map)(struct quire__io *io, int file, uint64_t offset, uint64_t length, void **memory);
    /* Makes pages of a mapping present and writable in one go, so that storing into them cannot fail. */
    int (*populate)(struct quire__io *io, void *memory, uint64_t length);
    int (*unmap)(struct quire__io *io, void *memory, uint64_t length);
    /* A queue of at most depth asynchronous writes from count buffers of bytes each, back to back at memory. */
    int (*queue_open)(struct quire__io *io, uint32_t depth, void *memory, uint64_t bytes, uint32_t count,
                      struct quire__queue **queue);
};

struct quire__io {
    const struct quire__io_ops *ops;
};

/* A write that has come to its end: result is the bytes written, possibly short, or -errno. */
struct quire__completion {
    uint64_t tag;
    int64_t result;
};

struct quire__queue_ops {
    /* Starts writing length bytes at from, which lie within buffer number buffer, to file. from, length and offset are
     * aligned. */
    int (*write)(struct quire__queue *queue, int file, uint32_t buffer, const void *from, uint64_t length,
                 uint64_t offset, uint64_t tag);
    /* Takes up to most completions, in any order; with wait, at least one. */
    int (*reap)(struct quire__queue *queue, bool wait, struct quire__completion *completions, uint32_t most,
                uint32_t *count);
    /* Nothing may be under way any more. */
    void (*close)(struct quire__queue *queue);
};

struct quire__queue {
    const struct quire__queue_ops *ops;
    bool registered; /* the buffers are registered with the kernel */
};

/* The operating system. Constant: no state, nothing to release. */
struct quire__io *quire__io_system(void);

/* queue_open of the system, in uring.c. QUIRE_E_NO_URING where this build or this kernel has none. */
int quire__uring_open(struct quire__io *io, uint32_t depth, void *memory, uint64_t bytes, uint32_t count,
                      struct quire__queue **queue);

#endif
