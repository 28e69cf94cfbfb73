/* Digests, compared. See verify_chain.h.
 *
 * SPDX-License-Identifier: MIT */
#include "reader/verify_chain.h"

#include <errno.h>
#include <string.h>

#include "base/sha256.h"
#include "reader/catalog.h"
#include "reader/scan.h"

struct walk {
    struct quire__catalog catalog;
    struct quire__scan scan;
    struct quire__sha256 *sha256;
    const struct quire_verify_options *options;
    struct quire_verify_result *result;
    uint64_t chained;           /* segments that held */
    unsigned char previous[32]; /* the digest of the last one; of the first, what it says itself */
};

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

static int check_segment(struct walk *walk, uint64_t index)
{
    struct quire__segment_header header;
    struct quire__disk_footer footer;
    unsigned char digest[32];
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
    if (rc < 0 || !sealed)
        return rc; /* the last one, or one that is damaged otherwise */
    bool follows = walk->chained == 0 || memcmp(footer.previous, walk->previous, sizeof footer.previous) == 0;
    quire__sha256_begin(walk->sha256, footer.previous);
    rc = add_pages(walk, offset);
    if (rc < 0)
        return rc;
    quire__sha256_digest(walk->sha256, digest);
    if (!footer.chained && walk->chained == 0)
        return 0; /* from before the chain began */
    if (!footer.chained || !follows || memcmp(digest, footer.digest, sizeof digest) != 0)
        tell(walk, header.number, offset);
    walk->chained++;
    memcpy(walk->previous, footer.digest, sizeof walk->previous);
    return 0;
}

int quire__verify_chain(struct quire__io *io, const char *directory, const struct quire_verify_options *options,
                        struct quire_verify_result *result)
{
    struct walk walk = {.options = options, .result = result};
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
    for (uint64_t i = 0; i < walk.catalog.count && rc == 0; i++)
        rc = check_segment(&walk, i);
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
