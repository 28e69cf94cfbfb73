/* `quire bench sync`: the matrix, the files, the ways; verdicts and reports of figures made up for it.
 *
 * SHOW=1 prints the reports.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"
#include "report/report.h"
#include "sync/append.h"
#include "sync/file.h"
#include "sync/report.h"
#include "sync/sync.h"
#include "sync_expected.h"
#include "workload/workload.h"

TEST(sync_choices)
{
    struct bench_sync_choice choice = {{false}, {false}};
    const char *culprit = NULL;
    CHECK(bench_sync_choose_files(&choice, "written,append", &culprit));
    CHECK(choice.file[BENCH_SYNC_WRITTEN] && choice.file[BENCH_SYNC_APPEND] && !choice.file[BENCH_SYNC_RECYCLED]);
    CHECK(bench_sync_choose_ways(&choice, "direct-rwf", &culprit));
    CHECK(choice.way[BENCH_SYNC_DIRECT_RWF] && !choice.way[BENCH_SYNC_RWF]);
    static const char *const bad[] = {"", ",", "append,", ",append", "appen", "appendd", "append written", "fsync"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (bench_sync_choose_files(&choice, bad[i], &culprit))
            FAIL("\"%s\" was understood", bad[i]);
    CHECK(!bench_sync_choose_ways(&choice, "fsync,nope,dsync", &culprit));
    CHECK_STR(culprit, "nope");
    CHECK(choice.way[BENCH_SYNC_DIRECT_RWF] && !choice.way[BENCH_SYNC_FSYNC]);
}

/* Every way into every kind of file leaves what was appended, and the check sees a byte that is not. */
static void append_some(struct bench_place *place, enum bench_sync_file file, enum bench_sync_way way, uint64_t size)
{
    enum { RECORDS = 5, ROOM = 8 };
    struct bench_sync_append a;
    const char *call = "";
    void *memory = NULL;
    REQUIRE(posix_memalign(&memory, 4096, 8192) == 0);
    char *record = memory;
    bench_fill(record, 8192, 1);
    REQUIRE_INT(bench_sync_file_make(place, file, ROOM * size, &call), 0);
    int rc = bench_sync_append_open(&a, place->file, way, file, ROOM * size, record, size);
    bool opened = rc == 0;
    for (uint64_t i = 0; rc == 0 && i < RECORDS; i++) {
        bench_sync_record_stamp(record, size, 1, i);
        rc = bench_sync_append_next(&a, i * size);
    }
    if (opened)
        CHECK_INT(bench_sync_append_close(&a), 0);
    /* A file system may lack direct I/O, a kernel io_uring. Nothing else may be missing. */
    bool may_lack = bench_sync_way_is_direct(way) || way == BENCH_SYNC_URING;
    if (rc < 0 && !may_lack)
        FAIL("%s by %s: %s: %s", bench_sync_file_name(file), bench_sync_way_name(way), a.call, strerror(-rc));
    if (rc == 0) {
        CHECK_INT(bench_sync_file_check(place, file, ROOM * size, record, size, 1, RECORDS), 0);
        CHECK_INT(bench_sync_file_check(place, file, ROOM * size, record, size, 2, RECORDS), -EBADMSG);
        CHECK_INT(bench_sync_file_check(place, file, ROOM * size + 1, record, size, 1, RECORDS + 1), -EBADMSG);
        /* Longer than it should be is wrong too. */
        CHECK_INT(bench_sync_file_check(place, file, ROOM * size - 1, record, size, 1, RECORDS - 1), -EBADMSG);
    }
    bench_place_remove_files(place);
    free(memory);
}

static const struct size {
    const char *name;
    uint64_t bytes;
} sizes[] = {{"1", 1}, {"100", 100}, {"4096", 4096}, {"5000", 5000}};

TEST_EACH(sync_appends, struct size, sizes)
{
    struct bench_place place;
    REQUIRE_INT(bench_place_make(&place, harness_directory()), 0);
    for (unsigned file = 0; file < BENCH_SYNC_FILES; file++)
        for (unsigned way = 0; way < BENCH_SYNC_WAYS; way++)
            append_some(&place, file, way, it->bytes);
    bench_place_remove(&place);
}

TEST(sync_direct_needs_whole_blocks)
{
    struct bench_place place;
    struct bench_sync_append a;
    const char *call;
    char record[100];
    REQUIRE_INT(bench_place_make(&place, harness_directory()), 0);
    REQUIRE_INT(bench_sync_file_make(&place, BENCH_SYNC_APPEND, 1000, &call), 0);
    int rc = bench_sync_append_open(&a, place.file, BENCH_SYNC_DIRECT_DSYNC, BENCH_SYNC_APPEND, 1000, record, 100);
    CHECK_INT(rc, -EINVAL);
    CHECK(!a.because || strstr(a.because, "whole blocks") != NULL);
    bench_place_remove(&place);
}

TEST(sync_files_are_what_they_say)
{
    struct bench_place place;
    struct stat st;
    const char *call;
    REQUIRE_INT(bench_place_make(&place, harness_directory()), 0);
    for (unsigned file = 0; file < BENCH_SYNC_FILES; file++) {
        bool grows = file == BENCH_SYNC_APPEND || file == BENCH_SYNC_RESERVED;
        REQUIRE_INT(bench_sync_file_make(&place, file, 3 << 20, &call), 0);
        REQUIRE(stat(place.file, &st) == 0);
        CHECK_INT(st.st_size, grows ? 0 : 3 << 20);
        CHECK_INT(st.st_blocks >= (3 << 20) / 512, file != BENCH_SYNC_APPEND);
        char last = 1;
        int fd = open(place.file, O_RDONLY);
        if (!grows)
            CHECK(pread(fd, &last, 1, (3 << 20) - 2) == 1);
        if (file == BENCH_SYNC_WRITTEN)
            CHECK_INT(last, 0);
        close(fd);
        bench_place_remove_files(&place);
    }
    bench_place_remove(&place);
}

static struct bench_sync_report report;

/* Three rounds of ten appends, each round slower than the one before, with counts that are the same in each. */
static struct bench_sync_cell *add_cell(enum bench_sync_file file, enum bench_sync_way way, double milliseconds,
                                        uint64_t flushes, uint64_t writes, uint64_t kib)
{
    struct bench_sync_cell *cell = &report.cell[report.count++];
    cell->file = file;
    cell->way = way;
    for (cell->rounds = 0; cell->rounds < 3; cell->rounds++) {
        struct bench_sync_round *round = &cell->round[cell->rounds];
        round->operations = 10;
        round->seconds = 10 * milliseconds * (1 + 0.25 * cell->rounds) / 1000;
        round->counted = (struct bench_counters){.process_known = true, .device_known = true, .flushes_known = true};
        round->counted.flushes = flushes;
        round->counted.writes = writes;
        round->counted.written_bytes = kib * 1024;
        round->counted.write_bytes = 40 * 1024;
        for (int i = 0; i < 10; i++)
            bench_histogram_add(&cell->latency, (uint64_t)(milliseconds * 1e6 * (1 + 0.25 * cell->rounds)));
    }
    return cell;
}

static void start_report(void)
{
    report = (struct bench_sync_report){
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
        .queue = {.known = true, .write_back = true, .fua = true},
        .record_bytes = 4096,
        .rounds = 3,
    };
}

static void make_report(void)
{
    start_report();
    add_cell(BENCH_SYNC_APPEND, BENCH_SYNC_FDATASYNC, 2, 20, 50, 200);
    struct bench_sync_cell *missing = add_cell(BENCH_SYNC_APPEND, BENCH_SYNC_URING, 1, 10, 10, 10);
    *missing = (struct bench_sync_cell){.file = BENCH_SYNC_APPEND, .way = BENCH_SYNC_URING};
    strcpy(missing->missing, "io_uring_setup: \"no\", Operation not permitted");
    add_cell(BENCH_SYNC_APPEND, BENCH_SYNC_RANGE, 0.25, 0, 10, 40);
    add_cell(BENCH_SYNC_WRITTEN, BENCH_SYNC_FDATASYNC, 1, 10, 20, 40);
    add_cell(BENCH_SYNC_WRITTEN, BENCH_SYNC_FSYNC, 0.01, 0, 10, 40);
    add_cell(BENCH_SYNC_WRITTEN, BENCH_SYNC_DIRECT_DSYNC, 0.5, 0, 10, 40);
}

/* A file system without counters. */
static void make_report_without_counters(void)
{
    start_report();
    report.queue = (struct bench_queue){.known = false};
    struct bench_sync_cell *cell = add_cell(BENCH_SYNC_APPEND, BENCH_SYNC_FDATASYNC, 2, 20, 50, 200);
    for (unsigned i = 0; i < cell->rounds; i++)
        cell->round[i].counted = (struct bench_counters){.process_known = true, .write_bytes = 40 * 1024};
}

TEST(sync_verdicts)
{
    static const struct {
        uint64_t flushes;
        enum bench_sync_way way;
        bool known, write_back, fua;
        enum bench_sync_verdict verdict;
    } rows[] = {
        {10, BENCH_SYNC_FDATASYNC, true, true, false, BENCH_SYNC_FLUSHED},
        {5, BENCH_SYNC_FDATASYNC, true, true, false, BENCH_SYNC_FLUSHED},
        {4, BENCH_SYNC_FDATASYNC, true, true, false, BENCH_SYNC_UNFLUSHED},
        {0, BENCH_SYNC_FDATASYNC, true, true, true, BENCH_SYNC_UNFLUSHED},
        {0, BENCH_SYNC_DIRECT_FDATASYNC, true, true, true, BENCH_SYNC_UNFLUSHED},
        {0, BENCH_SYNC_DIRECT_DSYNC, true, true, true, BENCH_SYNC_FUA},
        {0, BENCH_SYNC_DIRECT_RWF, true, true, true, BENCH_SYNC_FUA},
        {0, BENCH_SYNC_DIRECT_DSYNC, true, true, false, BENCH_SYNC_UNFLUSHED},
        {0, BENCH_SYNC_FDATASYNC, true, false, false, BENCH_SYNC_NO_CACHE},
        {0, BENCH_SYNC_FDATASYNC, false, false, false, BENCH_SYNC_UNKNOWN},
        {0, BENCH_SYNC_RANGE, true, true, true, BENCH_SYNC_NOT_DURABLE},
        {10, BENCH_SYNC_RANGE, true, false, false, BENCH_SYNC_NOT_DURABLE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        start_report();
        report.queue = (struct bench_queue){rows[i].known, rows[i].write_back, rows[i].fua};
        add_cell(BENCH_SYNC_WRITTEN, rows[i].way, 1, rows[i].flushes, 10, 40);
        CHECK_STR(bench_sync_verdict_name(bench_sync_verdict_of(&report, &report.cell[0])),
                  bench_sync_verdict_name(rows[i].verdict));
        report.environment.memory_only = true;
        CHECK_INT(bench_sync_verdict_of(&report, &report.cell[0]), BENCH_SYNC_NOT_DURABLE);
    }
    make_report_without_counters();
    report.queue = (struct bench_queue){true, true, true};
    CHECK_INT(bench_sync_verdict_of(&report, &report.cell[0]), BENCH_SYNC_UNKNOWN);
}

/* One round in which another process wrote as much again. */
TEST(sync_others)
{
    struct bench_sync_others others = {.kib = 77};
    make_report();
    REQUIRE(bench_sync_others(&report, &others));
    CHECK_INT(others.kib, 0);
    CHECK_INT(others.all_kib, 3 * (200 + 4 * 40));
    report.cell[3].round[1].counted.written_bytes += 200 * 1024;
    REQUIRE(bench_sync_others(&report, &others));
    CHECK_INT(others.kib, 200);
    struct bench_sync_summary summary;
    bench_sync_summarize(&report, &summary);
    CHECK(strstr(summary.line[summary.count - 1], "Another process wrote") != NULL);
    make_report_without_counters();
    CHECK(!bench_sync_others(&report, &others));
    CHECK_INT(others.kib, 200);
}

enum format { TEXT, CSV, JSON };

static void check_printed(enum format format, const char *expected)
{
    char *printed = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&printed, &length);
    REQUIRE(out != NULL);
    if (format == TEXT)
        bench_sync_text(out, &report);
    else if (format == CSV)
        bench_sync_csv(out, &report);
    else
        CHECK_INT(bench_sync_json(out, &report), 0);
    REQUIRE(fclose(out) == 0);
    if (getenv("SHOW"))
        fputs(printed, stdout);
    CHECK_STR(printed, expected);
    free(printed);
}

TEST(sync_text_full)
{
    make_report();
    check_printed(TEXT, expected_text);
}

TEST(sync_text_without_counters)
{
    make_report_without_counters();
    check_printed(TEXT, expected_text_without_counters);
}

TEST(sync_text_in_memory)
{
    make_report_without_counters();
    report.environment.memory_only = true;
    check_printed(TEXT, expected_text_in_memory);
}

TEST(sync_csv)
{
    make_report();
    check_printed(CSV, expected_csv);
}

TEST(sync_json)
{
    if (!bench_json_available())
        SKIP("this build has no JSON");
    make_report();
    report.count = 2; /* one measured and one missing: the others add nothing but length */
    check_printed(JSON, expected_json);
}
