/* SHA-256 from libcrypto, where it was there at build time. See chain.h.
 *
 * SPDX-License-Identifier: MIT */
#include "log/chain.h"

#include <errno.h>
#include <stdlib.h>

#ifdef QUIRE__HAVE_CRYPTO

#include <openssl/evp.h>

struct quire__chain {
    EVP_MD_CTX *context;
    EVP_MD *sha256;
};

int quire__chain_open(struct quire__chain **chain)
{
    struct quire__chain *c = calloc(1, sizeof *c);

    if (!c)
        return -ENOMEM;
    c->context = EVP_MD_CTX_new();
    /* Fetched once: looking it up again would allocate. */
    c->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    if (!c->context || !c->sha256) {
        quire__chain_close(c);
        return QUIRE_E_NO_CHAIN;
    }
    *chain = c;
    return 0;
}

void quire__chain_close(struct quire__chain *chain)
{
    if (!chain)
        return;
    EVP_MD_CTX_free(chain->context);
    EVP_MD_free(chain->sha256);
    free(chain);
}

void quire__chain_begin(struct quire__chain *chain, const unsigned char *previous)
{
    /* None of these fails with a digest that was fetched and a context that exists. */
    EVP_DigestInit_ex2(chain->context, chain->sha256, NULL);
    EVP_DigestUpdate(chain->context, previous, 32);
}

void quire__chain_update(struct quire__chain *chain, const void *pages, uint64_t length)
{
    EVP_DigestUpdate(chain->context, pages, length);
}

void quire__chain_digest(struct quire__chain *chain, unsigned char *digest)
{
    EVP_DigestFinal_ex(chain->context, digest, NULL);
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
