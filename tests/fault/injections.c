/* Every operation of the seam, each of its calls, every way to fail, once and from then on, under all that quire does
 * with files.
 *
 * Each injection is handled (no call returned an error, and everything promised holds), or reported (an error came
 * out, and what had been promised before holds), or silent: a failure of this test, as is a handle, a mapping or a
 * queue left open, a hang, a record lost that was durable, a record there that was refused, and a flush asked for
 * again of a file whose flush failed.
 *
 * QUIRE_SWEEP=all in the environment makes it all of them (`make sweep`); without it the acts, the calls and the
 * errors thin out. QUIRE_SWEEP=once: under all acts each call fails with EIO once, the rest thins out (`make coverage`).
 * Closes with a table, and the sums.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sanitizers.h"
#include "stage.h"

enum { MOST_CALLS = 4000, SECONDS_EACH = 20, ACTS_MOST = 64 };

struct way {
    const char *name;
    int code;
    enum fault_kind kind;
    bool rare;      /* only when all are wanted */
    bool only_once; /* for ever it would be a caller's reason to try for ever */
};

static const struct way ways[] = {
    {"EIO", -EIO, FAULT_FAIL, false, false},
    {"ENOSPC", -ENOSPC, FAULT_FAIL, true, false},
    {"EDQUOT", -EDQUOT, FAULT_FAIL, true, false},
    {"EFBIG", -EFBIG, FAULT_FAIL, true, false},
    {"EINTR", -EINTR, FAULT_FAIL, false, true},
    {"EAGAIN", -EAGAIN, FAULT_FAIL, true, true},
    {"short", 0, FAULT_SHORT, false, false},
    {"short_ENOSPC", -ENOSPC, FAULT_SHORT, true, false},
    {"ECANCELED", -ECANCELED, FAULT_FAIL, true, false},
};
enum { WAYS = sizeof ways / sizeof ways[0] };

enum extent { SOME, ONCE, ALL };

/* Shared by the processes of all cases. */
struct sums {
    _Atomic uint64_t injections, handled, reported, silent;
};

struct table {
    struct sums acts[ACTS_MOST], ops[FAULT_OPS];
    _Atomic bool known[ACTS_MOST];
    _Atomic uint64_t calls[ACTS_MOST][FAULT_OPS]; /* that an act makes when nothing fails */
};

static struct table *table;
static pid_t first_process;
static const struct act *acts[ACTS_MOST];
static size_t act_count;

struct sweep {
    size_t act;
    enum fault_op op;
};

static enum extent wanted(void)
{
    const char *how = getenv("QUIRE_SWEEP");

    if (how && strcmp(how, "all") == 0)
        return ALL;
    return how && strcmp(how, "once") == 0 ? ONCE : SOME;
}

/* Does this kind of call fail in this way at all? */
static bool applies(enum fault_op op, const struct way *way)
{
    bool moves = op == FAULT_WRITE || op == FAULT_WRITE_DURABLY || op == FAULT_READ || op == FAULT_COMPLETION;

    if (way->kind == FAULT_SHORT && way->code == 0)
        return moves;
    if (way->kind == FAULT_SHORT)
        return op == FAULT_WRITE || op == FAULT_COMPLETION || op == FAULT_ALLOCATE;
    return way->code != -ECANCELED || op == FAULT_COMPLETION || op == FAULT_QUEUE_WRITE;
}

static void count(struct sums *sums, const struct stage *stage)
{
    atomic_fetch_add(&sums->injections, 1);
    if (stage->silent)
        atomic_fetch_add(&sums->silent, 1);
    else if (stage->told == 0)
        atomic_fetch_add(&sums->handled, 1);
    else
        atomic_fetch_add(&sums->reported, 1);
}

static void begin(struct stage *stage, const struct act *act)
{
    alarm(SECONDS_EACH);
    *stage = (struct stage){.act = act, .directory = harness_path("log")};
    if (act->prepare)
        act->prepare(stage);
    stage->fault = fault_new((struct fault_setup){.align = 512, .order = FAULT_SHUFFLED});
}

static void end(struct stage *stage)
{
    fault_free(stage->fault);
    stage_clear(stage->directory);
    unlink(harness_path("file"));
}

/* What does the act come to? Without that each operation that it does not use would cost a run. */
static void learn_calls(size_t act)
{
    static struct stage stage;

    begin(&stage, acts[act]);
    acts[act]->work(&stage);
    acts[act]->judge(&stage);
    if (stage.told != 0 || stage.silent)
        FAIL("nothing was made to fail, and still: %s", stage.silent ? stage.silent : quire_strerror(stage.told));
    for (size_t op = 0; op < FAULT_OPS; op++)
        atomic_store(&table->calls[act][op], fault_calls(stage.fault, (enum fault_op)op));
    end(&stage);
    atomic_store(&table->known[act], true);
}

/* False when the rule met no call: then all have had their turn. */
static bool inject(const struct sweep *sweep, const struct way *way, const struct fault_rule *rule)
{
    static struct stage stage;
    const struct act *act = acts[sweep->act];

    begin(&stage, act);
    fault_add(stage.fault, *rule);
    act->work(&stage);
    bool hit = fault_hits(stage.fault) > 0;
    act->judge(&stage);
    if (stage.silent)
        FAIL("%s of call %" PRIu64 "%s of %s: %s", way->name, rule->nth, rule->times == 1 ? "" : " and after",
             fault_op_name(sweep->op), stage.silent);
    if (hit) {
        count(&table->acts[sweep->act], &stage);
        count(&table->ops[sweep->op], &stage);
    } else if (stage.told != 0) {
        FAIL("nothing was made to fail, and still: %s", quire_strerror(stage.told));
    }
    end(&stage);
    return hit;
}

static void run_way(const struct sweep *sweep, const struct way *way, enum extent extent)
{
    const struct act *act = acts[sweep->act];
    bool is_plain = way == &ways[0];
    bool only_once = way->only_once || (extent != ALL && (!is_plain || act->every));

    for (int ever = 0; ever < (only_once ? 1 : 2); ever++) {
        struct fault_rule rule = {
            .op = sweep->op, .kind = way->kind, .code = way->code, .nth = 1, .times = ever ? UINT64_MAX : 1};
        bool each = extent == ALL || (extent == ONCE && is_plain && !ever);
        while (rule.nth < MOST_CALLS && inject(sweep, way, &rule))
            rule.nth += each ? 1 + rule.nth / 24 : act->every ? 1 : 1 + rule.nth;
        CHECK(rule.nth < MOST_CALLS);
    }
}

/* Of errors that are told alike, each is tried somewhere. */
static bool thins_out(const struct sweep *sweep, size_t way)
{
    return SANITIZED && way > 0 && (sweep->act + sweep->op + way) % 4 != 0;
}

static void run_sweep(const void *argument)
{
    const struct sweep *sweep = argument;
    enum extent extent = wanted();
    enum fault_op only = acts[sweep->act]->only;

    if (extent != ALL && only != 0 && only != sweep->op)
        return;
    if (!atomic_load(&table->known[sweep->act]))
        learn_calls(sweep->act);
    if (atomic_load(&table->calls[sweep->act][sweep->op]) == 0)
        return;
    for (size_t w = 0; w < WAYS; w++)
        if (applies(sweep->op, &ways[w]) && (!ways[w].rare || extent == ALL) && !thins_out(sweep, w))
            run_way(sweep, &ways[w], extent);
}

static void print_sums(const char *name, const struct sums *sums)
{
    printf("# %-20s %10" PRIu64 " %10" PRIu64 " %10" PRIu64 " %8" PRIu64 "\n", name, sums->injections, sums->handled,
           sums->reported, sums->silent);
}

static void print_table(void)
{
    struct sums all = {0};

    if (getpid() != first_process)
        return;
    for (size_t i = 0; i < act_count; i++) {
        all.injections += table->acts[i].injections;
        all.handled += table->acts[i].handled;
        all.reported += table->acts[i].reported;
        all.silent += table->acts[i].silent;
    }
    if (all.injections == 0)
        return;
    printf("# %-20s %10s %10s %10s %8s\n", "under", "injections", "handled", "reported", "silent");
    for (size_t i = 0; i < act_count; i++)
        print_sums(acts[i]->name, &table->acts[i]);
    printf("#\n# %-20s %10s %10s %10s %8s\n", "operation", "injections", "handled", "reported", "silent");
    for (size_t op = 0; op < FAULT_OPS; op++)
        print_sums(fault_op_name((enum fault_op)op), &table->ops[op]);
    print_sums("all", &all);
}

/* The last case: each operation of the seam was made to fail, unless only some cases were asked for. */
static void run_covers(const void *argument)
{
    (void)argument;
    if (SANITIZED)
        SKIP("every third of the cases ran");
    for (size_t i = 0; i < act_count; i++)
        if (table->acts[i].injections == 0)
            SKIP("only some of the cases ran");
    for (size_t op = 0; op < FAULT_OPS; op++)
        if (table->ops[op].injections == 0)
            FAIL("%s never failed", fault_op_name((enum fault_op)op));
}

static void add_acts(const struct act *from, size_t count_)
{
    static struct sweep sweeps[ACTS_MOST * FAULT_OPS];
    static size_t used;

    for (size_t i = 0; i < count_; i++) {
        if (!from[i].first && wanted() == SOME)
            continue;
        acts[act_count] = &from[i];
        for (size_t op = 0; op < FAULT_OPS; op++) {
            sweeps[used] = (struct sweep){act_count, (enum fault_op)op};
            harness_add_of_many(from[i].name, fault_op_name((enum fault_op)op), run_sweep, &sweeps[used++]);
        }
        act_count++;
    }
}

__attribute__((constructor)) static void add_all(void)
{
    void *shared = mmap(NULL, sizeof *table, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (shared == MAP_FAILED)
        abort();
    table = shared;
    first_process = getpid();
    add_acts(stage_log_acts, stage_log_act_count);
    add_acts(stage_writer_acts, stage_writer_act_count);
    add_acts(stage_read_acts, stage_read_act_count);
    add_acts(stage_mend_acts, stage_mend_act_count);
    harness_add("covers_every_operation", NULL, run_covers, NULL);
    atexit(print_table);
}
