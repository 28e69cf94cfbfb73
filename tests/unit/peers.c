/* What quire is measured beside: each peer in this build runs, gives back what it was given, and would be found out.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "harness.h"
#include "measure/runner.h"
#include "rows/peers/peers.h"

enum { RECORDS = 2500 }; /* two transactions of a thousand and a half */

static struct bench_workload work;

static struct bench_row row_of(const struct bench_peer *peer)
{
    struct bench_row row = {.family = BENCH_PEERS,
                            .method = peer->name,
                            .adapter = peer->adapter,
                            .threads = 1,
                            .batch = peer->batch,
                            .buffer_bytes = 65536};
    snprintf(row.name, sizeof row.name, "%s", peer->title);
    return row;
}

static struct bench_job job_of(const struct bench_row *row, enum bench_sync sync)
{
    static unsigned runs;
    char name[32];
    snprintf(name, sizeof name, "data%u", ++runs);
    return (struct bench_job){
        .row = row, .work = &work, .path = harness_path(name), .counters = "", .sync = sync, .run = runs};
}

static void make_work(uint64_t records)
{
    REQUIRE_INT(bench_workload_make(&work, (struct bench_size){100, records}, 1), 0);
}

static void check_peer(const struct bench_peer *peer, enum bench_sync sync)
{
    struct bench_row row = row_of(peer);
    struct bench_job job = job_of(&row, sync);
    static struct bench_run run;
    bench_run_row(&job, &run);
    if (run.outcome == BENCH_UNAVAILABLE && (!peer->adapter->how[sync] || strstr(run.text, "not installed")))
        return;
    if (run.outcome != BENCH_RAN)
        FAIL("%s, sync %d: %s", peer->title, (int)sync, run.text);
    CHECK(run.sample.seconds > 0);
    CHECK(peer->adapter->how[sync] != NULL);
}

static unsigned for_all(void (*check)(const struct bench_peer *peer, enum bench_sync sync), enum bench_sync sync)
{
    const struct bench_peer *peer;
    unsigned count = 0;
    for (unsigned i = 0; (peer = bench_peer_at(i)); i++)
        if (peer->adapter) {
            check(peer, sync);
            count++;
        }
    return count;
}

TEST(peers_give_back_what_they_got)
{
    make_work(RECORDS);
    if (for_all(check_peer, BENCH_SYNC_END) == 0)
        SKIP("no peer is in this build (meson setup -Dpeers=auto)");
    for_all(check_peer, BENCH_SYNC_NONE);
    bench_workload_free(&work);
}

TEST(peers_each_record_durable)
{
    make_work(20);
    if (for_all(check_peer, BENCH_SYNC_EACH) == 0)
        SKIP("no peer is in this build (meson setup -Dpeers=auto)");
    bench_workload_free(&work);
}

/* Appends all records but the last, or others than it should, and says whether that was noticed. */
static bool cheat(const struct bench_peer *peer, bool damage)
{
    struct bench_row row = row_of(peer);
    struct bench_job job = job_of(&row, BENCH_SYNC_END);
    void *state, *thread;
    if (peer->adapter->open(&job, &state) == -ENOENT)
        return true; /* it is not installed */
    thread = state;
    if (peer->adapter->thread_open)
        REQUIRE_INT(peer->adapter->thread_open(state, &thread), 0);
    struct bench_cursor cursor = bench_cursor_start(&work, job.run, 0, 1);
    cursor.left -= damage ? 0 : 1;
    cursor.identified = !damage; /* who hands out records without their identity hands out other ones */
    CHECK_INT(peer->adapter->append(thread, &cursor), 0);
    CHECK_INT(peer->adapter->finish(state), 0);
    if (peer->adapter->thread_close)
        CHECK_INT(peer->adapter->thread_close(thread), 0);
    CHECK_INT(peer->adapter->close(state), 0);
    return peer->adapter->verify(&job) != NULL;
}

static void check_found_out(const struct bench_peer *peer, enum bench_sync sync)
{
    (void)sync;
    /* fio writes what it likes. */
    if (strcmp(peer->name, "fio") == 0)
        return;
    if (!cheat(peer, false))
        FAIL("%s: a record that is missing was not noticed", peer->title);
    if (!cheat(peer, true))
        FAIL("%s: records that are others were not noticed", peer->title);
}

TEST(peers_are_found_out)
{
    make_work(RECORDS);
    if (for_all(check_found_out, BENCH_SYNC_END) == 0)
        SKIP("no peer is in this build (meson setup -Dpeers=auto)");
    bench_workload_free(&work);
}

TEST(peers_have_names)
{
    char text[200];
    const struct bench_peer *peer;
    unsigned built = 0;
    for (unsigned i = 0; (peer = bench_peer_at(i)); i++) {
        CHECK(*peer->name && *peer->title);
        built += peer->adapter && strcmp(peer->name, "fio") != 0;
    }
    CHECK_INT(*bench_peer_versions(text) != '\0', built > 0);
}
