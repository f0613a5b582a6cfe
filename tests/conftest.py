"""One real Prefect server for the whole session.

Prefect reads its settings once, when it is first imported: they are put in place here, before any
test module is. The server itself starts only when a test asks for `prefect_server`.
"""

from __future__ import annotations

import atexit
import gc
import os
import shutil
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from argon2 import PasswordHasher
from hypothesis import settings
from hypothesis.strategies import characters
from sqlalchemy import make_url

from flows.server import in_time, server_process
from letters.picture import picture_png
from models.register import accounts
from models.store.sealing import new_key
from tests import first_start
from tests.following import FOLLOWED, followed
from tests.ports import free_port

if TYPE_CHECKING:
    from tests.our_pages import Desk
    from tests.postgresql import PostgreSQL

gc.disable()  # until all is imported: looking through it costs a sixth of that, and finds nothing

SCRATCH = Path(tempfile.mkdtemp(prefix="disclosure-tests-"))
atexit.register(shutil.rmtree, SCRATCH, ignore_errors=True)


settings.register_profile("untimed", deadline=None)  # how fast a test is depends on the machine
settings.load_profile("untimed")
PAINTED, picture_png.ZOOM = (
    picture_png.ZOOM,
    0.1,
)  # most tests look at no picture, and it takes a second
in_time.SECONDS.update(dict.fromkeys(in_time.SECONDS, 60.0))  # a test of it says how long

MAKE_CONTEXT = ssl.create_default_context
READ_ONCE = cache(MAKE_CONTEXT)


def trusting(*given: Any, **named: Any) -> ssl.SSLContext:
    """Certificates by a file that is named, as httpx and Prefect name theirs: read for each client anew,
    they took it 50 ms, also where nothing speaks TLS.
    """
    return (MAKE_CONTEXT if given or [*named] != ["cafile"] else READ_ONCE)(*given, **named)


ssl.create_default_context = trusting
HASHER = accounts._HASHER
QUICK = PasswordHasher(
    time_cost=1, memory_cost=64, parallelism=1
)  # a real one takes 0.2 s each time
accounts._HASHER, accounts._NOBODYS = QUICK, accounts.nobodys(QUICK)

DATABASE_URL, PROCESS = "DISCLOSURE_DATABASE_URL", "PYTEST_XDIST_WORKER"
HOME, PORT = SCRATCH / "prefect", free_port()
os.environ |= server_process.environment(HOME, PORT)
os.environ["DISCLOSURE_HOME"] = str(SCRATCH / "home")  # never the office of whoever runs the tests
if (register := os.environ.get(DATABASE_URL)) and (process := os.environ.get(PROCESS)):
    mine = make_url(register)  # each process of the tests has a database of its own
    os.environ[DATABASE_URL] = mine.set(database=f"{mine.database}_{process}").render_as_string(
        False
    )
os.environ["DISCLOSURE_KEY"] = new_key()  # one for the server and for every register of the tests


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--shuffle SEED`: the files in another order, and the tests in each."""
    parser.addoption("--shuffle", type=int, default=None, metavar="SEED", help="in a random order")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest first, so that the others run beside them: kills, then what needs the server, then
    those that begin servers and browsers of their own. In a random order, files stay together: their
    tests share a register or a server.
    """
    items.sort(key=_short)
    seed = config.getoption("--shuffle")
    if seed is None:
        return
    chance = Random(seed)
    files = {item.path: chance.random() for item in items}
    items.sort(key=lambda item: (files[item.path], chance.random()))


def pytest_collection_finish(session: pytest.Session) -> None:
    """What is imported stays, and is not looked through again. Whoever collects for the processes of the
    tests (.ci/run) leaves them Hypothesis's table of a million characters, too: three seconds for each.
    """
    if session.config.option.collectonly:
        characters(codec="utf-8").validate()
    gc.enable()
    gc.freeze()


LONG = (
    "test_browser",
    "test_city",
    "test_three_officers",
    "test_bench_in_browser",
    "test_office_year",
)


def _short(item: pytest.Item) -> int:
    if "test_kills" in item.nodeid:
        return 0
    if "prefect_server" in getattr(item, "fixturenames", ()):
        return 1
    return 2 if item.path.stem in LONG else 3


class _Server(ExitStack):
    """The session's Prefect server, while there is a test that needs it."""

    address = ""

    def start(self) -> str:
        """Its address; started if it is not at work."""
        if not self.address:
            patch = self.enter_context(pytest.MonkeyPatch.context())
            patch.setenv(FOLLOWED, self.enter_context(followed()))
            patch.setattr(server_process, "PROGRAM", "tests.following")
            first_start.spared(HOME)
            self.address = self.enter_context(server_process.running(HOME, PORT))
        return self.address

    def stop(self) -> None:
        """End it."""
        self.address = ""
        self.close()


_SERVER = _Server()


@pytest.fixture(scope="module")
def prefect_server() -> str:
    """The address of the session's Prefect server, on SQLite in a scratch folder.

    Its forms are those of whatever office the test at hand has set up (tests/following.py). It is one
    for all modules that come one after the other.
    """
    return _SERVER.start()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """Stop the server after the last module that needs it: idle, it costs as much as many a test."""
    yield
    another = nextitem is None or nextitem.path != item.path
    if another and not gc.get_freeze_count():  # an office that ran in this process has let go of it
        gc.collect()
        gc.freeze()
    if another and "prefect_server" not in getattr(nextitem, "fixturenames", ()):
        _SERVER.stop()


@pytest.fixture(scope="module")
def postgresql_server() -> Iterator[PostgreSQL]:
    """A PostgreSQL for the tests of a module."""
    from tests import postgresql

    with postgresql.scratch() as one:
        yield one


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Our own pages before an empty register, nobody listed."""
    from tests.databases import empty_register
    from tests.our_pages import Desk

    with empty_register(tmp_path, monkeypatch):
        yield Desk()


@pytest.fixture
def staffed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The same of an office with officers of each role."""
    from officers import OFFICERS

    from flows import office

    agency = office.agency().model_copy(update={"officers": OFFICERS})
    monkeypatch.setattr(office, "agency", lambda: agency)
    return desk


@pytest.fixture
def as_in_an_office(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords are hashed as slowly as in an office."""
    monkeypatch.setattr(accounts, "_HASHER", HASHER)
    monkeypatch.setattr(accounts, "_NOBODYS", accounts.nobodys(HASHER))
