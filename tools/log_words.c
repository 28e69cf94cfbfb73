/* What the commands around a log say alike. See log_words.h.
 *
 * SPDX-License-Identifier: MIT */
#include "log_words.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <quire/version.h>

#include "command.h"

const char *log_place_text(const struct quire_damage *damage, char text[LOG_PLACE_TEXT])
{
    char block[64] = "header", records[64] = "which records is not known";
    if (damage->block != UINT64_MAX)
        snprintf(block, sizeof block, "block %" PRIu64, damage->block);
    if (damage->first_sequence && damage->first_sequence == damage->last_sequence)
        snprintf(records, sizeof records, "record %" PRIu64, damage->first_sequence);
    else if (damage->first_sequence)
        snprintf(records, sizeof records, "records %" PRIu64 " to %" PRIu64, damage->first_sequence,
                 damage->last_sequence);
    snprintf(text, LOG_PLACE_TEXT, "segment %" PRIu64 ", %s, offset %" PRIu64 ", %s", damage->segment, block,
             damage->offset, records);
    return text;
}

const char *log_damage_name(int code)
{
    switch (code) {
    case QUIRE_E_DAMAGED:
        return "damaged";
    case QUIRE_E_MISSING:
        return "missing";
    case QUIRE_E_FOREIGN:
        return "of another log";
    case QUIRE_E_VERSION:
        return "of a later version";
    case QUIRE_E_NO_CODEC:
        return "compressed in a way this build does not know";
    default:
        return quire_strerror(code);
    }
}

static int complain_of_damage(const char *command, const char *directory, int code, const struct quire_damage *damage)
{
    char place[LOG_PLACE_TEXT] = "a place that is not known";
    if (damage && damage->code != 0)
        log_place_text(damage, place);
    return command_complain(command, EXIT_FAILED,
                            "\"%s\" is %s at %s; `quire verify %s` looks at everything, `quire cat --gaps %s` reads "
                            "on past it, `quire repair %s` mends it",
                            directory, log_damage_name(code), place, directory, directory, directory);
}

static int complain_of_request(const char *command, int code)
{
    return command_complain(command, EXIT_USAGE, "%s; see `%s --help`", quire_strerror(code), command);
}

int log_complain(const char *command, const char *directory, int code, const struct quire_damage *damage)
{
    switch (code) {
    case -ENOENT:
        return command_complain(command, EXIT_FAILED, "there is no directory \"%s\"; `quire append %s` makes a log",
                                directory, directory);
    case -ENOTDIR:
        return command_complain(command, EXIT_FAILED, "\"%s\" is not a directory, which a log is", directory);
    case QUIRE_E_NOT_A_LOG:
        return command_complain(command, EXIT_FAILED, "\"%s\" holds no log; `quire append %s` makes one", directory,
                                directory);
    case QUIRE_E_LOCKED:
        return command_complain(command, EXIT_FAILED,
                                "another process has \"%s\" open for appending; wait for it, or end it", directory);
    case QUIRE_E_VERSION:
        return command_complain(command, EXIT_FAILED,
                                "\"%s\" was written by a later version of quire, or with features that this one, %s, "
                                "does not know: use that one",
                                directory, quire_version());
    case QUIRE_E_DAMAGED:
    case QUIRE_E_MISSING:
    case QUIRE_E_FOREIGN:
        return complain_of_damage(command, directory, code, damage);
    case QUIRE_E_OPTIONS:
    case QUIRE_E_METHOD:
    case QUIRE_E_BUFFER_SIZE:
    case QUIRE_E_BUFFER_COUNT:
    case QUIRE_E_NO_CHAIN:
        return complain_of_request(command, code);
    default:
        return command_complain(command, EXIT_FAILED, "\"%s\": %s", directory, quire_strerror(code));
    }
}

int log_complain_of_seek(const char *command, quire_reader *reader, uint64_t sequence, int code)
{
    struct quire_watermarks marks;
    struct quire_record first;
    if (code == QUIRE_E_RANGE && quire_reader_watermarks(reader, &marks) == 0)
        return command_complain(command, EXIT_FAILED,
                                "record %" PRIu64 " was not written yet: the last one is %" PRIu64, sequence,
                                marks.written);
    if (code == QUIRE_E_TRIMMED && quire_reader_seek_begin(reader) == 0 && quire_reader_next(reader, &first) == 1)
        return command_complain(command, EXIT_FAILED,
                                "record %" PRIu64 " was trimmed from the front of the log: the first one is %" PRIu64,
                                sequence, first.sequence);
    return EXIT_DONE;
}
