/* What the acts share. See stage.h.
 *
 * SPDX-License-Identifier: MIT */
#include "stage.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int stage_note(struct stage *stage, int rc)
{
    if (rc < 0 && stage->told == 0)
        stage->told = rc;
    return rc;
}

quire_log *stage_open_well(const char *directory, const struct quire_log_options *options, struct fault **fault)
{
    quire_log *log = NULL;

    *fault = fault_new((struct fault_setup){.align = 512});
    REQUIRE_OK(quire__log_open_on(fault_io(*fault), directory, options, &log));
    return log;
}

void stage_clear(const char *directory)
{
    DIR *folder = opendir(directory);

    for (const struct dirent *entry; folder && (entry = readdir(folder)) != NULL;) {
        char path[512];
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        REQUIRE_INT(unlink(path), 0);
    }
    if (folder)
        closedir(folder);
    rmdir(directory); /* never made: then it is not there */
}
