/* Whether a page can stand by itself. See markup.h.
 *
 * SPDX-License-Identifier: MIT */
#include "markup.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "harness.h"

enum { DEEPEST = 64, IDS_MOST = 4096, NAME = 64 };

/* Where the reader is, what is open there, and which ids there have been. The first fault stays. */
static struct {
    const char *page, *at;
    char open[DEEPEST][NAME];
    unsigned depth;
    char ids[IDS_MOST][NAME];
    unsigned id_count;
    char fault[256];
} reader;

__attribute__((format(printf, 1, 2))) static void blame(const char *format, ...)
{
    if (*reader.fault)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reader.fault, sizeof reader.fault, format, arguments);
    va_end(arguments);
}

static bool is_one_of(const char *name, const char *const *names)
{
    for (; *names; names++)
        if (strcmp(name, *names) == 0)
            return true;
    return false;
}

static void read_text(const char *end)
{
    for (; reader.at < end; reader.at++) {
        size_t name = *reader.at == '&' ? strspn(reader.at + 1, "abcdefghijklmnopqrstuvwxyz#0123456789") : 0;
        if (*reader.at == '<' || (*reader.at == '&' && (name < 2 || reader.at[1 + name] != ';')))
            blame("%.20s stands for itself", reader.at);
    }
}

static void note_id(const char *value)
{
    for (unsigned i = 0; i < reader.id_count; i++)
        if (strcmp(reader.ids[i], value) == 0)
            blame("id %s is there twice", value);
    if (reader.id_count == IDS_MOST)
        blame("more ids than there is room for");
    else
        snprintf(reader.ids[reader.id_count++], NAME, "%s", value);
}

static void note_attribute(const char *name, const char *value)
{
    static const char *const fetching[] = {"src", "srcset", "poster", "data", "action", NULL};
    if (strcmp(name, "id") == 0)
        note_id(value);
    if (is_one_of(name, fetching) || (strstr(name, "href") && *value != '#') || strncmp(name, "on", 2) == 0)
        blame("%s=%s asks for something", name, value);
}

/* name="value" or name='value'; false at the end of the tag. */
static bool read_attribute(void)
{
    char name[NAME] = "", value[8192] = "";
    reader.at += strspn(reader.at, " \t\n");
    size_t length = strcspn(reader.at, "=/> \t\n");
    if (length == 0)
        return false;
    snprintf(name, sizeof name, "%.*s", (int)length, reader.at);
    reader.at += length;
    if (*reader.at != '=' || !strchr("\"'", reader.at[1])) {
        blame("attribute %s has no value in quotes", name);
        return false;
    }
    const char *begin = reader.at + 2, *end = strchr(begin, reader.at[1]);
    if (!end) {
        blame("attribute %s does not end", name);
        return false;
    }
    snprintf(value, sizeof value, "%.*s", (int)(end - begin), begin);
    reader.at = begin;
    read_text(end);
    reader.at = end + 1;
    note_attribute(name, value);
    return true;
}

static void begin(const char *name, bool closed)
{
    static const char *const empty[] = {"meta", "br", "hr", NULL};
    if (strcmp(name, "script") == 0 || strcmp(name, "link") == 0 || strcmp(name, "base") == 0)
        blame("there is a <%s>", name);
    if (closed || is_one_of(name, empty))
        return;
    if (reader.depth == DEEPEST)
        blame("<%s> is too deep", name);
    else
        snprintf(reader.open[reader.depth++], NAME, "%s", name);
}

static void end(const char *name)
{
    if (reader.depth == 0 || strcmp(reader.open[reader.depth - 1], name) != 0)
        blame("</%s> ends %s", name, reader.depth ? reader.open[reader.depth - 1] : "nothing");
    else
        reader.depth--;
}

static void read_tag(void)
{
    char name[NAME];
    bool closing = reader.at[1] == '/';
    reader.at += closing ? 2 : 1;
    size_t length = strcspn(reader.at, "/> \t\n");
    snprintf(name, sizeof name, "%.*s", (int)length, reader.at);
    reader.at += length;
    while (!closing && read_attribute()) {
    }
    reader.at += strspn(reader.at, " \t\n");
    bool closed = *reader.at == '/';
    reader.at += closed;
    if (*reader.at != '>') {
        blame("<%s does not end", name);
        return;
    }
    reader.at++;
    if (closing)
        end(name);
    else
        begin(name, closed);
    /* A style is no markup; where it is in an element of that name its end is looked for. */
    if (!closing && strcmp(name, "style") == 0)
        reader.at += strcspn(reader.at, "<");
}

/* Every "#name" behind one of these is an id of the page; behind url( there is nothing else. */
static void check_references(const char *before)
{
    for (const char *at = reader.page; (at = strstr(at, before));) {
        char name[NAME], *found = NULL;
        at += strlen(before);
        if (*at != '#') {
            blame("%s%.30s is elsewhere", before, at);
            return;
        }
        snprintf(name, sizeof name, "%.*s", (int)strcspn(at + 1, "\"')"), at + 1);
        for (unsigned i = 0; i < reader.id_count && !found; i++)
            found = strcmp(reader.ids[i], name) == 0 ? reader.ids[i] : NULL;
        if (!found)
            blame("%s#%s leads nowhere", before, name);
    }
}

const char *markup_fault(const char *page)
{
    reader.page = reader.at = page;
    reader.depth = reader.id_count = 0;
    reader.fault[0] = '\0';
    if (strncmp(page, "<!DOCTYPE html>", 15) == 0)
        reader.at += 15;
    while (*reader.at && !*reader.fault) {
        read_text(reader.at + strcspn(reader.at, "<"));
        if (*reader.at == '<')
            read_tag();
    }
    if (reader.depth)
        blame("<%s> does not end", reader.open[reader.depth - 1]);
    check_references("href=\"");
    check_references("href='");
    check_references("url(");
    if (strstr(page, "@import"))
        blame("a style is fetched");
    return reader.fault;
}

void markup_check(const char *page)
{
    const char *fault = markup_fault(page);
    if (*fault)
        FAIL("%s", fault);
}
