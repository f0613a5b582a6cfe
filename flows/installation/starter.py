"""Until when a process that was started by another lives: its standard input ends with its starter."""

from __future__ import annotations

import os
import sys
from typing import Final

_AT_ONCE: Final = 4096


def until_gone() -> None:
    """Wait until whoever started this process is gone, however that came about.

    Read past Python's buffer: a thread that waits in it holds its lock, and a process that meanwhile ends
    by itself would be broken off by the interpreter (exit code -6), whatever it had to say.
    """
    stdin = sys.stdin.fileno()
    while os.read(stdin, _AT_ONCE):
        pass
