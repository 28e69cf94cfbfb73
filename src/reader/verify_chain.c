/* Digests, compared. See verify_chain.h.
 *
 * SPDX-License-Identifier: MIT */
#include "reader/verify_chain.h"

#include <errno.h>
#include <string.h>

#include "base/sha256.h"
#include "reader/catalog.h"
#include "reader/scan.h"

enum { GO_BACK = 1 };

struct walk {
    struct quire__catalog catalog;
    struct quire__scan scan;
    struct quire__sha256 *sha256;
    const struct quire_verify_options *options;
    struct quire_verify_result *result;
    uint64_t chained;           /* segments that held */
    unsigned char previous[32]; /* the digest of the last one; of the first, what it says itself */
    /* Behind it are segments without a footer: a crash took it, or they are not finished. */
    uint64_t unfinished;      /* index of the first of them; NONE */
    unsigned char before[32]; /* the digest in front of it */
    bool is_again;
};

#define NONE UINT64_MAX

static void tell(struct walk *walk, uint64_t segment, uint64_t offset)
{
    struct quire_damage damage = {.code = QUIRE_E_NO_CHAIN, .segment = segment, .block = UINT64_MAX, .offset = offset};

    walk->result->damaged++;
    if (walk->options->damaged)
        walk->options->damaged(walk->options->context, &damage);
}

/* From the first block to the footer; *sealed false if there is none. */
static int read_segment(struct walk *walk, struct quire__disk_footer *footer, uint64_t *offset, bool *sealed)
{
    struct quire__found found;

    *sealed = false;
    for (*offset = QUIRE__SEGMENT_BEGIN;; *offset = quire__found_end(&found)) {
        int rc = quire__scan_read(&walk->scan, *offset, &found);
        if (rc < 0 || found.kind != QUIRE__FIND_BLOCK)
            return rc;
        if (found.header.type == QUIRE__BLOCK_FOOTER) {
            memcpy(footer, found.payload, sizeof *footer);
            *sealed = true;
            return 0;
        }
    }
}

static int add_pages(struct walk *walk, uint64_t end)
{
    for (uint64_t at = QUIRE__SEGMENT_BEGIN; at < end;) {
        const unsigned char *bytes;
        uint64_t have = 0;
        int rc = quire__window_need(&walk->scan.window, walk->scan.io, walk->scan.file, at, QUIRE__PAGE, &bytes, &have);
        if (rc < 0)
            return rc;
        uint64_t part = quire__min(have, end - at);
        if (part == 0)
            return QUIRE_E_DAMAGED; /* the file has become shorter */
        quire__sha256_update(walk->sha256, bytes, part);
        at += part;
    }
    return 0;
}

/* Of the pages up to end, behind those of a segment with the digest previous. */
static int make_digest(struct walk *walk, const unsigned char *previous, uint64_t end, unsigned char *digest)
{
    quire__sha256_begin(walk->sha256, previous);
    int rc = add_pages(walk, end);
    quire__sha256_digest(walk->sha256, digest);
    return rc;
}

/* Counts with the digest that its footer would have had. One that is empty counts for nothing. */
static int add_unfinished(struct walk *walk, uint64_t index, uint64_t end)
{
    if (walk->chained == 0 || end == QUIRE__SEGMENT_BEGIN)
        return 0;
    if (walk->unfinished == NONE) {
        walk->unfinished = index;
        memcpy(walk->before, walk->previous, sizeof walk->before);
    }
    return make_digest(walk, walk->before, end, walk->before);
}

/* The digest in front of a segment that is finished. */
static const unsigned char *in_front(const struct walk *walk)
{
    return walk->unfinished == NONE ? walk->previous : walk->before;
}

/* GO_BACK: to the first of those in front that were not finished, for the writer went on with them meanwhile. */
static int check_finished(struct walk *walk, const struct quire__segment_header *header,
                          const struct quire__disk_footer *footer, uint64_t end)
{
    unsigned char digest[32];

    if (!footer->chained && walk->chained == 0)
        return 0; /* from before the chain began */
    bool follows = walk->chained == 0 || memcmp(footer->previous, in_front(walk), sizeof footer->previous) == 0;
    if (!follows && walk->unfinished != NONE && !walk->is_again)
        return GO_BACK;
    int rc = make_digest(walk, footer->previous, end, digest);
    if (rc < 0)
        return rc;
    if (!footer->chained || !follows || memcmp(digest, footer->digest, sizeof digest) != 0)
        tell(walk, header->number, end);
    walk->chained++;
    memcpy(walk->previous, footer->digest, sizeof walk->previous);
    walk->unfinished = NONE;
    walk->is_again = false;
    return 0;
}

static int check_segment(struct walk *walk, uint64_t index)
{
    struct quire__segment_header header;
    struct quire__disk_footer footer;
    uint64_t offset;
    bool sealed;
    int file;

    int rc = quire__catalog_open_segment(&walk->catalog, index, &file, &header);
    /* What its bytes say has been told, unless it is the last one and was not finished; or retention took it. Anything
     * else is of the system: the chain is not broken for that, nor does it hold. */
    if (rc < 0)
        return rc == -ENOENT || quire__is_damage(rc) || walk->result->damaged > 0 ? 0 : rc;
    quire__scan_enter(&walk->scan, file, &header);
    rc = read_segment(walk, &footer, &offset, &sealed);
    if (rc < 0)
        return rc;
    return sealed ? check_finished(walk, &header, &footer, offset) : add_unfinished(walk, index, offset);
}

static int check_all(struct walk *walk)
{
    int rc = 0;

    for (uint64_t i = 0; i < walk->catalog.count && rc == 0; i++) {
        rc = check_segment(walk, i);
        if (rc != GO_BACK)
            continue;
        i = walk->unfinished - 1; /* it has one in front */
        walk->unfinished = NONE;
        walk->is_again = true;
        rc = 0;
    }
    return rc;
}

int quire__verify_chain(struct quire__io *io, const char *directory, const struct quire_verify_options *options,
                        struct quire_verify_result *result)
{
    struct walk walk = {.options = options, .result = result, .unfinished = NONE};
    uint64_t number = 0;

    int rc = quire__sha256_open(&walk.sha256);
    if (rc < 0)
        return rc;
    rc = quire__catalog_open(&walk.catalog, io, directory, &number);
    if (rc < 0)
        goto no_catalog;
    rc = quire__scan_open(&walk.scan, io, QUIRE__BLOCK_MOST_DEFAULT);
    if (rc < 0)
        goto no_scan;
    rc = check_all(&walk);
    if (rc == 0 && walk.chained == 0)
        rc = QUIRE_E_NO_CHAIN;
    memcpy(result->chain, walk.previous, sizeof result->chain);
    quire__scan_close(&walk.scan);
no_scan:
    quire__catalog_close(&walk.catalog);
no_catalog:
    quire__sha256_close(walk.sha256);
    return rc;
}
