/* A lane: its owner appends and starts again at the front, somebody else gathers.
 *
 * SPDX-License-Identifier: MIT */
#include "weak.hpp"

enum { ROOM = 2, RECORDS = 5, QUIRE__PAGE = 4096 };

typedef plain<uint64_t> cell;
struct quire__lane {
    cell *memory;
    uint64_t limit; /* the owner's */
    word<uint64_t> position, records;
    pthread_mutex_t hand;
    uint64_t bytes;
    plain<uint64_t> taken, end;
    bool in_step;
    plain<bool> alone;
    plain<uint64_t> hand_overs;
    int (*hand_over)(void *, cell *, uint64_t, bool, uint64_t *);
    void *target;
};

SOURCE(src/staging/lane.h, quire__lane_fits)
SOURCE(src/staging/lane.h, quire__lane_next)
SOURCE(src/staging/lane.h, quire__lane_publish)
SOURCE(src/staging/lane.c, hand_over)
SOURCE(src/staging/lane.c, start_again)
SOURCE(src/staging/lane.c, quire__lane_empty)
SOURCE(src/staging/lane.c, quire__lane_gather)

struct one_lane : rl::test_suite<one_lane, 2> {
    quire__lane lane;
    cell memory[ROOM];
    plain<uint64_t> received; /* under the hand lock */

    /* Records come once, and in order. */
    static int receive(void *target, cell *data, uint64_t length, bool, uint64_t *)
    {
        one_lane *self = (one_lane *)target;

        for (uint64_t i = 0; i < length; i++) {
            uint64_t next = self->received + 1;
            RL_ASSERT(data[i] == next);
            self->received = next;
        }
        return 0;
    }

    void before()
    {
        lane.memory = memory;
        lane.limit = lane.bytes = ROOM;
        lane.position.store(0, rl::mo_relaxed, $);
        lane.records.store(0, rl::mo_relaxed, $);
        lane.taken = lane.end = lane.hand_overs = 0;
        lane.in_step = false;
        lane.alone = false;
        lane.hand_over = receive;
        lane.target = this;
        received = 0;
    }

    void thread(unsigned number)
    {
        if (number == 1) {
            quire__lane_gather(&lane);
            quire__lane_gather(&lane);
            return;
        }
        for (uint64_t i = 1; i <= RECORDS; i++) {
            if (!quire__lane_fits(&lane, 1))
                quire__lane_empty(&lane, 1, true, NULL);
            *quire__lane_next(&lane) = i;
            quire__lane_publish(&lane, 1);
        }
    }

    void after()
    {
        quire__lane_gather(&lane);
        RL_ASSERT(received == RECORDS);
    }
};

int main()
{
    return explore<one_lane>(ITERATIONS);
}
