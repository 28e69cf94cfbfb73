/* What opening a log asks of the kernel besides files: pages, a thread and random bytes. Linked in place of the library's
 * own calls (--wrap), and kept from one input to the next, because they cost more than all that
 * is tested.
 *
 * Pages are of the heap. Those that were given back are poisoned until they are asked for again, and are zeros then. The
 * random bytes are the same for every input.
 *
 * SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kernel.h"

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#endif
#endif
#ifndef ASAN_POISON_MEMORY_REGION
#define ASAN_POISON_MEMORY_REGION(at, bytes) ((void)(at), (void)(bytes))
#define ASAN_UNPOISON_MEMORY_REGION(at, bytes) ((void)(at), (void)(bytes))
#endif

enum { PAGE = 4096, MAPS = 32, HANDS = 8, OURS = MAP_PRIVATE | MAP_ANONYMOUS };

int __real_munmap(void *at, size_t bytes);
int __real_madvise(void *at, size_t bytes, int advice);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument);
int __real_pthread_join(pthread_t thread, void **result);

static struct {
    void *at;
    size_t bytes;
    bool used;
} maps[MAPS];

struct hand {
    pthread_t thread;
    sem_t begin, end;
    void *(*run)(void *);
    void *argument;
    bool there, used;
};

static struct hand hands[HANDS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t random_state = 1;

static void *map(size_t bytes)
{
    int empty = MAPS;

    for (int i = 0; i < MAPS; i++) {
        if (maps[i].at && !maps[i].used && maps[i].bytes == bytes) {
            maps[i].used = true;
            ASAN_UNPOISON_MEMORY_REGION(maps[i].at, bytes);
            memset(maps[i].at, 0, bytes);
            return maps[i].at;
        }
        if (!maps[i].at && empty == MAPS)
            empty = i;
    }
    /* From the heap, where a sanitizer watches what is behind their end. */
    void *at = empty < MAPS ? aligned_alloc(PAGE, bytes) : NULL;
    if (!at)
        return MAP_FAILED;
    memset(at, 0, bytes);
    maps[empty].at = at;
    maps[empty].bytes = bytes;
    maps[empty].used = true;
    return at;
}

void *__wrap_mmap(void *at, size_t bytes, int protection, int flags, int file, off_t offset)
{
    if (at || protection != (PROT_READ | PROT_WRITE) || flags != OURS || bytes % PAGE != 0)
        return (void *)syscall(SYS_mmap, at, bytes, protection, flags, file, offset);
    pthread_mutex_lock(&lock);
    void *mapped = map(bytes);
    pthread_mutex_unlock(&lock);
    return mapped;
}

/* What mmap() is called where offsets of files have 64 bits. */
void *__wrap_mmap64(void *at, size_t bytes, int protection, int flags, int file, off_t offset)
{
    return __wrap_mmap(at, bytes, protection, flags, file, offset);
}

/* MAPS: it is none of ours. */
static int find_map(const void *at)
{
    int i = 0;

    while (i < MAPS && (maps[i].at != at || !maps[i].used))
        i++;
    return i;
}

int __wrap_munmap(void *at, size_t bytes)
{
    pthread_mutex_lock(&lock);
    int i = find_map(at);
    bool is_kept = i < MAPS && maps[i].bytes == bytes;
    if (is_kept) {
        maps[i].used = false;
        ASAN_POISON_MEMORY_REGION(at, bytes);
    }
    pthread_mutex_unlock(&lock);
    return is_kept ? 0 : __real_munmap(at, bytes);
}

/* What is advised is of no consequence here: they are there already. */
int __wrap_madvise(void *at, size_t bytes, int advice)
{
    pthread_mutex_lock(&lock);
    int i = find_map(at);
    pthread_mutex_unlock(&lock);
    return i < MAPS ? 0 : __real_madvise(at, bytes, advice);
}

static void *stand_by(void *argument)
{
    struct hand *hand = argument;

    for (;;) {
        while (sem_wait(&hand->begin) != 0)
            continue;
        hand->run(hand->argument);
        sem_post(&hand->end);
    }
    return NULL;
}

/* NULL: all are at work, or there can be no more threads. */
static struct hand *take_hand(void)
{
    struct hand *hand = hands;

    while (hand < hands + HANDS && hand->used)
        hand++;
    if (hand == hands + HANDS)
        return NULL;
    if (!hand->there) {
        sem_init(&hand->begin, 0, 0); /* neither fails on Linux */
        sem_init(&hand->end, 0, 0);
        hand->there = __real_pthread_create(&hand->thread, NULL, stand_by, hand) == 0;
    }
    hand->used = hand->there;
    return hand->there ? hand : NULL;
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument)
{
    pthread_mutex_lock(&lock);
    struct hand *hand = attributes ? NULL : take_hand();
    pthread_mutex_unlock(&lock);
    if (!hand)
        return __real_pthread_create(thread, attributes, run, argument);
    hand->run = run;
    hand->argument = argument;
    *thread = hand->thread;
    sem_post(&hand->begin);
    return 0;
}

int __wrap_pthread_join(pthread_t thread, void **result)
{
    struct hand *hand = hands;

    while (hand < hands + HANDS && !(hand->used && pthread_equal(hand->thread, thread)))
        hand++;
    if (hand == hands + HANDS)
        return __real_pthread_join(thread, result);
    while (sem_wait(&hand->end) != 0)
        continue;
    pthread_mutex_lock(&lock);
    hand->used = false;
    pthread_mutex_unlock(&lock);
    if (result)
        *result = NULL;
    return 0;
}

ssize_t __wrap_getrandom(void *to, size_t length, unsigned flags)
{
    unsigned char *bytes = to;

    (void)flags;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < length; i++) {
        random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        bytes[i] = (unsigned char)(random_state >> 56);
    }
    pthread_mutex_unlock(&lock);
    return (ssize_t)length;
}

void kernel_begin(void)
{
    random_state = 1;
}
