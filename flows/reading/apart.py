"""A file of others read in a process of its own, with bounded memory and time.

What would fill the memory, or take for ever, ends that process and nothing else. The content goes in on
stdin, what is asked of it as arguments; the answer comes on stdout.
"""

from __future__ import annotations

import subprocess
import sys


def asked(program: str, content: bytes, seconds: float, *what: str) -> bytes:
    """What a module of ours, run by itself, answers to a content; b"" where it failed.

    Raises subprocess.TimeoutExpired.
    """
    done = subprocess.run(
        [sys.executable, "-m", program, *what],
        input=content,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=seconds,
        check=False,
    )
    return done.stdout if done.returncode == 0 else b""


def bounded(memory: int, seconds: int) -> None:
    """No more memory (bytes) and no more time than that for this process, where the system can be told."""
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
