"""A process for tests of mounts, and its parent, which waits for at most as long as the step that was begun may take.

It ends whatever is left: processes, then mounts, then files. So nothing stays, however a test ends, and what reads from
a mount that hangs does not hang for ever, but is said to.

SPDX-License-Identifier: MIT
"""
import contextlib
import ctypes
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

# Of one step, unless it says otherwise. Long enough for a busy machine and a sanitizer: only what hangs takes so long.
STEP_SECONDS = 120


# Processes and mounts that are left

def become_their_parent(dies_with_parent=False):
    """What daemons leave behind is given to this process."""
    set_subreaper, set_death_signal = 36, 1
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    if prctl(set_subreaper, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "PR_SET_CHILD_SUBREAPER")
    if dies_with_parent:
        prctl(set_death_signal, signal.SIGKILL, 0, 0, 0)


def descendants():
    """Their numbers and states, zombies left out, children before their parents."""
    children = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:
                name, rest = stat.read().rsplit(") ", 1)
            state, parent = rest.split()[:2]
            children.setdefault(int(parent), []).append((int(pid), state, name.split("(", 1)[1]))
    found, look_at = [], [os.getpid()]
    while look_at:
        for child in children.get(look_at.pop(), []):
            look_at.append(child[0])
            if child[1] != "Z":
                found.insert(0, child)
    return found


def is_mount(path="mnt"):
    """A dead one, too."""
    path = os.path.abspath(path)
    return path in mounts_below(os.path.dirname(path))


def mounts_below(directory):
    """Mount points, the last mounted first."""
    found = []
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as table:
        for line in table:
            point = re.sub(r"\\(\d{3})", lambda octal: chr(int(octal[1], 8)), line.split()[4])
            if point.startswith(directory + "/"):
                found.insert(0, point)
    return found


def reap():
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def end_all(directory):
    """Ends all descendants and takes away all mounts below the directory. Returns what could not be."""
    deadline = time.monotonic() + 10
    while descendants() and time.monotonic() < deadline:
        for pid, _, _ in descendants():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.002)
        reap()
    reap()
    for point in mounts_below(directory):
        subprocess.run(["umount", "-l", point], stderr=subprocess.DEVNULL, check=False)
    return [f"process {pid} ({name}, {state})" for pid, state, name in descendants()] + mounts_below(directory)


# The parent of the tests

steps_to_parent = None


def step(what, seconds=STEP_SECONDS):
    """From now on this is done, which takes so long at most."""
    os.write(steps_to_parent, f"{seconds} {what}\n".encode())


def say_what_hangs(what):
    print(f"FAILED: {what} has not ended:", flush=True)
    for pid, state, name in descendants():
        with contextlib.suppress(OSError):
            with open(f"/proc/{pid}/stack", encoding="utf-8") as stack:
                where = " < ".join(line.split("] ", 1)[-1].split("+")[0] for line in stack.read().splitlines()[:4])
            print(f"  {pid} {name} {state} {where}", flush=True)


def await_end(worker, steps):
    """Exit status of the worker, or 1 if it had to be ended."""
    ended = os.pidfd_open(worker)
    what, deadline, unread = "the first step", time.monotonic() + STEP_SECONDS, b""
    while True:
        ready, _, _ = select.select([ended, steps], [], [], max(0, deadline - time.monotonic()))
        if steps in ready:
            *said, unread = (unread + os.read(steps, 65536)).split(b"\n")
            if said:
                seconds, what = said[-1].decode().split(" ", 1)
                deadline = time.monotonic() + float(seconds)
            if said or ended not in ready:
                continue
        if ended in ready:
            return os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1])
        say_what_hangs(what)
        return 1


def interrupt(number, _):
    raise SystemExit(128 + number)


def in_worker():
    """Returns in a process that does the tests. The parent, which is left by no other way, does not return."""
    global steps_to_parent
    become_their_parent()
    root = tempfile.mkdtemp(prefix="quire-mount-")
    steps, steps_to_parent = os.pipe()
    sys.stdout.flush()
    worker = os.fork()
    if worker == 0:
        become_their_parent(dies_with_parent=True)
        os.close(steps)
        tempfile.tempdir = root
        return
    os.close(steps_to_parent)
    status = 1
    try:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, interrupt)
        status = await_end(worker, steps)
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        left = end_all(root)
        print(*(f"FAILED: cannot be ended: {what}" for what in left), sep="\n", end="\n" if left else "")
        shutil.rmtree(root, ignore_errors=True)
        sys.stdout.flush()
        os._exit(1 if left or status < 0 else status)
