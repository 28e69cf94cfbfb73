/* Standard input of `quire append`, in any framing and in pieces of any length: the records are those that a plain reading
 * of the whole finds, whatever the pieces were.
 *
 * Input: framing (1), record_most (2), chunk (2), how pieces are cut (1), 2 unused, and what is read.
 * append_input.c is compiled with read() replaced by fuzz_read().
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>
#include <sys/types.h>

#include "append_input.h"
#include "fuzz.h"

enum { CONTROL = 8, FRAMINGS = 4, BATCH = 7, SPINS_MOST = 100000 };

ssize_t fuzz_read(int file, void *to, size_t most);

/* What standard input gives. */
static struct {
    const uint8_t *bytes;
    size_t left;
    unsigned cut, turn;
} source;

ssize_t fuzz_read(int file, void *to, size_t most)
{
    size_t piece = source.cut == 0 ? most : 1 + (size_t)source.cut * (1 + source.turn % 5);

    (void)file;
    if (source.cut > 0 && ++source.turn % 11 == 0) {
        errno = source.turn % 2 ? EINTR : EAGAIN;
        return -1;
    }
    piece = piece < most ? piece : most;
    piece = piece < source.left ? piece : source.left;
    memcpy(to, source.bytes, piece);
    source.bytes += piece;
    source.left -= piece;
    return (ssize_t)piece;
}

/* The next record of what is left, as the manual page has it. */
enum expected { RECORD, TOO_LARGE, INCOMPLETE, END };

struct plain {
    const uint8_t *at;
    size_t left;
};

static enum expected next_delimited(struct plain *plain, uint8_t mark, uint64_t most, const uint8_t **data,
                                    uint64_t *length)
{
    if (plain->left == 0)
        return END;
    const uint8_t *end = memchr(plain->at, mark, plain->left);
    *data = plain->at;
    *length = end ? (uint64_t)(end - plain->at) : plain->left;
    if (*length > most)
        return TOO_LARGE;
    plain->at += *length + (end != NULL);
    plain->left -= *length + (end != NULL);
    return RECORD;
}

static enum expected next_plain(struct plain *plain, const struct input *input, const uint8_t **data, uint64_t *length)
{
    if (input->framing == INPUT_LINES || input->framing == INPUT_NULL)
        return next_delimited(plain, input->framing == INPUT_LINES ? '\n' : '\0', input->record_most, data, length);
    if (plain->left == 0)
        return END;
    *data = plain->at;
    *length = plain->left < input->chunk ? plain->left : input->chunk;
    if (input->framing == INPUT_PREFIXED) {
        uint32_t prefix;
        if (plain->left < sizeof prefix)
            return INCOMPLETE;
        memcpy(&prefix, plain->at, sizeof prefix);
        if (prefix > input->record_most)
            return TOO_LARGE;
        if (plain->left - sizeof prefix < prefix)
            return INCOMPLETE;
        *data = plain->at + sizeof prefix;
        *length = prefix;
    }
    size_t whole = (size_t)(*data - plain->at) + *length;
    if (*length > input->record_most)
        return TOO_LARGE;
    plain->at += whole;
    plain->left -= whole;
    return RECORD;
}

static void check_batch(const struct input *input, struct plain *plain, const struct iovec *records, int count,
                        const struct iovec *raw)
{
    const uint8_t *from = plain->at;
    const uint8_t *data;
    uint64_t length;

    for (int i = 0; i < count; i++) {
        FUZZ_CHECK(next_plain(plain, input, &data, &length) == RECORD, "record %d of a batch", i);
        FUZZ_CHECK(records[i].iov_len == length && memcmp(records[i].iov_base, data, length) == 0,
                   "record %d of %zu bytes should have %zu", i, records[i].iov_len, (size_t)length);
    }
    FUZZ_CHECK(raw->iov_len == (size_t)(plain->at - from) && memcmp(raw->iov_base, from, raw->iov_len) == 0,
               "the bytes that a batch came from");
}

static void read_and_take(struct input *input, struct plain *plain, uint64_t bytes_most)
{
    struct iovec records[BATCH], raw;
    enum input_status status = INPUT_FINE;
    const uint8_t *data;
    uint64_t length;
    int spins = 0;

    FUZZ_CHECK(input_read(input) == 0, "read");
    while (status == INPUT_FINE && !(input->ended && input_rest(input) == 0)) {
        FUZZ_CHECK(++spins < SPINS_MOST, "it comes to an end");
        int count = input_take(input, records, BATCH, bytes_most, &raw, &status);
        check_batch(input, plain, records, count, &raw);
        if (count == 0 && status == INPUT_FINE) {
            FUZZ_CHECK(!input->ended, "at the end everything is taken");
            FUZZ_CHECK(input_read(input) == 0, "read");
        }
    }
    enum expected should = next_plain(plain, input, &data, &length);
    FUZZ_CHECK(should == (status == INPUT_FINE        ? END
                          : status == INPUT_TOO_LARGE ? TOO_LARGE
                                                      : INCOMPLETE),
               "how it ends: %d, not %d", (int)status, (int)should);
    FUZZ_CHECK(input->capacity <= 4 * (UINT64_C(1) << 20) + 4 * (input->consumed + input_rest(input)), "memory");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint16_t most;
    uint16_t chunk;

    if (size < CONTROL)
        return 0;
    memcpy(&most, data + 1, sizeof most);
    memcpy(&chunk, data + 3, sizeof chunk);
    struct input input = {
        .framing = (enum input_framing)(data[0] % FRAMINGS), .record_most = most, .chunk = chunk ? chunk : 1};
    struct plain plain = {data + CONTROL, size - CONTROL};
    source.bytes = data + CONTROL;
    source.left = size - CONTROL;
    source.cut = data[5];
    source.turn = 0;
    /* A chunk is no longer than a record may be: the command sees to that. */
    if (input.framing == INPUT_CHUNKS && input.chunk > input.record_most)
        input.record_most = input.chunk;
    read_and_take(&input, &plain, 1u + data[6] * 16u);
    input_free(&input);
    return 0;
}
