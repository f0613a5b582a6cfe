"""A PostgreSQL of one's own in a scratch folder, reached by its socket alone: started, stopped."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

USER = "office"
TRIES = 50
needed = pytest.mark.skipif(
    not list(Path("/usr/lib/postgresql").glob("*/bin/initdb")) and not os.environ.get("CI"),
    reason="需要 PostgreSQL（apt install postgresql）",
)
"""Of tests for which one is started; where there is none, CI may not skip them."""


class PostgreSQL:
    """The server in one folder; bin = the folder of initdb and pg_ctl, "" = Debian's newest.

    PostgreSQL refuses to run as root: root runs it as Debian's user postgres.
    """

    def __init__(self, folder: Path, bin: str = "") -> None:
        self._bin = Path(bin) if bin else sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        self._data, self._socket = folder / "pg", folder / "socket"
        self._as = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        for part in (self._data, self._socket):
            part.mkdir()
            if self._as:
                shutil.chown(part, "postgres")
        folder.chmod(0o755)
        self._run("initdb", "-D", str(self._data), "-U", USER, "-A", "trust", "-E", "UTF8")

    def start(self) -> None:
        options = f"-c listen_addresses='' -k {self._socket}"
        for tried in range(TRIES):
            try:
                self._ctl("-w", "-l", str(self._data / "log"), "-o", options, "start")
            except subprocess.CalledProcessError:  # one that was killed has not let go of all yet
                if tried == TRIES - 1:
                    raise
                time.sleep(0.2)
            else:
                return

    def stop(self) -> None:
        """At once, as if the power had gone."""
        self._ctl("-m", "immediate", "stop")

    def kill(self) -> None:
        """The server's first process is gone without a word; the others follow it."""
        os.kill(self.pid(), signal.SIGKILL)

    def pid(self) -> int:
        """Its first process, whose children the others are."""
        return int((self._data / "postmaster.pid").read_text().split()[0])

    def database(self, name: str) -> str:
        """A new empty database; its address as `DISCLOSURE_DATABASE_URL` takes it."""
        self._run("createdb", "-h", str(self._socket), "-U", USER, name)
        return f"postgresql://{USER}@/{name}?host={self._socket}"

    def _ctl(self, *words: str) -> None:
        self._run("pg_ctl", "-D", str(self._data), "-s", *words)

    def _run(self, program: str, *words: str) -> None:
        command = [*self._as, str(self._bin / program), *words]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")


@contextmanager
def running(folder: Path, bin: str = "") -> Iterator[PostgreSQL]:
    """Such a server while the block lasts."""
    server = PostgreSQL(folder, bin)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def scratch() -> Iterator[PostgreSQL]:
    """Such a server in a folder of its own, that its own user can get to."""
    with (
        tempfile.TemporaryDirectory(prefix="disclosure-pg-") as folder,
        running(Path(folder)) as one,
    ):
        yield one
