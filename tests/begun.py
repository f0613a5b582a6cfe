"""A process of ours that a test begins beside itself: what it says, until it is ready, its end."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests import kills


class Begun:
    """One process, whose words go into a log."""

    stops_within = 120.0  # seconds

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self.command, self.environment, self.log = command, environment, log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; it says when it is ready (`until`)."""
        self.log.parent.mkdir(exist_ok=True)
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self.command, env=self.environment, cwd=kills.ROOT, stdout=log, stderr=log
            )

    def said(self) -> str:
        return self.log.read_text("utf-8", errors="replace")

    def all_said(self) -> str:
        """What it said, and how it ended."""
        assert self.process is not None
        return f"{self.log.stem} {self.process.poll()}\n{self.said()}"

    def until(self, words: str) -> None:
        """Wait until it says so."""
        patience = time.monotonic() + kills.PATIENCE
        while words not in self.said():
            assert self.process is not None
            assert self.process.poll() is None, self.all_said()
            assert time.monotonic() < patience, f"{words}？{self.all_said()}"
            time.sleep(0.1)

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """End it in good order, if it is at work."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(self.stops_within)
