/* Preloaded into quire-mount: the end of a mount reads as it does to whoever is taking a request out just then.
 *
 * SPDX-License-Identifier: MIT */
#include <dlfcn.h>
#include <errno.h>
#include <unistd.h>

ssize_t read(int fd, void *buffer, size_t size)
{
    ssize_t (*next)(int, void *, size_t);

    *(void **)&next = dlsym(RTLD_NEXT, "read");
    ssize_t length = next(fd, buffer, size);
    if (length < 0 && errno == ENODEV)
        errno = ECONNABORTED;
    return length;
}
