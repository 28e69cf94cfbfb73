/* Timelines and time series: what is kept of what happens.
 *
 * SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cost.h"
#include "base/trace.h"
#include "harness.h"
#include "report/series.h"

/* What the trace's file would be. To be freed. */
static char *written(void)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    REQUIRE(out != NULL);
    CHECK_INT(bench_trace_write(out), 0);
    fclose(out);
    return text;
}

static int occurrences(const char *text, const char *part)
{
    int count = 0;
    for (; (text = strstr(text, part)); text += strlen(part))
        count++;
    return count;
}

static void *note_from_thread(void *argument)
{
    pthread_setname_np(pthread_self(), "other");
    for (int i = 0; i < 3; i++)
        bench_trace_span("append", 5000, 7001, UINT64_MAX, 4096);
    return argument;
}

TEST(trace_format)
{
    pthread_t thread;
    char expected[200];
    bench_trace_start(1 << 20);
    bench_trace_span("a \"name\" \\ of\nsomebody", 1234567, 1234567, 8, 9);
    REQUIRE(pthread_create(&thread, NULL, note_from_thread, NULL) == 0);
    pthread_join(thread, NULL);
    char *text = written();
    snprintf(expected, sizeof expected,
             "{\"ph\":\"X\",\"name\":\"a \\\"name\\\" \\\\ of somebody\",\"cat\":\"quire\",\"pid\":%d,\"tid\":%d,"
             "\"ts\":1234.567,\"dur\":0.000,\"args\":{\"offset\":8,\"bytes\":9}}",
             getpid(), gettid());
    CHECK(strstr(text, expected) != NULL);
    CHECK_INT(occurrences(text, "\"ts\":5.000,\"dur\":2.001,\"args\":{\"bytes\":4096}}"), 3);
    CHECK_INT(occurrences(text, "\"thread_name\""), 2);
    CHECK_INT(occurrences(text, "{\"name\":\"other\"}"), 1);
    CHECK(strstr(text, "\"lost_spans\":0}") != NULL);
    free(text);
    bench_trace_end();
}

/* Memory is bounded: what does not fit is counted, for each thread a thousand at a time. */
TEST(trace_full)
{
    bench_trace_start(2048);
    for (int i = 0; i < 3000; i++)
        bench_trace_span("x", 1, 2, UINT64_MAX, UINT64_MAX);
    char *text = written();
    CHECK_INT(occurrences(text, "\"ph\":\"X\""), 2048);
    CHECK(strstr(text, "\"lost_spans\":952}") != NULL);
    free(text);
    bench_trace_end();
}

TEST(trace_off)
{
    CHECK(!bench_trace_on());
    bench_trace_span("x", 1, 2, 3, 4);
    bench_trace_start(1 << 20);
    bench_trace_span("y", 1, 2, 3, 4);
    bench_trace_end();
    bench_trace_span("x", 1, 2, 3, 4);
    bench_trace_start(1 << 20);
    bench_trace_span("z", 1, 2, UINT64_MAX, UINT64_MAX);
    char *text = written();
    CHECK_INT(occurrences(text, "\"ph\":\"X\""), 1);
    CHECK(strstr(text, "\"name\":\"z\"") != NULL);
    free(text);
    bench_trace_end();
}

TEST(series_csv)
{
    const struct bench_series_sample samples[] = {
        {.row = "Page-Aligned (64K)",
         .run = 3,
         .record_bytes = 1 << 20,
         .phase = BENCH_PHASE_APPEND,
         .at_seconds = 1.5,
         .row_seconds = 0.1,
         .span_seconds = 0.1,
         .records = 30,
         .device_bytes = 20 << 20,
         .under_way = 4,
         .busy = 0.5,
         .device_known = true,
         .cached_bytes = 100,
         .dirty_bytes = 50,
         .cache_known = true},
        {.row = "mmap",
         .run = 4,
         .record_bytes = 128,
         .phase = BENCH_PHASE_SYNC,
         .at_seconds = 2,
         .row_seconds = 0.2,
         .span_seconds = 0,
         .stalled = true},
    };
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    REQUIRE(out != NULL);
    CHECK_INT(bench_series_csv(out, samples, 2), 0);
    fclose(out);
    CHECK_STR(text, "at_seconds,row,record_bytes,run,phase,row_seconds,span_seconds,records,mib_per_s,"
                    "device_mib_per_s,device_under_way,device_busy,cached_bytes,dirty_bytes,stalled\n"
                    "1.500000,\"Page-Aligned (64K)\",1048576,3,append,0.100000,0.100000,30,300.000,200.000,4,0.500,"
                    "100,50,0\n"
                    "2.000000,\"mmap\",128,4,sync,0.200000,0.000000,0,0.000,,,,,,1\n");
    free(text);
}

/* What a row does is all in its samples, however they are cut; an interval without a record is a stall. */
TEST(series_of_a_row)
{
    struct bench_watch first = {.handicap = 0}, second = {.handicap = 0};
    const struct bench_watch *const watches[] = {&first, &second};
    struct bench_series *series = bench_series_start(0.005);
    REQUIRE(series != NULL);
    bench_series_begin(series, &(struct bench_series_row){.name = "row",
                                                          .record_bytes = 10,
                                                          .run = 7,
                                                          .path = harness_path("nothing"),
                                                          .counters = "",
                                                          .watches = watches,
                                                          .watch_count = 2});
    for (int i = 0; i < 20; i++) {
        usleep(1000);
        first.returned += 5;
        second.returned += 1;
    }
    usleep(50000);
    bench_series_sync(series);
    usleep(20000);
    bench_series_end(series);
    size_t count, lost;
    const struct bench_series_sample *samples = bench_series_stop(series, &count, &lost);
    uint64_t records = 0;
    unsigned stalls = 0, syncing = 0;
    for (size_t i = 0; i < count; i++) {
        records += samples[i].records;
        stalls += samples[i].stalled;
        syncing += samples[i].phase == BENCH_PHASE_SYNC;
        CHECK(!samples[i].stalled || samples[i].phase == BENCH_PHASE_APPEND);
        CHECK_UINT(samples[i].run, 7);
        CHECK(!samples[i].device_known && !samples[i].cache_known);
        CHECK(i == 0 || samples[i].at_seconds >= samples[i - 1].at_seconds);
    }
    CHECK_UINT(lost, 0);
    CHECK_UINT(records, 120);
    CHECK(stalls >= 1);
    CHECK(syncing >= 1);
    bench_series_free(series);
}
