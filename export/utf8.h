/* Is it text?
 *
 * SPDX-License-Identifier: MIT */
#ifndef EXPORT_UTF8_H
#define EXPORT_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* UTF-8 and nothing else: no overlong forms, no surrogates, nothing above U+10FFFF. */
bool export_is_utf8(const void *data, size_t length);

#endif
