"""Prefect's empty database for the server of the tests, made once: the first start of each is spared it.

That a first start makes its own is held by tests/test_prefect_database.py, tests/test_kills.py and
`disclosure demo`.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from flows.installation.prefect_database import FILE, MARK

WHERE = "TESTS_FIRST_START"  # told to the processes of the tests by the one that began them
if WHERE not in os.environ:
    os.environ[WHERE] = tempfile.mkdtemp(prefix="disclosure-prefect-")
    atexit.register(shutil.rmtree, os.environ[WHERE], ignore_errors=True)
MADE = Path(os.environ[WHERE])


def spared(prefect: Path) -> None:
    """Put the database into this folder, where there is none."""
    if (prefect / FILE).exists():
        return
    prefect.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_made() / FILE, prefect / FILE)
    (prefect / MARK).write_text(f"{version('prefect')}\n")


def _made() -> Path:
    """The folder that it was made in, by whichever process of the tests came first."""
    with (MADE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (MADE / MARK).exists():
            url = f"sqlite+aiosqlite:///{MADE / FILE}"
            quick = "import gc; gc.disable(); import asyncio"  # it ends before garbage matters
            asked = "from prefect.server.database import provide_database_interface as p"
            subprocess.run(
                [sys.executable, "-c", f"{quick}; {asked}; asyncio.run(p().create_db())"],
                env=os.environ
                | {"PREFECT_API_DATABASE_CONNECTION_URL": url, "PREFECT_HOME": str(MADE)},
                check=True,
            )
            (MADE / MARK).write_text(version("prefect"))
    return MADE
