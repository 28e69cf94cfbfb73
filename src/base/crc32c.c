/* The Castagnoli checksum: which engine computes it, on this processor and for this length.
 *
 * Asking what the processor has is a load and a test each time: nothing to set up, nothing that is ever written.
 *
 * SPDX-License-Identifier: MIT */
#include "base/crc32c.h"

#include "base/crc32c_engines.h"

/* From here on ISA-L is taken where it folds. An estimate: no machine with AVX-512 was at hand to measure on. */
#define LONG_LEAST 1024u

struct engine {
    const char *name;
    uint32_t (*compute)(uint32_t crc, const void *data, uint64_t length);
};

static inline struct engine of_processor(void)
{
#ifdef QUIRE__HAVE_CRC32C_X86
    if (quire__crc32c_x86_runs())
        return (struct engine){"sse4.2", quire__crc32c_x86};
#endif
#ifdef QUIRE__HAVE_CRC32C_ARM
    if (quire__crc32c_arm_runs())
        return (struct engine){"armv8", quire__crc32c_arm};
#endif
    return (struct engine){"portable", quire__crc32c_portable};
}

/* For long data. */
static inline struct engine of_machine(void)
{
#ifdef QUIRE__HAVE_ISAL
    if (quire__crc32c_isal_folds())
        return (struct engine){"isa-l", quire__crc32c_isal};
#endif
    return of_processor();
}

/* Short data is done before ISA-L's way in has paid for itself. */
uint32_t quire__crc32c(uint32_t crc, const void *data, uint64_t length)
{
    struct engine engine = length < LONG_LEAST ? of_processor() : of_machine();

    return engine.compute(crc, data, length);
}

const char *quire__crc32c_engine(void)
{
    return of_machine().name;
}
