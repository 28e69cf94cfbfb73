"""Mounts for tests: what the tests of `quire mount` share.

A test is a function test_NAME(t) of the calling module, or each_NAME(t, mode), which is run once for each mode; see
../cli/log_command.py, which runs them. They run in a process of their own, below a directory of its own; see worker.py.

SPDX-License-Identifier: MIT
"""
import contextlib
import functools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
import log_command  # noqa: E402
from log_command import Skip, crc32c, features, run, sentence, start, where_from  # noqa: E402,F401
from worker import descendants, end_all, in_worker, is_mount, step  # noqa: E402,F401

SKIPPED = 77

MODES = {
    "plain": [],
    "writeback": ["--writeback"],
    "gather": ["--gather", "64K"],
    "passthrough": ["--mode", "passthrough"],
    "log_lz4": ["--mode", "log", "--compress", "lz4"],
    "log_zstd": ["--mode", "log", "--compress", "zstd"],
    "log_none": ["--mode", "log", "--compress", "none"],
}
LOG_MODES = [mode for mode in MODES if mode.startswith("log")]


def only(*modes):
    """Of each_NAME: it is for these modes only."""
    def mark(case):
        case.modes = modes
        return case
    return mark


# A mount

class Mount:
    """BACKING mounted at a directory beside it, both made if they are not there.

    In the foreground what the daemon says is looked at when it ends: the words of `expected`, or nothing.
    """

    def __init__(self, *options, backing="back", at="mnt", foreground=False, expected=()):
        self.backing, self.at, self.options = os.path.abspath(backing), os.path.abspath(at), options
        self.foreground, self.expected, self.said = foreground, expected, self.at + ".said"
        os.makedirs(self.backing, exist_ok=True)
        os.makedirs(self.at, exist_ok=True)
        self.mount()

    def mount(self):
        self.status = None  # of the daemon, when it has ended
        if self.foreground:
            self.start()
            return
        status, out, err = run("mount", *self.options, self.backing, self.at)
        write(self.said, err.encode())
        if status != 0 or out:
            raise RuntimeError(f"mount {' '.join(self.options)} exits {status}: {err}{out.decode()}")
        self.pid = self.info()["pid"]

    def start(self):
        with open(self.said, "wb") as said:
            # Kept: subprocess takes note of the end of what nobody keeps.
            self.daemon = start("mount", "-f", *self.options, self.backing, self.at, stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=said)
        while not self.is_there():
            if self.daemon.poll() is not None:
                raise RuntimeError(f"mount -f {' '.join(self.options)} exits {self.daemon.returncode}: {self.words()}")
            time.sleep(0.002)
        self.pid = self.daemon.pid

    def words(self):
        """What it has said."""
        return read(self.said).decode()

    def info(self):
        with open(os.path.join(self.at, ".quire.stats"), encoding="utf-8") as text:
            return json.load(text)

    def requests(self, kind):
        return self.info()["requests"][kind]

    def path(self, *names):
        return os.path.join(self.at, *names)

    def kept(self, *names):
        """Where BACKING has it."""
        return os.path.join(self.backing, *names)

    def take_note(self, options=0):
        """Of the daemon's end, as its parent: this process, to which one in the background was given."""
        if self.pid and self.status is None:
            pid, status = os.waitpid(self.pid, options)
            self.status = os.waitstatus_to_exitcode(status) if pid else None

    def kill(self):
        """As a crash of the daemon does: the mount stays, and is dead."""
        os.kill(self.pid, signal.SIGKILL)  # which may be ending by itself
        self.take_note()
        self.pid = None

    def end(self):
        """Unmounts. umount waits until the end of the daemon, if there is one, was taken note of."""
        umount = start("umount", self.at)
        while umount.poll() is None:
            self.take_note(os.WNOHANG)
            time.sleep(0.001)
        said = umount.communicate()
        if umount.returncode != 0 or (self.pid and said != (b"", b"")):
            raise RuntimeError(f"umount exits {umount.returncode}, the daemon {self.status}: {said} {self.words()}")
        if self.pid:
            self.ended()

    def ended(self, status=0):
        """The daemon has, or does so without being told, with this exit status and what it was expected to say."""
        self.take_note()
        self.pid, words = None, self.words()
        if self.status != status:
            raise RuntimeError(f"the daemon exits {self.status}, not {status}: {words}")
        is_expected = all(word in words for word in self.expected) if self.expected else not words
        if self.foreground and not is_expected:
            raise RuntimeError(f"the daemon says {words!r}, not {self.expected}")

    def is_there(self):
        return is_mount(self.at)

    def again(self):
        self.end()
        self.mount()


@contextlib.contextmanager
def mounted(mode, *options, **places):
    """Ends as an unmount does. If the test fails, whatever is left is ended behind it."""
    need_mode(mode)
    mount = Mount(*MODES[mode], *options, **places)
    if mode == "passthrough" and mount.info()["mode"] != mode:
        raise Skip(f"no passthrough here: {mount.info()['why']}")
    yield mount
    if mount.pid or mount.is_there():
        mount.end()


def watched(mode, *options, **details):
    """Mounted in the foreground, so that what the daemon says and how it ends is seen."""
    return mounted(mode, *options, foreground=True, **details)


@contextlib.contextmanager
def small_disk(kind, size):
    """A file system of its own at back."""
    os.makedirs("back")
    if kind == "tmpfs":
        made = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", "back"]
    else:
        need_programs("mkfs.ext4")
        with open("image", "wb") as image:
            image.truncate(size)
        # None of it kept for root, so that it is full for everybody.
        subprocess.run(["mkfs.ext4", "-q", "-m", "0", "-O", "^has_journal", "image"], check=True)
        made = ["mount", "-o", "loop", "image", "back"]
    if subprocess.run(made, stderr=subprocess.DEVNULL, check=False).returncode != 0:
        raise Skip(f"{kind} cannot be mounted here")
    if kind != "tmpfs":
        os.rmdir("back/lost+found")
    yield
    subprocess.run(["umount", "back"], check=True)


def let_others_in():
    """Users other than root may enter this test's directory."""
    for directory in (tempfile.gettempdir(), "."):
        os.chmod(directory, 0o711)


def need_mode(mode):
    codec = mode.split("_")[-1] if mode in LOG_MODES else "none"
    if codec not in ("none", *features()):
        raise Skip(f"this build has no {codec}")


def need_programs(*programs):
    for program in programs:
        if not shutil.which(program):
            raise Skip(f"{program} is not installed")


def shell(t, script, *arguments, status=0, **options):
    """What a script says on standard output. $1, ... are the arguments."""
    done = subprocess.run(["sh", "-u", "-c", script, "sh", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False, **options)
    if done.returncode != status:
        raise RuntimeError(f"{script!r} exits {done.returncode}: {done.stderr.decode(errors='replace')}")
    return done.stdout


def start_call(call, *arguments):
    """A process that makes this call. Its exit status: 0, 1 if that raises something, SKIPPED if that is Skip."""
    process = os.fork()
    if process:
        return process
    status = 1
    try:
        call(*arguments)
        status = 0
    except Skip as why:
        print(f"  {why}", file=sys.stderr, flush=True)
        status = SKIPPED
    except Exception as error:
        print(f"  {where_from(error)}: {error!r}", file=sys.stderr, flush=True)
    finally:
        os._exit(status)


def ends_well(*processes):
    return all([os.waitpid(process, 0)[1] == 0 for process in processes])


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def await_true(condition, what):
    """Asserts no time: what never comes is a step that does not end."""
    step(f"waiting for {what}")
    while not condition():
        time.sleep(0.005)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def write(path, data, mode="wb"):
    with open(path, mode, buffering=0) as file:
        file.write(data)


def append(path, data):
    write(path, data, "ab")


def fails(t, code, call, *arguments):
    """It fails with this number."""
    try:
        result = call(*arguments)
    except OSError as error:
        if error.errno != code:
            t.check(False, f"{call.__name__}{arguments[:2]!r} fails with {os.strerror(error.errno)}, "
                           f"not {os.strerror(code)}")
        return
    t.check(False, f"{call.__name__}{arguments[:2]!r} gives {result!r}, but must fail: {os.strerror(code)}")


# Running

def guarded(name, case):
    @functools.wraps(case)
    def run_case(t):
        step(name)
        try:
            case(t)
        finally:
            step(f"{name}: ending it")
            left = end_all(tempfile.tempdir)
            t.check(not left, f"left behind: {left}")
            sys.stdout.flush()
    return run_case


def why_none():
    if os.geteuid() != 0:
        return "only root may do that here"
    if not os.path.exists("/dev/fuse"):
        return "there is no /dev/fuse"
    status, _, err = run("mount", "--help")
    if status != 0:
        return f"this build mounts nothing: {err}"
    with tempfile.TemporaryDirectory(prefix="quire-mount-") as directory:
        back, at = (tempfile.mkdtemp(dir=directory) for _ in range(2))
        status, _, err = run("mount", back, at)
        if status == 0:
            run("umount", at)
    return err if "CAP_SYS_ADMIN" in err or "/dev/fuse" in err else None


def run_tests(module, modes=tuple(MODES)):
    reason = why_none()
    if reason:
        print(reason)
        sys.exit(SKIPPED)
    in_worker()
    cases = {name: case for name, case in module.items() if name.startswith("test_")}
    for name, case in module.items():
        if name.startswith("each_"):
            cases.update((f"test_{name[5:]}_{mode}", functools.partial(case, mode=mode))
                         for mode in modes if mode in getattr(case, "modes", modes))
    log_command.run_tests({name: guarded(name[5:], case) for name, case in cases.items()})
