/* Is it text? See utf8.h.
 *
 * SPDX-License-Identifier: MIT */
#include "utf8.h"

#include <stdint.h>
#include <string.h>

/* Bytes that are ASCII from here on: nearly all there are, eight at a time. */
static size_t ascii(const unsigned char *at, size_t length)
{
    const uint64_t high = 0x8080808080808080u;
    size_t count = 0;
    for (uint64_t word; count + sizeof word <= length; count += sizeof word) {
        memcpy(&word, at + count, sizeof word);
        if (word & high)
            break;
    }
    while (count < length && at[count] < 0x80)
        count++;
    return count;
}

/* The length of the character of more than one byte that begins here, or 0. The second byte has the bounds: of a first
 * byte E0 and F0 against overlong forms, ED against surrogates, F4 against what lies above U+10FFFF. */
static size_t character(const unsigned char *at, size_t left)
{
    size_t length = at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : 2;
    unsigned char least = at[0] == 0xe0 ? 0xa0 : at[0] == 0xf0 ? 0x90 : 0x80;
    unsigned char most = at[0] == 0xed ? 0x9f : at[0] == 0xf4 ? 0x8f : 0xbf;
    if (at[0] < 0xc2 || at[0] > 0xf4 || length > left || at[1] < least || at[1] > most)
        return 0;
    for (size_t i = 2; i < length; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    return length;
}

bool export_is_utf8(const void *data, size_t length)
{
    const unsigned char *at = data;
    for (size_t i = ascii(at, length), step; i < length; i += ascii(at + i, length - i)) {
        if ((step = character(at + i, length - i)) == 0)
            return false;
        i += step;
    }
    return true;
}
