/* `quire bench fuse`: what is appended, what a mount's counters say, and reports of figures made up for it.
 *
 * SHOW=1 prints the reports.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuse/codec.h"
#include "fuse/job.h"
#include "fuse/report.h"
#include "fuse/throttle.h"
#include "fuse_expected.h"
#include "harness.h"
#include "report/report.h"
#include "support.h"

TEST(fuse_choices)
{
    struct bench_fuse_choice choice = bench_fuse_choice_default();
    const char *culprit = NULL;
    CHECK(bench_fuse_choose_modes(&choice, "log+zstd,native", &culprit));
    CHECK(choice.mode[BENCH_FUSE_NATIVE] && choice.mode[BENCH_FUSE_LOG_ZSTD] && !choice.mode[BENCH_FUSE_PLAIN]);
    CHECK(bench_fuse_choose_sizes(&choice, "1M,1,4K,1", &culprit));
    CHECK_INT(choice.sizes, 3);
    CHECK_INT(choice.size[0], 1 << 20);
    CHECK_INT(choice.size[1], 1);
    CHECK(bench_fuse_choose_limits(&choice, "250M,1M", &culprit));
    CHECK_INT(choice.limits, 2);
    CHECK_INT(choice.limit[0], 250000000);
    static const char *const bad[] = {"", ",", "plain,", "plains", "0", "2M", "1025K", "1,2,3,4,5,6,7", "-1", "log"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (bench_fuse_choose_modes(&choice, bad[i], &culprit) || bench_fuse_choose_sizes(&choice, bad[i], &culprit) ||
            bench_fuse_choose_payloads(&choice, bad[i], &culprit))
            FAIL("\"%s\" was understood", bad[i]);
    CHECK(!bench_fuse_choose_payloads(&choice, "access,nope,json", &culprit));
    CHECK_STR(culprit, "nope");
    CHECK(!bench_fuse_choose_limits(&choice, "100M,999K", &culprit));
    CHECK_STR(culprit, "999K");
    CHECK_INT(choice.sizes, 3);
    CHECK_INT(choice.limits, 2);
}

enum { SAMPLE = 2 << 20 };

/* The same bytes for the same seed, other ones for another, and no stretch that comes again. */
TEST(fuse_payloads_are_made_from_a_seed)
{
    enum { STRETCH = 96 };
    char *one = malloc(SAMPLE), *same = malloc(SAMPLE), *other = malloc(SAMPLE);
    REQUIRE(one && same && other);
    for (unsigned payload = 0; payload < BENCH_FUSE_PAYLOADS; payload++) {
        bench_fuse_payload_fill(payload, one, SAMPLE, 7);
        bench_fuse_payload_fill(payload, same, SAMPLE, 7);
        bench_fuse_payload_fill(payload, other, SAMPLE, 8);
        CHECK(memcmp(one, same, SAMPLE) == 0);
        CHECK(memcmp(one, other, SAMPLE) != 0);
        /* A prefix is the same however long the whole is. */
        bench_fuse_payload_fill(payload, same, 1000, 7);
        CHECK(memcmp(one, same, 1000) == 0);
        for (unsigned i = 0; i < 20; i++) {
            const char *stretch = one + i * 100003;
            size_t behind = (size_t)(SAMPLE - (stretch + 1 - one));
            if (memmem(stretch + 1, behind, stretch, STRETCH * (payload == BENCH_FUSE_ACCESS ? 4 : 2)))
                FAIL("%s comes again", bench_fuse_payload_name(payload));
        }
    }
    free(one);
    free(same);
    free(other);
}

/* As real ones do, in blocks of 64 KiB: docs/fuse.md has the figures of each. */
TEST(fuse_payloads_compress)
{
    static const struct {
        enum bench_fuse_payload payload;
        double lz4, zstd;
    } rows[] = {{BENCH_FUSE_ACCESS, 4.2, 6.8},
                {BENCH_FUSE_JSON, 2.0, 3.1},
                {BENCH_FUSE_METRICS, 1.6, 2.1},
                {BENCH_FUSE_RANDOM, 1.0, 1.0}};
    bool any = false;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bench_fuse_pool pool;
        struct bench_fuse_codec lz4, zstd, none;
        REQUIRE_INT(bench_fuse_pool_make(&pool, rows[i].payload, SAMPLE, 4096), 0);
        bench_fuse_codec_measure(BENCH_FUSE_LOG_LZ4, &pool, &lz4);
        bench_fuse_codec_measure(BENCH_FUSE_LOG_ZSTD, &pool, &zstd);
        bench_fuse_codec_measure(BENCH_FUSE_PLAIN, &pool, &none);
        bench_fuse_pool_free(&pool);
        CHECK(!none.known);
        /* Libraries differ a little from version to version. */
        if (lz4.known && !(lz4.ratio > 0.9 * rows[i].lz4 && lz4.ratio < 1.1 * rows[i].lz4))
            FAIL("%s by lz4: %.2f", bench_fuse_payload_name(rows[i].payload), lz4.ratio);
        if (zstd.known && !(zstd.ratio > 0.9 * rows[i].zstd && zstd.ratio < 1.1 * rows[i].zstd))
            FAIL("%s by zstd: %.2f", bench_fuse_payload_name(rows[i].payload), zstd.ratio);
        any |= lz4.known || zstd.known;
    }
    if (!any)
        SKIP("this build has neither lz4 nor zstd");
}

/* An append that crosses the end of the pool is in one piece. */
TEST(fuse_pool_goes_round)
{
    struct bench_fuse_pool pool;
    REQUIRE_INT(bench_fuse_pool_make(&pool, BENCH_FUSE_JSON, 1000, 4096), 0);
    CHECK_INT(pool.bytes, 1000);
    CHECK(bench_fuse_pool_at(&pool, 2100) == pool.memory + 100);
    for (uint64_t i = 0; i < 4096; i++)
        CHECK(bench_fuse_pool_at(&pool, 999)[i] == pool.memory[(999 + i) % 1000]);
    bench_fuse_pool_free(&pool);
}

static const char stats_text[] =
    "{\"schema\":1,\"pid\":7,\"backing\":\"/a \\\"write\\\": 5\",\"mountpoint\":\"/m\",\"mode\":\"plain\","
    "\"asked\":\"passthrough\",\"why\":\"not \\\"root\\\"\",\"compress\":\"none\",\"writeback\":false,\n"
    " \"requests\": {\"lookup\":1,\"getattr\":2,\"read\":3,\"write\": 40,\"other\":5},\n"
    " \"write_bytes\": 600,\"read_bytes\":70,\"stored_bytes\":800,\"syncs\":9}";

TEST(fuse_stats_are_parsed)
{
    struct bench_fuse_stats stats = {.writes = 99};
    REQUIRE(bench_fuse_stats_parse(stats_text, &stats));
    CHECK_STR(stats.mode, "plain");
    CHECK_STR(stats.why, "not \"root\"");
    CHECK_INT(stats.writes, 40);
    CHECK_INT(stats.requests, 51);
    CHECK_INT(stats.write_bytes, 600);
    CHECK_INT(stats.stored_bytes, 800);
    static const char *const bad[] = {
        "",
        "{}",
        "{\"requests\":{\"write\":1",
        "{\"requests\":{\"write\":1}}",
        "{\"requests\":7,\"write_bytes\":1,\"stored_bytes\":1,\"mode\":\"log\"}",
        "{\"requests\":{\"write\":-1},\"write_bytes\":1,\"stored_bytes\":1,\"mode\":\"x\"}"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (bench_fuse_stats_parse(bad[i], &stats))
            FAIL("\"%s\" was understood", bad[i]);
    CHECK_INT(stats.writes, 40);
    CHECK_INT(bench_fuse_stats_read(harness_directory(), &stats), -ENOENT);
    write_file(harness_path(BENCH_FUSE_STATS_NAME), "nothing", 7);
    CHECK_INT(bench_fuse_stats_read(harness_directory(), &stats), -EBADMSG);
}

/* A file is appended to, read back and removed; one that is there already is left alone. */
TEST(fuse_job)
{
    struct bench_fuse_pool pool;
    struct bench_fuse_done done;
    REQUIRE_INT(bench_fuse_pool_make(&pool, BENCH_FUSE_RANDOM, 100000, 1000), 0);
    struct bench_fuse_job job = {
        .directory = harness_directory(), .pool = &pool, .bytes = 3000000, .append_bytes = 1000};
    REQUIRE_INT(bench_fuse_job_run(&job, &done), 0);
    CHECK_INT(done.cost.bytes, job.bytes);
    CHECK_INT(done.at, 2 * job.bytes);
    CHECK(done.cost.append_seconds > 0 && done.cost.seconds >= done.cost.append_seconds);
    CHECK_INT(count_files(), 0);
    write_file(harness_path("data"), "mine", 4);
    CHECK_INT(bench_fuse_job_run(&job, &done), -EEXIST);
    CHECK_STR(done.call, "open");
    CHECK_INT(file_size(harness_path("data")), 4);
    job.directory = harness_path("missing");
    CHECK_INT(bench_fuse_job_run(&job, &done), -ENOENT);
    bench_fuse_pool_free(&pool);
}

/* In a directory without a disk there is nothing to slow down. */
TEST(fuse_throttle_without_a_disk)
{
    struct bench_fuse_throttle throttle = {.is_open = false};
    char why[BENCH_FUSE_THROTTLE_ROOM] = "";
    CHECK(bench_fuse_throttle_open(&throttle, "/proc", why) < 0);
    CHECK(strstr(why, "no block device") != NULL);
    CHECK(!throttle.is_open);
    bench_fuse_throttle_close(&throttle);
}

static struct bench_fuse_report report;

/* Three rounds, each slower than the one before by a quarter. */
static void add_cell(enum bench_fuse_mode mode, uint64_t append_bytes, bool curve, double limit, double megabytes_per_s)
{
    struct bench_fuse_cell *cell = &report.cell[report.count++];
    *cell = (struct bench_fuse_cell){.mode = mode,
                                     .payload = BENCH_FUSE_ACCESS,
                                     .append_bytes = append_bytes,
                                     .curve = curve,
                                     .limit = (uint64_t)(limit * 1e6),
                                     .bytes = 4 << 20};
    for (; megabytes_per_s > 0 && cell->rounds < report.rounds; cell->rounds++) {
        double seconds = (4 << 20) / (megabytes_per_s * 1e6) * (1 + 0.25 * cell->rounds);
        bool native = mode == BENCH_FUSE_NATIVE, passed = mode == BENCH_FUSE_PASSTHROUGH;
        cell->round[cell->rounds] = (struct bench_fuse_cost){.bytes = 4 << 20,
                                                             .append_seconds = seconds / 2,
                                                             .seconds = seconds,
                                                             .own_cpu = 0.001,
                                                             .daemon_cpu = native ? 0 : 0.002,
                                                             .writes = native || passed ? 0 : (4 << 20) / append_bytes,
                                                             .requests = native ? 0 : 20,
                                                             .stored_bytes = bench_fuse_mode_is_log(mode) ? 1 << 20
                                                                             : native || passed           ? 0
                                                                                                          : 4 << 20};
    }
}

static void start_report(void)
{
    report = (struct bench_fuse_report){
        .environment = {.cpu = "A processor",
                        .cores = 4,
                        .kernel = "Linux 6.1",
                        .directory = "/srv/log",
                        .file_system = "ext4",
                        .mount_options = "rw,relatime",
                        .device = "/dev/sda1",
                        .write_cache = "write back",
                        .scheduler = "none",
                        .load = 0.25,
                        .date = "2026-01-02T03:04:05Z"},
        .choice = {.payload = {true}, .sizes = 2, .size = {4096, 65536}, .limits = 2, .limit = {100000000, 500000000}},
        .rounds = 3,
    };
    memset(report.choice.mode, true, sizeof report.choice.mode);
    strcpy(report.missing[BENCH_FUSE_LOG_ZSTD], "\"zstd\" is not in this build");
    report.codec[BENCH_FUSE_ACCESS][BENCH_FUSE_LOG_LZ4] =
        (struct bench_fuse_codec){.known = true, .ratio = 4, .bytes_per_s = 800e6};
}

static void make_report(void)
{
    static const double speeds[BENCH_FUSE_MODES] = {400, 100, 300, 380, 80, 0};
    start_report();
    for (unsigned size = 0; size < 2; size++)
        for (unsigned mode = 0; mode < BENCH_FUSE_MODES; mode++)
            add_cell(mode, report.choice.size[size], false, 0, speeds[mode] * (size + 1));
    static const double disks[] = {100, 500, 0}, native[] = {100, 400, 1600}, lz4[] = {400, 800, 400};
    report.cell[BENCH_FUSE_PLAIN].round[2].seconds *= 2;
    for (unsigned i = 0; i < 3; i++) {
        add_cell(BENCH_FUSE_NATIVE, 65536, true, disks[i], native[i]);
        add_cell(BENCH_FUSE_LOG_LZ4, 65536, true, disks[i], lz4[i]);
    }
}

/* Half of the way, by logarithms, between four times and a quarter is where both are equal. */
TEST(fuse_turns)
{
    double at = 0;
    start_report();
    add_cell(BENCH_FUSE_NATIVE, 65536, true, 100, 100);
    add_cell(BENCH_FUSE_LOG_LZ4, 65536, true, 100, 400);
    CHECK_INT(bench_fuse_turn_of(&report, BENCH_FUSE_LOG_LZ4, BENCH_FUSE_ACCESS, &at), BENCH_FUSE_NO_TURN);
    add_cell(BENCH_FUSE_NATIVE, 65536, true, 0, 1600);
    add_cell(BENCH_FUSE_LOG_LZ4, 65536, true, 0, 400);
    CHECK_INT(bench_fuse_turn_of(&report, BENCH_FUSE_LOG_LZ4, BENCH_FUSE_ACCESS, &at), BENCH_FUSE_TURNS);
    /* The median of three rounds is the second, slower by a quarter. */
    CHECK(at > 319.9e6 && at < 320.1e6);
    CHECK_INT(bench_fuse_turn_of(&report, BENCH_FUSE_LOG_ZSTD, BENCH_FUSE_ACCESS, &at), BENCH_FUSE_NO_TURN);
    CHECK_INT(bench_fuse_turn_of(&report, BENCH_FUSE_LOG_LZ4, BENCH_FUSE_JSON, &at), BENCH_FUSE_NO_TURN);
    report.cell[3].limit = report.cell[1].limit;
    report.cell[2].limit = report.cell[0].limit;
    report.count = 2;
    add_cell(BENCH_FUSE_NATIVE, 65536, true, 0, 200);
    add_cell(BENCH_FUSE_LOG_LZ4, 65536, true, 0, 201);
    CHECK_INT(bench_fuse_turn_of(&report, BENCH_FUSE_LOG_LZ4, BENCH_FUSE_ACCESS, &at), BENCH_FUSE_ALWAYS_PAYS);
    CHECK(at > 159.9e6 && at < 160.1e6);
    report.count = 0;
    add_cell(BENCH_FUSE_NATIVE, 65536, true, 100, 100);
    add_cell(BENCH_FUSE_LOG_LZ4, 65536, true, 100, 99);
    add_cell(BENCH_FUSE_NATIVE, 65536, true, 0, 200);
    add_cell(BENCH_FUSE_LOG_LZ4, 65536, true, 0, 199);
    CHECK_INT(bench_fuse_turn_of(&report, BENCH_FUSE_LOG_LZ4, BENCH_FUSE_ACCESS, &at), BENCH_FUSE_NEVER_PAYS);
    CHECK(at > 79.9e6 && at < 80.1e6);
}

TEST(fuse_predictions)
{
    double speed = 0;
    start_report();
    REQUIRE(bench_fuse_predict(&report, BENCH_FUSE_LOG_LZ4, BENCH_FUSE_ACCESS, 100e6, &speed));
    CHECK_INT(speed, 400000000);
    REQUIRE(bench_fuse_predict(&report, BENCH_FUSE_LOG_LZ4, BENCH_FUSE_ACCESS, 500e6, &speed));
    CHECK_INT(speed, 800000000);
    CHECK(!bench_fuse_predict(&report, BENCH_FUSE_LOG_ZSTD, BENCH_FUSE_ACCESS, 500e6, &speed));
    /* What does not shrink is stored as it is. */
    report.codec[BENCH_FUSE_ACCESS][BENCH_FUSE_LOG_LZ4].ratio = 0.99;
    REQUIRE(bench_fuse_predict(&report, BENCH_FUSE_LOG_LZ4, BENCH_FUSE_ACCESS, 100e6, &speed));
    CHECK_INT(speed, 100000000);
}

enum format { TEXT, CSV, JSON };

static void check_printed(enum format format, const char *expected)
{
    char *printed = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&printed, &length);
    REQUIRE(out != NULL);
    if (format == TEXT)
        bench_fuse_text(out, &report);
    else if (format == CSV)
        bench_fuse_csv(out, &report);
    else
        CHECK_INT(bench_fuse_json(out, &report), 0);
    REQUIRE(fclose(out) == 0);
    if (getenv("SHOW"))
        fputs(printed, stdout);
    CHECK_STR(printed, expected);
    free(printed);
}

TEST(fuse_text_full)
{
    make_report();
    check_printed(TEXT, expected_text);
}

TEST(fuse_text_without_a_curve)
{
    make_report();
    report.count = 2;
    report.choice.sizes = 1;
    strcpy(report.no_curve, "that is for root");
    check_printed(TEXT, expected_text_without_a_curve);
}

TEST(fuse_csv)
{
    make_report();
    check_printed(CSV, expected_csv);
}

/* Figures of a machine that had other things to do say so. */
TEST(fuse_text_of_a_busy_machine)
{
    char *printed = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&printed, &length);
    REQUIRE(out != NULL);
    make_report();
    report.environment.load = 4.25;
    bench_fuse_text(out, &report);
    REQUIRE(fclose(out) == 0);
    CHECK(strstr(printed, "\nBusy        others were at work when this began, a load of 4.2 on 4 cores") != NULL);
    free(printed);
}

/* tests/cli/fuse has the schema; here is that nothing is left out. */
TEST(fuse_json)
{
    if (!bench_json_available())
        SKIP("this build has no JSON");
    make_report();
    report.cell[1] = report.cell[report.count - 1];
    report.cell[2] = report.cell[5];
    report.count = 3;
    report.choice.mode[BENCH_FUSE_WRITEBACK] = false;
    report.rounds = 1;
    for (unsigned i = 0; i < report.count; i++)
        report.cell[i].rounds = report.cell[i].rounds ? 1 : 0;
    check_printed(JSON, expected_json);
}
