/* The table of mounts. See mount.h.
 *
 * SPDX-License-Identifier: MIT */
#include "machine/mount.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Undoes the \040 of /proc/self/mountinfo, in place. */
static void unescape(char *text)
{
    char *to = text;
    for (const char *from = text; *from; to++) {
        if (*from == '\\' && strspn(from + 1, "01234567") >= 3) {
            *to = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
            from += 4;
        } else {
            *to = *from++;
        }
    }
    *to = '\0';
}

/* One line: "26 1 254:0 / /mnt rw,relatime shared:1 - ext4 /dev/vda rw,discard". */
static bool parse_mount(char *line, struct bench_mount *m)
{
    char options[PATH_MAX], more[PATH_MAX] = "";
    char *dash = strstr(line, " - ");
    if (!dash || sscanf(line, "%*s %*s %*s %*s %4095s %4095s", m->point, options) != 2 ||
        sscanf(dash + 3, "%31s %4095s %4095s", m->type, m->source, more) < 2)
        return false;
    unescape(m->point);
    unescape(m->source);
    /* Both begin with rw or ro: the second time it says nothing new. */
    const char *rest = strchr(more, ',');
    snprintf(m->options, sizeof m->options, "%s%s", options, rest ? rest : "");
    return true;
}

/* Of the mounts whose point is a parent of the path the longest, of equals the last: it hides those before. */
bool bench_mount_find(struct bench_mount *mount, const char *root, const char *path)
{
    char table[PATH_MAX];
    int printed = snprintf(table, sizeof table, "%s/proc/self/mountinfo", root);
    if (printed < 0 || (size_t)printed >= sizeof table)
        return false;
    FILE *file = fopen(table, "re");
    if (!file)
        return false;
    struct bench_mount m;
    char *line = NULL;
    size_t room = 0, most = 0;
    while (getline(&line, &room, file) > 0) {
        if (!parse_mount(line, &m))
            continue;
        size_t length = strlen(m.point);
        bool top = length == 1;
        if (strncmp(path, m.point, length) != 0 || !(top || path[length] == '/' || path[length] == '\0'))
            continue;
        if (length >= most) {
            most = length;
            *mount = m;
        }
    }
    free(line);
    fclose(file);
    return most > 0;
}
