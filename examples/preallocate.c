/* Space made ready at open: appends into it cannot meet a full disk, and into blocks written before a durable append costs
 * one device flush instead of two. What is left over is given back at close.
 *
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include <sys/stat.h>

#include "example.h"

enum { SPACE = 8 * 1024 * 1024, RECORDS = 1000 };

static struct stat stat_of(const char *path)
{
    struct stat st;

    if (stat(path, &st) != 0) {
        perror(path);
        exit(1);
    }
    return st;
}

static void append_records(const char *path, enum quire_prepare prepare)
{
    struct quire_writer_options options = {
        .size = sizeof options,
        .prepare = prepare,
        .prepare_bytes = SPACE,
    };
    char record[100];
    quire_writer *writer;

    memset(record, 'r', sizeof record);
    must(quire_writer_open(path, &options, &writer), path);
    struct stat st = stat_of(path);
    check((uint64_t)st.st_blocks * 512 >= SPACE, "the space is there before the first append");
    printf("%s: open, %lld bytes long, %lld KiB allocated\n", path, (long long)st.st_size, (long long)st.st_blocks / 2);

    for (int i = 0; i < RECORDS; i++)
        must(quire_writer_append(writer, record, sizeof record, NULL), "append");
    must(quire_writer_close(writer), "close");
    st = stat_of(path);
    check(st.st_size % (RECORDS * 100) == 0 && (uint64_t)st.st_blocks * 512 < SPACE, "the rest was given back");
    printf("%s: closed, %lld bytes long, %lld KiB allocated\n", path, (long long)st.st_size,
           (long long)st.st_blocks / 2);
}

int main(int argc, char **argv)
{
    const char *path = example_path(argc, argv, "preallocate.log");

    append_records(path, QUIRE_PREPARE_ALLOCATED);
    append_records(path, QUIRE_PREPARE_WRITTEN); /* behind what is there */
    return 0;
}
