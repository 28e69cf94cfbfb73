/* What was gathered goes to BACKING a while after. See later.h.
 *
 * All wait equally long, so a list in the order of asking is one in the order of their time.
 *
 * SPDX-License-Identifier: MIT */
#include "later.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include "mount.h"

struct later {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t thread;
    struct node *first, **last;
    bool is_over;
};

#define SECOND UINT64_C(1000000000)
#define MILLISECOND UINT64_C(1000000)

static uint64_t now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

static struct node *take_locked(struct later *later)
{
    struct node *node = later->first;

    later->first = node->later_next;
    if (!later->first)
        later->last = &later->first;
    node->later_next = NULL;
    node->later_at = 0;
    return node;
}

static void wait_locked(struct later *later)
{
    if (!later->first) {
        pthread_cond_wait(&later->changed, &later->lock);
        return;
    }
    uint64_t at = later->first->later_at;
    struct timespec until = {.tv_sec = (time_t)(at / SECOND), .tv_nsec = (long)(at % SECOND)};
    pthread_cond_timedwait(&later->changed, &later->lock, &until);
}

static void *run(void *context)
{
    struct mount *mount = context;
    struct later *later = mount->later;

    pthread_mutex_lock(&later->lock);
    while (later->first || !later->is_over)
        if (later->first && (later->is_over || later->first->later_at <= now())) {
            struct node *node = take_locked(later);
            pthread_mutex_unlock(&later->lock);
            node->content->settle(mount, node);
            tree_leave(mount, node, 1);
            pthread_mutex_lock(&later->lock);
        } else {
            wait_locked(later);
        }
    pthread_mutex_unlock(&later->lock);
    return NULL;
}

int later_start(struct mount *mount)
{
    struct later *later = calloc(1, sizeof *later);
    pthread_condattr_t attributes;

    if (!later)
        return -ENOMEM;
    later->last = &later->first;
    pthread_mutex_init(&later->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&later->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    mount->later = later;
    int rc = -pthread_create(&later->thread, NULL, run, mount);
    if (rc < 0) {
        free(later);
        mount->later = NULL;
    }
    return rc;
}

void later_stop(struct mount *mount)
{
    struct later *later = mount->later;

    if (!later)
        return;
    pthread_mutex_lock(&later->lock);
    later->is_over = true;
    pthread_cond_signal(&later->changed);
    pthread_mutex_unlock(&later->lock);
    pthread_join(later->thread, NULL);
    pthread_cond_destroy(&later->changed);
    pthread_mutex_destroy(&later->lock);
    free(later);
    mount->later = NULL;
}

void later_ask(struct mount *mount, struct node *node)
{
    struct later *later = mount->later;

    if (!later)
        return; /* it has stopped */
    pthread_mutex_lock(&later->lock);
    /* At the end each is settled once: what cannot be is for the content's stop to say. */
    if (node->later_at == 0 && !later->is_over) {
        tree_hold(mount, node);
        node->later_at = now() + mount->settings.flush_ms * MILLISECOND;
        *later->last = node;
        later->last = &node->later_next;
        /* Else the thread sleeps until the first one's time already. */
        if (later->first == node)
            pthread_cond_signal(&later->changed);
    }
    pthread_mutex_unlock(&later->lock);
}
