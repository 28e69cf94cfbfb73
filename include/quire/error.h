/* What can go wrong, as numbers.
 *
 * Every function of quire that can fail returns an int: 0 or more is success, a negative number says what went
 * wrong. From -1 to -4095 it is -errno, as the kernel gave it. Below that it is one of the codes listed here.
 * No function of quire sets or reads the caller's errno as part of its contract.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_ERROR_H
#define QUIRE_ERROR_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The one list of quire's own errors: name, number, text. Numbers are never reused. */
#define QUIRE_ERRORS(X)                                                                                       \
    X(QUIRE_E_ARGUMENT, -4096, "an argument is NULL, out of range, or of an object already closed")           \
    X(QUIRE_E_OPTIONS, -4097, "the options structure has a size or a value that this library does not know")  \
    X(QUIRE_E_METHOD, -4098, "no such method: write, stdio, paged, mmap and uring exist")                     \
    X(QUIRE_E_BUFFER_SIZE, -4099, "a buffer must be whole pages of 4096 bytes, from 4 KiB to 64 MiB")         \
    X(QUIRE_E_BUFFER_COUNT, -4100, "too few or too many buffers: 2 to 1024, and at most 1 GiB in all")        \
    X(QUIRE_E_TOO_LARGE, -4101, "larger than the buffers set at open can ever hold")                          \
    X(QUIRE_E_CLAIM_OPEN, -4102, "a claim made earlier has not been published")                               \
    X(QUIRE_E_CLAIM_STALE, -4103, "this claim was published before, or is not of this writer or lane")        \
    X(QUIRE_E_NOT_REGULAR, -4104, "not a regular file")                                                       \
    X(QUIRE_E_SYMLINK, -4105, "the path is a symbolic link, which quire does not follow")                     \
    X(QUIRE_E_LOCKED, -4106, "another writer has this file open")                                             \
    X(QUIRE_E_NO_DIRECT, -4107, "the file system offers no direct I/O (O_DIRECT) that states its alignment")  \
    X(QUIRE_E_NO_URING, -4108, "io_uring is not to be had: not in this build, or refused by the kernel")      \
    X(QUIRE_E_RANGE, -4109, "the offset lies beyond what has been appended")                                  \
    X(QUIRE_E_DROPPED, -4110, "no buffer was free, so the record was dropped and counted")                    \
    X(QUIRE_E_NO_PROGRESS, -4111, "the kernel accepted no bytes and gave no reason")                          \
    X(QUIRE_E_REPLACED, -4112, "the path came to name another file while it was being opened")                \
    X(QUIRE_E_FORKED, -4113, "the handle was opened before fork: only the process that opened it may use it") \
    X(QUIRE_E_NOT_A_LOG, -4114, "the directory holds no log")                                                 \
    X(QUIRE_E_VERSION, -4115, "written by a later version of quire, or with features this one does not know") \
    X(QUIRE_E_DAMAGED, -4116, "damaged: records that had been written cannot be read")                        \
    X(QUIRE_E_MISSING, -4117, "a segment is missing from the log")                                            \
    X(QUIRE_E_FOREIGN, -4118, "a segment belongs to another log")                                             \
    X(QUIRE_E_TRIMMED, -4119, "these records are gone: trimmed from the front of the log")                    \
    X(QUIRE_E_NO_CODEC, -4120, "this build cannot compress or expand with this codec")                        \
    X(QUIRE_E_NO_CHAIN, -4121, "no hash chain: no sealed segment has one, or this build lacks SHA-256")       \
    X(QUIRE_E_CURSOR, -4122, "not a cursor of this log")

enum quire_error {
#define QUIRE_ERROR_ENUM(name, number, text) name = number,
    QUIRE_ERRORS(QUIRE_ERROR_ENUM)
#undef QUIRE_ERROR_ENUM
};

/* One sentence for a code that a function of quire returned: quire's own text, or the system's for -errno.
 * 0 and positive numbers give "success"; a number that nobody uses gives "unknown error".
 * The string is constant and never freed. Any thread, and safe in a signal handler. */
const char *quire_strerror(int code);

/* The operations on a file that can fail. See struct quire_failure. */
#define QUIRE_CALLS(X)                                       \
    X(QUIRE_CALL_NONE, 0, "none")                            \
    X(QUIRE_CALL_OPEN, 1, "open")                            \
    X(QUIRE_CALL_LOCK, 2, "lock")                            \
    X(QUIRE_CALL_STAT, 3, "stat")                            \
    X(QUIRE_CALL_ALLOCATE, 4, "allocate")                    \
    X(QUIRE_CALL_TRUNCATE, 5, "truncate")                    \
    X(QUIRE_CALL_WRITE, 6, "write")                          \
    X(QUIRE_CALL_SYNC, 7, "sync")                            \
    X(QUIRE_CALL_SYNC_DIRECTORY, 8, "sync of the directory") \
    X(QUIRE_CALL_MAP, 9, "map")                              \
    X(QUIRE_CALL_QUEUE, 10, "io_uring")                      \
    X(QUIRE_CALL_MEMORY, 11, "memory")                       \
    X(QUIRE_CALL_THREAD, 12, "thread")                       \
    X(QUIRE_CALL_CLOSE, 13, "close")                         \
    X(QUIRE_CALL_READ, 14, "read")                           \
    X(QUIRE_CALL_LIST, 15, "list of the directory")          \
    X(QUIRE_CALL_RENAME, 16, "rename")                       \
    X(QUIRE_CALL_UNLINK, 17, "unlink")

enum quire_call {
#define QUIRE_CALL_ENUM(name, number, text) name = number,
    QUIRE_CALLS(QUIRE_CALL_ENUM)
#undef QUIRE_CALL_ENUM
};

/* The name of a call, for messages: "write", "sync", ... Constant; never NULL, never freed. Any thread. */
const char *quire_call_name(int call);

/* Where it failed, in numbers, so that nothing needs to be allocated to say it. */
struct quire_failure {
    int code;     /* what the functions return since then: -errno or QUIRE_E_... ; 0 = nothing failed */
    int call;     /* enum quire_call: the operation that failed first */
    int os_error; /* errno of that operation, positive; 0 where the kernel was not the one to refuse */
    int reserved;
    uint64_t offset; /* bytes from the start of the file: where the operation was to take effect */
};

#ifdef __cplusplus
}
#endif
#endif
