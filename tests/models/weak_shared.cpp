/* The shared lane's claims: places under the order lock, copies outside of it, publishing, and handing over; the ring is
 * used again. Two appenders and one who hands over.
 *
 * SPDX-License-Identifier: MIT */
#include "weak.hpp"

#define QUIRE__CLAIMS 2u
enum { RING = 2, EACH = 2, APPENDERS = 2 };

typedef plain<uint64_t> cell;

struct quire__spin {
    word<bool> held;
};
struct quire_claim {
    cell *memory;
    uint64_t length, offset, ticket;
};
struct quire__claim_slot {
    word<uint64_t> state;
    plain<uint64_t> end, spilled;
};
struct quire__shared {
    quire__spin order;
    plain<uint64_t> appended, limit, at, next, oldest, published, appends;
    cell *base;
    uint64_t wrap;
    quire__claim_slot slots[QUIRE__CLAIMS];
};

static void memcpy(cell *to, cell *from, uint64_t cells)
{
    for (uint64_t i = 0; i < cells; i++)
        to[i] = (uint64_t)from[i];
}

SOURCE(src/base/spin.h, quire__spin_try)
SOURCE(src/base/spin.c, quire__spin_wait_and_lock)
SOURCE(src/base/spin.h, quire__spin_lock)
SOURCE(src/base/spin.h, quire__spin_unlock)
SOURCE(src/staging/order.c, quire__order_advance)
SOURCE(src/staging/order.h, quire__order_try_place)
SOURCE(src/staging/order.h, quire__order_publish)
SOURCE(src/staging/drain.c, published_now)

struct shared_lane : rl::test_suite<shared_lane, APPENDERS + 1> {
    quire__shared lane;
    quire__shared *shared;
    cell ring[RING];

    void before()
    {
        shared = &lane;
        lane.order.held.store(false, rl::mo_relaxed, $);
        lane.appended = lane.at = lane.next = lane.oldest = lane.published = lane.appends = 0;
        lane.limit = RING;
        lane.base = ring;
        lane.wrap = RING;
        for (auto &slot : lane.slots)
            slot.state.store(1, rl::mo_relaxed, $); /* as one that nobody has: of another ticket */
    }

    void append()
    {
        quire_claim claim = {};
        bool placed = false;

        while (!placed) {
            quire__spin_lock(&shared->order);
            placed = quire__order_try_place(shared, 1, &claim);
            quire__spin_unlock(&shared->order);
            if (!placed)
                rl::yield(1, $);
        }
        *claim.memory = claim.offset + 1;
        quire__order_publish(shared, claim.ticket);
    }

    /* As quire__shared_drain_to, and quire__shared_free: under the drain lock, which is this thread's alone here. */
    void hand_over()
    {
        for (uint64_t drained = 0; drained < EACH * APPENDERS;) {
            uint64_t to = published_now(shared);
            if (to == drained)
                rl::yield(1, $);
            for (; drained < to; drained++)
                RL_ASSERT(ring[drained % RING] == drained + 1);
            quire__spin_lock(&shared->order);
            shared->limit = drained + RING;
            quire__spin_unlock(&shared->order);
        }
    }

    void thread(unsigned number)
    {
        for (int i = 0; i < EACH && number < APPENDERS; i++)
            append();
        if (number == APPENDERS)
            hand_over();
    }
};

int main()
{
    return explore<shared_lane>(ITERATIONS);
}
