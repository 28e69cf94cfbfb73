/* The formats that records are printed in. See record_out.h.
 *
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>

#include "bytes/piece.h"
#include "command.h"
#include "log_times.h"
#include "record_out.h"
#include "report/report.h"

static void print_raw(struct record_out *out, const struct quire_record *record)
{
    record_out_put(out, record->data, record->length);
}

static void print_line(struct record_out *out, const struct quire_record *record)
{
    if (__builtin_expect(record->length >= RECORD_OUT_BYTES - out->used, 0)) {
        record_out_put(out, record->data, record->length);
        record_out_put_byte(out, '\n');
        return;
    }
    unsigned char *to = out->buffer + out->used;
    memcpy(to, record->data, record->length);
    to[record->length] = '\n';
    out->used += record->length + 1;
}

static char *put_hex(char *to, uint64_t value, int digits)
{
    static const char hex[] = "0123456789abcdef";
    for (int i = digits - 1; i >= 0; i--, value >>= 4)
        to[i] = hex[value & 15];
    return to + digits;
}

/* 00000000  68 65 6c 6c 6f 20 77 6f  72 6c 64 0a              |hello world.| */
static void print_hex_line(struct record_out *out, const unsigned char *data, uint64_t offset, uint64_t count)
{
    char line[96], *to = put_hex(line, offset, 8);
    *to++ = ' ';
    for (uint64_t i = 0; i < 16; i++) {
        *to++ = ' ';
        if (i == 8)
            *to++ = ' ';
        if (i < count) {
            to = put_hex(to, data[i], 2);
        } else {
            *to++ = ' ';
            *to++ = ' ';
        }
    }
    *to++ = ' ';
    *to++ = ' ';
    *to++ = '|';
    for (uint64_t i = 0; i < count; i++)
        *to++ = data[i] >= 0x20 && data[i] < 0x7f ? (char)data[i] : '.';
    *to++ = '|';
    *to++ = '\n';
    record_out_put(out, line, (uint64_t)(to - line));
}

static void print_hex(struct record_out *out, const struct quire_record *record)
{
    char line[160], time[LOG_TIME_TEXT];
    const unsigned char *data = record->data;
    log_time_text(record->time, time);
    int length = snprintf(line, sizeof line, "record %" PRIu64 "  %s  %" PRIu64 " byte%s\n", record->sequence, time,
                          record->length, record->length == 1 ? "" : "s");
    record_out_put(out, line, (uint64_t)length);
    for (uint64_t i = 0; i < record->length; i += 16)
        print_hex_line(out, data + i, i, record->length - i < 16 ? record->length - i : 16);
}

/* The record of a program's log: its time (8 bytes, little-endian, nanoseconds since 1970), its level (1 byte), and
 * the message. What is shorter than that, or has a time before 1970, is printed as a message without a level, at the
 * time of the record. */
static void print_log_record(struct record_out *out, const struct quire_record *record)
{
    const unsigned char *data = record->data;
    uint64_t time = record->time, head = 0;
    char text[LOG_TIME_TEXT], level[8] = " - ";
    if (record->length >= RECORD_HEAD && data[7] < 0x80) {
        head = RECORD_HEAD;
        time = 0;
        for (int i = 7; i >= 0; i--)
            time = time << 8 | data[i];
        snprintf(level, sizeof level, " %d ", data[8]);
    }
    record_out_put(out, text, log_time_text(time, text));
    record_out_put(out, level, strlen(level));
    record_out_put(out, data + head, record->length - head);
    record_out_put_byte(out, '\n');
}

void record_print_bytes(struct record_out *out, const struct quire_record *record)
{
    uint64_t offset;
    bool is_piece = bytes_piece_parse(record->data, record->length, &offset);
    size_t head = is_piece ? sizeof(struct bytes_piece_head) : 0;
    record_out_put(out, (const unsigned char *)record->data + head, record->length - head);
}

static const struct {
    const char *name;
    record_print *print;
} formats[] = {
    {"raw", print_raw}, {"lines", print_line},        {"json", record_print_json},
    {"hex", print_hex}, {"record", print_log_record}, {"bytes", record_print_bytes},
};

record_print *record_format_find(const char *command, const char *name)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (strcmp(formats[i].name, name) == 0) {
            if (formats[i].print != record_print_json || bench_json_available())
                return formats[i].print;
            command_complain(command, EXIT_USAGE, "--format json is not in this build: it was made without jansson");
            return NULL;
        }
    command_complain(command, EXIT_USAGE, "--format takes " RECORD_FORMATS ", not \"%s\"", name);
    return NULL;
}

record_print *record_format_for(const struct quire_record *record)
{
    uint64_t offset;
    return bytes_piece_parse(record->data, record->length, &offset) ? record_print_bytes : print_line;
}

const char *record_gap_reason(uint32_t reason)
{
    switch ((enum quire_gap_reason)reason) {
    case QUIRE_GAP_DROPPED:
        return "dropped";
    case QUIRE_GAP_CLAIM:
        return "never published";
    case QUIRE_GAP_DAMAGE:
        return "damaged";
    case QUIRE_GAP_NONE:
        break;
    }
    return "unknown";
}

const char *record_gap_text(const struct quire_record *gap, char text[RECORD_GAP_TEXT])
{
    char records[64];
    if (gap->lost == 1)
        snprintf(records, sizeof records, "record %" PRIu64 " is", gap->sequence);
    else
        snprintf(records, sizeof records, "records %" PRIu64 " to %" PRIu64 " are", gap->sequence,
                 gap->sequence + gap->lost - 1);
    snprintf(text, RECORD_GAP_TEXT, "%s lost (%s) at segment %" PRIu64 ", offset %" PRIu64, records,
             record_gap_reason(gap->reason), gap->segment, gap->offset);
    return text;
}
