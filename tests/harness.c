/* The harness: runs each case in a child process, watches it, counts, cleans up.
 *
 * SPDX-License-Identifier: MIT */
#include "harness.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sanitizers.h"

enum { PASSED, FAILED, SKIPPED, OUTCOMES };
enum { EXIT_SKIPPED = 77, DEFAULT_TIMEOUT = 180, MOST_CASES = 2048, MOST_PATHS = 64 };

/* ThreadSanitizer has threads of its own, up to two after a fork, and starts them when it likes. */
enum { SANITIZER_THREADS = FINDS_RACES_ONLY ? 2 : 0 };

struct test_case {
    char *name;
    harness_run *run;
    const void *argument;
};

static struct test_case cases[MOST_CASES];
static size_t case_count;
static bool is_one_thread;
static uint64_t seed, random_state;
static char directory[4096];
static char *paths[MOST_PATHS];
static size_t path_count;
static atomic_int failed_checks;

void harness_add(const char *group, const char *name, harness_run *run, const void *argument)
{
    char *full = NULL;
    if (case_count == MOST_CASES || asprintf(&full, name ? "%s/%s" : "%s", group, name) < 0)
        abort();
    cases[case_count++] = (struct test_case){full, run, argument};
}

void harness_add_of_many(const char *group, const char *name, harness_run *run, const void *argument)
{
    static size_t count;

    if (!SANITIZED || count++ % 3 == 0)
        harness_add(group, name, run, argument);
}

static bool failed(const char *file, int line)
{
    atomic_fetch_add(&failed_checks, 1);
    const char *base = strrchr(file, '/');
    fprintf(stderr, "  %s:%d: ", base ? base + 1 : file, line);
    return false;
}

bool harness_check(bool truth, const char *file, int line, const char *text)
{
    if (!truth) {
        flockfile(stderr);
        failed(file, line);
        fprintf(stderr, "not so: %s\n", text);
        funlockfile(stderr);
    }
    return truth;
}

bool harness_check_int(int64_t is, int64_t should, const char *file, int line, const char *a, const char *b)
{
    if (is == should)
        return true;
    flockfile(stderr);
    failed(file, line);
    fprintf(stderr, "%s is %" PRId64 ", should be %s, which is %" PRId64 "\n", a, is, b, should);
    funlockfile(stderr);
    return false;
}

bool harness_check_uint(uint64_t is, uint64_t should, const char *file, int line, const char *a, const char *b)
{
    if (is == should)
        return true;
    flockfile(stderr);
    failed(file, line);
    fprintf(stderr, "%s is %" PRIu64 ", should be %s, which is %" PRIu64 "\n", a, is, b, should);
    funlockfile(stderr);
    return false;
}

bool harness_check_str(const char *is, const char *should, const char *file, int line, const char *text)
{
    if (is && strcmp(is, should) == 0)
        return true;
    flockfile(stderr);
    failed(file, line);
    fprintf(stderr, "%s is \"%s\", should be \"%s\"\n", text, is ? is : "(null)", should);
    funlockfile(stderr);
    return false;
}

bool harness_check_bytes(const void *is, const void *should, size_t length, const char *file, int line,
                         const char *text)
{
    const unsigned char *a = is, *b = should;
    if (length == 0 || memcmp(a, b, length) == 0)
        return true;
    size_t at = 0;
    while (a[at] == b[at])
        at++;
    flockfile(stderr);
    failed(file, line);
    fprintf(stderr, "%s: byte %zu of %zu is %02x, should be %02x\n", text, at, length, a[at], b[at]);
    funlockfile(stderr);
    return false;
}

void harness_fail(const char *file, int line, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    flockfile(stderr);
    failed(file, line);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    funlockfile(stderr);
    va_end(arguments);
}

_Noreturn void harness_abandon(void)
{
    fflush(NULL);
    _exit(1);
}

_Noreturn void harness_skip(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    printf("# skip %s: ", program_invocation_short_name);
    vprintf(format, arguments);
    putchar('\n');
    va_end(arguments);
    fflush(NULL);
    _exit(EXIT_SKIPPED);
}

const char *harness_directory(void)
{
    return directory;
}

const char *harness_path(const char *name)
{
    for (size_t i = 0; i < path_count; i++)
        if (strcmp(paths[i] + strlen(directory) + 1, name) == 0)
            return paths[i];
    if (path_count == MOST_PATHS || asprintf(&paths[path_count], "%s/%s", directory, name) < 0)
        abort();
    return paths[path_count++];
}

uint64_t harness_random(void)
{
    uint64_t z = random_state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

uint64_t harness_below(uint64_t limit)
{
    return harness_random() % limit;
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *where)
{
    (void)status;
    (void)kind;
    (void)where;
    return remove(path);
}

/* In memory where the program's cases ask no device for anything. */
static const char *base_directory(void)
{
    const char *asked = getenv("TMPDIR");
    if (asked && *asked)
        return asked;
    if (getenv("IN_MEMORY") && access("/dev/shm", W_OK) == 0)
        return "/dev/shm";
    return access("/var/tmp", W_OK) == 0 ? "/var/tmp" : "/tmp";
}

static void make_directory(void)
{
    snprintf(directory, sizeof directory, "%s/quire-test-XXXXXX", base_directory());
    if (!mkdtemp(directory)) {
        perror(directory);
        exit(1);
    }
}

static int count_entries(const char *path)
{
    DIR *d = opendir(path);
    int count = 0;
    for (struct dirent *entry; d && (entry = readdir(d));)
        count += entry->d_name[0] != '.';
    if (d)
        closedir(d);
    return count;
}

static int count_mappings(void)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    char line[4352];
    int count = 0;
    while (maps && fgets(line, sizeof line, maps))
        count += strstr(line, directory) != NULL;
    if (maps)
        fclose(maps);
    return count;
}

/* A joined thread may be listed for a moment longer, so this one waits for it a little. */
static int count_threads(int hoped_for, int patience_ms)
{
    int count = count_entries("/proc/self/task");
    for (int i = 0; i < patience_ms && count > hoped_for; i++) {
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        count = count_entries("/proc/self/task");
    }
    return count;
}

static void *do_nothing(void *argument)
{
    return argument;
}

/* A sanitizer starts a thread of its own along with the first of ours, and keeps it: so that it is there already. */
static void start_first_thread(void)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, do_nothing, NULL) == 0)
        pthread_join(thread, NULL);
}

void harness_declare_one_thread(void)
{
    is_one_thread = true;
}

#if FINDS_LEAKS
size_t __sanitizer_get_current_allocated_bytes(void);

static size_t allocated_bytes(void)
{
    return __sanitizer_get_current_allocated_bytes();
}
#else
static size_t allocated_bytes(void)
{
    return 0;
}
#endif

/* Returns how many bytes more are allocated than before. */
static size_t run_case(const struct test_case *it)
{
    program_invocation_short_name = it->name;
    if (is_one_thread && FINDS_RACES_ONLY)
        SKIP("one thread: ThreadSanitizer has nothing to find");
    random_state = seed;
    for (const char *c = it->name; *c; c++)
        random_state = (random_state ^ (unsigned char)*c) * UINT64_C(0x100000001b3);
    start_first_thread();
    size_t bytes = allocated_bytes();
    int handles = count_entries("/proc/self/fd"), threads = count_threads(1, 3);
    it->run(it->argument);
    int left = count_entries("/proc/self/fd") - handles;
    if (left > 0)
        FAIL("%d file handles left open", left);
    threads += SANITIZER_THREADS;
    left = count_threads(threads, 2000) - threads;
    if (left > 0)
        FAIL("%d threads left running", left);
    left = count_mappings();
    if (left > 0)
        FAIL("%d mappings of files left", left);
    for (size_t i = 0; i < path_count; i++)
        free(paths[i]);
    path_count = 0;
    return allocated_bytes() - bytes;
}

static int judge(const struct test_case *it, int status, unsigned timeout)
{
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return PASSED;
    if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SKIPPED)
        return SKIPPED;
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
        fprintf(stderr, "not ok %s: hung for %u s\n", it->name, timeout);
    else if (WIFSIGNALED(status))
        fprintf(stderr, "not ok %s: killed by signal %d (%s)\n", it->name, WTERMSIG(status),
                strsignal(WTERMSIG(status)));
    else
        fprintf(stderr, "not ok %s\n", it->name);
    return FAILED;
}

static int fork_case(const struct test_case *it, unsigned timeout)
{
    fflush(NULL);
    pid_t parent = getpid(), child = fork();
    if (child < 0) {
        perror("fork");
        return FAILED;
    }
    if (child == 0) {
        setpgid(0, 0);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
            _exit(1);
        alarm(timeout);
        size_t more = run_case(it);
        int status = atomic_load(&failed_checks) ? 1 : 0;
        fflush(NULL);
        /* A search for leaks takes longer than most cases, and finds none where no memory was kept. */
        if (FINDS_LEAKS && more == 0)
            _exit(status);
        exit(status);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    kill(-child, SIGKILL);
    return judge(it, status, timeout);
}

static int run_in(const struct test_case *it, unsigned timeout)
{
    make_directory();
    int outcome;
    if (getenv("NOFORK")) {
        atomic_store(&failed_checks, 0);
        run_case(it);
        outcome = atomic_load(&failed_checks) ? FAILED : PASSED;
    } else {
        outcome = fork_case(it, timeout);
    }
    nftw(directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
    if (outcome == PASSED)
        printf("ok %s\n", it->name);
    return outcome;
}

static void choose_seed(void)
{
    const char *given = getenv("SEED");
    if (given)
        seed = strtoull(given, NULL, 0);
    else if (getrandom(&seed, sizeof seed, 0) != sizeof seed)
        seed = (uint64_t)time(NULL);
    printf("# SEED=0x%" PRIx64 "\n", seed);
}

/* A reader's memory would be mapped and unmapped each time that one is opened, and tests open them by the ten thousand: in
 * a virtual machine that was two thirds of their time. */
static void keep_memory(void)
{
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 64 << 20);
    mallopt(M_TOP_PAD, 4 << 20);
#endif
}

int main(int count, char **arguments)
{
    bool list = count > 1 && strcmp(arguments[1], "--list") == 0;
    const char *filter = count > 1 + list ? arguments[1 + list] : "";
    const char *given = getenv("TIMEOUT");
    unsigned timeout = given ? (unsigned)atoi(given) : DEFAULT_TIMEOUT;
    int outcomes[OUTCOMES] = {0};

    keep_memory();
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (!list)
        choose_seed();
    for (size_t i = 0; i < case_count; i++) {
        if (!strstr(cases[i].name, filter))
            continue;
        if (list)
            puts(cases[i].name);
        else
            outcomes[run_in(&cases[i], timeout)]++;
    }
    for (size_t i = 0; i < case_count; i++)
        free(cases[i].name);
    if (list)
        return 0;
    printf("# %d passed, %d failed, %d skipped\n", outcomes[PASSED], outcomes[FAILED], outcomes[SKIPPED]);
    if (outcomes[FAILED] || outcomes[PASSED] + outcomes[SKIPPED] == 0)
        return 1;
    return outcomes[PASSED] ? 0 : EXIT_SKIPPED;
}
