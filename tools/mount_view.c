/* What a mount says of itself. See mount_view.h.
 *
 * The text is quire-mount's own: one object, no blanks, no name twice, and a quotation mark within a value has a backslash
 * in front. So what stands behind "name": is found by looking for that.
 *
 * SPDX-License-Identifier: MIT */
#include "mount_view.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/number.h"

#define STATISTICS_NAME ".quire.stats"

enum { TEXT_MOST = 64 * 1024, PATH_TEXT = 2 * PATH_MAX };

/* The directory that it is in, and its name behind: what is at the end cannot be asked when it is dead. */
static int path_by_parent(const char *given, char path[PATH_MAX])
{
    char copy[PATH_MAX], parent[PATH_MAX];
    size_t length = strlen(given);

    if (length >= sizeof copy)
        return -ENAMETOOLONG;
    memcpy(copy, given, length + 1);
    while (length > 1 && copy[length - 1] == '/')
        copy[--length] = '\0';
    char *slash = strrchr(copy, '/'), *name = slash ? slash + 1 : copy;
    if (slash)
        *slash = '\0';
    if (!realpath(slash ? (slash == copy ? "/" : copy) : ".", parent))
        return -errno;
    bool is_root = strcmp(parent, "/") == 0;
    return snprintf(path, PATH_MAX, "%s/%s", is_root ? "" : parent, name) < PATH_MAX ? 0 : -ENAMETOOLONG;
}

int mount_view_path(const char *given, char path[PATH_MAX])
{
    if (realpath(given, path))
        return 0;
    return errno == ENOTCONN || errno == ECONNABORTED ? path_by_parent(given, path) : -errno;
}

static ssize_t read_all(int fd, char *text, size_t room)
{
    size_t used = 0;
    ssize_t count;

    while ((count = read(fd, text + used, room - used)) > 0)
        used += (size_t)count;
    return count < 0 ? -1 : (ssize_t)used;
}

char *mount_view_read(const char *mountpoint)
{
    char path[PATH_MAX];
    char *text = malloc(TEXT_MOST + 1);

    if (!text || snprintf(path, sizeof path, "%s/" STATISTICS_NAME, mountpoint) >= (int)sizeof path) {
        errno = text ? ENAMETOOLONG : ENOMEM;
        free(text);
        return NULL;
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd >= 0 ? read_all(fd, text, TEXT_MOST) : -1;
    int code = errno;
    if (fd >= 0)
        close(fd);
    if (length < 0) {
        free(text);
        errno = code;
        return NULL;
    }
    text[length] = '\0';
    return text;
}

static const char *find(const char *text, const char *name)
{
    char key[64];

    snprintf(key, sizeof key, "\"%s\":", name);
    const char *at = strstr(text, key);
    return at ? at + strlen(key) : "";
}

uint64_t mount_view_number(const char *text, const char *name)
{
    return strtoull(find(text, name), NULL, 10);
}

static bool is_true(const char *text, const char *name)
{
    return strncmp(find(text, name), "true", 4) == 0;
}

/* \u00XX stands for a byte that is no character; the others are the daemon's \" and \\. */
static char unescape(const char **at)
{
    char digits[3] = "";

    if (**at != 'u')
        return *(*at)++;
    memcpy(digits, *at + 3, 2);
    *at += 5;
    return (char)strtoul(digits, NULL, 16);
}

const char *mount_view_text(const char *text, const char *name, char *value, size_t size)
{
    const char *at = find(text, name);
    size_t used = 0;

    if (*at == '"')
        for (at++; *at && *at != '"' && used + 1 < size;) {
            char c = *at++;
            value[used++] = c == '\\' && *at ? unescape(&at) : c;
        }
    value[used] = '\0';
    return value;
}

static void print_counted(const char *text, const char *label, const char *name, const char *what, FILE *out)
{
    char number[BENCH_NUMBER_TEXT];

    fprintf(out, "%-10s %s%s\n", label, bench_grouped((double)mount_view_number(text, name), number), what);
}

static void print_mode(const char *text, FILE *out)
{
    char mode[32], asked[32], why[256], compress[32];

    mount_view_text(text, "mode", mode, sizeof mode);
    mount_view_text(text, "asked", asked, sizeof asked);
    mount_view_text(text, "why", why, sizeof why);
    mount_view_text(text, "compress", compress, sizeof compress);
    fprintf(out, "mode       %s", mode);
    if (strcmp(mode, "log") == 0)
        fprintf(out, ", compressed by %s", compress);
    fprintf(out, "%s%s", is_true(text, "writeback") ? ", writeback" : "",
            is_true(text, "read_only") ? ", read-only" : "");
    if (*why)
        fprintf(out, "; %s was asked, but %s", asked, why);
    fputc('\n', out);
    uint64_t gathered = mount_view_number(text, "gather_bytes");
    if (gathered > 0)
        fprintf(out, "gathers    appends up to %" PRIu64 " KiB, %" PRIu64 " ms at most\n", gathered >> 10,
                mount_view_number(text, "flush_ms"));
}

static void print_requests(const char *text, FILE *out)
{
    static const char *const names[] = {"write",   "read",   "fsync",   "flush",   "open", "create",
                                        "release", "lookup", "getattr", "setattr", "other"};
    const char *requests = find(text, "requests"), *between = "";

    fputs("requests   ", out);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        fprintf(out, "%s%" PRIu64 " %s", between, mount_view_number(requests, names[i]), names[i]);
        between = ", ";
    }
    fputc('\n', out);
}

void mount_view_print(const char *text, FILE *out)
{
    char path[PATH_TEXT];

    fprintf(out, "mount      %s\n", mount_view_text(text, "mountpoint", path, sizeof path));
    fprintf(out, "backing    %s\n", mount_view_text(text, "backing", path, sizeof path));
    fprintf(out, "daemon     process %" PRIu64 "\n", mount_view_number(text, "pid"));
    print_mode(text, out);
    print_requests(text, out);
    print_counted(text, "written", "write_bytes", " bytes, by write requests", out);
    print_counted(text, "stored", "stored_bytes", " bytes given to the backing directory", out);
    print_counted(text, "read", "read_bytes", " bytes", out);
    print_counted(text, "syncs", "syncs", "", out);
    print_counted(text, "errors", "errors", " of the backing directory", out);
    print_counted(text, "open files", "open_files", "", out);
}
