/* The connection to the kernel. See session.h.
 *
 * SPDX-License-Identifier: MIT */
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "durable.h"
#include "later.h"
#include "protocol.h"
#include "requests.h"
#include "say.h"
#include "table.h"

/* So many requests are worked on at once; each that waits for a disk is one. A thread stays once it was needed: ending and
 * starting them costs more than a request. */
enum { THREADS_MOST = 16 };

/* libfuse hands no context to what reads and writes for it. */
static struct mount *served;
static _Atomic(void (*)(void)) answers_call;
static atomic_bool is_gone, is_over;

/* What libfuse has to say. Why it does not mount is said here in other words. */
__attribute__((format(printf, 2, 0))) static void note_of_libfuse(enum fuse_log_level level, const char *format,
                                                                  va_list arguments)
{
    char sentence[512];

    if (level > FUSE_LOG_ERR || answers_call)
        return;
    vsnprintf(sentence, sizeof sentence, format, arguments);
    say("%.*s", (int)strcspn(sentence, "\n"), sentence);
}

/* Threads are cancelled in here, and AddressSanitizer takes the frames that are left for ones that are still in use. */
__attribute__((no_sanitize_address)) static ssize_t read_request(int fd, void *buffer, size_t size, void *context)
{
    (void)context;
    ssize_t length = read(fd, buffer, size);
    /* Whoever is taking a request out while the mount ends hears ECONNABORTED, which libfuse takes for a failure. */
    if (length < 0 && errno == ECONNABORTED)
        errno = ENODEV;
    if (length < 0 && errno == ENODEV)
        is_gone = true; /* unmounted by somebody else */
    if (length > 0)
        protocol_hear(served, buffer, (size_t)length);
    return length;
}

/* The first answer is that to FUSE_INIT: no request comes before. */
static ssize_t write_answer(int fd, struct iovec *pieces, int count, void *context)
{
    void (*call)(void) = answers_call;

    (void)context;
    if (call && count == 2)
        protocol_answer(served, pieces[1].iov_base, pieces[1].iov_len);
    ssize_t length = writev(fd, pieces, count);
    if (call && length >= 0) {
        answers_call = NULL;
        call();
    }
    return length;
}

void session_begins(void *context, struct fuse_conn_info *connection)
{
    const struct mount *mount = context;

    connection->max_write = WRITE_MOST;
    connection->max_background = 64;
    connection->congestion_threshold = 48;
    /* Splicing is slower than copying at every size that was measured. A file is cut after it was opened, not by opening.
     */
    connection->want &= ~(unsigned)(FUSE_CAP_SPLICE_READ | FUSE_CAP_SPLICE_WRITE | FUSE_CAP_SPLICE_MOVE |
                                    FUSE_CAP_ATOMIC_O_TRUNC | FUSE_CAP_WRITEBACK_CACHE);
    if (mount->settings.writeback)
        connection->want |= connection->capable & FUSE_CAP_WRITEBACK_CACHE;
}

static int open_device(void)
{
    int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

    if (fd >= 0)
        return fd;
    int rc = -errno;
    say("/dev/fuse cannot be opened: %s; `modprobe fuse` loads it, and a container has to be given it (docker: "
        "--device /dev/fuse --cap-add SYS_ADMIN)",
        strerror(-rc));
    return rc;
}

static int mount_device(const struct settings *settings, unsigned long flags, const char *options)
{
    return mount(settings->backing, settings->mountpoint, MOUNT_TYPE, flags, options) == 0 ? 0 : -errno;
}

/* As root: the kernel is asked directly, and the daemon keeps the right to pass files through. */
static int mount_directly(struct mount *mount)
{
    const struct settings *settings = &mount->settings;
    char options[128];
    unsigned long flags = MS_NOSUID | MS_NODEV | (mount->is_read_only ? MS_RDONLY : 0);

    int fd = open_device();
    if (fd < 0)
        return fd;
    snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other,default_permissions", fd);
    int rc = mount_device(settings, flags, options);
    if (rc == 0)
        return fd;
    say("cannot mount at %s: %s%s", settings->mountpoint, strerror(-rc),
        rc == -EPERM ? "; this needs CAP_SYS_ADMIN, which a container has only if it is given it" : "");
    close(fd);
    return rc;
}

/* As an ordinary user: by fusermount3, which may. */
static int mount_by_helper(struct mount *mount)
{
    const char *mountpoint = mount->settings.mountpoint;
    int device = open_device();

    if (device < 0)
        return device;
    close(device);
    if (access(mountpoint, W_OK) != 0) {
        say("MOUNTPOINT %s must be a directory that you may write in, unless you are root", mountpoint);
        return -EACCES;
    }
    if (fuse_session_mount(mount->session, mountpoint) == 0)
        return fuse_session_fd(mount->session);
    say("cannot mount at %s: fusermount3 did not do it; it must be installed with its set-user-id bit, and "
        "--allow-other "
        "needs user_allow_other in /etc/fuse.conf",
        mountpoint);
    return -EPERM;
}

static struct fuse_session *new_session(struct mount *mount)
{
    char options[256];
    char *arguments[] = {"quire-mount", "-o", options, NULL};
    struct fuse_args args = FUSE_ARGS_INIT(3, arguments);

    /* Read by fuse_session_mount alone. */
    snprintf(options, sizeof options, "fsname=quire,subtype=quire,default_permissions%s%s",
             mount->settings.allow_other ? ",allow_other" : "", mount->is_read_only ? ",ro" : "");
    struct fuse_session *session = fuse_session_new(&args, &request_table, sizeof request_table, mount);
    fuse_opt_free_args(&args);
    return session;
}

static int connect_kernel(struct mount *mount)
{
    const struct fuse_custom_io io = {.writev = write_answer, .read = read_request};

    mount->session = new_session(mount);
    if (!mount->session) {
        say("libfuse does not begin; is there memory?");
        return -ENOMEM;
    }
    int fd = mount->is_root ? mount_directly(mount) : mount_by_helper(mount);
    if (fd < 0)
        return fd;
    mount->fuse = fd;
    int rc = fuse_session_custom_io(mount->session, &io, fd);
    if (rc != 0)
        say("libfuse does not take the connection: %s", strerror(rc < 0 ? -rc : EIO));
    return rc == 0 ? 0 : -EIO;
}

/* Unmounts. What has files open there keeps them, and finds nobody behind them. */
static void disconnect_kernel(const struct mount *mount)
{
    if (mount->fuse < 0 || is_gone)
        return;
    if (!mount->is_root)
        fuse_session_unmount(mount->session);
    else if (umount2(mount->settings.mountpoint, MNT_DETACH) != 0 && errno != EINVAL)
        say("cannot unmount %s: %s", mount->settings.mountpoint, strerror(errno));
}

static void ignore(int number)
{
    (void)number;
}

static sigset_t ending_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    return set;
}

struct ending {
    pthread_t thread, loop;
    struct mount *mount;
};

/* Waits for a signal, then has the loop end. That looks whether it is to end only between two waits, so it is woken until
 * it has seen it. */
static void *await_signal(void *context)
{
    struct ending *ending = context;
    sigset_t set = ending_signals();
    int number;

    sigwait(&set, &number);
    fuse_session_exit(ending->mount->session);
    while (!is_over) {
        pthread_kill(ending->loop, SIGUSR1);
        nanosleep(&(struct timespec){.tv_nsec = 10 * 1000 * 1000}, NULL);
    }
    return NULL;
}

/* From before there is a mount: a signal that comes early is one that waits. */
static void keep_signals(void)
{
    struct sigaction wake = {.sa_handler = ignore};
    sigset_t set = ending_signals();

    pthread_sigmask(SIG_BLOCK, &set, NULL);
    sigaction(SIGUSR1, &wake, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
}

static int begin_ending(struct ending *ending)
{
    ending->loop = pthread_self();
    return -pthread_create(&ending->thread, NULL, await_signal, ending);
}

static void end_ending(struct ending *ending)
{
    is_over = true;
    pthread_cancel(ending->thread);
    pthread_join(ending->thread, NULL);
}

static int serve(struct mount *mount)
{
    struct ending ending = {.mount = mount};
    struct fuse_loop_config *config = fuse_loop_cfg_create();
    int rc = config ? begin_ending(&ending) : -ENOMEM;

    if (rc == 0) {
        fuse_loop_cfg_set_max_threads(config, THREADS_MOST);
        fuse_loop_cfg_set_idle_threads(config, THREADS_MOST);
        fuse_loop_cfg_set_clone_fd(config, 0);
        rc = fuse_session_loop_mt(mount->session, config);
        end_ending(&ending);
    }
    if (rc < 0)
        say("cannot go on: %s", strerror(-rc));
    fuse_loop_cfg_destroy(config);
    return rc < 0 ? rc : 0;
}

/* Everything that was taken is in BACKING, durably. */
static int make_durable(struct mount *mount)
{
    uint64_t errors = mount->statistics.errors;
    int rc = 0;

    later_stop(mount);
    files_close_all(mount);
    if (mount->content->stop)
        rc = mount->content->stop(mount);
    int synced = durable_sync(mount);
    rc = rc ? rc : synced;
    /* Nobody is left whom close or fsync could tell. */
    if (rc == 0 && mount->statistics.errors != errors)
        rc = -EIO;
    if (rc < 0)
        say("not everything could be made durable in %s: %s", mount->settings.backing, strerror(-rc));
    return rc;
}

int session_run(struct mount *mount, void (*answers)(void))
{
    served = mount;
    answers_call = answers;
    mount->fuse = -1;
    fuse_set_log_func(note_of_libfuse);
    keep_signals();
    int rc = mount->content->start ? mount->content->start(mount) : 0;
    if (rc == 0 && (rc = later_start(mount)) < 0)
        say("cannot begin: %s", strerror(-rc));
    if (rc < 0)
        return rc;
    rc = connect_kernel(mount);
    if (rc == 0)
        rc = serve(mount);
    disconnect_kernel(mount);
    int durable = make_durable(mount);
    if (mount->session)
        fuse_session_destroy(mount->session);
    return rc < 0 ? rc : durable;
}
