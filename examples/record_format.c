/* A record format of one's own: a log record of timestamp, level and message, encoded straight into a claim, and decoded from
 * bytes that nobody vouches for.
 *
 *     offset  bytes  little-endian
 *     0       4      length of the message
 *     4       8      timestamp, nanoseconds since 1970, signed
 *     12      1      level
 *     13      n      message
 *
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include <time.h>

#include "example.h"

enum { HEADER = 13, MESSAGE_MOST = 64 * 1024, RECORDS = 1000 };

struct log_record {
    int64_t timestamp;
    uint8_t level;
    const char *message; /* not terminated */
    uint32_t length;
};

static void put(unsigned char *to, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        to[i] = (unsigned char)(value >> (8 * i));
}

static uint64_t get(const unsigned char *from, int bytes)
{
    uint64_t value = 0;

    for (int i = 0; i < bytes; i++)
        value |= (uint64_t)from[i] << (8 * i);
    return value;
}

/* Appends one record without a copy of its own: the header and the message go where they will be written from. */
static int append_record(quire_writer *writer, const struct log_record *record)
{
    struct quire_claim claim;

    int rc = quire_writer_claim(writer, HEADER + (uint64_t)record->length, &claim);
    if (rc < 0)
        return rc;
    unsigned char *to = claim.memory;
    put(to, record->length, 4);
    put(to + 4, (uint64_t)record->timestamp, 8);
    to[12] = record->level;
    memcpy(to + HEADER, record->message, record->length);
    return quire_writer_publish(writer, &claim);
}

/* The record that begins at from. Returns the bytes it takes, or 0 if there is no whole record in size bytes. */
static uint64_t decode_record(const unsigned char *from, uint64_t size, struct log_record *record)
{
    if (size < HEADER)
        return 0;
    uint64_t length = get(from, 4);
    /* Checked before it is used: it comes from a file. */
    if (length > MESSAGE_MOST || length > size - HEADER)
        return 0;
    *record = (struct log_record){
        .timestamp = (int64_t)get(from + 4, 8),
        .level = from[12],
        .message = (const char *)from + HEADER,
        .length = (uint32_t)length,
    };
    return HEADER + length;
}

static void append_records(const char *path)
{
    char message[64];
    struct timespec now;
    quire_writer *writer;

    must(quire_writer_open(path, NULL, &writer), path);
    clock_gettime(CLOCK_REALTIME, &now);
    for (int i = 0; i < RECORDS; i++) {
        struct log_record record = {
            .timestamp = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec + i,
            .level = (uint8_t)(i % 4),
            .message = message,
            .length = (uint32_t)snprintf(message, sizeof message, "request %d took %d us", i, i * 7 % 1000),
        };
        must(append_record(writer, &record), "append");
    }
    must(quire_writer_close(writer), "close");
}

int main(int argc, char **argv)
{
    const char *path = example_path(argc, argv, "record_format.log");
    struct log_record record;
    uint64_t length;
    uint64_t at = 0;
    int count = 0;

    append_records(path);
    unsigned char *bytes = (unsigned char *)example_read(path, &length);
    for (uint64_t size; (size = decode_record(bytes + at, length - at, &record)) > 0; at += size, count++) {
        char expected[64];
        int expected_length = snprintf(expected, sizeof expected, "request %d took %d us", count, count * 7 % 1000);
        check(record.level == count % 4 && record.length == (uint32_t)expected_length &&
                  memcmp(record.message, expected, record.length) == 0,
              expected);
    }
    check(count == RECORDS && at == length, path);
    check(decode_record(bytes, HEADER - 1, &record) == 0, "half a header is no record");
    put(bytes, UINT32_MAX, 4);
    check(decode_record(bytes, length, &record) == 0, "a length beyond the file is no record");
    printf("%s: %d records, the last one at level %u: %.*s\n", path, count, record.level, (int)record.length,
           record.message);
    free(bytes);
    return 0;
}
