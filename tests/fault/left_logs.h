/* Small logs as a writer may have left them, for whoever opens them next.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TESTS_LEFT_LOGS_H
#define QUIRE_TESTS_LEFT_LOGS_H

#include "log_builder.h"

/* Each makes its log in the directory "log" of the case. */
void left_whole(struct log_builder *b);
void left_torn(struct log_builder *b);
void left_torn_large(struct log_builder *b);
void left_cut_off(struct log_builder *b);
void left_hole(struct log_builder *b);
void left_damaged(struct log_builder *b);
void left_end_damaged(struct log_builder *b);
void left_damaged_twice(struct log_builder *b);
void left_unborn(struct log_builder *b);
void left_only_unborn(struct log_builder *b);
void left_made_ready(struct log_builder *b);
void left_used_up(struct log_builder *b);
void left_closed_well(struct log_builder *b);
void left_closed_otherwise(struct log_builder *b);
void left_closed_at_the_last(struct log_builder *b);
void left_foreign(struct log_builder *b);

#endif
