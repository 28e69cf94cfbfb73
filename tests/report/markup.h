/* Whether a page can stand by itself: that its markup is whole and that it asks for nothing from outside.
 *
 * SPDX-License-Identifier: MIT */
#ifndef TESTS_REPORT_MARKUP_H
#define TESTS_REPORT_MARKUP_H

/* What is wrong with it, "" if nothing: every element that was begun ends, in order; attributes are in quotes; < and &
 * stand for themselves nowhere; no id is there twice, and what refers to one finds it; there is no script, and nothing
 * that a browser would fetch. The answer holds until the next call. */
const char *markup_fault(const char *page);

/* Fails the case that finds a fault. */
void markup_check(const char *page);

#endif
