/* quire's own functions under relacy: C11's atomics are relacy's here, and other memory is watched for races.
 *
 * A line SOURCE(file, function) in a test stands for that function as it is in the tree; scripts/models puts it there,
 * with `_Atomic T` written word<T>, bytes written cells, and each order written order_of(number, order), by which one of
 * them can be weakened (ORDER=number in the environment of the test). What the functions need around them (structures, locks, the kernel) is in the test,
 * with the members' names. Threads change places at operations on atomics, watched memory and locks, and nowhere else.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TESTS_WEAK_HPP
#define QUIRE_TESTS_WEAK_HPP

/* Before relacy, which redefines what they use. */
#include <climits>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include <relacy/relacy.hpp>

template <class T> struct word : rl::atomic<T> {
    operator T() { return this->load(rl::mo_seq_cst, $); }
};

/* The order with this number, among those of the functions in a test, is made weaker than it is in the tree. */
static int weaker;

static inline rl::memory_order order_of(int number, rl::memory_order order)
{
    return number == weaker ? rl::mo_relaxed : order;
}

/* relacy has other ideas of these. */
#define pthread_mutex_t rl::mutex
#undef pthread_mutex_lock
#undef pthread_mutex_unlock
#define pthread_mutex_lock(mutex) (mutex)->lock($)
#define pthread_mutex_unlock(mutex) (mutex)->unlock($)

/* Memory that is not atomic: two threads in it at once, one of them writing, is a finding. */
template <class T> struct plain {
    rl::var<T> inside;

    operator T() { return inside($); }
    plain &operator=(T value)
    {
        inside($) = value;
        return *this;
    }
    plain &operator=(plain &other) { return *this = (T)other; }
    T operator+=(T by) { return *this = (T)*this + by, (T)*this; }
    T operator-=(T by) { return *this = (T)*this - by, (T)*this; }
    T operator++(int)
    {
        T before = *this;
        *this = before + 1;
        return before;
    }
};

#define memory_order_relaxed rl::mo_relaxed
#define atomic_load_explicit(word, order) (word)->load(order, $)
#define atomic_store_explicit(word, value, order) (word)->store(value, order, $)
#define atomic_fetch_add_explicit(word, by, order) (word)->fetch_add(by, order, $)
#define atomic_fetch_sub_explicit(word, by, order) (word)->fetch_sub(by, order, $)
#define atomic_compare_exchange_strong_explicit(word, expected, value, order, failed) \
    (word)->compare_exchange_strong(*(expected), value, order, $, failed, $)
#define QUIRE__LIKELY(x) (x)
#define QUIRE__UNLIKELY(x) (x)

static inline void wait_a_little(unsigned)
{
    rl::yield(1, $);
}

/* Prints what was done; 0 if nothing was found. */
template <class Suite> int explore(unsigned iterations)
{
    rl::test_params params;
    const char *number = std::getenv("ORDER");

    weaker = number ? std::atoi(number) : 0;
    params.iteration_count = iterations;
    params.execution_depth_limit = 20000;
    /* Memory is relacy's while it runs, so nothing here may allocate then. HISTORY=1: what led to a finding. */
    std::ofstream nowhere("/dev/null");
    params.output_stream = std::getenv("HISTORY") ? &std::cerr : (std::ostream *)&nowhere;
    params.progress_stream = &nowhere;
    bool good = rl::simulate<Suite>(params);
    std::printf("%u iterations, %s\n", (unsigned)params.stop_iteration, good ? "errors 0" : rl::test_result_str(params.test_result));
    return good ? 0 : 1;
}

#endif
