/* The methods by number and by name.
 *
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "writer/writer.h"

static const struct quire__method *const methods[] = {
    [QUIRE_METHOD_DEFAULT] = &quire__method_paged, [QUIRE_METHOD_WRITE] = &quire__method_write,
    [QUIRE_METHOD_STDIO] = &quire__method_stdio,   [QUIRE_METHOD_PAGED] = &quire__method_paged,
    [QUIRE_METHOD_MMAP] = &quire__method_mmap,     [QUIRE_METHOD_URING] = &quire__method_uring,
};

enum { METHODS = sizeof methods / sizeof methods[0] };

const struct quire__method *quire__method_find(uint32_t id)
{
    return id < METHODS ? methods[id] : NULL;
}

const char *quire_method_name(uint32_t method)
{
    const struct quire__method *found = quire__method_find(method);

    return found ? found->name : "unknown";
}

int quire_method_parse(const char *name, uint32_t *method)
{
    if (!name || !method)
        return QUIRE_E_ARGUMENT;
    for (uint32_t i = QUIRE_METHOD_DEFAULT + 1; i < METHODS; i++) {
        if (strcmp(methods[i]->name, name) == 0) {
            *method = methods[i]->id;
            return 0;
        }
    }
    return QUIRE_E_METHOD;
}
