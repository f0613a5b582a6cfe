"""Whoever opens a form or a dossier leaves a line; lists hand out names alone."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from databases import empty_register
from sqlalchemy.exc import OperationalError
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from flows import office
from flows.installation.entrance import CALLER, NAMELESS, OFFICE, Caller
from flows.path import intake, presenting, recording
from flows.server import in_time, opened_dossiers, readings
from flows.server.opened_dossiers import OpenedDossiers
from flows.server.readings import AGAIN_SECONDS, Readings, without_content
from models.register import access_log

CLERK = Caller("陈静", officer="陈静", visit="x", asked=True, address="10.0.0.5")
OTHER = Caller("李明", officer="李明", visit="y", asked=True, address="10.0.0.6")
CASE, RUN, BEGUN, NOBODYS, SHEET = "SQ202600001", *(UUID(int=n) for n in range(1, 5))
KEY = presenting.artifact_key(CASE)
DOSSIER = {"id": str(SHEET), "key": KEY, "data": "# 卷宗", "metadata_": {"number": CASE}}
SCHEMA, WORDS = (
    f"/api/flow_runs/{RUN}/input/suspended-3-0-{one}" for one in ("schema", "description")
)
ALWAYS = datetime(2020, 1, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


class Opened:
    """What is read, before an application that answers as Prefect does."""

    def __init__(self) -> None:
        self.at, self.status = 0.0, 200
        self.answers: dict[str, Any] = {
            f"/api/artifacts/{DOSSIER['id']}": DOSSIER,
            f"/api/artifacts/{KEY}/latest": DOSSIER,
            "/api/artifacts/todo/latest": DOSSIER | {"key": "todo"},
        }
        self.app = Readings(self._prefect, self._whose, lambda: self.at)

    async def _whose(self, run: UUID) -> str:
        return {RUN: CASE, BEGUN: "登记申请"}.get(run, "")

    async def _prefect(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "POST":
            answer: Any = [DOSSIER, DOSSIER | {"key": "todo"}, {"key": None, "data": "x"}]
        else:
            answer = self.answers.get(scope["path"], {"shown": True})
        await JSONResponse(answer, self.status)(scope, receive, send)

    def asks(self, caller: Caller | None, path: str, method: str = "GET") -> httpx.Response:
        async def by(scope: Scope, receive: Receive, send: Send) -> None:
            await self.app(scope if caller is None else {**scope, CALLER: caller}, receive, send)

        async def once() -> httpx.Response:
            transport = httpx.ASGITransport(by)
            async with httpx.AsyncClient(transport=transport, base_url="http://desk") as client:
                return await client.request(method, path)

        return asyncio.run(once())


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opened]:
    with empty_register(tmp_path, monkeypatch):
        yield Opened()


def lines() -> list[tuple[str, str, str]]:
    with office.reading() as session:
        found = access_log.lines(session, *ALWAYS)
    assert {one.kind for one in found} <= {"read"}
    return [(one.officer, one.address, one.what) for one in found]


@pytest.mark.parametrize(
    ("path", "what"),
    [
        (SCHEMA, f"{CASE} 办理表单"),
        (WORDS, f"{CASE} 办理表单"),
        (f"/api/flow_runs/{BEGUN}/input/suspended-asked-0-schema", "登记申请 办理表单"),
        (f"/api/artifacts/{DOSSIER['id']}", f"{CASE} 卷宗"),
        (f"/api/artifacts/{KEY}/latest", f"{CASE} 卷宗"),
    ],
)
def test_who_opens_a_form_or_a_dossier_leaves_a_line(opened: Opened, path: str, what: str) -> None:
    answer = opened.asks(CLERK, path)
    assert answer.json() in (DOSSIER, {"shown": True})
    assert lines() == [("陈静", "10.0.0.5", what)]


@pytest.mark.parametrize(
    ("caller", "path"),
    [
        (OFFICE, SCHEMA),
        (Caller(NAMELESS), SCHEMA),
        (None, SCHEMA),
        (OFFICE, f"/api/artifacts/{KEY}/latest"),
        (CLERK, "/api/artifacts/todo/latest"),
        (CLERK, f"/api/flow_runs/{NOBODYS}/input/suspended-3-0-schema"),
        (CLERK, f"/api/flow_runs/{RUN}"),
        (CLERK, "/"),
    ],
)
def test_what_is_read_of_no_case_or_by_nobody_leaves_none(
    opened: Opened, caller: Caller | None, path: str
) -> None:
    assert opened.asks(caller, path).status_code == 200
    assert lines() == []


def test_what_is_not_shown_was_not_read(opened: Opened) -> None:
    opened.status = 404
    for path in (SCHEMA, f"/api/artifacts/{NOBODYS}"):
        assert opened.asks(CLERK, path).status_code == 404
    assert lines() == []


def test_opened_again_within_a_minute_it_leaves_no_second_line(opened: Opened) -> None:
    for at, path, count in (
        *((0, SCHEMA, 1), (0, WORDS, 1), (AGAIN_SECONDS - 1, SCHEMA, 1)),
        *((AGAIN_SECONDS, SCHEMA, 2), (AGAIN_SECONDS + 1, f"/api/artifacts/{KEY}/latest", 3)),
    ):
        opened.at = at
        opened.asks(CLERK, path)
        assert len(lines()) == count, at
    opened.asks(OTHER, SCHEMA)
    assert lines()[-1] == ("李明", "10.0.0.6", f"{CASE} 办理表单")


@pytest.mark.parametrize("path", ["/api/artifacts/filter", "/api/artifacts/latest/filter"])
def test_a_list_of_dossiers_tells_their_names_alone(opened: Opened, path: str) -> None:
    given = opened.asks(CLERK, path, "POST").json()
    assert [one["data"] for one in given] == [None, "# 卷宗", "x"]
    assert given[0] == DOSSIER | {"data": None}
    assert opened.asks(OFFICE, path, "POST").json()[0] == DOSSIER
    assert lines() == []


@pytest.mark.parametrize("told", [b"", b"{", b'{"detail": "x"}', b"[1, null]"])
def test_what_is_no_list_stays_as_it_is(told: bytes) -> None:
    changed = without_content(told)
    assert changed == told or json.loads(changed) == json.loads(told)


def test_a_line_that_cannot_be_written_now_is_written_with_the_next(
    opened: Opened, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever opens a form while the register is locked reads it all the same."""
    write = access_log.write

    def away(*_: object, **__: object) -> None:
        raise office.DatabaseFailed("away")

    monkeypatch.setattr(access_log, "write", away)
    assert opened.asks(CLERK, SCHEMA).status_code == 200
    assert f"陈静　{CASE} 办理表单" in caplog.text
    monkeypatch.setattr(access_log, "write", write)
    assert lines() == []
    opened.asks(OTHER, SCHEMA)
    assert [one[0] for one in lines()] == ["陈静", "李明"]


def test_a_register_that_does_not_answer_holds_no_form_back(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(in_time.SECONDS, "opening", 0.2)
    write, go = access_log.write, threading.Event()

    def slowly(*given: Any, **named: Any) -> None:
        go.wait(10)
        write(*given, **named)

    monkeypatch.setattr(readings.access_log, "write", slowly)
    for caller in (CLERK, OTHER):
        assert opened.asks(caller, SCHEMA).status_code == 200
    go.set()
    opened.asks(Caller("王建国", officer="王建国"), SCHEMA)
    _until(lambda: len(lines()) == 3)
    assert [one[0] for one in lines()] == ["陈静", "李明", "王建国"]


@pytest.mark.parametrize("count", [0, 1, 15, 16, 40])
@pytest.mark.parametrize("longest", [11, 60])
def test_a_list_is_noted_to_its_last_number(opened: Opened, count: int, longest: int) -> None:
    shown = [f"SQ2026{n:05d}".ljust(longest, "x") for n in range(count)]
    with office.writing() as session:
        access_log.write(session, "read", office.now(), what=f"查询 {count}件", numbers=shown)
    noted = [what for _, _, what in lines()]
    assert all(len(what) <= access_log.LONGEST for what in noted)
    assert all(what.startswith(f"查询 {count}件") for what in noted)
    assert [one for what in noted for one in what.split()[2:] for one in one.split("、")] == shown


def _until(there: Callable[[], bool]) -> None:
    import time

    patience = time.monotonic() + 10
    while not there():
        assert time.monotonic() < patience
        time.sleep(0.02)


# ── a dossier is made when it is opened ───────────────────────────────────────────────────────


def test_a_dossier_is_made_when_it_is_opened_and_it_is_noted_who_opened_it(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened.app = Readings(OpenedDossiers(opened._prefect), opened._whose, lambda: opened.at)
    case = intake.receive(
        channel="当面提交",
        kind="自然人",
        applicant="张三",
        request="专利资助名单",
        arrived_on=date(2026, 3, 2),
    )
    whose = {"number": case.number, "when_opened": "yes"}
    page, before = DOSSIER | {"data": "登记簿暂无响应", "metadata_": whose}, len(lines())
    opened.answers[path := f"/api/artifacts/{SHEET}"] = page
    first = opened.asks(CLERK, path)
    assert "专利资助名单" in first.json()["data"]
    assert {**first.json(), "data": ""} == {**page, "data": ""}
    assert lines()[before:] == [(CLERK.officer, CLERK.address, f"{case.number} 卷宗")]
    received = {"received_on": date(2026, 3, 2)}
    assert recording.perform(case.number, 1, "received", received, "陈静").reasons == ()
    for caller in (CLERK, OFFICE, None):
        assert "2026年3月30日" in opened.asks(caller, path).json()["data"], caller
    with monkeypatch.context() as away:
        away.setattr(opened_dossiers, "dossier", broken)
        assert opened.asks(CLERK, path).json() == page
    opened.answers[path] = page | {"metadata_": whose | {"number": "SQ209900001"}}
    assert "SQ209900001" in opened.asks(CLERK, path).json()["data"]
    opened.answers[path] = DOSSIER
    assert opened.asks(CLERK, path).json() == DOSSIER, "as an earlier release filed it"
    opened.status = 404
    assert opened.asks(CLERK, path).status_code == 404


def broken(*_: object) -> None:
    raise OperationalError("", {}, Exception("locked"))
