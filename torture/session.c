/* Method after method, with a line that says how far it has come. See session.h.
 *
 * SPDX-License-Identifier: MIT */
#include "torture/session.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <quire/version.h>

#include "base/number.h"
#include "base/progress.h"
#include "base/stop.h"

const struct torture_method torture_methods[TORTURE_METHODS] = {
    {"write", QUIRE_METHOD_WRITE, NULL},
    {"paged", QUIRE_METHOD_PAGED, NULL},
    {"mmap", QUIRE_METHOD_MMAP, NULL},
    {"uring", QUIRE_METHOD_URING, "io_uring"},
};

enum { SHOWN_EVERY_MS = 200 };

struct showing {
    const char *method;
    uint64_t states; /* to be tried; 0: as many as the run has */
    uint64_t begun_ms, shown_ms;
};

static uint64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void show(const struct showing *showing, const struct torture_report *report, uint64_t now)
{
    char tried[BENCH_NUMBER_TEXT], all[BENCH_NUMBER_TEXT], text[160], left[64] = "";
    uint64_t states = torture_report_states(report);
    uint64_t spent = now - showing->begun_ms;

    if (showing->states > states && states > 0 && spent > 2000)
        snprintf(left, sizeof left, ", %" PRIu64 " s to go", spent * (showing->states - states) / states / 1000 + 1);
    if (showing->states > 0)
        snprintf(text, sizeof text, "%s: run %" PRIu64 ", %s of %s states%s", showing->method, report->runs,
                 bench_grouped((double)states, tried), bench_grouped((double)showing->states, all), left);
    else
        snprintf(text, sizeof text, "%s: %s states", showing->method, bench_grouped((double)states, tried));
    bench_progress(text);
}

static bool go_on(void *context, const struct torture_report *report)
{
    struct showing *showing = context;
    uint64_t now = now_ms();

    if (now - showing->shown_ms >= SHOWN_EVERY_MS) {
        show(showing, report, now);
        showing->shown_ms = now;
    }
    return !bench_stop_signal && (showing->states == 0 || torture_report_states(report) < showing->states);
}

static struct torture_plan plan_of(const struct torture_session *session, const struct torture_method *method)
{
    const struct torture_request *request = session->request;

    return (struct torture_plan){
        .seed = request->seed,
        .first_run = request->alone ? request->run : 0,
        .runs_most = request->alone ? 1 : 0,
        .method = method->method,
        .base = session->base.load.segments > 0 ? &session->base : NULL,
        .given = {.options = &request->options, .sync = request->sync},
        .wreck = session->violations == 0 ? request->wreck : NULL,
        .go_on = go_on,
    };
}

/* states: of this method; 0: one run's. */
static int run_method(struct torture_session *session, const struct torture_method *method, uint64_t states)
{
    struct torture_result *result = &session->results[session->count++];
    struct showing showing = {.method = method->name, .states = states, .begun_ms = now_ms()};
    struct torture_plan plan = plan_of(session, method);
    size_t length = 0;

    result->method = method;
    plan.states = states;
    plan.context = &showing;
    plan.explain = session->request->alone ? open_memstream(&result->events, &length) : NULL;
    int rc = torture(&plan, &result->report);
    if (plan.explain)
        fclose(plan.explain);
    bench_progress("");
    result->is_saved = result->report.has_wreck;
    session->violations += result->report.violations;
    session->states += torture_report_states(&result->report);
    session->signal = (int)bench_stop_signal;
    return rc;
}

static bool is_wanted(const struct torture_request *request, const struct torture_method *method)
{
    if (request->method)
        return request->method == method;
    return !method->needs || strstr(quire_features(), method->needs);
}

int torture_session_run(struct torture_session *session)
{
    const struct torture_request *request = session->request;
    uint64_t left = 0, states = request->alone ? 0 : request->states;
    int rc = 0;

    for (int i = 0; i < TORTURE_METHODS; i++)
        left += is_wanted(request, &torture_methods[i]);
    for (int i = 0; i < TORTURE_METHODS && rc == 0 && !bench_stop_signal; i++) {
        if (!is_wanted(request, &torture_methods[i]))
            continue;
        uint64_t share = states > session->states ? (states - session->states + left - 1) / left : 1;
        rc = run_method(session, &torture_methods[i], states > 0 ? share : 0);
        left--;
    }
    session->signal = (int)bench_stop_signal;
    return rc;
}

void torture_session_free(struct torture_session *session)
{
    for (uint32_t i = 0; i < session->count; i++)
        free(session->results[i].events);
    torture_base_free(&session->base);
}
