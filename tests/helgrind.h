/* C11's atomics told to helgrind, which knows locks and conditions, and takes an atomic for plain memory. Put in front of
 * every source of a build for it (-include, by `make helgrind`); in no other build.
 *
 * An operation with an order says that order: what came before a release, on that address, is before what comes after an
 * acquire of it. A relaxed one says nothing, so that what is handed over by it is a race all the same. The memory of an
 * atomic itself is not looked at: two threads may be in it at once. Helgrind's edges are kept by address, not by the
 * value that was read, so it believes a little more than C11 promises; tests/models/weak_*.cpp does not.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TESTS_HELGRIND_H
#define QUIRE_TESTS_HELGRIND_H

#include <stdatomic.h>
#include <stdint.h>
#include <valgrind/helgrind.h>

#define HELGRIND_BEFORE(at, order)                        \
    do {                                                  \
        VALGRIND_HG_DISABLE_CHECKING((at), sizeof *(at)); \
        if ((order) != memory_order_relaxed)              \
            ANNOTATE_HAPPENS_BEFORE(at);                  \
    } while (0)
#define HELGRIND_AFTER(at, order)            \
    do {                                     \
        if ((order) != memory_order_relaxed) \
            ANNOTATE_HAPPENS_AFTER(at);      \
    } while (0)

#undef atomic_load_explicit
#define atomic_load_explicit(object, order)                           \
    __extension__({                                                   \
        __auto_type at_ = (object);                                   \
        VALGRIND_HG_DISABLE_CHECKING((const void *)at_, sizeof *at_); \
        __auto_type value_ = __atomic_load_n(at_, order);             \
        HELGRIND_AFTER((const volatile void *)at_, order);            \
        value_;                                                       \
    })
#undef atomic_store_explicit
#define atomic_store_explicit(object, value, order) \
    __extension__({                                 \
        __auto_type at_ = (object);                 \
        HELGRIND_BEFORE(at_, order);                \
        __atomic_store_n(at_, (value), order);      \
    })
#define HELGRIND_CHANGE(object, how, by, order)      \
    __extension__({                                  \
        __auto_type at_ = (object);                  \
        HELGRIND_BEFORE(at_, order);                 \
        __auto_type before_ = how(at_, (by), order); \
        HELGRIND_AFTER(at_, order);                  \
        before_;                                     \
    })
#undef atomic_fetch_add_explicit
#define atomic_fetch_add_explicit(object, by, order) HELGRIND_CHANGE(object, __atomic_fetch_add, by, order)
#undef atomic_fetch_sub_explicit
#define atomic_fetch_sub_explicit(object, by, order) HELGRIND_CHANGE(object, __atomic_fetch_sub, by, order)
#undef atomic_exchange_explicit
#define atomic_exchange_explicit(object, by, order) HELGRIND_CHANGE(object, __atomic_exchange_n, by, order)
#undef atomic_compare_exchange_strong_explicit
#define atomic_compare_exchange_strong_explicit(object, expected, value, order, failed)              \
    __extension__({                                                                                  \
        __auto_type at_ = (object);                                                                  \
        HELGRIND_BEFORE(at_, order);                                                                 \
        bool changed_ = __atomic_compare_exchange_n(at_, (expected), (value), 0, (order), (failed)); \
        HELGRIND_AFTER(at_, order);                                                                  \
        changed_;                                                                                    \
    })
#undef atomic_load
#define atomic_load(object) atomic_load_explicit(object, memory_order_seq_cst)
#undef atomic_store
#define atomic_store(object, value) atomic_store_explicit(object, value, memory_order_seq_cst)
#undef atomic_fetch_add
#define atomic_fetch_add(object, by) atomic_fetch_add_explicit(object, by, memory_order_seq_cst)
#undef atomic_fetch_sub
#define atomic_fetch_sub(object, by) atomic_fetch_sub_explicit(object, by, memory_order_seq_cst)
#undef atomic_exchange
#define atomic_exchange(object, value) atomic_exchange_explicit(object, value, memory_order_seq_cst)
#undef atomic_compare_exchange_strong
#define atomic_compare_exchange_strong(object, expected, value) \
    atomic_compare_exchange_strong_explicit(object, expected, value, memory_order_seq_cst, memory_order_seq_cst)

#endif
