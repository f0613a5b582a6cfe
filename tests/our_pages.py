"""Our own pages before what stands for Prefect, for the tests of what they show and submit."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import httpx
from prefect.client.schemas.objects import FlowRun, StateType
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.types import Receive, Scope, Send

from flows import office
from flows.installation.entrance import CALLER, Entrance, Visitor
from flows.installation.front_door import Doors
from flows.path import intake, recording
from flows.path.form_fields import By
from flows.prefect_side.kept_forms import Offered
from flows.prefect_side.our_flows import OUR_FLOWS
from flows.server.archive_pages import ArchivePages
from flows.server.begun_forms import BegunForms
from flows.server.begun_pages import BegunPages
from flows.server.bench_pages import BenchPages
from flows.server.calendar_pages import CalendarPages
from flows.server.frequent_pages import FrequentPages
from flows.server.paper_pages import PaperPages
from flows.server.persons import Kept, Persons
from flows.server.print_pages import PrintPages
from flows.server.review_pages import ReviewPages
from flows.server.screening_pages import ScreeningPages
from flows.server.sent_forms import FormTokens
from flows.server.service_pages import ServicePages
from flows.server.shown_again import ShownAgain
from flows.server.statistics_pages import StatisticsPages
from flows.server.together_pages import TogetherPages
from flows.server.year_pages import YearPages
from models.register import access_log, register
from models.store.tables import Application
from tests.databases import TODAY
from tests.histories import DRAFTER

CLERK = DRAFTER
TOKEN = re.compile('name="token" value="([^"]+)"')
ONCE = re.compile('name="once" value="([^"]+)"')


class Desk:
    """Our pages before what stands for Prefect: it takes every form that the layers let through."""

    def __init__(self) -> None:
        self.officer, self.taken = "", list[dict[str, Any]]()
        self.ids = {name: uuid4() for name in OUR_FLOWS}
        self.shown: dict[UUID, dict[str, Any]] = {}
        tokens = FormTokens()
        judged = BegunForms(self._prefect, self._offered, self._renew)
        persons = Persons(
            judged, "office:secret", Kept(self._offered, self._nothing, self._nothing)
        )
        begun = FrequentPages(BegunPages(persons, tokens, self._deployment))
        begun_on = CalendarPages(StatisticsPages(begun), tokens)
        year = YearPages(
            ArchivePages(PaperPages(ServicePages(PrintPages(begun_on), tokens), tokens), tokens),
            tokens,
            self._deployment,
        )
        beside = ReviewPages(ScreeningPages(year, tokens, self._deployment))
        pages = BenchPages(TogetherPages(beside, tokens), tokens)
        self.app = Doors(ShownAgain(pages), Entrance(), "", self._visitor)
        self.cookies = httpx.Cookies()

    def get(self, path: str, status: int = 200) -> str:
        answer = self._ask("GET", path)
        assert answer.status_code == status, answer.text
        return answer.text

    def content(self, path: str) -> bytes:
        """What is downloaded there."""
        answer = self._ask("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.content

    def led(self, path: str) -> str:
        answer = self._ask("GET", path)
        assert answer.status_code in (303, 307), answer.text
        return str(answer.headers["location"])

    def post(self, path: str, page: str = "", **fields: str) -> httpx.Response:
        """Fill in the form of a page (the same address, unless told) and submit it."""
        return self.post_as(self.get(page or path), path, **fields)

    def post_as(self, shown: str, path: str, **fields: str) -> httpx.Response:
        """Submit a page that was shown before."""
        hidden = {"token": TOKEN.search(shown), "once": ONCE.search(shown)}
        given = {name: found[1] for name, found in hidden.items() if found}
        return self._ask("POST", path.partition("?")[0], data=given | fields)

    def _ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """What the browser shows: a page that a form was answered with, once it was led there."""
        answer = self.sent(method, path, **more)
        where = answer.headers.get("location", "")
        return self.sent("GET", where) if "shown=" in where else answer

    def sent(self, method: str, path: str, **more: Any) -> httpx.Response:
        said = {"accept": "text/html", **more.pop("headers", {})}

        async def once() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://127.0.0.1", cookies=self.cookies
            ) as client:
                answer = await client.request(method, path, headers=said, **more)
                self.cookies.update(client.cookies)
                return answer

        return asyncio.run(once())

    async def _visitor(self, _: Scope) -> Visitor:
        return Visitor(asked=bool(self.officer), officer=self.officer)

    async def _deployment(self, name: str) -> UUID | None:
        return self.ids.get(name)

    async def _offered(self, deployment: UUID) -> Offered | None:
        name = next((one for one, id_ in self.ids.items() if id_ == deployment), None)
        return Offered(name, self.shown.get(deployment, {})) if name else None

    async def _nothing(self, _: UUID) -> None:
        return None

    async def _renew(self, deployment: UUID, shown: dict[str, Any]) -> None:
        self.shown[deployment] = shown

    async def _prefect(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if path.endswith("/validate"):
            await JSONResponse({"valid": True, "errors": []})(scope, receive, send)
        elif path.endswith("/create_flow_run"):
            assert dict(scope["headers"])[b"content-type"] == b"application/json"
            self.taken.append(json.loads((await receive())["body"]))
            await JSONResponse({"id": str(uuid4())}, 201)(scope, receive, send)
        elif path.startswith("/api/deployments/"):
            await JSONResponse({"parameter_openapi_schema": {}})(scope, receive, send)
        else:
            await PlainTextResponse(f"behind {scope[CALLER].name}")(scope, receive, send)


@dataclass
class Ended:
    """In Prefect's place: a run that is done, and what stands on its page."""

    form: str
    name: str
    told: str
    given: dict[str, Any] = field(default_factory=dict)

    def __call__(self) -> Ended:
        return self

    def __enter__(self) -> Ended:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def read_flow_run(self, run: UUID) -> FlowRun:
        return FlowRun(
            id=run,
            flow_id=run,
            name=self.name,
            state_type=StateType.COMPLETED,
            work_queue_name=None,
            parameters=self.given,
        )

    def read_flow(self, _: UUID) -> Any:
        return SimpleNamespace(name=self.form)

    def read_artifacts(self, **_: object) -> list[Any]:
        return [SimpleNamespace(key=None, data=self.told)]


def received(applicant: str = "张三", officer: str = CLERK, request: str = "甲") -> str:
    return intake.receive(
        channel="当面提交",
        kind="自然人",
        applicant=applicant,
        request=request,
        arrived_on=office.today(),
        officer=officer,
    ).number


def done(number: str, kind: str, officer: str = CLERK, **answer: object) -> None:
    recording.perform_now(number, kind, answer, By(officer))


def confirmed(number: str) -> None:
    done(number, "received", received_on=TODAY)


def at(number: str, **columns: object) -> None:
    """What the register's columns for look-up say of a case."""
    with office.writing() as session:
        row = session.get(Application, number)
        assert row is not None
        for name, value in columns.items():
            setattr(row, name, value)


def part(page: str, key: str) -> str:
    """A section of the bench."""
    found = re.search(f'aria-labelledby="{key}".*?</section>', page, re.DOTALL)
    return found[0] if found else ""


def lines() -> list[tuple[str, str]]:
    with office.reading() as session:
        found = access_log.lines(
            session, datetime(2020, 1, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
        )
    return [(one.officer, one.what) for one in found]


def keys(page: str) -> dict[str, str]:
    """The cases that can be ticked, by number."""
    found = re.findall(r'name="pick\.(\d+ ([^"]+))"', page)
    return {number: key for key, number in found}


def many_open(cases: int, year: int = 2025) -> None:
    """So many more open cases, their last days around today."""
    number = received()
    with office.writing() as session:
        row, first = register.row(session, number), register.events(session, number)[0]
        for n in range(cases):
            due = date(2026, 3, 2) + timedelta(days=n % 60 - 10)
            copy = row.model_dump() | {"number": f"SQ{year}{n:05}", "last_day": due}
            session.add(Application(**copy))
            session.add(type(first)(**first.model_dump() | {"case_number": copy["number"]}))
