/* When the power goes: a moment that chance chooses, counted from what the machine tells.
 *
 * SPDX-License-Identifier: MIT */
#ifndef VM_MOMENT_H
#define VM_MOMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "line.h"

/* What was heard in a life. */
struct vm_heard {
    bool up, mounting, opening;
    uint64_t rows;
};

enum vm_moment_kind { VM_MOMENT_MOUNTING, VM_MOMENT_OPENING, VM_MOMENT_WORKING };

struct vm_moment {
    enum vm_moment_kind kind;
    uint64_t rows;     /* of VM_MOMENT_WORKING: behind so many */
    bool answered;     /* the machine goes on in the meantime; else only its other threads, and the disk */
    uint64_t delay_us; /* then */
};

void vm_moment_choose(uint64_t *state, struct vm_moment *moment);
void vm_heard_add(struct vm_heard *heard, const struct vm_line *line);

/* Whether line, the last that was added to heard, is the one. */
bool vm_moment_is_now(const struct vm_moment *moment, const struct vm_heard *heard, const struct vm_line *line);

/* Lets the delay go by. */
void vm_moment_wait(const struct vm_moment *moment);

enum { VM_MOMENT_TEXT = 100 };

/* For a message, in VM_MOMENT_TEXT bytes: "20 ms after it mounts", ... */
void vm_moment_say(const struct vm_moment *moment, char *text);

#endif
