/* Rows that belong together. See match.h.
 *
 * SPDX-License-Identifier: MIT */
#include "compare/match.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__attribute__((format(printf, 3, 4))) static void note(struct bench_match *match, const struct bench_document_row *row,
                                                       const char *format, ...)
{
    char *text = match->notes[match->note_count++];
    int length =
        snprintf(text, BENCH_NOTE, "%s, %" PRIu64 " B x %" PRIu64 ": ", row->name, row->record_bytes, row->records);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + length, BENCH_NOTE - (size_t)length, format, arguments);
    va_end(arguments);
}

/* A row of that name and size of record, whatever the number of records. */
static const struct bench_document_row *find_other_count(const struct bench_document *document,
                                                         const struct bench_document_row *row)
{
    for (size_t i = 0; i < document->count; i++)
        if (document->rows[i].record_bytes == row->record_bytes && strcmp(document->rows[i].name, row->name) == 0)
            return &document->rows[i];
    return NULL;
}

/* Whether the two do the same thing; a note if not. */
static bool same(struct bench_match *match, const struct bench_document_row *row,
                 const struct bench_document_row *other)
{
    if (strcmp(row->sync, other->sync) != 0)
        note(match, row, "not compared: sync \"%s\" and \"%s\"", row->sync, other->sync);
    else if (*row->durability && *other->durability && strcmp(row->durability, other->durability) != 0)
        note(match, row, "not compared: durable is \"%s\" and \"%s\"", row->durability, other->durability);
    else if (row->threads != other->threads)
        note(match, row, "not compared: %u threads and %u", row->threads, other->threads);
    else
        return true;
    return false;
}

/* Looks for the row in every report. False, with a note, if one has it not. */
static bool find_everywhere(struct bench_match *match, const struct bench_reports *reports,
                            const struct bench_document_row *row, struct bench_pair *pair)
{
    for (enum bench_side side = BENCH_OLD; side < BENCH_SIDES; side++)
        for (size_t i = 0; i < reports->count[side]; i++) {
            const struct bench_document *document = &reports->document[side][i];
            const struct bench_document_row *other =
                bench_document_find(document, row->name, row->record_bytes, row->records);
            const struct bench_document_row *near = other ? other : find_other_count(document, row);
            if (other && !same(match, row, other))
                return false;
            pair->row[side][i] = other;
            if (other)
                continue;
            if (near)
                note(match, row, "not compared: %s has %" PRIu64 " records", document->path, near->records);
            else
                note(match, row, "not in %s", document->path);
            return false;
        }
    return true;
}

static bool is_first(const struct bench_document *document, const struct bench_document_row *row)
{
    return bench_document_find(document, row->name, row->record_bytes, row->records) == row;
}

static void match_old(struct bench_match *match, const struct bench_reports *reports)
{
    const struct bench_document *old = &reports->document[BENCH_OLD][0];
    for (size_t i = 0; i < old->count; i++) {
        const struct bench_document_row *row = &old->rows[i];
        if (row->candidate)
            continue;
        if (!is_first(old, row))
            note(match, row, "more than once in %s: only the first one is compared", old->path);
        else if (find_everywhere(match, reports, row, &match->pairs[match->count]))
            match->count++;
    }
}

/* Rows that the first old report has under no number of records. */
static void note_new(struct bench_match *match, const struct bench_reports *reports)
{
    const struct bench_document *new = &reports->document[BENCH_NEW][0];
    for (size_t i = 0; i < new->count; i++) {
        const struct bench_document_row *row = &new->rows[i];
        if (!row->candidate && is_first(new, row) && !find_other_count(&reports->document[BENCH_OLD][0], row))
            note(match, row, "only in %s", new->path);
    }
}

int bench_match_make(struct bench_match *match, const struct bench_reports *reports)
{
    size_t old = reports->document[BENCH_OLD][0].count, new = reports->document[BENCH_NEW][0].count;
    *match = (struct bench_match){
        .pairs = calloc(old + 1, sizeof *match->pairs),
        .notes = calloc(old + new + 1, sizeof *match->notes),
    };
    if (!match->pairs || !match->notes) {
        bench_match_free(match);
        return -ENOMEM;
    }
    match_old(match, reports);
    note_new(match, reports);
    return 0;
}

void bench_match_free(struct bench_match *match)
{
    free(match->pairs);
    free(match->notes);
    *match = (struct bench_match){.pairs = NULL};
}

void bench_match_machines(const struct bench_reports *reports, char *text, size_t room)
{
    const struct bench_document *first = &reports->document[BENCH_OLD][0];
    size_t length = 0;
    *text = '\0';
    for (unsigned trait = 0; trait < BENCH_TRAITS; trait++) {
        const char *is = first->traits[trait], *other = is;
        for (enum bench_side side = BENCH_OLD; side < BENCH_SIDES; side++)
            for (size_t i = 0; i < reports->count[side]; i++) {
                const char *now = reports->document[side][i].traits[trait];
                other = *now && strcmp(is, now) != 0 ? now : other;
            }
        if (!*is || other == is || length >= room)
            continue;
        length += (size_t)snprintf(text + length, room - length, "%s%s \"%s\" and \"%s\"", length ? "; " : "",
                                   bench_document_traits[trait], is, other);
    }
}
