/* From a list of steps that fails to the least of it that still does.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TESTS_MODEL_SHRINK_H
#define QUIRE_TESTS_MODEL_SHRINK_H

#include "model/ops.h"

/* Does this list fail? */
typedef bool shrink_fails(void *context, const struct op *ops, uint32_t count);

/* ops, which fail, become fewer and simpler: parts are left out, half of them at first, single steps at last; then each
 * argument becomes 0, or smaller; over and over, until nothing more can be taken away, or fails was asked `most` times.
 * Returns how many are left. *asked (unless NULL): how often. */
uint32_t shrink(struct op *ops, uint32_t count, shrink_fails *fails, void *context, uint32_t most, uint32_t *asked);

#endif
