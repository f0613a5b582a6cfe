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
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, make_url, text

from flows import office
from flows.installation import opening
from flows.path import intake

ASKED = os.environ.get("DISCLOSURE_DATABASE_URL", "")
TODAY = "2026-03-02"


@contextmanager
def empty_register(
    folder: Path, environment: pytest.MonkeyPatch, *, made: bool = True
) -> Iterator[str]:
    """Make `office` write to an empty register, and to `folder`, while the block lasts.

    made = whether it may be there, empty, before it is first opened
    """
    with _database(folder, made=made) as url:
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
    if not ASKED.startswith("postgresql"):
        file, key = folder / "register.db", os.environ.get("DISCLOSURE_KEY")
        if made and key and not any(folder.glob("register.db*")):
            folder.mkdir(exist_ok=True)
            shutil.copyfile(_made(key), file)
        yield f"sqlite:///{file}"
        return
    asked = make_url(ASKED)
    schema = f"test_{uuid4().hex}"
    server = create_engine(asked.set(drivername="postgresql+psycopg"))
    with server.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    try:
        inside = asked.update_query_dict({"options": f"-csearch_path={schema}"})
        yield inside.render_as_string(hide_password=False)
    finally:
        with server.begin() as connection:
            connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
        server.dispose()


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
