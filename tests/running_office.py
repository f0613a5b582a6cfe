"""A running office at the level of the server's own layers: its day, its config, a form put up.

In place of Prefect stands what it keeps of one run, and an application that says it was reached.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from histories import CONFIG
from played import Played
from situations import reached
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.types import Receive, Scope, Send

from flows import office
from flows.path import forms
from flows.prefect_side.kept_forms import KeptForm, Waiting, schema_key
from flows.prefect_side.one_form import form, place
from flows.server.judged_forms import JudgedForms
from flows.server.opened_forms import RUN, OpenedForms
from models.case.case import Case
from tests.databases import empty_register

DAY = date(2026, 3, 2)


class RunningOffice:
    """A running office: its day, its config, and what Prefect keeps of one run."""

    def __init__(self, folder: Path, environment: pytest.MonkeyPatch) -> None:
        self.folder, self.clock = folder, folder / "today"
        self.config = shutil.copytree(CONFIG, folder / "config")
        environment.setenv("DISCLOSURE_CONFIG", str(self.config))
        environment.setenv("DISCLOSURE_TODAY_FILE", str(self.clock))
        environment.delenv("DISCLOSURE_TODAY")
        self.today = DAY
        self.run, self.number, self.renewed = uuid4(), "", 0
        self.kept: dict[str, KeptForm] = {}
        self.opening = OpenedForms(self._prefect, self._kept, self._renew)
        self.reached: list[dict[str, Any]] = []
        self.app = JudgedForms(self.opening, self.opening.form, self._waiting)

    @property
    def today(self) -> date:
        return office.today()

    @today.setter
    def today(self, day: date) -> None:
        self.clock.write_text(f"{day}\n", "utf-8")

    def put_up(self, situation: str) -> Case:
        """Bring an application so far, and suspend its run there, as the flow does."""
        with office.writing() as session:
            play = reached(session, situation)
            case = play.case()
        self.today, self.number = play.today, case.number
        self._numbers = play.numbers
        with office.reading() as session:
            point = forms.point(session, case)
        shown = form(point.schema, point.description, place(point.key))
        self.pause = point.key
        self.kept[self.key] = KeptForm(case.number, shown, datetime(2026, 3, 2, 1, tzinfo=UTC))
        return case

    def goes_on(self, *said: str) -> None:
        """What happens meanwhile, in other applications of the situation."""
        with office.writing() as session:
            play = Played(session, today=self.today)
            play.numbers = self._numbers
            for one in said:
                play.line(one)

    @property
    def key(self) -> str:
        return schema_key(self.pause)

    def opened(self) -> dict[str, Any]:
        """The form as its officer opens it now."""
        answer = self.asked("GET", f"/api/flow_runs/{self.run}/input/{self.key}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        assert found.get(RUN, str(self.run)) == str(self.run)
        return {name: part for name, part in found.items() if name != RUN}

    def words(self) -> str:
        """What stands above its fields."""
        return str(self.opened()["properties"][place(self.pause)]["description"])

    def tabs(self) -> list[dict[str, Any]]:
        return list(self.opened()["definitions"].values())

    def field(self, key: str) -> dict[str, Any]:
        return next(tab["properties"][key] for tab in self.tabs() if key in tab["properties"])

    def asked(self, method: str, path: str, **body: Any) -> httpx.Response:
        """The answer to one request of the UI."""

        async def once() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://desk") as client:
                return await client.request(method, path, json=body or None)

        return asyncio.run(once())

    def submitted(self, answer: dict[str, Any]) -> str:
        """Submit the form as the UI does: "" if it went on to Prefect, or why it was turned away."""
        given = {"run_input": {place(self.pause): answer}}
        said = self.asked("POST", f"/api/flow_runs/{self.run}/resume", **given).json()
        return "" if said["status"] == "ACCEPT" else str(said["details"]["reason"])

    def checked(self, answer: dict[str, Any]) -> list[str]:
        """The findings that stand in the open dialog before it is submitted."""
        shown = self.opened() | {RUN: str(self.run)}
        given = {"schema": shown, "values": {place(self.pause): answer}}
        said = self.asked("POST", "/api/ui/schemas/validate", **given).json()
        return [words for one in said["errors"] for words in one["errors"]]

    async def _waiting(self, run: UUID) -> Waiting | None:
        kept = self.kept.get(self.key) if run == self.run else None
        return Waiting(self.number, self.pause, kept.shown) if kept else None

    async def _prefect(self, scope: Scope, receive: Receive, send: Send) -> None:
        """In place of Prefect: takes every form, finds nothing wrong, knows nothing else."""
        path = scope["path"]
        if path.endswith("/resume"):
            self.reached.append(json.loads((await receive())["body"]))
            await JSONResponse({"status": "ACCEPT"}, 201)(scope, receive, send)
        elif path.endswith("/validate"):
            await JSONResponse({"valid": True, "errors": []})(scope, receive, send)
        else:
            await PlainTextResponse("Prefect", 404)(scope, receive, send)

    async def _kept(self, run: UUID, key: str) -> KeptForm | None:
        return self.kept.get(key) if run == self.run else None

    async def _renew(self, run: UUID, key: str, shown: dict[str, Any]) -> None:
        assert run == self.run
        self.kept[key] = KeptForm(self.number, shown, datetime.now(UTC))
        self.renewed += 1


@contextmanager
def running_office(folder: Path, environment: pytest.MonkeyPatch) -> Iterator[RunningOffice]:
    """An office in this folder, on DAY until it is told otherwise."""
    with empty_register(folder, environment):
        yield RunningOffice(folder, environment)
