/* Opening a file past the page cache.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_LIMITS_OPEN_DIRECT_H
#define BENCH_LIMITS_OPEN_DIRECT_H

/* Opens for writing with O_DIRECT and flags. The descriptor, -errno, or QUIRE_E_NO_DIRECT where the file system does
 * not have it or only says so. */
int bench_open_direct(const char *path, int flags);

#endif
