/* The serial line by which the machine under test tells what it has done, from inside the machine: the second port of a
 * PC, driven by hand.
 *
 * By hand, because a tty would keep what is written for a while: here a line has left the machine when the call
 * returns, and its answer has come, so that whoever listens knows it before the machine goes on.
 *
 * SPDX-License-Identifier: MIT */
#ifndef VM_SERIAL_H
#define VM_SERIAL_H

#include <stddef.h>

/* Takes the port. 0 or -errno. */
int vm_serial_open(void);

/* Sends text, which ends with a newline, and waits for a line of answer: without its newline, cut off where it is
 * longer than room bytes. */
void vm_serial_tell(const char *text, char *answer, size_t room);

/* The same, but sends text again and again until an answer begins: for whoever begins to listen later. */
void vm_serial_call(const char *text, char *answer, size_t room);

#endif
