/* Which quire this is: at compile time and at run time.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_VERSION_H
#define QUIRE_VERSION_H

#ifdef __cplusplus
extern "C" {
#endif

#define QUIRE_VERSION_MAJOR 0
#define QUIRE_VERSION_MINOR 1
#define QUIRE_VERSION_PATCH 0
#define QUIRE_VERSION_STRING "0.1.0"

/* The version of the library in use, "MAJOR.MINOR.PATCH". It may be newer than QUIRE_VERSION_STRING,
 * which is the version compiled against. The string is constant and never freed. Any thread. */
const char *quire_version(void);

/* What this build of the library can do: names separated by one space, for instance "io_uring".
 * A feature is missing where the library it needs was missing at build time. "" if there is none.
 * The string is constant and never freed. Any thread. */
const char *quire_features(void);

#ifdef __cplusplus
}
#endif
#endif
