/* Pages, and arithmetic that says when it does not fit.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_ALIGN_H
#define QUIRE_ALIGN_H

#include <stdbool.h>
#include <stdint.h>

#define QUIRE__PAGE 4096u
#define QUIRE__CACHE_LINE 64

/* The largest length of a file: an off_t that is not negative. */
#define QUIRE__FILE_MAX ((uint64_t)INT64_MAX)

/* For the few functions that every append goes through: they have no array, and the address of a local only goes to
 * functions that are known. A stack protector costs each of them six instructions and can find nothing. */
#if defined(__has_attribute)
#if __has_attribute(no_stack_protector)
#define QUIRE__NO_STACK_PROTECTOR __attribute__((no_stack_protector))
#endif
#endif
#ifndef QUIRE__NO_STACK_PROTECTOR
#define QUIRE__NO_STACK_PROTECTOR
#endif

#define QUIRE__LIKELY(condition) __builtin_expect(!!(condition), 1)
#define QUIRE__UNLIKELY(condition) __builtin_expect(!!(condition), 0)

static inline uint64_t quire__round_down(uint64_t value, uint64_t unit)
{
    return value - value % unit;
}

/* value + unit must not overflow. */
static inline uint64_t quire__round_up(uint64_t value, uint64_t unit)
{
    return quire__round_down(value + unit - 1, unit);
}

static inline uint64_t quire__min(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static inline uint64_t quire__max(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static inline bool quire__is_whole_pages(uint64_t value)
{
    return value % QUIRE__PAGE == 0;
}

#endif
