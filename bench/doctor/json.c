/* What the doctor says, for programs. Schema 1: fields are added, never changed.
 *
 * SPDX-License-Identifier: MIT */
#include <jansson.h>

#include <quire/version.h>

#include "base/json.h"
#include "doctor/doctor.h"

/* null for what is unknown, or not limited. */
static json_t *amount(uint64_t value, uint64_t unknown)
{
    return value == unknown ? json_null() : json_integer((json_int_t)value);
}

static json_t *facts_json(const struct bench_facts *f)
{
    return json_pack(
        "{s:s, s:s, s:s, s:i, s:b, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, "
        "s:b}",
        "directory", f->directory, "kernel", f->kernel, "cpu", f->cpu, "cores", (int)f->cores, "virtual_machine",
        f->virtual_machine, "file_system", f->mount.type, "source", f->mount.source, "mount_options", f->mount.options,
        "device", f->device, "model", f->model, "scheduler", f->scheduler, "storage", bench_storage_name(f->storage),
        "write_back", f->queue.known ? json_boolean(f->queue.write_back) : json_null(), "fua",
        f->queue.known ? json_boolean(f->queue.fua) : json_null(), "memory_bytes", amount(f->memory_bytes, 0),
        "dirty_bytes", amount(f->dirty_bytes, 0), "free_bytes", amount(f->free_bytes, UINT64_MAX), "direct_alignment",
        amount(f->direct_offset, 0), "atomic_write_bytes", amount(f->atomic_most, 0), "cachestat", f->cachestat,
        "io_uring", f->uring == 0);
}

static json_t *durable_json(const struct bench_probe_durable *probe)
{
    if (!probe->known)
        return json_null();
    return json_pack("{s:f, s:f, s:f, s:o}", "per_second", probe->per_second, "p50_seconds", probe->p50_seconds,
                     "p99_seconds", probe->p99_seconds, "flushes",
                     probe->flushes < 0 ? json_null() : json_real(probe->flushes));
}

static json_t *probes_json(const struct bench_probes *p)
{
    if (!p->made)
        return json_null();
    return json_pack("{s:o, s:o, s:f, s:f, s:f, s:b}", "durable_append", durable_json(&p->append), "durable_written",
                     durable_json(&p->written), "cache_mib_per_s", p->cache_mib_per_s, "direct_mib_per_s",
                     p->direct_mib_per_s, "direct_written_mib_per_s", p->direct_written_mib_per_s, "uring",
                     p->uring == 0);
}

int bench_doctor_json(FILE *out, const struct bench_facts *facts, const struct bench_probes *probes,
                      const struct bench_diagnosis *diagnosis)
{
    json_t *findings = json_array(), *options = json_array();
    for (unsigned i = 0; i < diagnosis->count; i++) {
        const struct bench_finding *x = &diagnosis->finding[i];
        json_array_append_new(findings, json_pack("{s:s, s:s, s:s, s:s, s:s}", "id", x->id, "severity",
                                                  bench_severity_name(x->severity), "found", x->found, "means",
                                                  x->means, "advice", x->advice));
    }
    for (unsigned i = 0; i < BENCH_CHOICES; i++) {
        const struct bench_choice *c = &diagnosis->choice[i];
        json_array_append_new(options,
                              json_pack("{s:s, s:s, s:s}", "use", c->use, "options", c->options, "why", c->why));
    }
    json_t *root =
        json_pack("{s:i, s:s, s:o, s:o, s:o, s:o}", "schema", 1, "doctor", quire_version(), "facts", facts_json(facts),
                  "probes", probes_json(probes), "findings", findings, "options", options);
    return bench_json_print(out, root);
}
