/* quire doctor from outside: it changes nothing, says why it cannot look, and is gone when told.
 *
 * SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "command.h"
#include "support.h"

#define ARGUMENTS(...) ((const char *const[]){__VA_ARGS__, NULL})

TEST(doctor_looks)
{
    struct outcome o = run_command(ARGUMENTS("doctor", "--no-probe", "."));
    CHECK_INT(o.status, 0);
    CHECK_STR(o.err, "");
    CHECK(strstr(o.out, "What is here\n") != NULL);
    CHECK(strstr(o.out, "What was tried\n") == NULL);
    CHECK(strstr(o.out, "QUIRE_SYNC_EACH") != NULL);
    CHECK(strchr(o.out, '\033') == NULL);
    outcome_free(&o);
}

TEST(doctor_tries)
{
    struct outcome o = run_command(ARGUMENTS("doctor", "--seconds", "1", harness_directory()));
    CHECK_INT(o.status, 0);
    CHECK_STR(o.err, "");
    CHECK(strstr(o.out, "What was tried\n") != NULL);
    CHECK_INT(count_files(), 0);
    outcome_free(&o);
}

TEST(doctor_not_understood)
{
    static const struct {
        const char *first, *second, *culprit;
    } cases[] = {{"--seconds", "0", "\"0\""},
                 {"--seconds", "x", "\"x\""},
                 {"--what", ".", "--what"},
                 {"a", "b", "\"b\""},
                 {"/nonexistent", NULL, "/nonexistent"},
                 {"/dev/null", NULL, "/dev/null"},
                 {"--json", NULL, "--json"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        check_refusal(ARGUMENTS("doctor", cases[i].first, cases[i].second), 2, "quire doctor", cases[i].culprit);
}

TEST(doctor_where_nothing_can_be_written)
{
    struct outcome o = run_command(ARGUMENTS("doctor", "/proc"));
    CHECK_INT(o.status, 1);
    CHECK(strstr(o.err, "cannot write in /proc") != NULL);
    CHECK(strstr(o.out, "What is here\n") != NULL);
    outcome_free(&o);
}
