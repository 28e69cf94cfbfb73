/* What the daemon has to say: sentences on standard error while somebody reads that, in the system's log afterwards.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MOUNT_SAY_H
#define MOUNT_SAY_H

#define MOUNT_COMMAND "quire mount"

/* From now on sentences go to the system's log. */
void say_to_system_log(void);

/* "quire mount: sentence". */
__attribute__((format(printf, 1, 2))) void say(const char *format, ...);

#endif
