/* The Go benchmark text format. See line.h.
 *
 * SPDX-License-Identifier: MIT */
#include "micro/line.h"

#include <inttypes.h>
#include <stddef.h>

static const char package[] = "quire";

const char *bench_micro_goos(void)
{
    return "linux";
}

const char *bench_micro_goarch(void)
{
#if defined(__x86_64__)
    return "amd64";
#elif defined(__aarch64__)
    return "arm64";
#elif defined(__i386__)
    return "386";
#elif defined(__arm__)
    return "arm";
#elif defined(__riscv) && __riscv_xlen == 64
    return "riscv64";
#elif defined(__powerpc64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return "ppc64le";
#elif defined(__powerpc64__)
    return "ppc64";
#elif defined(__s390x__)
    return "s390x";
#elif defined(__loongarch64)
    return "loong64";
#else
    return "unknown";
#endif
}

const char *bench_micro_full_name(const char *name, unsigned cpus, char text[BENCH_MICRO_NAME_ROOM])
{
    if (cpus == 1)
        snprintf(text, BENCH_MICRO_NAME_ROOM, "Benchmark%s", name);
    else
        snprintf(text, BENCH_MICRO_NAME_ROOM, "Benchmark%s-%u", name, cpus);
    return text;
}

void bench_micro_print_header(FILE *out, const struct bench_micro_header *header)
{
    fprintf(out, "goos: %s\ngoarch: %s\npkg: %s\n", header->goos, header->goarch, package);
    if (*header->cpu)
        fprintf(out, "cpu: %s\n", header->cpu);
}

void bench_micro_print_value(FILE *out, double value, const char *unit)
{
    /* From here up so many decimals are left out; each limit is where rounding would add a digit before the point. */
    static const struct {
        double from;
        int decimals;
    } rows[] = {{999.95, 0},   {99.995, 1},    {9.9995, 2},     {0.99995, 3},
                {0.099995, 4}, {0.0099995, 5}, {0.00099995, 6}, {0, 7}};
    size_t row = 0;
    while (value != 0 && value < rows[row].from)
        row++;
    int decimals = rows[row].decimals;
    fprintf(out, "%*.*f %s", decimals ? 11 + decimals : 10, decimals, value, unit);
}

void bench_micro_print_line(FILE *out, const char *full_name, int width, const struct bench_micro_result *result)
{
    double operations = (double)result->operations, ns = (double)result->elapsed_ns;
    fprintf(out, "%-*s\t%8" PRIu64, width, full_name, result->operations);
    if (result->elapsed_ns > 0) {
        fputc('\t', out);
        bench_micro_print_value(out, ns / operations, "ns/op");
    }
    if (result->elapsed_ns > 0 && result->bytes > 0)
        fprintf(out, "\t%7.2f MB/s", (double)result->bytes * operations / 1e6 / (ns / 1e9));
    if (result->counted)
        fprintf(out, "\t%8" PRIu64 " B/op\t%8" PRIu64 " allocs/op", result->allocated.bytes / result->operations,
                result->allocated.count / result->operations);
    fputc('\n', out);
}

void bench_micro_print_fail(FILE *out, const char *full_name, const char *reason)
{
    fprintf(out, "--- FAIL: %s\n    %s\n", full_name, reason);
}

void bench_micro_print_skip(FILE *out, const char *full_name, const char *reason)
{
    fprintf(out, "--- SKIP: %s\n    %s\n", full_name, reason);
}

void bench_micro_print_end(FILE *out, bool passed, double seconds)
{
    fprintf(out, "%s\n%-4s\t%s\t%.3fs\n", passed ? "PASS" : "FAIL", passed ? "ok" : "FAIL", package, seconds);
}
