/* Profiles by gperftools. See profile.h.
 *
 * SPDX-License-Identifier: MIT */
#include "profile/profile.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The documented functions of gperftools/profiler.h and heap-profiler.h, found when they are needed. */
typedef int profiler_start(const char *path);
typedef void profiler_stop(void);
typedef void heap_profiler_start(const char *prefix);
typedef char *get_heap_profile(void);
typedef void heap_profiler_stop(void);

static void *find(void *library, const char *name, void *to)
{
    void *symbol = dlsym(library, name);
    /* A pointer to a function, from one to an object: POSIX says that it can be done, and C how not to. */
    memcpy(to, &symbol, sizeof symbol);
    return symbol;
}

static profiler_stop *cpu_stop;

int bench_profile_cpu_start(const char *path)
{
    profiler_start *start;
    void *library = dlopen("libprofiler.so.0", RTLD_NOW);
    if (!library || !find(library, "ProfilerStart", &start) || !find(library, "ProfilerStop", &cpu_stop))
        return -ENOENT;
    return start(path) ? 0 : -EIO;
}

void bench_profile_cpu_stop(void)
{
    if (cpu_stop)
        cpu_stop();
    cpu_stop = NULL;
}

static const char allocator[] = "libtcmalloc.so.4";

/* With the allocator in front of libc's. It is not to write files of its own as memory grows. */
static int start_anew(char *const arguments[])
{
    if (!dlopen(allocator, RTLD_LAZY))
        return -ENOENT;
    if (setenv("LD_PRELOAD", allocator, 1) != 0 || setenv("HEAP_PROFILE_ALLOCATION_INTERVAL", "0", 1) != 0 ||
        setenv("HEAP_PROFILE_INUSE_INTERVAL", "0", 1) != 0)
        return -errno;
    execv("/proc/self/exe", arguments);
    return -errno;
}

int bench_profile_memory_begin(char *const arguments[])
{
    heap_profiler_start *start;
    const char *preloaded = getenv("LD_PRELOAD");
    if (!preloaded || strcmp(preloaded, allocator) != 0)
        return start_anew(arguments);
    /* For this program only, not for what it starts. */
    unsetenv("LD_PRELOAD");
    if (!find(RTLD_DEFAULT, "HeapProfilerStart", &start))
        return -ENOENT;
    start("/dev/null");
    return 0;
}

int bench_profile_memory_write(FILE *out)
{
    get_heap_profile *get;
    heap_profiler_stop *stop;
    char *text = find(RTLD_DEFAULT, "GetHeapProfile", &get) ? get() : NULL;
    int rc = text && fputs(text, out) >= 0 ? 0 : -EIO;
    free(text);
    /* Else it would write a file of its own when the program ends. */
    if (find(RTLD_DEFAULT, "HeapProfilerStop", &stop))
        stop();
    return rc;
}
