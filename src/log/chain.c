/* SHA-256 from libcrypto, where it was there at build time. See chain.h.
 *
 * SPDX-License-Identifier: MIT */
#include "log/chain.h"

#include <errno.h>
#include <stdlib.h>

#ifdef QUIRE__HAVE_CRYPTO

/* The old interface: the new one allocates each time a digest begins anew, and a segment begins while others append. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

struct quire__chain {
    SHA256_CTX context;
};

int quire__chain_open(struct quire__chain **chain)
{
    struct quire__chain *c = calloc(1, sizeof *c);

    if (!c)
        return -ENOMEM;
    *chain = c;
    return 0;
}

void quire__chain_close(struct quire__chain *chain)
{
    free(chain);
}

void quire__chain_begin(struct quire__chain *chain, const unsigned char *previous)
{
    SHA256_Init(&chain->context); /* none of these fails */
    SHA256_Update(&chain->context, previous, 32);
}

void quire__chain_update(struct quire__chain *chain, const void *pages, uint64_t length)
{
    SHA256_Update(&chain->context, pages, length);
}

void quire__chain_digest(struct quire__chain *chain, unsigned char *digest)
{
    SHA256_Final(digest, &chain->context);
}

#else

int quire__chain_open(struct quire__chain **chain)
{
    (void)chain;
    return QUIRE_E_NO_CHAIN;
}

void quire__chain_close(struct quire__chain *chain)
{
    (void)chain;
}

void quire__chain_begin(struct quire__chain *chain, const unsigned char *previous)
{
    (void)chain, (void)previous;
}

void quire__chain_update(struct quire__chain *chain, const void *pages, uint64_t length)
{
    (void)chain, (void)pages, (void)length;
}

void quire__chain_digest(struct quire__chain *chain, unsigned char *digest)
{
    (void)chain, (void)digest;
}

#endif

void quire__chain_add(quire_log *log, const void *pages, uint64_t length)
{
    if (log->chain)
        quire__chain_update(log->chain, pages, length);
}

void quire__chain_end(quire_log *log, struct quire__segment *segment)
{
    if (!log->chain)
        return;
    segment->sums.chained = 1;
    memcpy(segment->sums.previous, log->chain_previous, sizeof log->chain_previous);
    quire__chain_digest(log->chain, segment->sums.digest);
    memcpy(log->chain_previous, segment->sums.digest, sizeof log->chain_previous);
    quire__chain_begin(log->chain, log->chain_previous);
}
