/* What a mount counts. See stats.h.
 *
 * SPDX-License-Identifier: MIT */
#include "fuse/stats.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_ROOM = 16384, NAME_ROOM = 32 };

/* The text behind "name": and blanks; NULL: there is no such member. Names stand once in the whole text, and a text in
 * quotes has its own quotes behind a backslash, so a member's name with its colon is never found in one. */
static const char *member(const char *text, const char *name)
{
    char key[NAME_ROOM];
    snprintf(key, sizeof key, "\"%s\"", name);
    for (const char *at = text; (at = strstr(at, key)); at++) {
        const char *behind = at + strlen(key);
        behind += strspn(behind, " \t\r\n");
        if (*behind == ':' && (at == text || at[-1] != '\\'))
            return behind + 1 + strspn(behind + 1, " \t\r\n");
    }
    return NULL;
}

static bool number(const char *text, const char *name, uint64_t *value)
{
    const char *at = member(text, name);
    if (!at || *at < '0' || *at > '9')
        return false;
    *value = strtoull(at, NULL, 10);
    return true;
}

/* What stands in quotes, cut where the room ends; \" and \\ without their backslash, other escapes as they are. */
static bool words(const char *text, const char *name, char *to, size_t room)
{
    const char *at = member(text, name);
    size_t length = 0;
    if (!at || *at != '"')
        return false;
    for (at++; *at && *at != '"'; at++) {
        if (*at == '\\' && (at[1] == '"' || at[1] == '\\'))
            at++;
        if (length + 1 < room)
            to[length++] = *at;
    }
    to[length] = '\0';
    return *at == '"';
}

/* The sum of the numbers in the object "requests". */
static bool sum_of_requests(const char *text, uint64_t *sum)
{
    const char *at = member(text, "requests");
    uint64_t total = 0;
    if (!at || *at != '{')
        return false;
    for (; *at && *at != '}'; at++)
        if (*at == ':')
            total += strtoull(at + 1, NULL, 10);
    *sum = total;
    return *at == '}';
}

bool bench_fuse_stats_parse(const char *text, struct bench_fuse_stats *stats)
{
    struct bench_fuse_stats s = {.writes = 0};
    const char *requests = member(text, "requests");
    if (!requests || !number(requests, "write", &s.writes) || !sum_of_requests(text, &s.requests) ||
        !number(text, "write_bytes", &s.write_bytes) || !number(text, "stored_bytes", &s.stored_bytes) ||
        !words(text, "mode", s.mode, sizeof s.mode))
        return false;
    if (!words(text, "why", s.why, sizeof s.why))
        s.why[0] = '\0';
    *stats = s;
    return true;
}

int bench_fuse_stats_read(const char *mount_point, struct bench_fuse_stats *stats)
{
    char path[PATH_MAX + sizeof BENCH_FUSE_STATS_NAME + 1], text[TEXT_ROOM];
    size_t length = 0;
    ssize_t n = 1;
    snprintf(path, sizeof path, "%s/" BENCH_FUSE_STATS_NAME, mount_point);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    while (n > 0 && length < sizeof text - 1) {
        n = read(fd, text + length, sizeof text - 1 - length);
        length += n > 0 ? (size_t)n : 0;
    }
    int rc = n < 0 ? -errno : 0;
    close(fd);
    text[length] = '\0';
    return rc == 0 && !bench_fuse_stats_parse(text, stats) ? -EBADMSG : rc;
}
