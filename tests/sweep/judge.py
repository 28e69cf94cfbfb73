"""Says of one run whether it was handled, reported or silent: by what lies there, never by what the run says of itself.

SPDX-License-Identifier: MIT
"""
import os
import re
import shutil
import subprocess

from fields import LINES

INJECTED_SYNC = re.compile(r"^\d+\s+(?:fdatasync|fsync)\(\d+<([^>]*)>.*\(INJECTED\)$", re.M)
# Of a speed there is nothing to expect; and where a segment could not be opened for a moment, a share of the work goes
# over two of them, and their footers are not counted.
SPEED = re.compile(rb" in [0-9,]+ blocks of [0-9,]+ segments, [0-9.,]+ bytes, [0-9.,]+ [GM]B/s")
SEGMENT = re.compile(r"/\d{16}\.quire$")


class Judge:
    def __init__(self, quire, work):
        self.quire, self.work = quire, work
        self.templates = {}
        self.expected = {}
        self.make_templates()

    def command(self, *arguments, data=b""):
        return subprocess.run([self.quire, *arguments], input=data, capture_output=True, timeout=60, check=False)

    def records(self, directory):
        """(lines, exit status, what it said); a log that was never made has none."""
        result = self.command("cat", directory)
        return result.stdout.splitlines(), result.returncode, result.stderr.decode(errors="replace")

    # ---- the logs to begin with ----

    def template(self, name):
        return self.templates[name]

    def make_template(self, name):
        directory = os.path.join(self.work, f"template-{name}")
        for _ in range(3):
            result = self.command("append", "--quiet", "--sync", "batch", "--rotate", "64K", directory, data=LINES)
            if result.returncode != 0:
                raise SystemExit(f"no log to begin with: {result.stderr.decode()}")
        self.templates[name] = directory
        return directory

    def make_templates(self):
        self.make_template("whole")
        torn = self.make_template("torn")
        hurt = self.make_template("hurt")
        with open(os.path.join(torn, self.last_segment(torn)), "r+b") as file:
            file.seek(0, os.SEEK_END)
            file.write(b"torn" * 700)
        segments = self.segments(hurt)
        with open(os.path.join(hurt, segments[1]), "r+b") as file:
            file.seek(2 * 4096 + 100)
            file.write(b"\0hurt\0")
        os.remove(os.path.join(hurt, segments[2]))
        for name in ("whole", "torn"):
            self.expected[name] = self.records(self.templates[name])[0]
        for name, command in (("whole", "cat"), ("whole", "verify"), ("whole", "info"), ("hurt", "verify")):
            self.expected[name, command] = self.command(command, self.templates[name])
        mended = os.path.join(self.work, "mended")
        shutil.copytree(hurt, mended)
        self.command("repair", "--apply", mended)
        self.expected["repair"] = self.gaps(mended)

    @staticmethod
    def segments(directory):
        return sorted(name for name in os.listdir(directory) if SEGMENT.search("/" + name))

    def last_segment(self, directory):
        return self.segments(directory)[-1]

    def gaps(self, directory):
        """All records, and what is declared lost, as one text."""
        return self.command("cat", "--gaps", directory).stdout

    # ---- judging ----

    def judge(self, line, result):
        if result.status == "hang":
            return "hangs", "it does not end"
        if result.status < 0:
            return "crashes", f"signal {-result.status}"
        if result.status in (134, 135, 136, 139):
            return "crashes", f"exit {result.status}"
        if result.status != 0 and not result.err.strip() and line.claims != "verify":
            return "silent", f"exit {result.status} without a word"
        why = getattr(self, "judge_" + line.claims)(line, result)
        if why:
            return "silent", why
        return ("handled" if result.status == 0 or self.is_expected(line, result) else "reported"), None

    def is_expected(self, line, result):
        known = self.expected.get((line.template, line.claims))
        if known is None:
            return False
        here, there = (os.fsencode(path) for path in (result.directory, self.templates[line.template]))
        return (result.status, SPEED.sub(b"", result.out.replace(here, there))) == \
            (known.returncode, SPEED.sub(b"", known.stdout))

    def relies_on_failed_sync(self, trace):
        """A segment's flush that failed: what it said must not count. (Of names the sweep of the seam knows more.)"""
        for name in INJECTED_SYNC.findall(trace):
            if SEGMENT.search(name):
                return name
        return None

    def judge_append(self, line, result):
        before = self.expected[line.template] if line.template else []
        given = line.input.splitlines()
        told = result.out.split(b"\n")[:-1]
        keeps = "--keep" in line.arguments
        if told != given[:len(told)]:
            return "what was passed on is not what was given"
        if result.status == 0:
            failed = self.relies_on_failed_sync(result.trace)
            if failed:
                return f"exit 0, and the flush of {failed} failed"
            if len(told) < len(given):
                return "exit 0, and not all was passed on"
        there, status, said = self.records(result.directory) if os.path.isdir(result.directory) else ([], 1, "")
        if status != 0 and (told or before):
            return f"what it left cannot be read: {said}"
        whole = before + given
        if keeps:
            # The oldest may be gone.
            places = [n for n in range(len(whole)) if whole[n:n + len(there)] == there]
            if not there or not places:
                return "what is there was never given"
            if places[-1] + len(there) < len(before) + len(told):
                return "what was passed on is not there"
        else:
            if there != whole[:len(there)]:
                return "what is there was never given"
            if len(there) < len(before) + len(told):
                return "what was passed on is not there"
            if result.status == 0 and len(there) != len(whole):
                return "exit 0, and not all is there"
        return self.goes_on(result.directory, there)

    def goes_on(self, directory, there):
        """After it, with nothing failing: one more, and all of it whole."""
        more = self.command("append", "--quiet", "--sync", "end", directory, data=b"one more\n")
        if more.returncode != 0:
            return f"it cannot be gone on with: {more.stderr.decode()}"
        now, status, said = self.records(directory)
        if status != 0 or now != there + [b"one more"]:
            return f"going on changed what was there: {said}"
        if self.command("verify", directory).returncode != 0:
            return "verify finds fault with it afterwards"
        return None

    def judge_cat(self, line, result):
        known = self.expected[line.template, "cat"].stdout
        if result.status == 0 and result.out != known:
            return "exit 0, and not all was printed"
        return None if known.startswith(result.out) else "what was printed is not in the log"

    def judge_verify(self, line, result):
        known = self.expected[line.template, "verify"]
        if result.status == 0 and (known.returncode != 0 or SPEED.sub(b"", result.out) != SPEED.sub(b"", known.stdout)):
            return "exit 0, and not all was looked at"
        return None

    def judge_info(self, line, result):
        known = self.expected[line.template, "info"]
        if result.status == 0 and result.out != known.stdout and b"\nDAMAGED " not in result.out:
            return "exit 0, and it says something else"
        return None

    def judge_repair(self, _, result):
        directory = result.directory
        if result.status == 0 and self.gaps(directory) != self.expected["repair"]:
            return "exit 0, and it is not mended"
        again = self.command("repair", "--apply", directory)
        if again.returncode != 0:
            return f"it cannot be mended any more: {again.stderr.decode()}"
        if self.gaps(directory) != self.expected["repair"]:
            return "records went that could have been saved"
        return None if self.command("verify", directory).returncode == 0 else "verify finds fault with it afterwards"

    def judge_part(self, line, result, is_enough):
        there, status, said = self.records(result.directory)
        whole = self.expected[line.template]
        if status != 0:
            return f"what it left cannot be read: {said}"
        why = is_enough(there, whole)
        if why:
            return why
        return self.goes_on(result.directory, there)

    def judge_trim(self, line, result):
        def is_enough(there, whole):
            if not there or whole[-len(there):] != there or len(there) < len(whole) - 199:
                return "records went that were to stay"
            if result.status == 0 and len(there) == len(whole):
                return "exit 0, and nothing went"
            return None
        return self.judge_part(line, result, is_enough)

    def judge_truncate(self, line, result):
        def is_enough(there, whole):
            if there != whole[:len(there)] or len(there) < 100:
                return "records went that were to stay"
            if result.status == 0 and len(there) != 100:
                return "exit 0, and records stayed"
            return None
        return self.judge_part(line, result, is_enough)
