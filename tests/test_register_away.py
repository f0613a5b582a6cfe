"""The register is locked by a backup, or its server is away, while officers are logged in."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from prefect.server.api.server import (
    custom_internal_exception_handler,
    integrity_exception_handler,
)
from redis.exceptions import RedisError
from sqlalchemy.exc import (
    DatabaseError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    OperationalError,
)
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send
from visitors import with_account

from flows import office
from flows.installation import office_secret
from flows.installation.damaged_database import damage_told
from flows.installation.entrance import Entrance
from flows.installation.front_door import Doors
from flows.path import desk as desks
from flows.path import recording
from flows.prefect_side import kept_forms
from flows.prefect_side.server_app import answer_when_away
from flows.server import in_time, server_process, visits
from flows.server.register_away import AGAIN, NOT_DONE, RegisterAway, told
from flows.server.together import AWAY, NOT_TRIED
from flows.server.visits import COOKIE
from models.register import accounts, register
from tests.databases import empty_register
from tests.our_pages import CLERK, Desk, keys, received

LOCKED = OperationalError("BEGIN", {}, sqlite3.OperationalError("database is locked"))


class Prefect:
    """In Prefect's place: says who asked."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await JSONResponse({"asked": scope["path"]})(scope, receive, send)


class Served:
    """The whole of the doors, as an officer's browser meets them."""

    def __init__(self, token: str = "") -> None:
        self.app = server_process.behind_the_doors(Prefect())
        self.token = token

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        async def once() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            cookies = {COOKIE: self.token}
            async with httpx.AsyncClient(
                transport=transport, base_url="http://127.0.0.1", cookies=cookies
            ) as client:
                return await client.request(method, path, headers={"accept": "text/html"}, **more)

        return asyncio.run(once())


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    monkeypatch.setenv(office_secret.SETTING, "office:secret")
    monkeypatch.setattr(kept_forms, "provide_database_interface", lambda: None)
    monkeypatch.setattr(visits, "MOMENT", 0.0)
    with empty_register(tmp_path, monkeypatch):
        received()
        with_account(CLERK)
        with office.writing() as session:
            token = accounts.begin(session, CLERK, "127.0.0.1", office.now())
        yield Served(token)


@contextmanager
def away(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The register's server is gone."""

    @contextmanager
    def gone(*_: object, **__: object) -> Iterator[None]:
        raise OperationalError("SELECT", {}, ConnectionError("server closed the connection"))
        yield

    with monkeypatch.context() as patch:
        patch.setattr(office, "reading", gone)
        patch.setattr(office, "writing", gone)
        yield


@contextmanager
def locked_for_writing() -> Iterator[None]:
    """A backup tool holds the register: it can be read, and not written."""
    with sqlite3.connect(office.home() / "register.db", timeout=0) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.rollback()
    other.close()


PAGES = ("/", "/cases/SQ202600001", "/new", "/together/signed", "/year", "/statistics", "/calendar")


def test_each_page_says_that_the_register_is_away(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert served.ask("GET", "/").status_code == 200
    with away(monkeypatch):
        for page in PAGES:
            told = served.ask("GET", page)
            assert (told.status_code, told.text) in ((503, AGAIN), (200, told.text)), page
        assert served.ask("GET", "/cases/SQ202600001").status_code == 503
        written = served.ask("POST", "/cases", data={"find": "x"})
        assert (written.status_code, written.text) in ((503, NOT_DONE), (403, written.text))
        assert served.ask("GET", "/api/health").json() == {"asked": "/api/health"}
    assert served.ask("GET", "/cases/SQ202600001").status_code == 200


def test_who_logged_in_is_remembered_for_two_minutes_of_it_and_nobody_else_gets_in(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = [0.0]
    behind = visits.Visits(lambda: at[0]).visitor
    served.app = RegisterAway(Doors(Prefect(), Entrance(), "", behind))
    assert served.ask("GET", "/api/version").json() == {"asked": "/api/version"}
    with away(monkeypatch):
        for seconds, status in ((3, 200), (119, 200), (120, 503), (121, 503)):
            at[0] = seconds
            told = served.ask("GET", "/api/version")
            assert told.status_code == status, seconds
        assert told.json() == {"detail": AGAIN}
        served.token = "of-nobody"
        assert served.ask("GET", "/api/version").status_code == 503
    served.token = ""
    assert served.ask("GET", "/api/version", follow_redirects=False).status_code in (303, 401)


def test_a_register_that_cannot_be_written_is_read_as_before(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The moment of a visit is noted when it can be; no page waits for that."""
    if not office.database_url().startswith("sqlite"):
        pytest.skip("SQLite alone locks a whole register")
    monkeypatch.setitem(in_time.SECONDS, "opening", 0.2)
    with locked_for_writing():
        assert served.ask("GET", "/").status_code == 200
        assert served.ask("GET", "/api/health").status_code == 200
    assert served.ask("GET", "/").status_code == 200


def test_what_the_register_answers_is_no_absence(served: Served) -> None:
    """A fault of ours is not taken for a register that is away."""

    async def broken(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise IntegrityError("INSERT", {}, sqlite3.IntegrityError("UNIQUE"))

    served.app = RegisterAway(broken)
    with pytest.raises(IntegrityError):
        served.ask("GET", "/")


def test_of_many_acts_the_page_says_which_were_recorded_before_the_register_went_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desks, "put_on_desk", lambda _: None)
    with empty_register(tmp_path, monkeypatch):
        desk, numbers = Desk(), [received() for _ in range(4)]
        shown = desk.get("/together/received")
        perform, tried = recording.perform, list[str]()

        def once(number: str, *given: Any) -> Any:
            tried.append(number)
            if len(tried) > 1:
                raise LOCKED
            return perform(number, *given)

        monkeypatch.setattr(recording, "perform", once)
        picked = {f"pick.{key}": "yes" for key in keys(shown).values()}
        answer = desk.post_as(shown, "/together/received", officer=CLERK, **picked)
        assert answer.status_code == 409
        assert tried == numbers[:2]
        assert "1件已登记，3件没有办" in answer.text
        assert (answer.text.count(AWAY), answer.text.count(NOT_TRIED)) == (1, 2)
        with office.reading() as session:
            positions = [register.case(session, number).position for number in numbers]
        assert positions == [2, 1, 1, 1]


# ── Prefect's own routes ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (ConnectionRefusedError(), 503),  # PostgreSQL is started anew
        (FileNotFoundError(), 503),  # and its socket is not there
        (RedisError(), 503),
        (InterfaceError("", {}, Exception()), 503),
        (OperationalError("", {}, sqlite3.OperationalError("disk I/O error")), 500),
        (IntegrityError("", {}, Exception()), 409),
        (KeyError(), 500),
    ],
    ids=lambda one: type(one).__name__,
)
@pytest.mark.parametrize(("method", "words"), [("GET", AGAIN), ("POST", NOT_DONE)])
def test_prefect_says_that_its_database_or_redis_is_away(
    fault: Exception, status: int, method: str, words: str
) -> None:
    """Only then: what it could not do for another reason is its fault as before."""

    def broken() -> None:
        raise fault

    api, app = FastAPI(exception_handlers=OF_PREFECT), FastAPI()
    api.add_api_route("/x", broken, methods=[method])
    app.mount("/api", api, name="api")
    answer_when_away(app, told)
    answers = httpx.ASGITransport(app=app, raise_app_exceptions=False)

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=answers, base_url="http://desk") as client:
            return await client.request(method, "/api/x")

    said = asyncio.run(ask())
    assert said.status_code == status
    assert (words in said.text) is (status == 503)


@pytest.mark.parametrize(
    ("origin", "logged"),
    [
        (
            sqlite3.DatabaseError("file is not a database"),
            "DatabaseError：file is not a database\n",
        ),
        (Exception("invalid input: 张三"), "DatabaseError\n"),
    ],
)
def test_the_log_says_that_prefects_file_is_damaged_and_nothing_that_was_written(
    origin: Exception, logged: str, caplog: pytest.LogCaptureFixture
) -> None:
    api, app = FastAPI(exception_handlers=OF_PREFECT), FastAPI()
    app.mount("/api", api, name="api")
    answer_when_away(app, told)
    handler = api.exception_handlers[DBAPIError]
    request = Request({"type": "http", "method": "GET", "path": "/x", "headers": []})
    asyncio.run(handler(request, DatabaseError("", {}, origin)))
    assert damage_told(caplog.text.encode()) is ("database" in logged)
    assert caplog.text.endswith(logged)


OF_PREFECT = {
    Exception: custom_internal_exception_handler,
    IntegrityError: integrity_exception_handler,
}
