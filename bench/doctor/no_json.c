/* A build without jansson: the doctor speaks to people only.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>

#include "doctor/doctor.h"

int bench_doctor_json(FILE *out, const struct bench_facts *facts, const struct bench_probes *probes,
                      const struct bench_diagnosis *diagnosis)
{
    (void)out;
    (void)facts;
    (void)probes;
    (void)diagnosis;
    return -ENOSYS;
}
