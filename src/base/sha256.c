/* SHA-256 from libcrypto, where it was there at build time. See sha256.h.
 *
 * SPDX-License-Identifier: MIT */
#include "base/sha256.h"

#include <errno.h>
#include <stdlib.h>

#include <quire/error.h>

#ifdef QUIRE__HAVE_CRYPTO

/* The old interface: the new one allocates each time a digest begins anew, and a segment begins while others append. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

struct quire__sha256 {
    SHA256_CTX context;
};

int quire__sha256_open(struct quire__sha256 **sha256)
{
    struct quire__sha256 *c = calloc(1, sizeof *c);

    if (!c)
        return -ENOMEM;
    *sha256 = c;
    return 0;
}

void quire__sha256_close(struct quire__sha256 *sha256)
{
    free(sha256);
}

void quire__sha256_begin(struct quire__sha256 *sha256, const unsigned char *previous)
{
    SHA256_Init(&sha256->context); /* none of these fails */
    SHA256_Update(&sha256->context, previous, 32);
}

void quire__sha256_update(struct quire__sha256 *sha256, const void *data, uint64_t length)
{
    SHA256_Update(&sha256->context, data, length);
}

void quire__sha256_digest(struct quire__sha256 *sha256, unsigned char *digest)
{
    SHA256_Final(digest, &sha256->context);
}

#else

int quire__sha256_open(struct quire__sha256 **sha256)
{
    (void)sha256;
    return QUIRE_E_NO_CHAIN;
}

void quire__sha256_close(struct quire__sha256 *sha256)
{
    (void)sha256;
}

void quire__sha256_begin(struct quire__sha256 *sha256, const unsigned char *previous)
{
    (void)sha256, (void)previous;
}

void quire__sha256_update(struct quire__sha256 *sha256, const void *data, uint64_t length)
{
    (void)sha256, (void)data, (void)length;
}

void quire__sha256_digest(struct quire__sha256 *sha256, unsigned char *digest)
{
    (void)sha256, (void)digest;
}

#endif
