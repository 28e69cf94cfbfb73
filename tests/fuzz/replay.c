/* Feeds files, or all files of directories, to a target: what the engines found stays found, with any compiler.
 *
 *     PROGRAM FILE|DIRECTORY ...
 *
 * Every input is tried as it is, then a dozen times with a byte changed or cut short there, the same ones each time. Memory
 * is bounded (RLIMIT_AS), so that a length that is believed shows. Prints how many were tried; ends by a signal where one
 * fails, after the name of its file; with KEEP=FILE in the environment that input is written there.
 *
 * SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"
#include "sanitizers.h"

enum { BYTES_MOST = 1 << 20, VARIANTS = 12 };
/* A sanitizer's shadow takes more address space than any bound allows. */
#define ADDRESS_SPACE (UINT64_C(768) << 20)

static const char *trying = "nothing";
static const unsigned char *input;
static size_t input_size;
static const char *keep; /* where an input that fails is kept; NULL: nowhere */

static unsigned char *read_whole(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    unsigned char *bytes = malloc(BYTES_MOST);

    if (!file || !bytes) {
        perror(path);
        exit(1);
    }
    *size = fread(bytes, 1, BYTES_MOST, file);
    fclose(file);
    return bytes;
}

/* Memory of its own, so that a byte read behind its end is seen by valgrind or a sanitizer. */
static void try(const unsigned char *bytes, size_t size)
{
    unsigned char *copy = malloc(size + (size == 0));

    if (!copy)
        exit(1);
    memcpy(copy, bytes, size);
    input = copy;
    input_size = size;
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static uint64_t try_variants(unsigned char *bytes, size_t size)
{
    uint64_t random = 88172645463325252u ^ size;

    for (int i = 0; i < VARIANTS && size > 0; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        size_t at = random % size;
        unsigned char was = bytes[at];
        bytes[at] = (unsigned char)(i % 2 ? was ^ UINT64_C(1) << (random >> 60) % 8 : random >> 40);
        try(bytes, i % 4 == 3 ? at : size);
        bytes[at] = was;
    }
    return size > 0 ? VARIANTS : 0;
}

static uint64_t replay_file(const char *path)
{
    size_t size;
    unsigned char *bytes = read_whole(path, &size);

    trying = path;
    try(bytes, size);
    uint64_t tried = 1 + try_variants(bytes, size);
    free(bytes);
    return tried;
}

static uint64_t replay(const char *path)
{
    struct dirent *entry;
    char name[4096];
    uint64_t tried = 0;
    DIR *folder = opendir(path);

    if (!folder)
        return replay_file(path);
    while ((entry = readdir(folder)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        tried += replay_file(name);
    }
    closedir(folder);
    return tried;
}

static void bound_memory(void)
{
#if !SANITIZED
    struct rlimit limit = {ADDRESS_SPACE, ADDRESS_SPACE};
    setrlimit(RLIMIT_AS, &limit);
#endif
}

/* Says which input it was. */
static void end(int number)
{
    (void)!write(STDERR_FILENO, "replay: with ", 13);
    (void)!write(STDERR_FILENO, trying, strlen(trying));
    (void)!write(STDERR_FILENO, "\n", 1);
    int file = keep ? open(keep, O_WRONLY | O_CREAT | O_TRUNC, 0600) : -1;
    if (file >= 0)
        (void)!write(file, input, input_size);
    signal(number, SIG_DFL);
    raise(number);
}

int main(int argc, char **argv)
{
    uint64_t tried = 0;

    keep = getenv("KEEP");
    signal(SIGABRT, end);
    signal(SIGSEGV, end);
    signal(SIGBUS, end);
    signal(SIGFPE, end);
    bound_memory();
    for (int i = 1; i < argc; i++)
        tried += replay(argv[i]);
    printf("%llu inputs\n", (unsigned long long)tried);
    return tried > 0 ? 0 : 1;
}
