/* A byte file whose process is killed: what was safe is there, and what is there is what was appended. Other than by
 * `tests/mount/kills`, at every step that changes a file, those of a truncate among them.
 *
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <quire/quire.h>

#include "bytes/file.h"
#include "death.h"
#include "log_support.h"
#include "sanitizers.h"
#include "support.h"

#define DIRECTORY harness_path("file.quire")

enum { TEXT_MOST = 64 << 20, LIVES = 40, APPENDS_MOST = 60, DRAWS_MOST = 500 };

/* What the process that is killed leaves behind. */
struct last_words {
    uint64_t safe, begun; /* so long it is at least, and at most */
    uint64_t tag;         /* of the text appended last: what was cut is not what comes in its place */
    bool is_done;
    uint8_t text[TEXT_MOST];
};

static struct last_words *words;

static const struct kind {
    const char *name;
    struct bytes_file_options options;
} kinds[] = {
    {"plain", {.block_bytes = 4096, .segment_bytes = 65536}},
    {"lz4", {.codec = QUIRE_CODEC_LZ4, .block_bytes = 16384, .segment_bytes = 1 << 20}},
    {"zstd", {.codec = QUIRE_CODEC_ZSTD, .block_bytes = 65536, .segment_bytes = 4 << 20}},
    {"defaults", {.codec = QUIRE_CODEC_NONE}},
    {"grows", {.block_bytes = 16384, .grows = true}},
};

static void open_words(void)
{
    if (FINDS_RACES_ONLY)
        SKIP("ThreadSanitizer starts no threads in a child of fork");
    words = mmap(NULL, sizeof *words, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    REQUIRE(words != MAP_FAILED);
    REQUIRE(mkdir(DIRECTORY, 0700) == 0);
}

static struct bytes_file *open_file(const struct bytes_file_options *options)
{
    struct bytes_file *file;
    bool cut_short;

    REQUIRE_OK(bytes_file_open(DIRECTORY, options, &file));
    words->begun = words->safe = bytes_file_size(file, &cut_short);
    REQUIRE(!cut_short);
    return file;
}

static void append(struct bytes_file *file, uint64_t length)
{
    uint64_t at = words->begun;

    if (length > TEXT_MOST - at)
        length = TEXT_MOST - at;
    fill(words->text + at, length, ++words->tag);
    words->begun = at + length;
    for (uint64_t accepted; at < words->begun; at += accepted)
        REQUIRE_OK(bytes_file_append(file, BYTES_FILE_END, words->text + at, words->begun - at, &accepted));
}

static void cut(struct bytes_file *file, uint64_t size)
{
    if (words->safe > size)
        words->safe = size;
    REQUIRE_OK(bytes_file_truncate(file, size));
    words->begun = words->safe = size;
}

/* Runs this in a process of its own, which is killed after so many steps or comes to its end. */
static void live(void (*life)(const struct bytes_file_options *), const struct bytes_file_options *options,
                 uint64_t steps)
{
    int status;

    words->is_done = false;
    pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        death_after(steps);
        life(options);
        words->is_done = true;
        _exit(0);
    }
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE(words->is_done || (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));
}

/* Before anybody opens it for appending, which mends what a crash has left. */
static void check_left(const struct bytes_file_options *options)
{
    struct quire_verify_result result = {.size = sizeof result};
    struct bytes_file *file;
    struct bytes_reader *reader;
    bool cut_short;

    REQUIRE_OK(bytes_file_open(DIRECTORY, options, &file));
    REQUIRE_OK(bytes_reader_open(DIRECTORY, &reader));
    uint64_t size = bytes_file_size(file, &cut_short), got = 0;
    uint8_t *memory = calloc(1, size + 1);
    REQUIRE(memory);
    REQUIRE_OK(bytes_file_read(file, reader, 0, memory, size + 1, &got));
    CHECK_UINT(got, size);
    CHECK(!cut_short);
    CHECK(size >= words->safe);
    CHECK(size <= words->begun);
    CHECK_BYTES(memory, words->text, got < words->begun ? got : words->begun);
    free(memory);
    bytes_reader_close(reader);
    CHECK_OK(bytes_file_close(file));
    if (size > 0)
        CHECK_OK(quire_verify(DIRECTORY, NULL, &result));
}

/* ---- lives of any kind, each of which goes on where the last one was killed ---- */

static uint64_t any_length(void)
{
    static const uint64_t most[] = {100, 100, 3000, 60000, 300000, 700000};

    return 1 + harness_below(most[harness_below(6)]);
}

/* Often within the last piece, which as often was cut before. */
static void maybe_cut(struct bytes_file *file)
{
    uint64_t size = words->begun;

    if (size == 0 || harness_below(4) == 0)
        return;
    uint64_t near_end = harness_below(size < 400 ? size : 400);
    cut(file, harness_below(4) ? size - near_end : harness_below(size));
}

static void any_life(const struct bytes_file_options *options)
{
    struct bytes_file *file = open_file(options);

    maybe_cut(file);
    for (uint64_t left = harness_below(APPENDS_MOST); left > 0; left--) {
        append(file, any_length());
        uint64_t next = harness_below(24);
        if (next < 2)
            REQUIRE_OK(bytes_file_sync(file));
        else if (next == 2)
            REQUIRE_OK(bytes_file_rest(file));
        else if (next == 3)
            REQUIRE_OK(bytes_file_flush(file));
        if (next < 3)
            words->safe = words->begun;
    }
    if (harness_below(2))
        return;
    REQUIRE_OK(bytes_file_close(file));
    words->safe = words->begun;
}

TEST_EACH(killed_anywhere, struct kind, kinds)
{
    static const uint64_t steps_most[] = {12, 40, 100, 1000, 10000};

    skip_without_codec(it->options.codec);
    open_words();
    for (int i = 0; i < LIVES; i++) {
        live(any_life, &it->options, harness_below(steps_most[harness_below(5)]));
        check_left(&it->options);
        for (int draws = 0; draws < DRAWS_MOST; draws++)
            harness_random();
    }
}

/* ---- a piece that was cut, and is cut again: killed at each step ---- */

static const struct bytes_file_options one_segment = {.block_bytes = 65536};
enum { PIECE = 30000, CUT = 20000, CUT_AGAIN = 10000, BEHIND = 5000 };

static const struct cuts {
    const char *name;
    uint64_t appended_between;
} cuts[] = {{"at_once", 0}, {"with_more_behind", BEHIND}};

static void cut_again(const struct bytes_file_options *options)
{
    cut(open_file(options), CUT_AGAIN);
}

TEST_EACH(killed_cutting_again, struct cuts, cuts)
{
    open_words();
    for (uint64_t steps = 0; !words->is_done; steps++) {
        struct bytes_file *file = open_file(&one_segment);
        cut(file, 0);
        append(file, PIECE);
        REQUIRE_OK(bytes_file_sync(file)); /* else it is cut before it is a piece */
        cut(file, CUT);
        if (it->appended_between)
            append(file, it->appended_between);
        REQUIRE_OK(bytes_file_close(file));
        live(cut_again, &one_segment, steps);
        check_left(&one_segment);
    }
    CHECK_UINT(words->begun, CUT_AGAIN);
}
