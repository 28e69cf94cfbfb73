/* The second serial port, driven by hand. See serial.h.
 *
 * SPDX-License-Identifier: MIT */
#include "serial.h"

#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/io.h>
#include <time.h>

/* A 16550's registers, as offsets from the port, and bits of its line status. */
enum { PORT = 0x2F8, DATA = 0, INTERRUPTS = 1, STATUS = 5, REGISTERS = 8 };
enum { RECEIVED = 1, MAY_SEND = 0x20 };

enum { YIELDS = 50, TRIES = 1000, PAUSE_NS = 20 * 1000 };

int vm_serial_open(void)
{
    if (ioperm(PORT, REGISTERS, 1) < 0)
        return -errno;
    outb(0, PORT + INTERRUPTS);
    return 0;
}

/* The listener may be on the same processor as this machine. */
static void let_others(int tries)
{
    if (tries < YIELDS)
        sched_yield();
    else
        nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
}

static bool wait_for(int bit, int tries_most)
{
    for (int tries = 0; tries < tries_most; tries++) {
        if (inb(PORT + STATUS) & bit)
            return true;
        let_others(tries);
    }
    return false;
}

static void send(const char *text)
{
    for (; *text; text++) {
        while (!wait_for(MAY_SEND, TRIES))
            ;
        outb((unsigned char)*text, PORT + DATA);
    }
}

static void receive(char *answer, size_t room)
{
    size_t length = 0;

    for (;;) {
        while (!wait_for(RECEIVED, TRIES))
            ;
        char byte = (char)inb(PORT + DATA);
        if (byte == '\n')
            break;
        if (length + 1 < room)
            answer[length++] = byte;
    }
    answer[length] = '\0';
}

void vm_serial_tell(const char *text, char *answer, size_t room)
{
    send(text);
    receive(answer, room);
}

void vm_serial_call(const char *text, char *answer, size_t room)
{
    do
        send(text);
    while (!wait_for(RECEIVED, TRIES));
    receive(answer, room);
}
