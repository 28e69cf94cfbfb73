/* Codes, calls, methods and versions as text.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "support.h"

TEST(text_of_errors)
{
#define CHECK_TEXT(name, number, text) \
    CHECK_INT(name, number);           \
    CHECK_STR(quire_strerror(name), text);
    QUIRE_ERRORS(CHECK_TEXT)
    CHECK_STR(quire_strerror(-ENOSPC), strerror(ENOSPC));
    CHECK_STR(quire_strerror(-EIO), strerror(EIO));
    CHECK_STR(quire_strerror(0), "success");
    CHECK_STR(quire_strerror(5), "success");
    CHECK_STR(quire_strerror(INT_MAX), "success");
    CHECK_STR(quire_strerror(INT_MIN), "unknown error");
    CHECK_STR(quire_strerror(-4095), "unknown error");
    CHECK_STR(quire_strerror(-999999), "unknown error");
}

TEST(text_of_errors_is_distinct)
{
    static const int codes[] = {
#define CODE(name, number, text) name,
        QUIRE_ERRORS(CODE)};
    size_t count = sizeof codes / sizeof codes[0];
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count; j++) {
            CHECK(codes[i] != codes[j]);
            CHECK(strcmp(quire_strerror(codes[i]), quire_strerror(codes[j])) != 0);
        }
}

TEST(text_of_calls)
{
#define CHECK_CALL(name, number, text) \
    CHECK_INT(name, number);           \
    CHECK_STR(quire_call_name(name), text);
    QUIRE_CALLS(CHECK_CALL)
    CHECK_STR(quire_call_name(-1), "unknown");
    CHECK_STR(quire_call_name(INT_MAX), "unknown");
}

TEST(text_of_methods)
{
    for (int i = 0; i < METHODS; i++) {
        uint32_t method = 0;
        CHECK_STR(quire_method_name(methods[i].method), methods[i].name);
        CHECK_OK(quire_method_parse(methods[i].name, &method));
        CHECK_UINT(method, methods[i].method);
    }
    static const char *const wrong[] = {"", "Paged", "pag", "paged ", " paged", "pagedx", "default", "unknown", "\xff"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        uint32_t method = 77;
        CHECK_CODE(quire_method_parse(wrong[i], &method), QUIRE_E_METHOD);
        CHECK_UINT(method, 77);
    }
    uint32_t method = 77;
    CHECK_CODE(quire_method_parse(NULL, &method), QUIRE_E_ARGUMENT);
    CHECK_CODE(quire_method_parse("paged", NULL), QUIRE_E_ARGUMENT);
    CHECK_STR(quire_method_name(6), "unknown");
    CHECK_STR(quire_method_name(UINT32_MAX), "unknown");
}

TEST(text_of_version)
{
    CHECK_STR(quire_version(), QUIRE_VERSION_STRING);
    CHECK(quire_features() != NULL);
    CHECK(strstr(quire_features(), "  ") == NULL);
}
