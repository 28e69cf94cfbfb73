/* What the limit rows write. See image.h.
 *
 * SPDX-License-Identifier: MIT */
#include "rows/limits/image.h"

#include <stdlib.h>
#include <string.h>

#include "workload/workload.h"

void bench_image_make(void *memory, uint64_t bytes, unsigned run)
{
    bench_fill(memory, bytes, 0);
    for (uint64_t at = 0; at < bytes; at += 4096) {
        uint64_t identity = bench_identity(run, 0, at);
        memcpy((char *)memory + at, &identity, sizeof identity);
    }
}

void *bench_image_new(uint64_t bytes, unsigned run)
{
    void *memory;
    if (posix_memalign(&memory, 4096, bytes) != 0)
        return NULL;
    bench_image_make(memory, bytes, run);
    return memory;
}
