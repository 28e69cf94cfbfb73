/* Codes to sentences, and who we are. Constant strings only: any thread may ask at any time.
 *
 * SPDX-License-Identifier: MIT */
#include <quire/error.h>
#include <quire/version.h>

#include <string.h>

const char *quire_version(void)
{
    return QUIRE_VERSION_STRING;
}

const char *quire_features(void)
{
    return QUIRE__FEATURES;
}

static const char *os_error_text(int number)
{
#ifdef __GLIBC__
    const char *text = strerrordesc_np(number);
    return text ? text : "unknown error";
#else
    return strerror(number);
#endif
}

const char *quire_strerror(int code)
{
    if (code >= 0)
        return "success";
    if (code > -4096)
        return os_error_text(-code);
    switch (code) {
#define ERROR_TEXT(name, number, text) \
    case number:                       \
        return text;
        QUIRE_ERRORS(ERROR_TEXT)
#undef ERROR_TEXT
    default:
        return "unknown error";
    }
}

const char *quire_call_name(int call)
{
    switch (call) {
#define CALL_TEXT(name, number, text) \
    case number:                      \
        return text;
        QUIRE_CALLS(CALL_TEXT)
#undef CALL_TEXT
    default:
        return "unknown";
    }
}
