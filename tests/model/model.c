/* Random lists of steps, on a log and on a plain list of records: both must hold the same.
 *
 * SEQUENCES=n: how many. On a mismatch the list of steps is shrunk and printed. OPS=..., with SCHEDULE=... as printed,
 * takes those steps alone; OPS=@file reads them. STEPS=n: at most so many in each.
 *
 * SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "model/found.h"
#include "model/shrink.h"
#include "model/world.h"
#include "sanitizers.h"
#include "support.h"

ONE_THREAD;

enum { STEPS = 60, SECONDS = 5, ASKED_MOST = 4000, TEXT = 32 * 1024, TRIES = 3 };

enum { ON_DISK = SANITIZED ? 60 : 300, IN_DIRECTORY = SANITIZED ? 4 : 20 };

static uint64_t number(const char *name, uint64_t otherwise)
{
    const char *given = getenv(name);

    return given ? strtoull(given, NULL, 0) : otherwise;
}

/* Where steps are taken, and what came of the last ones. */
struct field {
    const char *directory;   /* NULL: the disk in memory */
    uint64_t seed;           /* of what threads do when */
    const char *which;       /* of the objections is to be shrunk */
    struct outcome *outcome; /* shared with the process that takes the steps */
};

static void remove_all(const char *directory)
{
    char command[600];

    snprintf(command, sizeof command, "rm -rf '%s'", directory);
    REQUIRE_INT(system(command), 0);
}

/* In a process of its own, so that one that crashes or hangs is a mismatch like any other. */
static bool passes(const struct field *field, const struct op *ops, uint32_t count)
{
    int status = 0;

    *field->outcome = (struct outcome){.step = 0, .why = ""};
    fflush(NULL);
    pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        alarm(SECONDS);
        bool well = play(ops, count, field->seed, field->directory, field->outcome);
        exit(well ? 0 : 1);
    }
    REQUIRE(waitpid(child, &status, 0) == child);
    if (field->directory)
        remove_all(field->directory);
    if (WIFSIGNALED(status))
        snprintf(field->outcome->why, sizeof field->outcome->why, "%s", strsignal(WTERMSIG(status)));
    if (WIFSIGNALED(status))
        field->outcome->which = NULL;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* What threads do when changes with the steps: what they no longer do by the one seed they may do by another. */
static bool fails(void *context, const struct op *ops, uint32_t count)
{
    struct field *field = context;
    struct field other = *field;

    for (uint32_t i = 0; i < TRIES; i++) {
        other.seed = field->seed + i;
        if (!passes(&other, ops, count) && field->outcome->which == field->which) {
            field->seed = other.seed;
            return true;
        }
    }
    return false;
}

static void shrink_and_print(struct field *field, const struct op *ops, uint32_t count, uint32_t sequence)
{
    static char text[TEXT];
    struct op shrunk[OPS_MOST];
    uint32_t asked = 0;

    field->which = field->outcome->which;
    fprintf(stderr, "  sequence %" PRIu32 ", step %" PRIu32 " of %" PRIu32 ": %s\n", sequence, field->outcome->step + 1,
            count, field->outcome->why);
    memcpy(shrunk, ops, count * sizeof shrunk[0]);
    uint32_t left = shrink(shrunk, count, fails, field, (uint32_t)number("SHRINK", ASKED_MOST), &asked);
    passes(field, shrunk, left);
    ops_print(shrunk, left, text, sizeof text);
    FAIL("%" PRIu32 " steps of %" PRIu32 " are enough (%" PRIu32 " lists tried): %s\nSCHEDULE=%" PRIu64 " OPS='\n%s'",
         left, count, asked, field->outcome->why, field->seed, text);
}

static const char *given_steps(void)
{
    static char text[TEXT];
    const char *given = getenv("OPS");

    if (!given || given[0] != '@')
        return given;
    FILE *file = fopen(given + 1, "re");
    REQUIRE(file != NULL);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return text;
}

static void take_given_steps(struct field *field, const char *text, uint64_t seed)
{
    struct op ops[OPS_MOST];
    const char *wrong = NULL;
    int count = ops_parse(text, ops, OPS_MOST, &wrong);

    if (count < 0) {
        FAIL("OPS: not understood: %.60s", wrong);
        return;
    }
    field->seed = seed;
    if (!passes(field, ops, (uint32_t)count))
        FAIL("step %" PRIu32 " of %d: %s", field->outcome->step + 1, count, field->outcome->why);
}

static void take_random_steps(struct field *field, uint64_t sequences)
{
    uint32_t most_steps = (uint32_t)least(number("STEPS", STEPS), OPS_MOST - 1);
    uint64_t steps = 0, mismatches = 0;

    for (uint32_t i = 0; i < sequences && mismatches == 0; i++) {
        struct op ops[OPS_MOST];
        uint64_t seed = harness_random();
        uint32_t count = ops_draw(seed, most_steps, ops);
        field->seed = seed;
        steps += count;
        if (passes(field, ops, count))
            continue;
        mismatches++;
        shrink_and_print(field, ops, count, i);
    }
    printf("# %s: %" PRIu64 " sequences, %" PRIu64 " steps, %" PRIu64 " mismatches\n",
           field->directory ? "directory" : "disk in memory", sequences, steps, mismatches);
}

static struct field new_field(const char *directory)
{
    struct field field = {.directory = directory};

    field.outcome = mmap(NULL, sizeof *field.outcome, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    REQUIRE(field.outcome != MAP_FAILED);
    return field;
}

static void test(const char *directory, uint64_t sequences)
{
    struct field field = new_field(directory);
    const char *given = given_steps();

    if (given)
        take_given_steps(&field, given, number("SCHEDULE", 0));
    else
        take_random_steps(&field, number("SEQUENCES", sequences));
    munmap(field.outcome, sizeof *field.outcome);
}

/* By the schedule with which it came to light, and by some others. */
TEST_EACH(model_found, struct found, found)
{
    struct field field = new_field(NULL);

    take_given_steps(&field, it->ops, it->schedule);
    for (uint64_t seed = 2; seed < 8; seed++)
        take_given_steps(&field, it->ops, seed);
    munmap(field.outcome, sizeof *field.outcome);
}

TEST(model_disk)
{
    test(NULL, ON_DISK);
}

TEST(model_directory)
{
    test(harness_path("log"), IN_DIRECTORY);
}
