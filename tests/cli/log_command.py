"""Running the commands around a log: what the tests of them share.

A test is a function test_NAME(t) of the calling module; it runs in an empty directory of its own. t.check fails it and
goes on, an exception ends it. Closes with "# N passed, N failed, N skipped"; exit 0 passed, 1 failed, 77 all skipped.

SPDX-License-Identifier: MIT
"""
import os
import pty
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

QUIRE = os.path.abspath(sys.argv[1])
PAGE = 4096


class Skip(Exception):
    pass


class Test:
    def __init__(self):
        self.failures = 0

    def check(self, truth, what):
        if not truth:
            line = traceback.extract_stack()[-2].lineno
            print(f"  line {line}: {what}", file=sys.stderr)
            self.failures += 1

    def same(self, got, expected):
        if got != expected:
            line = traceback.extract_stack()[-2].lineno
            print(f"  line {line}: got {got[:400]!r}, not {expected[:400]!r}"
                  if isinstance(got, (bytes, str, list)) else f"  line {line}: got {got!r}, not {expected!r}",
                  file=sys.stderr)
            self.failures += 1


def usual_signals():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)


def start(*arguments, **options):
    options.setdefault("stdin", subprocess.PIPE)
    options.setdefault("stdout", subprocess.PIPE)
    options.setdefault("stderr", subprocess.PIPE)
    options.setdefault("preexec_fn", usual_signals)
    return subprocess.Popen([QUIRE, *arguments], **options)


def run(*arguments, data=b"", **options):
    """Status (128 + signal), standard output, standard error as text."""
    process = start(*arguments, **options)
    out, err = process.communicate(data, timeout=120)
    status = process.returncode if process.returncode >= 0 else 128 - process.returncode
    return status, out, err.decode()


def run_on_terminal(*arguments, data=b""):
    """Status, standard output, and what a terminal on standard error was shown."""
    mine, theirs = pty.openpty()
    process = start(*arguments, stderr=theirs)
    os.close(theirs)
    process.stdin.write(data)
    process.stdin.close()
    process.stdin = None
    out, shown = process.stdout.read(), b""
    while True:
        try:
            piece = os.read(mine, 65536)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    process.communicate()
    os.close(mine)
    return process.returncode, out, shown


def append(t, data, *arguments, log="L"):
    status, out, err = run("append", *arguments, log, data=data)
    t.check(status == 0, f"append exits {status}: {err}")
    t.same(err, "")
    return out


def cat(t, *arguments, log="L"):
    status, out, err = run("cat", *arguments, log)
    t.check(status == 0, f"cat exits {status}: {err}")
    t.same(err, "")
    return out


def sentence(t, outcome, status, *words):
    """One sentence on standard error, with these words in it, and nothing on standard output."""
    t.same(outcome[0], status)
    t.same(outcome[1], b"")
    t.check(outcome[2].count("\n") == 1, f"not one line: {outcome[2]!r}")
    for word in words:
        t.check(word in outcome[2], f"no {word!r} in {outcome[2]!r}")


def lines(first, last):
    return b"".join(b"%d\n" % i for i in range(first, last + 1))


def features():
    return subprocess.run([QUIRE, "--version"], stdout=subprocess.PIPE, check=True).stdout.decode().split()


def segment(number, log="L"):
    return os.path.join(log, f"{number:016d}.quire")


def segments(log="L"):
    return sorted(int(name[:-6]) for name in os.listdir(log)
                  if name.endswith(".quire") and len(name) == 22 and name[:-6].isdigit())


def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    return crc ^ 0xffffffff


def where_from(error):
    """One line: it may be all that is kept of a long log."""
    frames = traceback.extract_tb(error.__traceback__)
    return " < ".join(f"{os.path.basename(frame.filename)}:{frame.lineno}" for frame in reversed(frames))


def main(cases, wanted, prefix="quire-cli-", clean_up=None):
    """clean_up: called with a case's directory, before that is removed."""
    passed = failed = skipped = 0
    for name, case in cases:
        if wanted and not any(word in name for word in wanted):
            continue
        t, begun, home = Test(), time.monotonic(), os.getcwd()
        directory = tempfile.mkdtemp(prefix=prefix)
        os.chdir(directory)
        try:
            case(t)
        except Skip as why:
            print(f"# skip {name}: {why}")
            skipped += 1
            continue
        except Exception as error:
            print(f"  {where_from(error)}: {type(error).__name__}: {error}", file=sys.stderr)
            t.failures += 1
        finally:
            os.chdir(home)
            if clean_up:
                clean_up(directory)
            shutil.rmtree(directory)
        passed += t.failures == 0
        failed += t.failures > 0
        print(f"{'ok' if t.failures == 0 else 'FAILED'} {name} ({time.monotonic() - begun:.2f} s)", flush=True)
    print(f"# {passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 77 if skipped and not passed else 0


def run_tests(module):
    seed = int(os.environ.get("SEED", random.SystemRandom().randrange(2**32)))
    print(f"# SEED={seed}")
    random.seed(seed)
    cases = [(name[5:], case) for name, case in module.items() if name.startswith("test_")]
    sys.exit(main(cases, sys.argv[2:]))
