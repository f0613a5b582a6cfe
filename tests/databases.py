"""An empty register for each test: SQLite in its own folder, or a schema of its own on PostgreSQL.

With DISCLOSURE_DATABASE_URL set to a PostgreSQL, the same tests run there.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

from flows import office
from flows.installation import opening
from flows.path import intake
from tests import compiled, schemas

TODAY = "2026-03-02"


@contextmanager
def empty_register(
    folder: Path, environment: pytest.MonkeyPatch, *, made: bool = True
) -> Iterator[str]:
    """Make `office` write to an empty register, and to `folder`, while the block lasts.

    made = whether it may be there, empty, before it is first opened
    """
    with _database(folder, made=made) as url:
        compiled.shared(environment)
        environment.setenv("DISCLOSURE_HOME", str(folder))
        environment.setenv("DISCLOSURE_DATABASE_URL", url)
        environment.setenv("DISCLOSURE_TODAY", TODAY)
        try:
            yield url
        finally:
            office.close()


@cache
def _made(key: str) -> Path:
    """An empty register under this key, made once; to be copied, which costs a tenth of making it."""
    folder = Path(tempfile.mkdtemp(prefix="disclosure-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    file = folder / "register.db"
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DISCLOSURE_KEY", key)
        opening.opened(opening.address(f"sqlite:///{file}"), folder).close()
    return file


@contextmanager
def _database(folder: Path, *, made: bool) -> Iterator[str]:
    if not schemas.ASKED.startswith("postgresql"):
        file, key = folder / "register.db", os.environ.get("DISCLOSURE_KEY")
        if made and key and not any(folder.glob("register.db*")):
            folder.mkdir(exist_ok=True)
            shutil.copyfile(_made(key), file)
        yield f"sqlite:///{file}"
        return
    key = os.environ.get("DISCLOSURE_KEY") if made else None
    schema = schemas.ready(key, _open_first) if key else schemas.empty()
    try:
        yield schemas.address(schema)
    finally:
        schemas.back(schema, key)


def _open_first(url: str) -> None:
    with tempfile.TemporaryDirectory(prefix="disclosure-tests-") as home:
        opening.opened(opening.address(url), Path(home)).close()


def registered() -> str:
    """An application of today, with something sealed; its number."""
    return intake.receive(
        channel="当面提交",
        kind="自然人",
        applicant="张三",
        request="甲",
        arrived_on=office.today(),
        contact="电话",
    ).number
