/* The only program of the machine whose power is cut: its kernel's init. Loads modules, mounts the disk, opens the
 * log on it and appends until it is no more, telling what it does and hearing its orders over the serial line
 * (line.h).
 *
 * Until it calls it does what all its lives begin with: they start from the memory that it has then.
 *
 * /modules lists the modules' files in the order in which they must be loaded; /modules-disk those without which the
 * machine has no disk: they come after the orders, so that nothing of a disk is known before.
 *
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "line.h"
#include "serial.h"
#include "work.h"

#define DISK "/dev/vda"
#define MOUNTED "/m"

struct orders {
    char file_system[16], method[16], profile[16];
    unsigned long long seed, generation;
};

enum { TRIES = 500, PAUSE_NS = 10 * 1000 * 1000 };

static void tell(const char *text)
{
    char answer[2];

    vm_serial_tell(text, answer, sizeof answer);
}

/* Says why over the serial line, and turns the machine off: an init that returns is a panic. */
__attribute__((format(printf, 1, 2))) static _Noreturn void fail(const char *format, ...)
{
    char text[VM_LINE_MOST] = "failed ";
    size_t begun = strlen(text);
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text + begun, sizeof text - begun - 1, format, arguments);
    va_end(arguments);
    strcat(text, "\n");
    tell(text);
    reboot(RB_POWER_OFF);
    abort();
}

static void load_module(const char *path)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);

    if (file < 0 || (syscall(SYS_finit_module, file, "", 0) < 0 && errno != EEXIST))
        fail("the module %s cannot be loaded: %s", path, strerror(errno));
    close(file);
}

static void load_modules(const char *names)
{
    char path[300];
    FILE *list = fopen(names, "re");

    if (!list)
        fail("%s cannot be read", names);
    while (fgets(path, sizeof path, list)) {
        path[strcspn(path, "\n")] = '\0';
        load_module(path);
    }
    fclose(list);
}

static void mount_disk(const char *file_system)
{
    struct stat status;

    /* The device appears some time after its driver. */
    for (int i = 0; i < TRIES && stat(DISK, &status) < 0; i++)
        nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
    tell("mount\n");
    mkdir(MOUNTED, 0700); /* if not, mounting says so */
    if (mount(DISK, MOUNTED, file_system, 0, "") < 0)
        fail("%s cannot be mounted: %s", DISK, strerror(errno));
}

static int tell_row(void *context, enum disk_row_kind kind, uint64_t sequence, uint64_t segment)
{
    struct disk_row row = {.kind = kind, .sequence = sequence, .segment = segment};
    char text[VM_LINE_MOST];

    (void)context;
    vm_line_of_row(&row, text);
    tell(text);
    return 0;
}

static _Noreturn void work(const struct orders *orders)
{
    struct disk_work work = {.directory = MOUNTED "/log",
                             .profile = disk_profile_find(orders->profile),
                             .method = disk_method_find(orders->method),
                             .seed = orders->seed,
                             .generation = orders->generation,
                             .records = UINT64_MAX,
                             .tell = tell_row};

    if (!work.profile || work.method == 0)
        fail("there is no profile %s, or no method %s", orders->profile, orders->method);
    tell("open\n");
    int rc = disk_work_run(&work);
    fail("the log failed: %s", quire_strerror(rc));
}

/* The kernel takes new random numbers from the processor now, and then not for a while: with the memory that is saved
 * next all lives draw the same ones. */
static void repeat_random_numbers(void)
{
    unsigned char byte;
    int file = open("/dev/urandom", O_RDONLY | O_CLOEXEC);

    /* Which waits until there are any. */
    if (getrandom(&byte, sizeof byte, 0) < 0 || file < 0 || ioctl(file, RNDRESEEDCRNG) < 0)
        fail("the random numbers cannot be made to repeat: %s", strerror(errno));
    close(file);
}

static void hear(struct orders *orders)
{
    char text[VM_LINE_MOST];

    vm_serial_call("up\n", text, sizeof text);
    if (sscanf(text, "%15s %15s %15s %llu %llu", orders->file_system, orders->method, orders->profile, &orders->seed,
               &orders->generation) != 5)
        fail("these are no orders: '%.100s'", text);
}

int main(void)
{
    struct orders orders;

    if (vm_serial_open() < 0)
        return 1;
    if (mount("dev", "/dev", "devtmpfs", 0, "") < 0 && errno != EBUSY)
        fail("/dev cannot be mounted: %s", strerror(errno));
    if (mount("proc", "/proc", "proc", 0, "") < 0)
        fail("/proc cannot be mounted: %s", strerror(errno));
    load_modules("/modules");
    repeat_random_numbers();
    hear(&orders);
    load_modules("/modules-disk");
    mount_disk(orders.file_system);
    work(&orders);
}
