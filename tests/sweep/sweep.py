#!/usr/bin/env python3
"""Makes the system fail under the real command, call by call, and counts what came of it.

    tests/sweep/sweep.py BUILD_DIR [--only WORD] [--quick]

Every system call that a command makes on the files of its log is made to fail (strace), in turn, with several errors;
every allocation (a preloaded library, built beside); the size of files and of the file system runs out; and system
calls are missing. A run is handled (exit 0, and all that it claimed is there), reported (another exit status, and a
sentence on standard error), or silent, which fails; so does a crash, a hang, a record that was passed on (--tee) and is
not there, one that was refused and is, and a log that cannot be gone on with.

Closes with a table and "N passed, N failed". --quick: the first two calls of a kind, one error each.

SPDX-License-Identifier: MIT
"""
import collections
import concurrent.futures
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile

from fields import ENOSYS_CALLS, FAILURES, QUEUE_CALLS, command_lines
from judge import Judge

PATIENCE = 30
SEGMENTS = 12
LINE = re.compile(r"^(\d+)\s+(?:<\.\.\. )?(\w+)\(")
NUMBERED = re.compile(r"/[0-9]{16}\.quire[>\"]")


def usual_signals():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)


class Outcome:
    """What a run of the command left: how it ended, what it printed, and where."""

    def __init__(self, status, out, err, directory, trace=""):
        self.status, self.out, self.err, self.directory, self.trace = status, out, err, directory, trace


class Sweep:
    def __init__(self, build, quick, only):
        self.quire = os.path.abspath(os.path.join(build, "tools", "quire"))
        self.preload = os.path.abspath(os.path.join(build, "tests", "sweep", "librefuse_memory.so"))
        self.quick, self.only = quick, only
        self.work = tempfile.mkdtemp(prefix="quire-sweep-", dir=os.environ.get("TMPDIR", "/var/tmp"))
        self.judge = Judge(self.quire, self.work)
        self.rows = collections.OrderedDict()
        self.complaints = []
        self.skipped = []
        self.number = 0

    # ---- running one command ----

    def fresh(self, line):
        """A directory of its own with the log that the command begins with."""
        self.number += 1
        place = os.path.join(self.work, f"run-{self.number}")
        os.mkdir(place)
        directory = os.path.join(place, "log")
        if line.template:
            shutil.copytree(self.judge.template(line.template), directory)
        return directory

    def run(self, line, directory, before=(), environment=None, limits=usual_signals):
        arguments = [*before, self.quire, *line.arguments, directory]
        try:
            process = subprocess.run(arguments, input=line.input, capture_output=True, timeout=PATIENCE,
                                     env={**os.environ, **(environment or {})}, preexec_fn=limits, check=False)
        except subprocess.TimeoutExpired as late:
            return Outcome("hang", late.stdout or b"", b"", directory)
        return Outcome(process.returncode, process.stdout, process.stderr, directory)

    def names(self, directory):
        """What strace is to look at: it wants whole paths."""
        names = ["live.quire", "next.quire", "spare.quire", "reserve.quire"]
        names += [f"{n:016d}.quire" for n in range(1, SEGMENTS + 1)]
        return [directory] + [os.path.join(directory, name) for name in names]

    def trace(self, line, directory, *options):
        log = directory + ".trace"
        paths = [word for name in self.names(directory) for word in ("-P", name)]
        # Calls on the queue name no file.
        if any(re.search(r"io_uring_\w+:", option) for option in options):
            paths = []
        result = self.run(line, directory, ["strace", "-f", "-y", "-o", log, *paths, *options])
        with open(log, encoding="utf-8", errors="replace") as lines:
            result.trace = lines.read()
        return result

    # ---- counting ----

    def row(self, command, what):
        return self.rows.setdefault((command, what), collections.Counter())

    def settle(self, line, what, how, result):
        row = self.row(line.name, what)
        row["injections"] += 1
        verdict, why = self.judge.judge(line, result)
        row[verdict] += 1
        if why:
            self.complaints.append(f"{line.name}: {what} {how}: {why}\n    {result.err.decode(errors='replace')[:300]}")
        shutil.rmtree(os.path.dirname(result.directory), ignore_errors=True)

    def in_parallel(self, jobs):
        with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
            for job in [pool.submit(*job) for job in jobs]:
                job.result()

    # ---- the ways to fail ----

    def calls_of(self, line):
        """How often each system call is made on the log's files, by the thread that makes it most."""
        directory = self.fresh(line)
        result = self.trace(line, directory, "-e", "trace=all")
        verdict, why = self.judge.judge(line, result)
        if verdict != "handled" and b"O_DIRECT" in result.err:
            self.skipped.append(f"{line.name}: {result.err.decode().strip()}")
            return None
        if verdict != "handled":
            raise SystemExit(f"{line.name} fails by itself: {why or result.err.decode()}")
        counts = collections.Counter()
        for text in result.trace.splitlines():
            found = LINE.match(text)
            if found:
                counts[found.groups()] += 1
        most = collections.Counter()
        for (_, call), count in counts.items():
            most[call] = max(most[call], count)
        if line.queue:
            most.update({call: 4 for call in QUEUE_CALLS})
        shutil.rmtree(os.path.dirname(directory))
        return most

    def fail_call(self, line, call, error, nth, ever):
        directory = self.fresh(line)
        when = f"{nth}+" if ever else str(nth)
        result = self.trace(line, directory, "-e", f"trace={call}", "-e", f"inject={call}:error={error}:when={when}")
        if "(INJECTED)" in result.trace or result.status == "hang":
            self.settle(line, call, f"{error} when={when}", result)
        else:
            shutil.rmtree(os.path.dirname(directory))

    def fail_calls(self, line):
        jobs = []
        calls = self.calls_of(line)
        if calls is None:
            return False
        for call, count in sorted(calls.items()):
            errors = FAILURES.get(call, ["EIO"])
            for error in errors[:1] if self.quick else errors:
                for nth in range(1, min(count, 2 if self.quick else 40) + 1):
                    jobs.append((self.fail_call, line, call, error, nth, False))
                    if error == errors[0] and not self.quick:
                        jobs.append((self.fail_call, line, call, error, nth, True))
        self.in_parallel(jobs)
        return True

    def miss_call(self, line, call, error):
        directory = self.fresh(line)
        log = directory + ".trace"
        result = self.run(line, directory, ["strace", "-f", "-o", log, "-e", f"trace={call}", "-e",
                                            f"inject={call}:error={error}"])
        with open(log, encoding="utf-8", errors="replace") as lines:
            injected = "(INJECTED)" in lines.read()
        if injected:
            self.settle(line, "missing calls", f"{call} {error}", result)
        else:
            shutil.rmtree(os.path.dirname(directory))

    def refuse_memory(self, line):
        for nth in range(1, 400):
            if self.quick and nth > 8:
                return
            directory = self.fresh(line)
            mark = directory + ".refused"
            result = self.run(line, directory, environment={"LD_PRELOAD": self.preload, "QUIRE_REFUSE": str(nth),
                                                            "QUIRE_REFUSED": mark})
            if not os.path.exists(mark):
                shutil.rmtree(os.path.dirname(directory))
                return
            self.settle(line, "allocation", f"number {nth}", result)

    def limit_files(self, line):
        for limit in (4096, 5000, 8192, 20000, 65536, 66000, 100000, 262144):
            directory = self.fresh(line)

            def limits(limit=limit):
                usual_signals()
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

            self.settle(line, "RLIMIT_FSIZE", f"{limit}", self.run(line, directory, limits=limits))

    def fill_file_system(self, line, kind, mebibytes, options):
        """In a mount namespace of its own, so that nothing stays behind whatever happens."""
        place = os.path.join(self.work, f"full-{self.number}-{kind}")
        self.number += 1
        os.mkdir(place)
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "full")
        arguments = ["unshare", "-m", script, kind, str(mebibytes), place, self.quire, *options]
        try:
            process = subprocess.run(arguments, capture_output=True, timeout=4 * PATIENCE, check=False)
        except subprocess.TimeoutExpired:
            self.row("append", f"full {kind}")["hangs"] += 1
            self.complaints.append(f"append on a full {kind} {options}: it hangs")
            return
        text = process.stdout.decode()
        row = self.row("append", f"full {kind}")
        if process.returncode == 77:
            self.skipped.append(f"full {kind}: {text.strip()}")
        else:
            row["injections"] += 1
            row["reported" if process.returncode == 0 else "silent"] += 1
            if process.returncode != 0:
                self.complaints.append(f"append on a full {kind} {options}: {text}{process.stderr.decode()}")
        shutil.rmtree(place, ignore_errors=True)

    # ---- all of it ----

    def all(self):
        lines = [line for line in command_lines() if self.only in line.name]
        for line in lines:
            if not self.fail_calls(line):
                continue
            self.in_parallel([(self.miss_call, line, call, error) for call, error in ENOSYS_CALLS])
            if os.path.exists(self.preload):
                self.refuse_memory(line)
            if line.writes:
                self.limit_files(line)
            print(f"# {line.name}: {self.number} runs so far", file=sys.stderr, flush=True)
        if not os.path.exists(self.preload):
            self.skipped.append("allocations: no library to preload (built for a sanitizer)")
        for kind, mebibytes in (("ext4", 16), ("tmpfs", 8)):
            for method in ("paged", "uring", "mmap", "write"):
                if "append" in self.only or not self.only:
                    rotate = "6M" if method == "uring" else "1M"
                    self.fill_file_system(None, kind, mebibytes, ["--method", method, "--rotate", rotate])

    def report(self):
        heads = ("injections", "handled", "reported", "silent", "crashes", "hangs")
        print(f"{'command':<16} {'what fails':<18}" + "".join(f"{head:>11}" for head in heads))
        sums = collections.Counter()
        for (command, what), row in self.rows.items():
            print(f"{command:<16} {what:<18}" + "".join(f"{row[head]:>11}" for head in heads))
            sums.update(row)
        print(f"{'all':<35}" + "".join(f"{sums[head]:>11}" for head in heads))
        for text in self.complaints[:40]:
            print(text)
        for text in self.skipped:
            print(f"skipped: {text}")
        failed = sums["silent"] + sums["crashes"] + sums["hangs"]
        print(f"\n{sums['injections'] - failed} passed, {failed} failed")
        return 0 if sums["injections"] and not failed else 1


def main():
    arguments = sys.argv[1:]
    quick = "--quick" in arguments
    only = arguments[arguments.index("--only") + 1] if "--only" in arguments else ""
    if not arguments or arguments[0].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 2
    if not shutil.which("strace"):
        print("strace is not installed: scripts/deps ci", file=sys.stderr)
        return 1
    sweep = Sweep(arguments[0], quick, only)
    try:
        sweep.all()
    finally:
        shutil.rmtree(sweep.work, ignore_errors=True)
    return sweep.report()


if __name__ == "__main__":
    sys.exit(main())
