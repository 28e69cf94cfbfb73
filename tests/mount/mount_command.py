"""Mounting with quire: what the tests of it share.

A test is a function test_NAME(t) of the calling module; it runs in an empty directory of its own, in which B is what is
behind a mount and M where it is. t.check fails it and goes on, an exception ends it. What a test left mounted is taken away.
Closes with "# N passed, N failed, N skipped"; exit 0 passed, 1 failed, 77 all skipped.

SPDX-License-Identifier: MIT
"""
import contextlib
import ctypes
import json
import os
import random
import signal
import stat
import subprocess
import sys
import tempfile
import time
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
from log_command import Skip, features, main, run, sentence, start, usual_signals  # noqa: E402,F401

ROOT = os.geteuid() == 0
PATIENCE = 60  # seconds after which something that should happen does not


def until(truth):
    """Waits for it. False: it never came."""
    end = time.monotonic() + PATIENCE
    while not truth():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def mounts(below=""):
    """Where something is mounted, the last one first."""
    with open("/proc/self/mounts", encoding="utf-8", errors="surrogateescape") as table:
        found = [line.split()[1].replace("\\040", " ") for line in table]
    return [path for path in reversed(found) if path.startswith(below)]


def is_mount(path="M"):
    return os.path.abspath(path) in mounts()


def read(path):
    with open(path, "rb") as file:
        return file.read()


def write(path, data, mode="wb"):
    with open(path, mode, buffering=0) as file:
        file.write(data)


class Mount:
    """A daemon in the foreground, so that what it says and how it ends is seen."""

    def __init__(self, t, options, backing, mountpoint):
        self.t, self.path = t, os.path.abspath(mountpoint)
        os.makedirs(backing, exist_ok=True)
        os.makedirs(mountpoint, exist_ok=True)
        self.said = tempfile.TemporaryFile()
        self.daemon = start("mount", "-f", *options, backing, mountpoint, stdin=subprocess.DEVNULL,
                            stdout=subprocess.DEVNULL, stderr=self.said)
        if not until(lambda: is_mount(mountpoint) or self.daemon.poll() is not None) or self.daemon.poll() is not None:
            raise RuntimeError(f"not mounted: {self.words()}")

    def words(self):
        self.said.seek(0)
        return self.said.read().decode()

    def statistics(self):
        return json.loads(read(os.path.join(self.path, ".quire.stats")))

    def requests(self, kind):
        return self.statistics()["requests"][kind]

    def kill(self):
        """As if it had crashed."""
        self.daemon.send_signal(signal.SIGKILL)
        self.daemon.wait()

    def end(self, expected=("",)):
        """Unmounts. expected: words that it may have said, or nothing."""
        if self.daemon.poll() is None:
            self.t.same(run("umount", self.path), (0, b"", ""))
        self.ended(expected)

    def ended(self, expected=("",)):
        self.t.same(self.daemon.wait(timeout=PATIENCE), 0)
        words = self.words()
        if expected == ("",):
            self.t.same(words, "")
        else:
            for word in expected:
                self.t.check(word in words, f"no {word!r} in {words!r}")


@contextlib.contextmanager
def mounted(t, *options, backing="B", mountpoint="M", expected=("",)):
    mount = Mount(t, options, backing, mountpoint)
    try:
        yield mount
        if is_mount(mountpoint):
            mount.end(expected)
    finally:
        if mount.daemon.poll() is None:
            mount.daemon.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                mount.daemon.wait(timeout=PATIENCE)
            mount.daemon.kill()
        mount.daemon.wait()
        mount.said.close()


@contextlib.contextmanager
def small_disk(path, size):
    """A file system in memory that is soon full."""
    os.makedirs(path, exist_ok=True)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", path], stderr=subprocess.DEVNULL,
                      check=False).returncode != 0:
        raise Skip("tmpfs cannot be mounted")
    try:
        yield
    finally:
        subprocess.run(["umount", path], check=False)


def processes(*commands):
    """Runs Python programs side by side; True if all end well."""
    running = [subprocess.Popen([sys.executable, "-c", program, *arguments], preexec_fn=usual_signals)
               for program, *arguments in commands]
    return all([process.wait(timeout=PATIENCE) == 0 for process in running])


def in_own_namespace(case, t):
    """Runs a case where mounts are its own, and /dev/fuse is everybody's, as it is on a desktop."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        failures = 1
        try:
            # CLONE_NEWNS; MS_REC | MS_PRIVATE; MS_BIND
            libc = ctypes.CDLL(None, use_errno=True)
            libc.unshare(0x20000)
            libc.mount(b"none", b"/", None, 0x44000, None)
            os.mknod("fuse", 0o666 | stat.S_IFCHR, os.makedev(10, 229))
            os.chmod("fuse", 0o666)
            if libc.mount(b"fuse", b"/dev/fuse", None, 0x1000, None) != 0:
                raise OSError(ctypes.get_errno(), "bind")
            case(t)
            failures = t.failures
        except Skip as why:
            print(why, file=sys.stderr)
            failures = 77
        except Exception:
            traceback.print_exc()
        os._exit(min(failures, 77))
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status == 77:
        raise Skip("an ordinary user may not mount here")
    t.failures += status


def take_mounts_away(directory):
    for path in mounts(directory):
        subprocess.run(["umount", "-l", path], check=False)


def in_open_directory(case):
    """The case, in a directory that an ordinary user may enter."""
    def run_case(t):
        os.chmod(".", 0o755)
        case(t)
    return run_case


def why_not():
    """None, or why nothing can be mounted here."""
    if not os.path.exists("/dev/fuse"):
        return "there is no /dev/fuse"
    if not ROOT:
        return "needs root"
    with tempfile.TemporaryDirectory() as directory:
        os.mkdir(f"{directory}/B")
        os.mkdir(f"{directory}/M")
        status, _, words = run("mount", f"{directory}/B", f"{directory}/M")
        if status == 0:
            run("umount", f"{directory}/M")
        elif "no FUSE" in words or "CAP_SYS_ADMIN" in words or "/dev/fuse" in words:
            return words.strip()
    return None


def run_tests(module):
    seed = int(os.environ.get("SEED", random.SystemRandom().randrange(2**32)))
    print(f"# SEED={seed}")
    random.seed(seed)
    cases = [(name[5:], in_open_directory(case)) for name, case in module.items() if name.startswith("test_")]
    why = why_not()
    if why:
        for name, _ in cases:
            print(f"# skip {name}: {why}")
        print(f"# 0 passed, 0 failed, {len(cases)} skipped")
        sys.exit(77)
    sys.exit(main(cases, sys.argv[2:], "quire-mount-", take_mounts_away))
