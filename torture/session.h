/* What `quire torture` was asked for, and what came of it, method by method.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TORTURE_SESSION_H
#define QUIRE_TORTURE_SESSION_H

#include "torture/base.h"
#include "torture/torture.h"

enum { TORTURE_METHODS = 4, TORTURE_REPLAY_TEXT = 512 };

struct torture_method {
    const char *name;
    uint32_t method;   /* enum quire_method */
    const char *needs; /* NULL, or the feature of the library without which it is not in this build */
};

extern const struct torture_method torture_methods[TORTURE_METHODS];

struct torture_request {
    const char *directory;
    struct quire_log_options options;    /* as they were asked for: 0 is not */
    bool sync;                           /* --sync was given */
    const struct torture_method *method; /* NULL: all */
    uint64_t states;                     /* in all */
    bool seeded, alone, json;            /* --seed, --run, --json */
    uint64_t seed, run;
    uint64_t load_most; /* bytes */
    const char *wreck;  /* NULL: none */
    /* The options in one line, each with a blank in front, as far as they make a run what it is. */
    char replay[TORTURE_REPLAY_TEXT];
};

struct torture_result {
    const struct torture_method *method;
    struct torture_report report;
    char *events;  /* NULL, or lines about what reached the disk before the violation; to be freed */
    bool is_saved; /* the wreck is where it was asked for */
};

struct torture_session {
    const struct torture_request *request;
    struct torture_base base;
    struct torture_result results[TORTURE_METHODS];
    uint32_t count; /* of results */
    uint64_t violations, states;
    int signal; /* 0, or which one ended it early */
};

/* Runs the methods, one after the other; a terminal is shown how far it has come. 0; or -ENOMEM, or why the wreck could
 * not be saved, with what was tried until then in session. */
int torture_session_run(struct torture_session *session);
void torture_session_free(struct torture_session *session);

/* What is printed: before the runs, and after them. */
void torture_print_beginning(const struct torture_session *session, FILE *out);
void torture_print_results(const struct torture_session *session, FILE *out);

/* All of it as one JSON object. 0 or -errno; -ENOTSUP in a build without jansson. */
int torture_print_json(const struct torture_session *session, FILE *out);

/* The command that has a run again. Returns text. */
enum { TORTURE_AGAIN_TEXT = 4096 + 2 * TORTURE_REPLAY_TEXT };
const char *torture_again_text(const struct torture_session *session, const struct torture_result *result,
                               char text[TORTURE_AGAIN_TEXT]);

#endif
