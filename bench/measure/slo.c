/* What is asked of latency. See slo.h.
 *
 * SPDX-License-Identifier: MIT */
#include "measure/slo.h"

#include <string.h>

#include "base/number.h"

static bool find_quantile(const char *text, size_t length, enum bench_quantile *quantile)
{
    for (unsigned q = 0; q < BENCH_QUANTILES; q++) {
        const char *name = bench_quantile_name(q);
        if (strlen(name) == length && memcmp(name, text, length) == 0) {
            *quantile = q;
            return true;
        }
    }
    return false;
}

bool bench_slo_parse(const char *text, struct bench_slo *slo)
{
    const char *below = strchr(text, '<');
    enum bench_quantile quantile;
    double seconds;
    if (!below || !find_quantile(text, (size_t)(below - text), &quantile) ||
        !bench_parse_duration(below + 1, &seconds) || seconds < 1e-9 || seconds > 3600)
        return false;
    *slo = (struct bench_slo){.quantile = quantile, .below_ns = (uint64_t)(seconds * 1e9 + 0.5)};
    return true;
}

bool bench_slo_holds(const struct bench_slo *slo, const struct bench_quantiles *seen)
{
    return seen->count > 0 && seen->of[slo->quantile] < slo->below_ns;
}
