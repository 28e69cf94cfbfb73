/* The lines of a file of bytes. See lines.h.
 *
 * SPDX-License-Identifier: MIT */
#include "lines.h"

#include <quire/error.h>

/* Memory for lines of a usual size is kept. */
enum { KEEP_BYTES = 4 << 20 };

void export_lines_free(struct export_lines *lines)
{
    export_bytes_free(&lines->line);
}

bool export_lines_open(const struct export_lines *lines)
{
    return lines->in_line;
}

static bool is_behind(const struct export_lines *lines, const struct line_place *place)
{
    return place->sequence > lines->last_sequence || place->time > lines->last_time;
}

static int give_begun(struct export_lines *lines)
{
    int rc = lines->line.code;
    if (rc == 0)
        rc = lines->see(lines->context, &lines->line_place, lines->line.data, lines->line.used);
    export_bytes_clear(&lines->line, KEEP_BYTES);
    lines->in_line = false;
    return rc;
}

/* Part of a line. What is too long to be held is given, and the rest is begun as another. */
static int go_on(struct export_lines *lines, const struct line_place *place, const unsigned char *data, size_t length)
{
    if (!lines->in_line)
        lines->line_place = *place;
    lines->in_line = true;
    while (length > LINE_MOST - lines->line.used) {
        size_t first = LINE_MOST - lines->line.used;
        struct line_place rest = lines->line_place;
        rest.offset += LINE_MOST;
        export_bytes_put(&lines->line, data, first);
        int rc = give_begun(lines);
        if (rc != 0)
            return rc;
        lines->line_place = rest;
        lines->in_line = true;
        lines->cut++;
        data += first;
        length -= first;
    }
    export_bytes_put(&lines->line, data, length);
    return lines->line.code;
}

/* The next part of a line, or all of it where it begins and ends here. */
static int take_part(struct export_lines *lines, const struct line_place *place, const unsigned char *data,
                     size_t length, bool ends)
{
    if (lines->within) {
        lines->within = !ends;
        return 0;
    }
    if (ends && !lines->in_line && length <= LINE_MOST)
        return lines->see(lines->context, place, data, length);
    int rc = go_on(lines, place, data, length);
    return rc == 0 && ends ? give_begun(lines) : rc;
}

/* All lines in these bytes of a piece, from place on. */
static int split(struct export_lines *lines, struct line_place place, const unsigned char *data, size_t length)
{
    int rc = 0;
    while (rc == 0 && length > 0) {
        if (!lines->in_line && !lines->within && is_behind(lines, &place))
            return 1;
        const unsigned char *newline = memchr(data, '\n', length);
        size_t part = newline ? (size_t)(newline - data) : length;
        rc = take_part(lines, &place, data, part, newline != NULL);
        size_t step = part + (newline != NULL);
        data += step;
        length -= step;
        place.offset += step;
    }
    return rc;
}

/* Nothing is known of the bytes from where the last piece ended: a line that was begun ends there. */
static int pass_hole(struct export_lines *lines, uint64_t bytes)
{
    lines->lost_bytes += bytes;
    return lines->in_line ? give_begun(lines) : 0;
}

int export_lines_piece(struct export_lines *lines, const struct line_place *place, const void *data, size_t length)
{
    int rc = 0;
    if (place->offset < lines->end)
        return QUIRE_E_DAMAGED;
    if (lines->is_begun && place->offset > lines->end)
        rc = pass_hole(lines, place->offset - lines->end);
    lines->is_begun = true;
    lines->end = place->offset + length;
    if (rc == 0 && !lines->in_line && is_behind(lines, place))
        rc = 1;
    return rc == 0 ? split(lines, *place, data, length) : rc;
}

int export_lines_end(struct export_lines *lines)
{
    return lines->in_line ? give_begun(lines) : 0;
}
