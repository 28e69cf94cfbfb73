"""What is swept: the commands, and how each system call fails.

SPDX-License-Identifier: MIT
"""
import collections

# template: the log it begins with; claims: how the judge reads what it printed.
Line = collections.namedtuple("Line", "name arguments template claims input writes queue")

LINES = b"".join(b"record %06d %s\n" % (n, b"x" * (n * 37 % 400)) for n in range(400))
FEW = b"".join(b"record %06d after\n" % n for n in range(30))

SPACE = ["EIO", "ENOSPC", "EDQUOT"]
FAILURES = {
    "openat": ["EIO", "EMFILE", "ENOSPC", "EINTR"],
    "pwrite64": ["EIO", "ENOSPC", "EFBIG", "EINTR"],
    "pwritev2": ["EIO", "ENOSPC", "EINTR"],
    "write": ["EIO", "ENOSPC"],
    "pread64": ["EIO", "EINTR"],
    "fallocate": ["EIO", "ENOSPC", "EINTR"],
    "ftruncate": ["EIO", "EINTR"],
    "fdatasync": ["EIO", "ENOSPC", "EINTR"],
    "fsync": SPACE,
    "rename": SPACE,
    "renameat": SPACE,
    "mkdir": ["EACCES", "ENOSPC"],
    "mmap": ["ENOMEM", "EIO"],
    "flock": ["EIO", "EINTR"],
    "fcntl": ["EIO"],
    "io_uring_setup": ["EPERM", "ENOMEM"],
    "io_uring_register": ["ENOMEM"],
    "io_uring_enter": ["EIO", "EAGAIN"],
}

# One that a kernel, a container or a file system may be without. Those before EPERM say so by ENOSYS.
ENOSYS_CALLS = [
    ("statx", "ENOSYS"), ("fallocate", "EOPNOTSUPP"), ("fallocate", "ENOSYS"), ("io_uring_setup", "ENOSYS"),
    ("io_uring_setup", "EPERM"), ("pwritev2", "EOPNOTSUPP"), ("pwritev2", "ENOSYS"), ("sync_file_range", "ENOSYS"),
    ("fadvise64", "ENOSYS"), ("flock", "ENOSYS"), ("rename", "ENOSYS"), ("inotify_init1", "ENOSYS"),
    ("statfs", "ENOSYS"),
]
QUEUE_CALLS = ("io_uring_setup", "io_uring_register", "io_uring_enter")


def command_lines():
    def append(name, template, data, *options, queue=False):
        return Line(name, ["append", "--tee", "--quiet", *options], template, "append", data, True, queue)

    def other(name, template, *arguments, writes=False):
        return Line(name, list(arguments), template, arguments[0], b"", writes, False)

    return [
        append("append", None, LINES, "--sync", "batch", "--rotate", "64K"),
        append("append each", None, FEW, "--sync", "each"),
        append("append write", None, FEW, "--sync", "batch", "--method", "write"),
        append("append mmap", None, LINES, "--sync", "batch", "--rotate", "64K", "--method", "mmap"),
        append("append uring", None, LINES, "--sync", "batch", "--rotate", "2M", "--method", "uring", queue=True),
        append("append torn", "torn", FEW, "--sync", "batch"),
        append("append keep", "whole", LINES, "--sync", "batch", "--rotate", "64K", "--keep", "3"),
        other("cat", "whole", "cat"),
        other("verify", "whole", "verify"),
        other("verify hurt", "hurt", "verify"),
        other("info", "whole", "info"),
        other("repair", "hurt", "repair", "--apply", writes=True),
        other("trim", "whole", "trim", "--before", "200", "--apply", writes=True),
        other("truncate", "whole", "truncate", "--after", "100", "--apply", writes=True),
    ]
