/* The machine in a report for programs. See json.h.
 *
 * SPDX-License-Identifier: MIT */
#include "machine/json.h"

#include <quire/version.h>

json_t *bench_environment_json(const struct bench_environment *e)
{
    return json_pack("{s:s, s:s, s:s, s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:f}", "date", e->date, "quire",
                     quire_version(), "cpu", e->cpu, "cores", (int)e->cores, "kernel", e->kernel, "directory",
                     e->directory, "filesystem", e->file_system, "mount_options", e->mount_options, "device", e->device,
                     "write_cache", e->write_cache, "scheduler", e->scheduler, "memory_only", e->memory_only, "load",
                     e->load);
}
