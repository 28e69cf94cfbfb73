/* Small logs, each with something in it that a reader has to judge.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TESTS_HURT_LOGS_H
#define QUIRE_TESTS_HURT_LOGS_H

#include "log_builder.h"

/* Each makes its log in the directory "log" of the case. */
#define HURT_LOGS(X)        \
    X(whole)                \
    X(block_broken)         \
    X(header_broken)        \
    X(last_block_broken)    \
    X(segment_missing)      \
    X(last_segment_missing) \
    X(segment_foreign)      \
    X(segments_unreadable)  \
    X(first_unreadable)     \
    X(zeroed)               \
    X(unborn)               \
    X(made_ready)           \
    X(overtaken)            \
    X(too_large)            \
    X(under_way)            \
    X(left_behind)          \
    X(page_between)         \
    X(begins_later)         \
    X(without_footer)       \
    X(cut_off)              \
    X(first_foreign)        \
    X(last_foreign)         \
    X(all_foreign)          \
    X(only_broken)          \
    X(only_unborn)

#define HURT_DECLARE(name) void hurt_##name(struct log_builder *b);
HURT_LOGS(HURT_DECLARE)
#undef HURT_DECLARE

#endif
