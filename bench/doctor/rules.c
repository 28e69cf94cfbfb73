/* What facts and probes mean. See rules.h.
 *
 * One function for each thing that is looked at. What circulates as advice and is stale is told apart from what helps.
 *
 * SPDX-License-Identifier: MIT */
#include "doctor/rules.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <quire/error.h>

#include "base/number.h"

static const double plausible_flushes = 30000; /* a second: more than the fastest flash that keeps its promise */

static struct bench_finding *add(struct bench_diagnosis *d, enum bench_severity severity, const char *id)
{
    static struct bench_finding spare;
    struct bench_finding *finding = d->count < BENCH_FINDINGS_MOST ? &d->finding[d->count++] : &spare;
    *finding = (struct bench_finding){.id = id, .severity = severity};
    return finding;
}

/* What does not fit is cut: paths can be longer than a sentence should be. */
__attribute__((format(printf, 3, 4))) static void say(char *to, size_t room, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(to, room, format, arguments);
    va_end(arguments);
}

#define SAY(to, ...) say(to, sizeof(to), __VA_ARGS__)

static bool on_device(const struct bench_facts *f)
{
    return f->storage == BENCH_STORAGE_FLASH || f->storage == BENCH_STORAGE_VIRTUAL || f->storage == BENCH_STORAGE_DISK;
}

static void look_at_storage(struct bench_diagnosis *d, const struct bench_facts *f)
{
    struct bench_finding *x;
    switch (f->storage) {
    case BENCH_STORAGE_MEMORY:
        x = add(d, BENCH_PROBLEM, "memory");
        SAY(x->found, "%s is %s: memory (/proc/self/mountinfo).", f->directory, f->mount.type);
        SAY(x->means, "Nothing written here survives a power cut or a restart, whatever a sync returns.");
        SAY(x->advice, "Choose a directory on a disk.");
        return;
    case BENCH_STORAGE_NETWORK:
        x = add(d, BENCH_NOTE, "network");
        SAY(x->found, "%s is %s from %.100s.", f->directory, f->mount.type, f->mount.source);
        SAY(x->means, "Every hand-over crosses the network, and another machine may see it later. A sync waits for the "
                      "server; what it does there is its own affair.");
        SAY(x->advice, "Use large buffers (buffer_bytes of 1 MiB and more), method paged; not mmap.");
        return;
    case BENCH_STORAGE_LAYERED:
        x = add(d, BENCH_CAUTION, "layered");
        SAY(x->found, "%s is %s.", f->directory, f->mount.type);
        SAY(x->means,
            "Another file system is underneath, which this one hides: what a sync does, and how fast, depends on "
            "both.%s",
            strcmp(f->mount.type, "overlay") == 0 ? " In a container the layer goes when the container does." : "");
        SAY(x->advice, strcmp(f->mount.type, "overlay") == 0
                           ? "Mount a volume for data: docker run -v /srv/data:/data ..."
                           : "Write to a directory of the file system underneath where you can.");
        return;
    case BENCH_STORAGE_DISK:
        x = add(d, BENCH_NOTE, "rotating");
        SAY(x->found, "%s rotates (queue/rotational).", f->device);
        SAY(x->means,
            "A durable append waits for the platter: some hundred a second at best. Writing in sequence is fast.");
        SAY(x->advice, "Let many appends share one sync (threads, or QUIRE_SYNC_INTERVAL), and prepare files ahead.");
        return;
    case BENCH_STORAGE_UNKNOWN:
        x = add(d, BENCH_NOTE, "storage");
        SAY(x->found, "What kind of storage this is cannot be seen (%s on %.100s).",
            *f->mount.type ? f->mount.type : "unknown", *f->mount.source ? f->mount.source : "unknown");
        SAY(x->means, "Only measuring tells.");
        SAY(x->advice, "quire bench sync --dir %.120s", f->directory);
        return;
    case BENCH_STORAGE_FLASH:
    case BENCH_STORAGE_VIRTUAL:
        return;
    }
}

static void look_at_network_options(struct bench_diagnosis *d, const struct bench_facts *f)
{
    struct bench_finding *x;
    bool nfs = strncmp(f->mount.type, "nfs", 3) == 0;
    if (nfs && bench_facts_has_option(f, "soft")) {
        x = add(d, BENCH_PROBLEM, "nfs-soft");
        SAY(x->found, "The NFS mount is soft (mount options).");
        SAY(x->means,
            "When the server is slow, writes fail with EIO and are lost; a writer is poisoned by that, rightly.");
        SAY(x->advice, "mount -o remount,hard %.100s, and hard instead of soft in /etc/fstab", f->mount.point);
    }
    if (nfs && bench_facts_has_option(f, "async")) {
        x = add(d, BENCH_CAUTION, "nfs-async");
        SAY(x->found, "The NFS mount names async (mount options).");
        SAY(x->means, "That is the client's usual way. An export that is async on the server is another matter: it "
                      "acknowledges syncs before anything is on a disk, and this side cannot see it.");
        SAY(x->advice, "On the server: exportfs -v must show sync");
    }
    if (strcmp(f->mount.type, "cifs") == 0 && !bench_facts_has_option(f, "cache=strict")) {
        x = add(d, BENCH_CAUTION, "cifs-cache");
        SAY(x->found, "The CIFS mount is not cache=strict (mount options).");
        SAY(x->means,
            "With cache=loose other clients see old data; with cache=none every append is a request of its own.");
        SAY(x->advice, "mount -o remount,cache=strict %.100s", f->mount.point);
    }
}

static void look_at_mount_options(struct bench_diagnosis *d, const struct bench_facts *f)
{
    struct bench_finding *x;
    if (bench_facts_has_option(f, "nobarrier") || bench_facts_has_option(f, "barrier=0")) {
        x = add(d, BENCH_PROBLEM, "nobarrier");
        SAY(x->found, "Write barriers are off (mount options).");
        SAY(x->means,
            "A sync does not flush the device's cache: a power cut loses what was called durable, and can break "
            "the file system. XFS has removed the option.");
        SAY(x->advice, "mount -o remount,barrier=1 %.100s, and remove it from /etc/fstab", f->mount.point);
    }
    if (bench_facts_has_option(f, "sync")) {
        x = add(d, BENCH_CAUTION, "sync-mount");
        SAY(x->found, "The file system is mounted sync (mount options).");
        SAY(x->means,
            "Every write waits for the device, asked for or not: buffers gain little. A sync policy is chosen per "
            "writer instead.");
        SAY(x->advice, "mount -o remount,async %.100s", f->mount.point);
    }
    if (bench_facts_has_option(f, "nodiratime") && !bench_facts_has_option(f, "noatime")) {
        x = add(d, BENCH_NOTE, "nodiratime");
        SAY(x->found, "nodiratime is set (mount options).");
        SAY(x->means,
            "It changes nothing for appending: an open file that is appended to has no access times to update, "
            "relatime spares most of the others, and noatime includes it.");
    }
    if (bench_facts_has_option(f, "data=writeback")) {
        x = add(d, BENCH_NOTE, "data-writeback");
        SAY(x->found, "data=writeback is set (mount options).");
        SAY(x->means,
            "After a crash a file may show old bytes of the disk beyond what was synced. Synced bytes are as safe "
            "as with data=ordered, which does not replace a sync either: it only orders what the kernel writes.");
    }
    if (strcmp(f->mount.type, "btrfs") == 0 || strcmp(f->mount.type, "zfs") == 0) {
        x = add(d, BENCH_NOTE, "copy-on-write");
        SAY(x->found, "%s copies on write (/proc/self/mountinfo).", f->mount.type);
        SAY(x->means,
            "Blocks written before are not written over: preparing a file buys nothing, and small durable appends "
            "cost more than on ext4 or XFS.");
        if (strcmp(f->mount.type, "btrfs") == 0)
            SAY(x->advice, "For a directory of logs, before there are files in it: chattr +C %.120s", f->directory);
    }
}

static void look_at_scheduler(struct bench_diagnosis *d, const struct bench_facts *f)
{
    if (!on_device(f) || !*f->scheduler)
        return;
    bool rotates = f->storage == BENCH_STORAGE_DISK;
    bool good = strcmp(f->scheduler, "none") == 0 || strcmp(f->scheduler, "mq-deadline") == 0 ||
                (rotates && strcmp(f->scheduler, "bfq") == 0);
    struct bench_finding *x = add(d, good ? BENCH_FINE : BENCH_NOTE, "scheduler");
    SAY(x->found, "Scheduler of %s: %s (of %s).", f->device, f->scheduler, f->schedulers);
    SAY(x->means,
        "%s `deadline`, which old advice names, is gone since blk-mq; mq-deadline is its heir, and `none` is "
        "enough for flash and for virtual disks, whose host schedules again.",
        good ? "It suits." : "It spends time on fairness that one appending program does not need.");
    if (!good)
        SAY(x->advice,
            "echo %s > /sys/block/%s/queue/scheduler; to keep it, a udev rule: ACTION==\"add|change\", "
            "KERNEL==\"%s\", ATTR{queue/scheduler}=\"%s\"",
            rotates ? "mq-deadline" : "none", f->device, f->device, rotates ? "mq-deadline" : "none");
}

static void look_at_write_cache(struct bench_diagnosis *d, const struct bench_facts *f)
{
    if (!on_device(f) || !f->queue.known)
        return;
    struct bench_finding *x = add(d, BENCH_FINE, "write-cache");
    SAY(x->found, "Write cache of %s: %s; FUA: %s (queue/write_cache, queue/fua).", f->device,
        f->queue.write_back ? "write back" : "write through", f->queue.fua ? "yes" : "no");
    if (f->queue.write_back)
        SAY(x->means, "What the device has acknowledged is not safe before a flush; fdatasync sends one.%s",
            f->queue.fua ? " A single direct write can carry its own (FUA), which O_DSYNC uses." : "");
    else
        SAY(x->means,
            "The kernel takes the device at its word that nothing is lost in a power cut, and sends no flushes.");
}

static void look_at_flushes(struct bench_diagnosis *d, const struct bench_facts *f, const struct bench_probes *p)
{
    struct bench_finding *x;
    if (!p->append.known || f->storage == BENCH_STORAGE_MEMORY)
        return;
    bool none_seen = p->append.flushes >= 0 && p->append.flushes < 0.5 && f->queue.known && f->queue.write_back;
    if (!none_seen && p->append.per_second < plausible_flushes)
        return;
    x = add(d, BENCH_PROBLEM, "doubtful-sync");
    SAY(x->found, "%.0f durable appends a second, %.2f flushes of the device for each (probe).", p->append.per_second,
        p->append.flushes < 0 ? 0 : p->append.flushes);
    SAY(x->means,
        "That is faster than a disk can be, or no flush was seen: a cache with a battery, or one that lies (a "
        "virtual disk with cache=unsafe). From here nobody can tell which.");
    SAY(x->advice, "Ask whoever runs the storage what an acknowledged flush survives; quire bench sync --dir %.100s",
        f->directory);
}

static void look_at_preparing(struct bench_diagnosis *d, const struct bench_probes *p)
{
    if (!p->append.known || !p->written.known)
        return;
    double gain = p->written.per_second / p->append.per_second;
    struct bench_finding *x = add(d, gain > 1.2 ? BENCH_NOTE : BENCH_FINE, "prepare");
    SAY(x->found,
        "Durable appends of 4 KiB: %.0f a second into a growing file, %.0f into blocks written before (probe).",
        p->append.per_second, p->written.per_second);
    if (gain > 1.2) {
        SAY(x->means,
            "A growing file has its length and its new blocks to write as well; a prepared one has not: %.1f "
            "times as many.",
            gain);
        SAY(x->advice, "Open with .prepare = QUIRE_PREPARE_WRITTEN and .prepare_bytes");
    } else {
        SAY(x->means, "Preparing files ahead buys no more than %.0f %% here.", gain > 1 ? 100 * (gain - 1) : 0);
    }
}

static void look_at_dirty_limits(struct bench_diagnosis *d, const struct bench_facts *f)
{
    char limit[BENCH_NUMBER_TEXT], background[BENCH_NUMBER_TEXT];
    if (f->dirty_bytes == 0)
        return;
    bool large = f->dirty_bytes > 4ull << 30 || f->dirty_ratio >= 40;
    snprintf(limit, sizeof limit, "%.1f GiB", (double)f->dirty_bytes / 1073741824);
    snprintf(background, sizeof background, "%.1f GiB", (double)f->dirty_background_bytes / 1073741824);
    struct bench_finding *x = add(d, large ? BENCH_CAUTION : BENCH_FINE, "dirty-limits");
    SAY(x->found, "Up to %s may be dirty in memory, writing begins at %s (vm.dirty_*).", limit, background);
    SAY(x->means,
        "More is not faster: it is more to lose, and a longer stall when the limit or a sync comes. `vm.dirty_ratio "
        "= 40`, which old advice names, makes both worse.");
    if (large)
        SAY(x->advice, "sysctl vm.dirty_background_bytes=67108864 vm.dirty_bytes=536870912; to keep it, put both into "
                       "/etc/sysctl.d/60-dirty.conf");
}

static void look_at_direct(struct bench_diagnosis *d, const struct bench_facts *f, const struct bench_probes *p)
{
    struct bench_finding *x;
    bool stated = f->direct_offset > 0 && f->direct_offset <= 4096 && f->direct_memory <= 4096;
    x = add(d, stated ? BENCH_FINE : BENCH_NOTE, "direct");
    if (stated)
        SAY(x->found, "O_DIRECT: aligned to %" PRIu32 " bytes in the file, %" PRIu32 " in memory (statx).",
            f->direct_offset, f->direct_memory);
    else
        SAY(x->found, "O_DIRECT states no alignment that fits pages here (statx).");
    SAY(x->means,
        stated ? "The method uring can go past the page cache." : "The method uring is not to be had; paged is.");
    if (p->made && p->uring < 0) {
        x = add(d, BENCH_NOTE, "uring");
        SAY(x->found, "A writer by the method uring cannot be opened: %.120s.", quire_strerror(p->uring));
        SAY(x->means, "paged takes its place if QUIRE_OPEN_ALLOW_FALLBACK is given.");
        if (f->uring < 0)
            SAY(x->advice,
                "io_uring is refused by the kernel (sysctl kernel.io_uring_disabled) or by a container's seccomp "
                "profile; whoever runs it can allow it");
    }
}

static void look_at_limits(struct bench_diagnosis *d, const struct bench_facts *f)
{
    struct bench_finding *x;
    if (f->free_bytes < 1ull << 30) {
        x = add(d, BENCH_CAUTION, "room");
        SAY(x->found, "%" PRIu64 " MiB are free (statvfs).", f->free_bytes >> 20);
        SAY(x->means, "A writer that meets a full disk stops. Prepared space is claimed before it is needed.");
        SAY(x->advice, "df -h %.120s", f->directory);
    }
    if (f->memlock_bytes < 16u << 20 && f->uring == 0) {
        x = add(d, BENCH_NOTE, "memlock");
        SAY(x->found, "RLIMIT_MEMLOCK is %" PRIu64 " KiB (ulimit -l).", f->memlock_bytes >> 10);
        SAY(x->means,
            "The buffers of the method uring may not be registered with older kernels: each write then pins its "
            "pages anew.");
        SAY(x->advice, "ulimit -l 65536; for a service, LimitMEMLOCK=64M in its unit");
    }
    if (f->file_size_limit != UINT64_MAX) {
        x = add(d, BENCH_CAUTION, "file-size");
        SAY(x->found, "Files may have %" PRIu64 " MiB at most (ulimit -f).", f->file_size_limit >> 20);
        SAY(x->means, "Beyond it an append fails with EFBIG, and the kernel sends SIGXFSZ.");
        SAY(x->advice, "ulimit -f unlimited; for a service, LimitFSIZE=infinity in its unit");
    }
    if (f->cgroup_memory_bytes < 256u << 20) {
        x = add(d, BENCH_CAUTION, "cgroup-memory");
        SAY(x->found, "This group of processes has %" PRIu64 " MiB of memory (memory.max).",
            f->cgroup_memory_bytes >> 20);
        SAY(x->means, "The page cache counts: with little of it, writers through it are throttled early.");
        SAY(x->advice, "Use the method uring, or allow more memory");
    }
    if (f->atomic_most > 0) {
        x = add(d, BENCH_FINE, "atomic");
        SAY(x->found, "A write of up to %" PRIu64 " KiB lands whole or not at all (statx).", f->atomic_most >> 10);
        SAY(x->means, "A block of that size cannot be torn by a power cut.");
    }
}

static void choose(struct bench_diagnosis *d, const struct bench_facts *f, const struct bench_probes *p)
{
    bool cow = strcmp(f->mount.type, "btrfs") == 0 || strcmp(f->mount.type, "zfs") == 0;
    bool network = f->storage == BENCH_STORAGE_NETWORK;
    bool uring = p->made && p->uring == 0 && !network;
    bool direct_pays = uring && p->direct_mib_per_s > 1.05 * p->cache_mib_per_s;
    bool prepared_pays = uring && !cow && p->direct_written_mib_per_s > 1.2 * p->cache_mib_per_s;
    bool written_pays = !cow && p->written.known && p->written.per_second > 1.2 * p->append.per_second;
    struct bench_choice *c = d->choice;
    c[0].use = "most bytes a second";
    if (prepared_pays)
        SAY(c[0].options, ".method = QUIRE_METHOD_URING, .prepare = QUIRE_PREPARE_WRITTEN, .prepare_bytes = 1 << 30");
    else if (direct_pays)
        SAY(c[0].options, ".method = QUIRE_METHOD_URING");
    else if (network || f->storage == BENCH_STORAGE_DISK)
        SAY(c[0].options, ".method = QUIRE_METHOD_PAGED, .buffer_bytes = 1 << 20");
    else
        SAY(c[0].options, ".method = QUIRE_METHOD_PAGED");
    if (p->made)
        SAY(c[0].why, "Page cache %.0f MiB/s, direct %.0f, direct into blocks written before %.0f (probe).",
            p->cache_mib_per_s, p->direct_mib_per_s, p->direct_written_mib_per_s);
    else
        SAY(c[0].why, "Nothing was tried; this is what fits most places.");
    c[1].use = "each record durable";
    SAY(c[1].options, ".sync_policy = QUIRE_SYNC_EACH%s",
        written_pays ? ", .prepare = QUIRE_PREPARE_WRITTEN, .prepare_bytes = 64 << 20" : "");
    if (p->append.known && p->written.known)
        SAY(c[1].why,
            "%.0f a second into a growing file, %.0f into blocks written before (probe); threads that append at "
            "the same time share a flush.",
            p->append.per_second, p->written.per_second);
    else
        SAY(c[1].why, "Threads that append at the same time share a flush.");
    c[2].use = "bounded loss";
    SAY(c[2].options, ".sync_policy = QUIRE_SYNC_INTERVAL, .sync_interval_ms = %d",
        p->append.known && p->append.p99_seconds > 0.02 ? 1000 : 100);
    if (p->append.known)
        SAY(c[2].why, "One sync takes %.2f ms, in one of a hundred more than %.2f (probe).",
            1e3 * p->append.p50_seconds, 1e3 * p->append.p99_seconds);
    else
        SAY(c[2].why, "At most the last interval is lost in a power cut.");
}

static int by_severity(const void *left, const void *right)
{
    const struct bench_finding *a = left, *b = right;
    return a->severity != b->severity ? (int)a->severity - (int)b->severity : strcmp(a->id, b->id);
}

void bench_diagnose(struct bench_diagnosis *diagnosis, const struct bench_facts *facts,
                    const struct bench_probes *probes)
{
    *diagnosis = (struct bench_diagnosis){.count = 0};
    look_at_storage(diagnosis, facts);
    look_at_network_options(diagnosis, facts);
    look_at_mount_options(diagnosis, facts);
    look_at_scheduler(diagnosis, facts);
    look_at_write_cache(diagnosis, facts);
    look_at_flushes(diagnosis, facts, probes);
    look_at_preparing(diagnosis, probes);
    look_at_dirty_limits(diagnosis, facts);
    look_at_direct(diagnosis, facts, probes);
    look_at_limits(diagnosis, facts);
    qsort(diagnosis->finding, diagnosis->count, sizeof diagnosis->finding[0], by_severity);
    choose(diagnosis, facts, probes);
}

const char *bench_severity_name(enum bench_severity severity)
{
    static const char *const names[] = {
        [BENCH_PROBLEM] = "problem", [BENCH_CAUTION] = "warning", [BENCH_NOTE] = "note", [BENCH_FINE] = "ok"};
    return names[severity];
}
