"""Lines that say of themselves what they are, the processes that append them, and what must be left of them.

Line number of writer: "WRITER NUMBER text checksum". The text is given by the seed, so it is known what each line must
be, byte by byte. A writer keeps its state outside of the mount, in memory that it shares with who looks afterwards.

For who is not killed there are lines of one length, "WRITER NUMBER xxx", of which all must be left.

SPDX-License-Identifier: MIT
"""
import errno
import hashlib
import mmap
import os
import random
import struct
import time
import zlib

from mounting import append, ends_well, read, start_call

# What a write says when the daemon died before, meanwhile, or while the kernel copied the request to it.
DAEMON_DIED = (errno.ENOTCONN, errno.ECONNABORTED, errno.EIO)
# Lines of one write, and how often.
CHUNKS, WEIGHTS = (1, 20, 500, 6000), (800, 150, 40, 3)
SYNC_ONE_IN = 25


def line(seed, writer, number):
    text = hashlib.sha256(b"%d %d %d" % (seed, writer, number)).hexdigest().encode()
    body = b"%d %d %s" % (writer, number, (text * 4)[:number * 7919 % 230])
    return b"%s %08x\n" % (body, zlib.crc32(body))


class Records:
    """Of each writer, how many lines it began to write, has written, and has been told are safe."""
    SLOT = struct.Struct("QQQ")
    STOP = 0  # the first slot's first field: no more

    def __init__(self, writers):
        self.writers = writers
        self.memory = mmap.mmap(-1, self.SLOT.size * (writers + 1))

    def get(self, writer):
        return self.SLOT.unpack_from(self.memory, self.SLOT.size * (writer + 1))

    def set(self, writer, begun, written, safe):
        self.SLOT.pack_into(self.memory, self.SLOT.size * (writer + 1), begun, written, safe)

    def stop(self, truth=True):
        self.SLOT.pack_into(self.memory, 0, truth, 0, 0)

    def is_stopped(self):
        return self.SLOT.unpack_from(self.memory, 0)[self.STOP] != 0


def write_all(fd, data):
    while data:
        data = data[os.write(fd, data):]


def write_lines(records, path, seed, writer, number, skipped, syncs):
    """Goes on with this line, whose first bytes are there already, until something fails or it is told to stop."""
    fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    _, _, safe = records.get(writer)
    while not records.is_stopped():
        count = random.choices(CHUNKS, WEIGHTS)[0]
        data = b"".join(line(seed, writer, number + i) for i in range(count))[skipped:]
        records.set(writer, number + count, number, safe)
        write_all(fd, data)
        number, skipped = number + count, 0
        records.set(writer, number, number, safe)
        if syncs and random.randrange(SYNC_ONE_IN) == 0:
            random.choice((os.fsync, os.fdatasync))(fd)
            safe = number
            records.set(writer, number, number, safe)
        if random.randrange(10) == 0:
            time.sleep(random.uniform(0, 0.002))
    os.close(fd)


def start_writer(records, *arguments, syncs=True):
    """A process, whose exit status is 0 or the number of what failed."""
    chance = random.randrange(2**32)
    process = os.fork()
    if process:
        return process
    status = 255
    try:
        random.seed(chance)
        write_lines(records, *arguments, syncs)
        status = 0
    except OSError as error:
        status = error.errno
    finally:
        os._exit(status)


def await_writer(process):
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


class Text:
    """What a file must hold: the lines of its writers, each one's in order, none left out, all but the last whole."""

    def __init__(self, seed, writers):
        self.seed, self.writers = seed, writers
        self.known = b""  # was found right, and ends with a line
        self.next = {writer: 0 for writer in writers}
        self.tail = b""

    def torn_writer(self):
        """Of which line the tail is the beginning, or None."""
        for writer in self.writers:
            if line(self.seed, writer, self.next[writer]).startswith(self.tail):
                return writer
        return None

    def take_lines(self, text):
        *lines, tail = text.split(b"\n")
        length = 0
        for found in lines:
            try:
                writer = int(found.split(b" ", 1)[0])
            except ValueError:
                writer = None
            if writer not in self.next or found + b"\n" != line(self.seed, writer, self.next[writer]):
                expected = {w: line(self.seed, w, n)[:40] for w, n in self.next.items()}
                return f"at {len(self.known) + length} is {found[:60]!r}, not one of {expected}"
            length += len(found) + 1
            self.next[writer] += 1
        self.known, self.tail = self.known + text[:length], tail
        return None if self.torn_writer() is not None else f"ends with {tail[:60]!r}, which nobody wrote"

    def look(self, text, records, all_written=False):
        """What is wrong with the file, as sentences. What was right before must be there still.

        all_written: what was written must be there too, synced or not.
        """
        if not text.startswith(self.known):
            at = next((i for i, (a, b) in enumerate(zip(text, self.known)) if a != b), len(text))
            return [f"differs at {at}, of {len(self.known)} bytes that were right before: {text[at:at + 60]!r}"]
        wrong = [self.take_lines(text[len(self.known):])]
        for writer in self.writers:
            begun, written, safe = records.get(writer)
            got = self.next[writer]
            if got < safe:
                wrong.append(f"writer {writer} was told that {safe} lines are safe, and {got} are there")
            elif all_written and got < written:
                wrong.append(f"writer {writer} wrote {written} lines, and {got} are there")
            if got > begun:
                wrong.append(f"writer {writer} began {begun} lines, and {got} are there")
        return [sentence for sentence in wrong if sentence]


# Lines of one length

def append_lines(path, writer, size, count):
    with open(path, "ab", buffering=0) as file:
        for number in range(count):
            if file.write((b"%d %d " % (writer, number)).ljust(size - 1, b"x") + b"\n") != size:
                raise RuntimeError(f"a part of line {number} is written")
        os.fsync(file.fileno())


def append_side_by_side(t, size, directories=("mnt", "mnt", "back"), count=500):
    """To one file, by a writer in each of the directories."""
    name = f"log{size}"
    append(f"mnt/{name}", b"")
    processes = [start_call(append_lines, f"{directory}/{name}", writer, size, count)
                 for writer, directory in enumerate(directories)]
    t.check(ends_well(*processes), "a writer fails")
    text = read(f"back/{name}")
    lines = text.splitlines(keepends=True)
    t.same(len(lines), len(processes) * count)
    t.check(all(len(one) == size for one in lines), "a line is torn")
    for writer in range(len(processes)):
        mine = [int(one.split()[1]) for one in lines if one.startswith(b"%d " % writer)]
        t.check(mine == list(range(count)), f"lines of {writer} are lost or out of order")
    t.check(read(f"mnt/{name}") == text, "the mount shows something else")
