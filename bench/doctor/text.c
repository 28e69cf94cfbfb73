/* What the doctor says, for people.
 *
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include <quire/version.h>

#include "base/number.h"
#include "doctor/doctor.h"
#include "machine/environment.h"

static void print_facts(const struct bench_paper *paper, const struct bench_facts *f)
{
    char line[PATH_MAX * 8], direct[48] = "states no alignment", free_text[48] = "unknown";
    fputs("What is here\n", paper->out);
    snprintf(line, sizeof line, "%s, %u core%s, %.1f GiB of memory%s; %s", bench_known(f->cpu), f->cores,
             f->cores == 1 ? "" : "s", (double)f->memory_bytes / 1073741824,
             f->virtual_machine ? ", a virtual machine" : "", bench_known(f->kernel));
    bench_paper_wrapped(paper, "  machine    ", line);
    if (f->free_bytes != UINT64_MAX)
        snprintf(free_text, sizeof free_text, "%.1f GiB", (double)f->free_bytes / 1073741824);
    snprintf(line, sizeof line, "%s: %s on %s (%s), %s free", f->directory, bench_known(f->mount.type),
             bench_known(f->mount.source), bench_known(f->mount.options), free_text);
    bench_paper_wrapped(paper, "  directory  ", line);
    snprintf(line, sizeof line, "%s%s%s%s: %s; blocks of %" PRIu64 " and %" PRIu64 " bytes; scheduler %s",
             bench_known(f->device), *f->model ? " (" : "", f->model, *f->model ? ")" : "",
             bench_storage_name(f->storage), f->logical_block, f->physical_block, bench_known(f->scheduler));
    bench_paper_wrapped(paper, "  device     ", line);
    if (f->direct_offset)
        snprintf(direct, sizeof direct, "aligned to %" PRIu32, f->direct_offset);
    snprintf(line, sizeof line, "io_uring %s; O_DIRECT %s; cachestat %s; atomic writes %s",
             f->uring == 0 ? "yes" : "no", direct, f->cachestat ? "yes" : "no", f->atomic_most ? "yes" : "no");
    bench_paper_wrapped(paper, "  kernel     ", line);
}

static void print_durable(const struct bench_paper *paper, const char *label, const struct bench_probe_durable *probe)
{
    char line[200], p50[BENCH_NUMBER_TEXT], p99[BENCH_NUMBER_TEXT], rate[BENCH_NUMBER_TEXT], flushes[32] = "";
    if (!probe->known)
        return;
    if (probe->flushes >= 0)
        snprintf(flushes, sizeof flushes, "; %.2f flushes each", probe->flushes);
    snprintf(line, sizeof line, "%s a second, p50 %s, p99 %s%s", bench_grouped(probe->per_second, rate),
             bench_duration_text(probe->p50_seconds, p50), bench_duration_text(probe->p99_seconds, p99), flushes);
    bench_paper_wrapped(paper, label, line);
}

static void print_probes(const struct bench_paper *paper, const struct bench_probes *p)
{
    char line[200];
    if (!p->made)
        return;
    fputs("\nWhat was tried\n", paper->out);
    print_durable(paper, "  durable 4 KiB appends, growing file   ", &p->append);
    print_durable(paper, "  the same into blocks written before   ", &p->written);
    snprintf(line, sizeof line, "%.0f MiB/s page cache, %.0f direct, %.0f direct into blocks written before",
             p->cache_mib_per_s, p->direct_mib_per_s, p->direct_written_mib_per_s);
    bench_paper_wrapped(paper, "  64 MiB and a sync                     ", line);
}

enum { LABEL = 11 }; /* columns before a finding's text */

static void print_finding(const struct bench_paper *paper, const struct bench_finding *finding, bool colour)
{
    static const char *const colours[] = {[BENCH_PROBLEM] = "\033[31m",
                                          [BENCH_CAUTION] = "\033[33m",
                                          [BENCH_NOTE] = "\033[36m",
                                          [BENCH_FINE] = "\033[32m"};
    fprintf(paper->out, "  %s%-8s%s ", colour ? colours[finding->severity] : "", bench_severity_name(finding->severity),
            colour ? "\033[0m" : "");
    bench_paper_continued(paper, LABEL, finding->found);
    bench_paper_wrapped(paper, "           ", finding->means);
    if (*finding->advice)
        bench_paper_wrapped(paper, "           -> ", finding->advice);
}

static void print_choices(const struct bench_paper *paper, const struct bench_diagnosis *diagnosis)
{
    fputs("\nOptions of quire that fit here: struct quire_writer_options o = { .size = sizeof o, ... };\n", paper->out);
    for (unsigned i = 0; i < BENCH_CHOICES; i++) {
        const struct bench_choice *choice = &diagnosis->choice[i];
        fprintf(paper->out, "  %s\n", choice->use);
        bench_paper_wrapped(paper, "      ", choice->options);
        bench_paper_wrapped(paper, "      ", choice->why);
    }
}

void bench_doctor_text(const struct bench_paper *paper, const struct bench_facts *facts,
                       const struct bench_probes *probes, const struct bench_diagnosis *diagnosis, bool colour)
{
    fprintf(paper->out, "quire %s doctor\n\n", quire_version());
    print_facts(paper, facts);
    print_probes(paper, probes);
    fputs("\nWhat it means for appending\n", paper->out);
    for (unsigned i = 0; i < diagnosis->count; i++)
        print_finding(paper, &diagnosis->finding[i], colour);
    print_choices(paper, diagnosis);
}
