/* The hash chain's digest: SHA-256 over the digest before it and what came since.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_SHA256_H
#define QUIRE_SHA256_H

#include <stdint.h>

struct quire__sha256;

/* QUIRE_E_NO_CHAIN where this build has no SHA-256. -ENOMEM. */
int quire__sha256_open(struct quire__sha256 **sha256);
void quire__sha256_close(struct quire__sha256 *sha256); /* NULL: nothing happens */

/* Begins anew, with the 32 bytes of previous. Allocates nothing, as the others. */
void quire__sha256_begin(struct quire__sha256 *sha256, const unsigned char *previous);
void quire__sha256_update(struct quire__sha256 *sha256, const void *data, uint64_t length);
/* 32 bytes. */
void quire__sha256_digest(struct quire__sha256 *sha256, unsigned char *digest);

#endif
