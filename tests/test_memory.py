"""What a process that runs for months lets go of goes back to the system."""

from __future__ import annotations

import ctypes
import json
import platform
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from flows.server import memory

LARGE_PIECES = """
import ctypes, json, sys
from flows.server import memory

class Held(ctypes.Structure):
    names = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost"
    _fields_ = [(name, ctypes.c_size_t) for name in names.split()]

libc = ctypes.CDLL(None)
libc.mallinfo2.restype = Held

def on_pages_of_its_own(size):
    before = libc.mallinfo2().hblkhd
    piece = bytearray(size)
    return libc.mallinfo2().hblkhd - before >= size

if sys.argv[1] == "with":
    memory.give_back()
sizes = [4 << 20, 1 << 20, 150 << 10, 100 << 10]
print(json.dumps([on_pages_of_its_own(size) for size in sizes]))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="另一种C库，没有mallopt")
@pytest.mark.parametrize(
    ("how", "on_pages"),
    [
        ("with", [True, True, True, False]),
        ("without", [True, False, False, False]),  # the first taught it that these are usual
    ],
)
def test_every_large_piece_is_on_pages_of_its_own(how: str, on_pages: list[bool]) -> None:
    command = [sys.executable, "-c", LARGE_PIECES, how]
    told = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    assert json.loads(told) == on_pages


CONNECTIONS = 12
PAGES_KEPT = """
import sqlite3, sys
from flows.server import memory
from tests.soak import megabytes
import os

if sys.argv[1] == "with":
    memory.give_back()
there = [sqlite3.connect(sys.argv[2]) for _ in range(int(sys.argv[3]))]
before = megabytes(os.getpid())
for one in there:
    one.execute("PRAGMA cache_size=-8000").close()
    one.execute("SELECT count(*) FROM page WHERE words LIKE '%y%'").fetchone()
print(megabytes(os.getpid()) - before)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="没有/proc")
@pytest.mark.parametrize(("how", "few"), [("with", True), ("without", False)])
def test_the_connections_of_a_process_keep_few_pages_together(
    how: str, few: bool, tmp_path: Path
) -> None:
    """A file of 20 MB, read through by a dozen that may keep 8 MB each."""
    file = tmp_path / "one.db"
    with closing(sqlite3.connect(file)) as there, there:
        there.execute("CREATE TABLE page (words)")
        there.executemany("INSERT INTO page VALUES (?)", [("x" * 1000,)] * 20_000)
    command = [sys.executable, "-c", PAGES_KEPT, how, str(file), str(CONNECTIONS)]
    told = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    kept = float(told) * 1e6
    assert (kept < 2 * memory.PAGES) == few, kept
    assert few or kept > 4 * memory.PAGES


def test_another_c_library_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "libc_ver", lambda: ("", ""))
    monkeypatch.setattr(ctypes, "CDLL", None)
    memory.give_back()
