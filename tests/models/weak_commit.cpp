/* A log's group commit: who leads, who sleeps and is woken, and what `durable` lets a thread believe.
 *
 * The kernel's futex is here: a full barrier, then a look at the word and the queue under a lock of its own. Who is woken of several is not chosen: the
 * first in the queue, as the kernel does; commit.pml tries any.
 *
 * SPDX-License-Identifier: MIT */
#include "weak.hpp"

enum { CALLERS = 2, QUIRE_E_CLAIM_OPEN = -4100 };

struct quire__progress {
    word<uint64_t> durable;
};
struct quire__log_commit {
    word<uint32_t> round, waiters;
    word<bool> leading;
    word<int> code;
    word<uint64_t> covering;
};
struct quire_log {
    quire__log_commit commit;
    quire__progress progress;
    word<uint64_t> appended;
    word<uint64_t> sync_joins;
    word<uint64_t> continued;
    rl::mutex drain;
    bool retain;
    plain<uint64_t> on_device;
};

/* The queue, oldest first. */
struct sleeper {
    uint32_t group;
    rl::generic_event *event;
};
static sleeper sleepers[CALLERS];
static int asleep;
static rl::generic_event *events;
static rl::mutex *bucket;

static void quire__futex_wait(word<uint32_t> *word, uint32_t expected, uint32_t group)
{
    rl::generic_event *own = &events[rl::thread_index()];

    rl::atomic_thread_fence(rl::mo_seq_cst, $);
    bucket->lock($);
    bool sleeps = word->load(rl::mo_relaxed, $) == expected;
    if (sleeps)
        sleepers[asleep++] = {group, own};
    bucket->unlock($);
    if (sleeps)
        own->wait(false, false, $);
}

static void quire__futex_wake(word<uint32_t> *, int most, uint32_t group)
{
    rl::generic_event *woken[CALLERS];
    int count = 0, left = 0;

    bucket->lock($);
    for (int i = 0; i < asleep; i++)
        if ((sleepers[i].group & group) && count < most)
            woken[count++] = sleepers[i].event;
        else
            sleepers[left++] = sleepers[i];
    asleep = left;
    bucket->unlock($);
    for (int i = 0; i < count; i++)
        woken[i]->set($);
}

static int quire__log_code(quire_log *)
{
    return 0;
}
static void quire__log_count(word<uint64_t> *, uint64_t)
{
}
static void tell(quire_log *)
{
}
SOURCE(src/staging/progress.h, quire__progress_durable)
SOURCE(src/log/commit.c, note_durable)

/* What was appended by now goes to the device. */
static int work_round(quire_log *log)
{
    uint64_t last = log->appended.load(rl::mo_seq_cst, $);

    log->commit.covering.store(last, rl::mo_seq_cst, $);
    log->on_device = last;
    note_durable(log, last, 0);
    return 0;
}

SOURCE(src/log/commit.c, group_of)
SOURCE(src/log/commit.c, lead)
SOURCE(src/log/commit.c, is_over)
SOURCE(src/log/commit.c, follow)
SOURCE(src/log/commit.c, await)

struct group_commit : rl::test_suite<group_commit, CALLERS> {
    quire_log log;
    rl::generic_event own[CALLERS];
    rl::mutex lock;

    void before()
    {
        log.commit.round.store(0, rl::mo_relaxed, $);
        log.commit.waiters.store(0, rl::mo_relaxed, $);
        log.commit.leading.store(false, rl::mo_relaxed, $);
        log.commit.code.store(0, rl::mo_relaxed, $);
        log.commit.covering.store(0, rl::mo_relaxed, $);
        log.progress.durable.store(0, rl::mo_relaxed, $);
        log.appended.store(0, rl::mo_relaxed, $);
        log.continued.store(0, rl::mo_relaxed, $);
        log.retain = false;
        log.on_device = 0;
        asleep = 0;
        events = own;
        bucket = &lock;
        for (rl::generic_event &event : own)
            event.init(false, false, $);
    }

    void thread(unsigned)
    {
        uint64_t sequence = log.appended.fetch_add(1, rl::mo_seq_cst, $) + 1;

        RL_ASSERT(await(&log, sequence, true) == 0);
        RL_ASSERT(quire__progress_durable(&log.progress) >= sequence);
    }

    void after()
    {
        for (rl::generic_event &event : own)
            event.deinit($);
    }
};

/* As above, and one that reads what the device has by the mark alone. */
struct durable_mark : rl::test_suite<durable_mark, 2> {
    quire_log log;

    void before()
    {
        log.progress.durable.store(0, rl::mo_relaxed, $);
        log.continued.store(0, rl::mo_relaxed, $);
        log.retain = false;
        log.on_device = 0;
    }

    void thread(unsigned number)
    {
        if (number == 0) {
            log.on_device = 1;
            note_durable(&log, 1, 0);
        } else if (quire__progress_durable(&log.progress) == 1) {
            RL_ASSERT(log.on_device == 1);
        }
    }
};

int main()
{
    return explore<group_commit>(ITERATIONS) | explore<durable_mark>(ITERATIONS / 10);
}
