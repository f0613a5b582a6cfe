"""A process that follows whoever started it: it ends with him, and may end by itself."""

from __future__ import annotations

import subprocess
import sys

import pytest

FOLLOWING = """
import threading, time
from flows.installation import starter
{seen}
threading.Thread(target=follow, daemon=True).start()
time.sleep({lives})
raise SystemExit(3)
"""
FOLLOW = """
def follow():
    starter.until_gone()
    print("gone", flush=True)
"""


def started(lives: float) -> subprocess.Popen[bytes]:
    said = FOLLOWING.format(seen=FOLLOW, lives=lives)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([sys.executable, "-c", said], **pipes)  # type: ignore[call-overload,no-any-return]


@pytest.mark.parametrize("told", [b"", b"word"])
def test_it_ends_by_itself_with_its_own_code_while_it_is_followed(told: bytes) -> None:
    """It was broken off with -6 where the thread waited in Python's own buffer."""
    process = started(0.3)
    assert process.stdin is not None
    assert process.stderr is not None
    process.stdin.write(told)
    process.stdin.flush()
    assert process.wait(60) == 3
    assert process.stderr.read() == b""


def test_it_is_told_when_whoever_started_it_is_gone() -> None:
    process = started(60)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    assert process.stdout.readline() == b"gone\n"
    process.kill()
    process.wait()
