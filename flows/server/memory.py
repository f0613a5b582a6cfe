"""What a process that runs for months lets go of goes back to the system, not into heaps that only grow.

glibc gives every few threads a heap of their own, which gives back no more than its end; and once a
large piece was let go, it takes the next of that size (up to 32 MB) from these heaps, too. A form is
some hundred kilobytes of text, made and let go in a dozen threads: after a thousand steps the server
held 35 MB of holes (mallinfo2), and more after each thousand. With two heaps, and every large piece on
pages of its own, it holds a sixth of that. mallopt(3).

SQLite keeps up to 2 MB of pages for each connection, most of which others have written anew since; all
connections of a process together get PAGES for them. <https://www.sqlite.org/c3ref/hard_heap_limit64.html>
"""

from __future__ import annotations

import ctypes
import platform
import sqlite3
from contextlib import closing
from typing import Final

LARGE: Final = 128 * 1024
"""From so many bytes on, a piece has pages of its own; a free end of a heap as large is given back."""
HEAPS: Final = 2
PAGES: Final = 8 * 1024 * 1024
"""Bytes that SQLite holds before it takes a page of its own for the next, not a new one."""
_M_TRIM_THRESHOLD: Final = -1
_M_MMAP_THRESHOLD: Final = -3
_M_ARENA_MAX: Final = -8
"""The names of <malloc.h>."""


def give_back() -> None:
    """From now on, what is freed is given back, and SQLite keeps few pages. Where the C library is
    another than glibc, it does as it does. To be called before there are many threads.
    """
    with closing(sqlite3.connect(":memory:")) as any_of_them:
        any_of_them.execute(f"PRAGMA soft_heap_limit={PAGES}")
    if platform.libc_ver()[0] == "glibc":
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_ARENA_MAX, HEAPS)
        mallopt(_M_MMAP_THRESHOLD, LARGE)
        mallopt(_M_TRIM_THRESHOLD, LARGE)
