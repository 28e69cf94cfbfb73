/* A log's block: places under the order lock, copies outside of it, counted when they are done; who finishes it reads
 * them. And the watermark `written`, by which a reader in the process goes.
 *
 * SPDX-License-Identifier: MIT */
#include "weak.hpp"

enum { APPENDERS = 2, BYTES = 2, QUIRE__BLOCK_HEADER = 1, QUIRE__SLOT_RECORDS = 0 };

typedef plain<uint64_t> cell;

struct quire__spin {
    word<bool> held;
};
struct quire__slot {
    cell *memory;
    int kind;
    plain<uint64_t> bytes, records;
    word<uint64_t> published;
};
struct quire__place {
    quire__slot *slot;
    cell *memory;
    uint64_t sequence;
    uint32_t delta;
};
struct quire__log_order {
    quire__spin lock;
    quire__slot *open;
    uint64_t limit;
    plain<uint64_t> next_sequence;
};
struct quire__progress {
    word<uint64_t> written;
};

SOURCE(src/base/spin.h, quire__spin_try)
SOURCE(src/base/spin.c, quire__spin_wait_and_lock)
SOURCE(src/base/spin.h, quire__spin_lock)
SOURCE(src/base/spin.h, quire__spin_unlock)
SOURCE(src/log/places.h, quire__places_try)
SOURCE(src/log/places.h, quire__places_publish)
#define const /* relacy's loads are not const */
SOURCE(src/log/drain.c, is_copied)
#undef const
SOURCE(src/staging/progress.h, quire__progress_set_written)
SOURCE(src/staging/progress.h, quire__progress_written)

struct block : rl::test_suite<block, APPENDERS + 2> {
    quire__log_order order;
    quire__slot slot;
    cell memory[QUIRE__BLOCK_HEADER + APPENDERS * BYTES];
    quire__progress progress;
    cell file;

    void before()
    {
        order.lock.held.store(false, rl::mo_relaxed, $);
        order.open = &slot;
        order.limit = QUIRE__BLOCK_HEADER + APPENDERS * BYTES;
        order.next_sequence = 1;
        slot.memory = memory;
        slot.kind = QUIRE__SLOT_RECORDS;
        slot.bytes = QUIRE__BLOCK_HEADER;
        slot.records = 0;
        slot.published.store(0, rl::mo_relaxed, $);
        progress.written.store(0, rl::mo_relaxed, $);
        file = 0;
    }

    void append()
    {
        quire__place place;

        quire__spin_lock(&order.lock);
        RL_ASSERT(quire__places_try(&order, BYTES, 1, &place));
        quire__spin_unlock(&order.lock);
        for (int i = 0; i < BYTES; i++)
            place.memory[i] = place.sequence;
        quire__places_publish(&place, BYTES);
    }

    /* As quire__places_seal_now, quire__drain and quire__drain_advance. */
    void finish()
    {
        uint64_t sum = 0;

        for (uint64_t taken = 0; taken < APPENDERS; rl::yield(1, $)) {
            quire__spin_lock(&order.lock);
            taken = slot.records;
            quire__spin_unlock(&order.lock);
        }
        while (!is_copied(&slot))
            rl::yield(1, $);
        for (int i = QUIRE__BLOCK_HEADER; i < QUIRE__BLOCK_HEADER + APPENDERS * BYTES; i++)
            sum += memory[i];
        RL_ASSERT(sum == (1 + 2) * BYTES);
        file = sum;
        quire__progress_set_written(&progress, APPENDERS);
    }

    void read()
    {
        if (quire__progress_written(&progress) == APPENDERS)
            RL_ASSERT(file == (1 + 2) * BYTES);
    }

    void thread(unsigned number)
    {
        if (number < APPENDERS)
            append();
        else if (number == APPENDERS)
            finish();
        else
            read();
    }
};

int main()
{
    return explore<block>(ITERATIONS);
}
