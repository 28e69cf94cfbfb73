/* A record format of one's own: timestamp, level and message, encoded in place and decoded with every length checked.
 *
 * On disk, little-endian, without padding:
 *
 *     4 bytes  length of the message
 *     8 bytes  timestamp, nanoseconds since 1970
 *     1 byte   level
 *     n bytes  message
 *
 * A plain file has no checksums: a reader sees a record that was cut short, but not one that was altered.
 *
 *     record_format [path]
 *
 * SPDX-License-Identifier: MIT */
#include "example.h"

#include <stdint.h>

enum { HEADER = 4 + 8 + 1, MESSAGE_MOST = 1 << 20 };

struct log_record {
    int64_t timestamp;
    uint8_t level;
    const unsigned char *message; /* of decode: points into the bytes that were decoded */
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

/* Into the writer's own memory: the record is built where it goes out from. */
static int encode(quire_writer *writer, const struct log_record *record)
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

/* Bytes used, 0 at the end of the bytes, or -1 if what is left is not a whole record. */
static long decode(const unsigned char *bytes, size_t available, struct log_record *record)
{
    if (available == 0)
        return 0;
    if (available < HEADER)
        return -1;
    uint64_t length = get(bytes, 4);
    if (length > MESSAGE_MOST || length > available - HEADER)
        return -1;
    *record = (struct log_record){.timestamp = (int64_t)get(bytes + 4, 8),
                                  .level = bytes[12],
                                  .message = bytes + HEADER,
                                  .length = (uint32_t)length};
    return HEADER + (long)length;
}

static const char *const messages[] = {"started", "", "a message with\na second line", "stopped"};
enum { MESSAGES = sizeof messages / sizeof messages[0], RECORDS = 100 };

static struct log_record record_of(int i)
{
    const char *message = messages[i % MESSAGES];
    return (struct log_record){.timestamp = 1700000000000000000 + i,
                               .level = (uint8_t)(i % 5),
                               .message = (const unsigned char *)message,
                               .length = (uint32_t)strlen(message)};
}

/* Records decoded from the first length bytes; *whole says if they end where a record does. */
static int check(const unsigned char *bytes, size_t length, int *whole)
{
    struct log_record is;
    size_t at = 0;
    long used;
    int i = 0;
    for (; (used = decode(bytes + at, length - at, &is)) > 0; i++, at += (size_t)used) {
        struct log_record should = record_of(i);
        must_be(is.timestamp == should.timestamp && is.level == should.level && is.length == should.length &&
                    memcmp(is.message, should.message, is.length) == 0,
                "a record");
    }
    *whole = used == 0;
    return i;
}

int main(int count, char **arguments)
{
    const char *path = begin_example(count, arguments);
    struct quire_writer_options options = {.size = sizeof options, .flags = count > 1 ? QUIRE_OPEN_EXCLUSIVE : 0};
    quire_writer *writer;
    size_t length;
    int whole;

    MUST(quire_writer_open(path, &options, &writer));
    for (int i = 0; i < RECORDS; i++) {
        struct log_record record = record_of(i);
        MUST(encode(writer, &record));
    }
    MUST(quire_writer_close(writer));

    unsigned char *bytes = read_back(path, &length);
    int records = check(bytes, length, &whole);
    must_be(records == RECORDS && whole, "all records, and nothing else");
    /* However much is cut off: what is left is a prefix, and the cut shows. */
    for (size_t cut = 0; cut < length; cut++)
        must_be(check(bytes, cut, &whole) < RECORDS, "fewer records");
    printf("%s: %d records in %zu bytes, decoded and compared\n", path, records, length);
    free(bytes);
    return end_example();
}
