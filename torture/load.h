/* A real directory's log taken into an image. Nothing is ever written there.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TORTURE_LOAD_H
#define QUIRE_TORTURE_LOAD_H

#include "torture/image.h"

enum { TORTURE_SEGMENTS_MOST = 48 };                   /* of TORTURE_NAMES, which a run needs for its own too */
#define TORTURE_LOAD_LARGEST (UINT64_C(256) << 20)     /* bytes of one segment that are not zeros */
#define TORTURE_LOAD_LARGEST_FILE (UINT64_C(64) << 30) /* of a file, zeros and holes included */

enum { TORTURE_TAIL_MOST = 256 * 1024 }; /* of zeros at the end of a file: one with more ends there */

struct torture_load {
    uint64_t most;                   /* in: so many bytes of segments, or the newest one alone */
    uint64_t segments;               /* taken; 0: there was none */
    uint64_t left_out;               /* older ones that were not */
    uint64_t bytes;                  /* of the segments taken, pages of zeros apart */
    char culprit[TORTURE_NAME_MOST]; /* the file that an error is about; "": the directory */
};

/* The newest segments in directory, as many as most and TORTURE_SEGMENTS_MOST allow, the newest one always; live.quire;
 * and next.quire, spare.quire, reserve.quire where they are regular files and within the same bound: without them a log
 * goes on as well. Names are taken as the library takes them. A writer is kept out while files are read. image has no
 * segment, and no directory, if there is none. -ENOENT, -ENOTDIR, -EACCES, ...; QUIRE_E_LOCKED: a writer has it;
 * QUIRE_E_NOT_REGULAR: a segment is no regular file, or a symbolic link (-ELOOP); -EFBIG: the newest segment is over
 * one of the bounds above; -ENOMEM. */
int torture_image_load(const char *directory, struct torture_load *load, struct torture_arena *arena,
                       struct torture_image *image);

#endif
