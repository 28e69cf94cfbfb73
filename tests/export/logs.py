"""Logs for the tests of `quire export`: made of any records, and what the export of them should be.

SPDX-License-Identifier: MIT
"""
import calendar
import json
import os
import struct
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
from log_command import Skip, append, features, run  # noqa: E402

PIECE = b"\x89QBYTES\n"


def make(t, records, *arguments, log="L"):
    """Appends records of any bytes."""
    data = b"".join(struct.pack("<I", len(record)) + record for record in records)
    append(t, data, "--length-prefixed", *arguments, log=log)


def nanoseconds(text):
    """2026-11-24T15:30:00.123456789Z, since 1970."""
    whole, fraction = text[:19], text[20:29]
    stamp = calendar.timegm((*map(int, whole[:10].split("-")), *map(int, whole[11:].split(":"))))
    return stamp * 10**9 + int(fraction)


def times(log="L"):
    """The time of each record, by its sequence."""
    if "json" not in features():
        raise Skip("this build writes no JSON, which times are read from")
    status, out, err = run("cat", "--gaps", "--format", "json", log)
    assert status in (0, 1), err
    found = [json.loads(line) for line in out.splitlines()]
    return {record["sequence"]: nanoseconds(record["time"]) for record in found if "time" in record}


def export(t, *arguments, log="L", out="out.parquet", expect=0):
    """Standard error."""
    status, _, err = run("export", "--parquet", "--force", *arguments, log, out)
    t.check(status == expect, f"export exits {status}: {err}")
    return err


def is_text(data):
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def payload(data):
    """The columns payload and payload_bytes."""
    return [data.decode(), None] if is_text(data) else [None, data]


def sealed(log="L"):
    """The names of segments but for the last, without their end."""
    names = sorted(name[:-6] for name in os.listdir(log) if len(name) == 22 and name[:16].isdigit())
    return names[:-1]


def piece(offset, data):
    return PIECE + struct.pack("<Q", offset) + data
