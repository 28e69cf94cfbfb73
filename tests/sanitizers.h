/* What a program is built with: a sanitizer takes ten times as long, and finds a mistake at the first of a kind. So tests
 * that try many of a kind try fewer then.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TESTS_SANITIZERS_H
#define QUIRE_TESTS_SANITIZERS_H

/* gcc says it by a macro, clang by a feature. */
#ifndef __has_feature
#define __has_feature(name) 0
#endif

#if defined(__SANITIZE_THREAD__) || __has_feature(thread_sanitizer)
#define FINDS_RACES_ONLY 1
#else
#define FINDS_RACES_ONLY 0
#endif

#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define FINDS_LEAKS 1
#else
#define FINDS_LEAKS 0
#endif

#if FINDS_RACES_ONLY || FINDS_LEAKS || __has_feature(memory_sanitizer)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

#endif
