/* What is taken out of a record: text, JSON, fields, lines of pieces; and the file that is there whole or not at all.
 *
 * SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <quire/error.h>

#include "export/fields.h"
#include "export/file.h"
#include "export/json.h"
#include "export/lines.h"
#include "export/utf8.h"
#include "harness.h"

struct utf8_case {
    const char *name, *data;
    bool text;
};
static const struct utf8_case texts[] = {
    {"nothing", "", true},
    {"ascii", "a longer text than eight bytes\x7f", true},
    {"two bytes", "\xc2\x80\xdf\xbf", true},
    {"three bytes", "\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf", true},
    {"four bytes", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", true},
    {"behind ascii", "12345678\xc3\xa9", true},
    {"overlong of two", "\xc1\xbf", false},
    {"overlong of three", "\xe0\x9f\xbf", false},
    {"overlong of four", "\xf0\x8f\xbf\xbf", false},
    {"a surrogate", "\xed\xa0\x80", false},
    {"too high", "\xf4\x90\x80\x80", false},
    {"no first byte", "\x80", false},
    {"never", "12345678\xff", false},
    {"an end within", "12345678\xe6\x97", false},
    {"a first byte alone", "\xc3", false},
    {"ascii within", "\xe6\x41\xa5", false},
    {"ascii at the end", "\xe6\x97\x41", false},
};
TEST_EACH(utf8, struct utf8_case, texts)
{
    CHECK(export_is_utf8(it->data, strlen(it->data)) == it->text);
}

struct json_case {
    const char *name, *text;
    int members; /* -1: no JSON object */
};
static const struct json_case objects[] = {
    {"empty", "{}", 0},
    {"blanks", " \t\r\n{ } ", 0},
    {"one", "{\"a\":1}", 1},
    {"all kinds", "{\"a\":null,\"b\":true,\"c\":false,\"d\":-0.5e+10,\"e\":\"\\u00e9\",\"f\":[1,[]],\"g\":{\"h\":{}}}",
     7},
    {"blanks everywhere", " { \"a\" : [ 1 , 2 ] , \"b\" : { } } ", 2},
    {"an array", "[]", -1},
    {"a number", "1", -1},
    {"a comma too many", "{\"a\":1,}", -1},
    {"a comma in front", "{,\"a\":1}", -1},
    {"no comma", "{\"a\":1 \"b\":2}", -1},
    {"no colon", "{\"a\" 1}", -1},
    {"no value", "{\"a\":}", -1},
    {"no quotes", "{a:1}", -1},
    {"leading zero", "{\"a\":01}", -1},
    {"plus", "{\"a\":+1}", -1},
    {"no digit behind the point", "{\"a\":1.}", -1},
    {"no digit in front", "{\"a\":.5}", -1},
    {"no exponent", "{\"a\":1e}", -1},
    {"only a minus", "{\"a\":-}", -1},
    {"a word", "{\"a\":nul}", -1},
    {"a longer word", "{\"a\":nullx}", -1},
    {"an escape", "{\"a\":\"\\x\"}", -1},
    {"a short escape", "{\"a\":\"\\u12\"}", -1},
    {"a control character", "{\"a\":\"\n\"}", -1},
    {"no end of a string", "{\"a\":\"b", -1},
    {"no end", "{\"a\":1", -1},
    {"no end within", "{\"a\":[1", -1},
    {"the wrong end", "{\"a\":[1}", -1},
    {"the wrong end within", "{\"a\":[{]}}", -1},
    {"a comma within", "{\"a\":[1,]}", -1},
    {"a key within", "{\"a\":{1:2}}", -1},
    {"an end too many", "{\"a\":1}}", -1},
    {"two", "{}{}", -1},
};
TEST_EACH(json, struct json_case, objects)
{
    /* A copy that ends where the text does, so that AddressSanitizer sees what is read behind it. */
    size_t length = strlen(it->text);
    char *copy = malloc(length);
    struct export_json_cursor cursor;
    struct export_json_value key, value;
    int members = -1, more = -1;
    REQUIRE(copy != NULL);
    memcpy(copy, it->text, length);
    if (export_json_enter(&cursor, copy, length))
        for (members = 0; (more = export_json_member(&cursor, &key, &value)) > 0; members++)
            CHECK(value.kind != EXPORT_JSON_NONE);
    CHECK_INT(more == 0 && export_json_ended(&cursor) ? members : -1, it->members);
    free(copy);
}

/* As deep as is allowed, and one deeper. The object itself is not counted. */
TEST(json_depth)
{
    for (int deep = EXPORT_JSON_DEEPEST - 2; deep <= EXPORT_JSON_DEEPEST; deep++) {
        char text[2 * EXPORT_JSON_DEEPEST + 16] = "{\"a\":";
        struct export_json_cursor cursor;
        struct export_json_value key, value;
        size_t at = strlen(text), levels = (size_t)deep;
        memset(text + at, '[', levels);
        memset(text + at + levels, ']', levels);
        text[at + 2 * levels] = '}';
        REQUIRE(export_json_enter(&cursor, text, at + 2 * levels + 1));
        CHECK_INT(export_json_member(&cursor, &key, &value), deep < EXPORT_JSON_DEEPEST ? 1 : -1);
    }
}

TEST(field_lists)
{
    struct export_fields fields = {.count = 0};
    const char *wrong = NULL;
    CHECK_INT(export_field_list(&fields, "a,b:int,c=d.e:double,f:bool,g=h=i,j:string", &wrong), 0);
    REQUIRE_UINT(fields.count, 6);
    char *text = export_field_list_text(&fields, 0);
    CHECK_STR(text, "a:string,b:int,c=d.e:double,f:bool,g=h=i:string,j:string");
    free(text);
    CHECK_INT(export_field_list(&fields, "k,A", &wrong), -EEXIST);
    CHECK_STR(wrong, "A");
    CHECK_INT(export_field_list(&fields, "l:text,m", &wrong), -EINVAL);
    CHECK_STR(wrong, "l:text,m");
    CHECK_INT(export_field_list(&fields, "", &wrong), -EINVAL);
    CHECK_INT(export_field_list(&fields, "n,", &wrong), -EINVAL);
    CHECK_INT(export_field_list(&fields, "=o", &wrong), -EINVAL);
    CHECK_INT(export_field_list(&fields, "p=", &wrong), -EINVAL);
    CHECK_INT(export_field_list(&fields, "\xff", &wrong), -EINVAL);
    char name[FIELD_NAME_MOST + 2];
    memset(name, 'x', sizeof name);
    name[sizeof name - 1] = '\0';
    CHECK_INT(export_field_list(&fields, name, &wrong), -ENAMETOOLONG);
    export_fields_free(&fields);
}

TEST(field_count)
{
    struct export_fields fields = {.count = 0};
    char name[16];
    for (int i = 0; i <= FIELDS_MOST; i++) {
        snprintf(name, sizeof name, "f%d", i);
        CHECK_INT(export_fields_add(&fields, name, name, EXPORT_TEXT), i < FIELDS_MOST ? 0 : -E2BIG);
    }
    export_fields_free(&fields);
}

/* What lines were given, as "sequence offset text|". */
struct seen {
    char text[1024];
    size_t lines, bytes;
};

static int see(void *context, const struct line_place *place, const void *data, size_t length)
{
    struct seen *seen = context;
    size_t used = strlen(seen->text);
    seen->lines++;
    seen->bytes += length;
    if (length < 64)
        snprintf(seen->text + used, sizeof seen->text - used, "%" PRIu64 " %" PRIu64 " %.*s|", place->sequence,
                 place->offset, (int)length, (const char *)data);
    return 0;
}

static struct export_lines begin(struct seen *seen)
{
    *seen = (struct seen){.lines = 0};
    return (struct export_lines){.see = see, .context = seen, .last_sequence = UINT64_MAX, .last_time = UINT64_MAX};
}

static int give(struct export_lines *lines, uint64_t sequence, uint64_t offset, const char *text)
{
    struct line_place place = {.sequence = sequence, .offset = offset};
    return export_lines_piece(lines, &place, text, strlen(text));
}

TEST(lines_across_pieces)
{
    struct seen seen;
    struct export_lines lines = begin(&seen);
    CHECK_INT(give(&lines, 1, 0, "one\ntw"), 0);
    CHECK_INT(give(&lines, 2, 6, ""), 0);
    CHECK_INT(give(&lines, 3, 6, "o"), 0);
    CHECK_INT(give(&lines, 4, 7, "\n\nthree"), 0);
    CHECK(export_lines_open(&lines));
    CHECK_INT(export_lines_end(&lines), 0);
    CHECK(!export_lines_open(&lines));
    CHECK_STR(seen.text, "1 0 one|1 4 two|4 8 |4 9 three|");
    export_lines_free(&lines);
}

TEST(pieces_that_overlap)
{
    struct seen seen;
    struct export_lines lines = begin(&seen);
    CHECK_INT(give(&lines, 1, 5, "x\ny"), 0);
    CHECK_INT(give(&lines, 2, 7, "z\n"), QUIRE_E_DAMAGED);
    CHECK_INT(give(&lines, 2, 8, "z\n"), 0);
    CHECK_INT(give(&lines, 3, 4, ""), QUIRE_E_DAMAGED);
    CHECK_STR(seen.text, "1 5 x|1 7 yz|");
    export_lines_free(&lines);
}

TEST(lines_in_a_range)
{
    struct seen seen;
    struct export_lines lines = begin(&seen);
    lines.within = true;
    lines.last_sequence = 2;
    CHECK_INT(give(&lines, 1, 100, "rest of a line"), 0);
    CHECK_INT(give(&lines, 2, 114, " and its end\ntwo\nlong"), 0);
    CHECK_INT(give(&lines, 3, 135, "er\nthree\n"), 1);
    CHECK_INT(give(&lines, 4, 144, "four\n"), 1);
    CHECK_STR(seen.text, "2 127 two|2 131 longer|");
    export_lines_free(&lines);
}

TEST(lines_around_holes)
{
    struct seen seen;
    struct export_lines lines = begin(&seen);
    CHECK_INT(give(&lines, 1, 0, "one\ntw"), 0);
    CHECK_INT(give(&lines, 4, 50, "ree\n"), 0);
    CHECK_INT(export_lines_end(&lines), 0);
    CHECK_STR(seen.text, "1 0 one|1 4 tw|4 50 ree|");
    CHECK_UINT(lines.lost_bytes, 44);
    export_lines_free(&lines);
}

/* Longer than what is held: no byte of it is lost. */
TEST(lines_of_any_length)
{
    struct seen seen;
    struct export_lines lines = begin(&seen);
    const size_t piece = 10 << 20;
    char *data = malloc(piece);
    REQUIRE(data != NULL);
    memset(data, 'x', piece);
    for (uint64_t i = 0; i < 15; i++)
        CHECK_INT(export_lines_piece(&lines, &(struct line_place){.sequence = i + 1, .offset = i * piece}, data, piece),
                  0);
    CHECK_INT(give(&lines, 16, 15 * piece, "\nnext\n"), 0);
    CHECK_INT(export_lines_end(&lines), 0);
    CHECK_UINT(seen.lines, 4);
    CHECK_UINT(seen.bytes, 15 * piece + 4);
    CHECK_UINT(lines.cut, 2);
    free(data);
    export_lines_free(&lines);
}

static size_t names_in(const char *path)
{
    DIR *names = opendir(path);
    size_t count = 0;
    REQUIRE(names != NULL);
    for (const struct dirent *entry; (entry = readdir(names));)
        count += entry->d_name[0] != '.';
    closedir(names);
    return count;
}

TEST(file_whole_or_not)
{
    struct export_file file;
    struct stat st;
    const char *path = harness_path("out");
    REQUIRE_INT(export_file_open(&file, path, false), 0);
    CHECK_INT(export_file_write(&file, "1", 1), 0);
    CHECK(stat(path, &st) != 0);
    export_file_abandon(&file);
    CHECK_UINT(names_in(harness_directory()), 0);
    REQUIRE_INT(export_file_open(&file, path, false), 0);
    CHECK_INT(export_file_write(&file, "22", 2), 0);
    CHECK_INT(export_file_finish(&file, false), 0);
    REQUIRE_INT(stat(path, &st), 0);
    CHECK_INT(st.st_size, 2);
    CHECK_INT(st.st_mode & 0777, 0600);
    CHECK_INT(export_file_open(&file, path, false), -EEXIST);
    REQUIRE_INT(export_file_open(&file, path, true), 0);
    CHECK_INT(export_file_write(&file, "333", 3), 0);
    CHECK_INT(export_file_finish(&file, true), 0);
    REQUIRE_INT(stat(path, &st), 0);
    CHECK_INT(st.st_size, 3);
    CHECK_UINT(names_in(harness_directory()), 1);
}

/* One that came to be there while another was written is not replaced. */
TEST(file_of_two)
{
    struct export_file file;
    const char *path = harness_path("out");
    REQUIRE_INT(export_file_open(&file, path, false), 0);
    int other = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    REQUIRE(other >= 0);
    close(other);
    CHECK_INT(export_file_finish(&file, false), -EEXIST);
    CHECK_UINT(names_in(harness_directory()), 1);
    CHECK_INT(export_file_open(&file, harness_path("missing/out"), false), -ENOENT);
    CHECK_INT(export_file_open(&file, "", false), -ENOENT);
}

TEST(directory_of_one)
{
    const char *path = harness_path("many");
    int first = export_directory_open(path);
    REQUIRE(first >= 0);
    CHECK_INT(export_directory_open(path), -EWOULDBLOCK);
    int left = openat(first, "1.parquet.tmp-7", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    int whole = openat(first, "1.parquet", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    REQUIRE(left >= 0 && whole >= 0);
    close(left);
    close(whole);
    close(first);
    first = export_directory_open(path);
    REQUIRE(first >= 0);
    CHECK_UINT(names_in(path), 1);
    close(first);
}
