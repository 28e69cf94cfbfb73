/* An image put into a real directory.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TORTURE_STORE_H
#define QUIRE_TORTURE_STORE_H

#include "torture/image.h"

/* Makes the directory, which must not be there, and in it the files that have names. 0, or -errno. */
int torture_image_save(const struct torture_image *image, const char *directory);

#endif
