/* Verifying a chain where the system fails: it holds, or what failed is said. A chain is never called broken, or whole, for
 * a segment that could not be opened.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <quire/check.h>

#include "fault_log.h"
#include "reader/whole.h"

enum { SEGMENTS = 3, EACH = 20, MOST_CALLS = 500 };

static void make_log(void)
{
    struct quire_log_options o = small_log(0);
    quire_log *log = NULL;

    o.flags = QUIRE_LOG_CHAIN;
    int rc = quire_log_open(harness_path("log"), &o, &log);
    if (rc == QUIRE_E_NO_CHAIN)
        SKIP("%s", quire_strerror(rc));
    REQUIRE_OK(rc);
    for (uint64_t i = 1; i <= SEGMENTS * EACH; i++) {
        REQUIRE_OK(append_next(log, i));
        if (i % EACH == 0 && i < SEGMENTS * EACH)
            REQUIRE_OK(quire_log_rotate(log));
    }
    REQUIRE_OK(quire_log_close(log));
}

static int verify(struct fault *fault, struct quire_verify_result *result)
{
    struct quire_verify_options o = {.size = sizeof o, .threads = 1, .flags = QUIRE_VERIFY_CHAIN};

    *result = (struct quire_verify_result){.size = sizeof *result};
    return quire__verify_on(fault_io(fault), harness_path("log"), &o, result);
}

struct failing {
    const char *name;
    enum fault_op op;
    int code;
};

static const struct failing failings[] = {
    {"open", FAULT_OPEN, -EMFILE}, {"facts", FAULT_FACTS, -EACCES}, {"read", FAULT_READ, -ENOMEM}};

TEST_EACH(log_chain, struct failing, failings)
{
    struct fault *fault = fault_new((struct fault_setup){.align = 512});
    struct quire_verify_result whole;
    uint64_t nth = 1;

    make_log();
    REQUIRE_OK(verify(fault, &whole));
    for (; nth < MOST_CALLS; nth++) {
        struct quire_verify_result result;
        uint64_t before = fault_hits(fault);
        fault_once(fault, it->op, nth, it->code);
        int rc = verify(fault, &result);
        fault_clear(fault);
        if (fault_hits(fault) == before)
            break;
        CHECK_UINT(result.damaged, 0);
        if (rc != it->code && (rc != 0 || memcmp(result.chain, whole.chain, sizeof whole.chain) != 0))
            FAIL("call %" PRIu64 ": %s", nth, quire_strerror(rc));
    }
    CHECK(nth > SEGMENTS && nth < MOST_CALLS);
    fault_free(fault);
}

/* A file that has its name and nothing in it yet, as a power cut may leave it, is no link of the chain. */
TEST(log_chain_before_an_unborn_segment)
{
    struct fault *fault = fault_new((struct fault_setup){.align = 512});
    struct quire_verify_result whole;
    struct quire_verify_result result;
    char path[1024];

    make_log();
    REQUIRE_OK(verify(fault, &whole));
    snprintf(path, sizeof path, "%s/%016d.quire", harness_path("log"), SEGMENTS + 1);
    write_file(path, "", 0);
    CHECK_OK(verify(fault, &result));
    CHECK_UINT(result.damaged, 0);
    CHECK(memcmp(result.chain, whole.chain, sizeof whole.chain) == 0);
    fault_free(fault);
}
