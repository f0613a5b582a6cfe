"""Every address × everybody: who is answered, and by whom. The whole of what is ours, without Prefect.

In Prefect's place stands an application that notes what reached it and with what login: whatever of
an officer's request arrives there is what the table says (flows/prefect_side/routes.py), and nothing
of anybody else's does.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx
import pytest
from databases import empty_register
from our_pages import Ended
from sqlmodel import select
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send
from test_attacks import filled
from visitors import TOKEN, token_of, with_account

from flows import office
from flows.installation import office_secret
from flows.installation.entrance import (
    LOGIN,
    LOGOUT,
    NOT_IN,
    ONLY_SUPPLIES,
    OPEN,
    OURS,
    SUPPLY,
    SUPPLY_GUIDE,
)
from flows.path import desk, intake, presenting, recording
from flows.prefect_side import kept_forms
from flows.prefect_side.prefect_pages import TAKEN
from flows.prefect_side.routes import SOCKET, Route, Whose, routes
from flows.printing import libreoffice
from flows.server import begun_pages, server_process, what_became
from flows.server.persons import NO_FORM, NOT_ALLOWED, NOT_GIVEN_UP
from flows.server.visits import COOKIE
from flows.shown import lists
from flows.shown.pages import (
    applicant_url,
    as_pdf,
    blank_form_url,
    case_url,
    draft_url,
    letter_url,
    list_url,
    page_url,
)
from flows.shown.paper_lines import archive_url, papers_url
from models.agency.officers import Officer, Role
from models.register import accounts, filed_letters
from models.store.tables import AccessLine

SECRET = "office:of-this-start"
HOST = "http://127.0.0.1:4200"
NOBODY, SUPPLIER, MAINTAINER = "没有登录", "提供材料", "维护人员"
WHO: dict[str, tuple[Role, ...]] = {
    "承办": (Role.HANDLE,),
    "审核": (Role.REVIEW, Role.SECRECY),
    "负责人": (Role.SIGN, Role.HEAD),
}
OFFICERS = {"承办": "陈静", "审核": "李明", "负责人": "王建国", SUPPLIER: "周材料"}
EVERYBODY = (NOBODY, SUPPLIER, *WHO, MAINTAINER)
DAY = "2026-03-02"
BY_US: dict[str, tuple[int, str]] = {
    "/api/admin/settings": (200, "PROMOTIONAL"),
    "/api/flow_runs/{id:uuid}/input/{key}": (403, "另行读取"),
    "/api/ui/schemas/validate": (200, "true"),
    "/api/deployments/{id:uuid}/create_flow_run": (403, NO_FORM),
    "/api/flow_runs/{id:uuid}/resume": (200, TAKEN[:8]),
    "/api/flow_runs/{id:uuid}/set_state": (403, NOT_GIVEN_UP),
}
"""What a person asks and is answered before Prefect, where there is neither form nor run."""


@dataclass
class Behind:
    """In Prefect's place: what reached it."""

    asked: list[tuple[str, str, str]] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        known = dict(scope["headers"]).get(b"authorization", b"").decode()
        self.asked.append((scope.get("method", SOCKET), scope["path"], known))
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.close", "code": 1000})
            return
        await JSONResponse({"reached": True})(scope, receive, send)


class Nothing:
    """Prefect's tables, in a database with nothing in it."""

    def __init__(self) -> None:
        from prefect.server.database import provide_database_interface

        self._tables = provide_database_interface()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tables, name)

    @asynccontextmanager
    async def session_context(self, **_: bool) -> AsyncIterator[Nothing]:
        yield self

    async def execute(self, _: Any) -> Found:
        return Found()


class Found:
    """What is found there."""

    def one_or_none(self) -> None:
        return None

    scalar_one_or_none = first = one_or_none

    def all(self) -> list[Any]:
        return []

    def scalars(self) -> Found:
        return self

    unique = scalars

    def __iter__(self) -> Iterator[Any]:
        return iter(())


@dataclass
class Browser:
    """Of somebody before the doors, or a program of the maintainer's in the terminal."""

    app: Any
    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)

    def request(self, method: str, path: str, **how: Any) -> httpx.Response:
        """Ask, and keep the cookies that are given."""

        async def once() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, client=("127.0.0.1", 5))
            own = {"transport": transport, "headers": self.headers, "cookies": self.cookies}
            async with httpx.AsyncClient(base_url=HOST, **own) as client:
                answer = await client.request(method, path, **how)
                self.cookies |= dict(answer.cookies)
                return answer

        return asyncio.run(once())

    def get(self, path: str, **how: Any) -> httpx.Response:
        return self.request("GET", path, **how)

    def opens(self, path: str) -> bool:
        """Whether a websocket opens."""
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"host": HOST.removeprefix("http://"), "cookie": cookie, **self.headers}
        scope = {
            "type": "websocket", "path": path, "client": ("127.0.0.1", 5), "query_string": b"",
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        }  # fmt: skip
        said: list[str] = []

        async def receive() -> dict[str, str]:
            return {"type": "websocket.connect"}

        async def send(message: dict[str, object]) -> None:
            said.append(str(message["type"]))

        asyncio.run(self.app(scope, receive, send))
        return "websocket.accept" in said


class Desk:
    """The doors of an office with accounts, and everybody before them."""

    def __init__(self, behind: Behind, app: Any) -> None:
        self.behind, self.app = behind, app
        with office.writing() as session:
            self.cookies = {
                who: accounts.begin(session, name, "127.0.0.1", office.now())
                for who, name in OFFICERS.items()
            }

    def client(self, who: str) -> Browser:
        """His browser, or the maintainer's program."""
        if who == MAINTAINER:
            return Browser(self.app, {"Authorization": office_secret.header(SECRET)})
        return Browser(self.app, cookies={} if who == NOBODY else {COOKIE: self.cookies[who]})

    def reached(self, ask: Callable[[], Any]) -> tuple[Any, list[tuple[str, str, str]]]:
        """What is answered, and what arrived behind the doors."""
        self.behind.asked.clear()
        return ask(), list(self.behind.asked)


def no_libreoffice() -> None:
    """In its place: a PDF takes seconds, and who is let in does not depend on it."""
    raise libreoffice.NoLibreOffice


@pytest.fixture(scope="module")
def office_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    agency = office.agency()
    made = [Officer(name=OFFICERS[who], department="办公室", roles=WHO[who]) for who in WHO]
    made.append(Officer(name="周材料", department="业务一处", roles=(Role.SUPPLY,)))
    made.append(Officer(name="吴材料", department="业务一处", roles=(Role.SUPPLY,)))
    listed = agency.model_copy(update={"officers": tuple(made)})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(office_secret.SETTING, SECRET)
        patch.setattr(kept_forms, "provide_database_interface", Nothing)
        with empty_register(tmp_path_factory.mktemp("who"), patch):
            patch.setattr(office, "agency", lambda: listed)
            patch.setattr(libreoffice, "program", no_libreoffice)
            for name in OFFICERS.values():
                with_account(name)
            with_account("吴材料")
            behind = Behind()
            yield Desk(behind, server_process.behind_the_doors(behind))


# ── Prefect's addresses ─────────────────────────────────────────────────────────────────────────
def expected(route: Route, who: str) -> tuple[int, str, bool]:
    """The status, a part of what is said, and whether it arrives behind the doors."""
    if route.path in OPEN:
        return 200, "", True
    if who == NOBODY:
        return 401, NOT_IN, False
    if who == SUPPLIER:
        return 403, ONLY_SUPPLIES, False
    if who == MAINTAINER:
        his = route.whose is not Whose.NOBODY
        return (200, "", True) if his else (403, NOT_ALLOWED.format(why=route.why), False)
    if route.whose is not Whose.OFFICERS:
        return 403, NOT_ALLOWED.format(why=route.why), False
    if route.path in BY_US:
        return (*BY_US[route.path], False)
    return 200, "", True


@pytest.mark.parametrize("who", EVERYBODY)
def test_each_route_answers_to_those_whose_it_is(
    who: str, office_desk: Desk, record_property: Callable[[str, object], None]
) -> None:
    client, wrong, login = office_desk.client(who), [], office_secret.header(SECRET)
    asked = [route for route in routes() if route.method != SOCKET]
    for route in asked:
        path = filled(route)
        body = {} if route.method in ("GET", "HEAD") else {"json": {}}
        told, arrived = office_desk.reached(
            lambda route=route, path=path, body=body: client.request(route.method, path, **body)
        )
        status, said, reaches = expected(route, who)
        reached = [known for _, _, known in arrived]
        with_login = reached == ([login] if reaches and route.path not in OPEN else reached)
        right = told.status_code == status and bool(reached) == reaches and with_login
        if not right or (route.method != "HEAD" and said not in told.text):
            wrong.append((route.method, route.path, told.status_code, told.text[:80], reached))
    assert wrong == []
    record_property("routes asked", len(asked))


@pytest.mark.parametrize("who", EVERYBODY)
def test_a_websocket_opens_to_the_office_alone(who: str, office_desk: Desk) -> None:
    client = office_desk.client(who)
    for route in routes():
        if route.method != SOCKET:
            continue
        told, arrived = office_desk.reached(lambda route=route: client.opens(filled(route)))
        assert (told, bool(arrived)) == ((who == MAINTAINER,) * 2), route


UNLISTED = [
    *(("GET", "/api"), ("POST", "/runs"), ("OPTIONS", "/api/flows/filter"), ("POST", "/graphql")),
    *(("POST", "/api//flow_runs/filter"), ("GET", "/api/metrics"), ("PROPFIND", "/")),
    *(("DELETE", "/api/flow_runs/"), ("POST", "/api/desk/taken"), ("GET", "/api/desk/taken")),
]


@pytest.mark.parametrize("who", EVERYBODY)
def test_what_stands_in_no_line_is_no_persons(who: str, office_desk: Desk) -> None:
    client = office_desk.client(who)
    for method, path in UNLISTED:
        told, arrived = office_desk.reached(
            lambda method=method, path=path: client.request(method, path)
        )
        if who == MAINTAINER:
            assert told.status_code == 200, (method, path)
            continue
        assert told.status_code == (401 if who == NOBODY else 403), (method, path)
        assert arrived == [], (method, path)


# ── ours ────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture(scope="module")
def number(office_desk: Desk) -> str:
    """A case with a receipt and a draft."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DISCLOSURE_CODES", "off")
        made = intake.receive(
            channel="当面", kind="自然人", applicant="张三丰", request="甲", arrived_on=None,
            contact="暗记13800000000", officer="陈静",
        ).number  # fmt: skip
        steps: tuple[tuple[str, dict[str, object]], ...] = (
            ("received", {"received_on": DAY}),
            ("found_ours", {}),
            ("drafted_unable", {"outcome": "not_existing", "search": "检索公文系统，未找到"}),
        )
        for position, (kind, answer) in enumerate(steps, 1):
            assert not recording.perform(made, position, kind, dict(answer), "陈静").refused
    return made


def ours(number: str) -> dict[str, int]:
    """Each page of ours, and the status with which an officer is answered."""
    with office.reading() as session:
        receipt = filed_letters.documents(session, number)[0].number
    return {
        letter_url(number, receipt): 200,
        as_pdf(letter_url(number, receipt)): 503,  # no LibreOffice here, by `office_desk`
        as_pdf(draft_url(number)): 503,
        as_pdf(blank_form_url()): 503,
        draft_url(number): 200,
        applicant_url(number): 200,
        case_url(number): 307,
        list_url("todo"): 307,
        "/reports/2022/report.html": 404,
        **{f"{page}x": 404 for page in OURS},
        page_url(number): 200,
        page_url("SQ202600099"): 404,
        f"{page_url('SQ202600099')}/form": 404,
        papers_url(number): 200,
        f"{papers_url(number)}/1": 404,
        f"{papers_url(number)}/1/file": 404,
        f"{papers_url(number)}/1/pages/1": 404,
        papers_url("SQ202600099"): 404,
        "/service": 200,
        "/print": 200,
        "/print?on=2020-01-02": 200,
        "/print/2020-01-02/文书.pdf": 404,
        "/print/2020-01-02/大宗邮件清单.xlsx": 404,
        "/print/2020-01-02/其他.pdf": 404,
        "/print/then/文书.pdf": 404,
        "/archive": 200,
        archive_url(number): 200,
        f"{archive_url(number)}/file": 409,  # not closed
        archive_url("SQ202600099"): 404,
        "/": 200,
        "/cases": 200,
        "/new": 200,
        "/calendar": 200,
        "/frequent": 200,
        "/calendar/other": 404,
        "/statistics": 200,
        "/statistics/cases?by=kind&key=自然人&figure=received": 200,
        "/statistics/月报.docx": 200,
        "/statistics/none": 404,
        "/new/登记咨询": 200,
        "/new/无此表单": 404,
        "/bench/desk.css": 200,
        "/guide": 200,
        "/guide/troubles": 200,
        "/guide/departments": 200,
        "/guide/none": 404,
        "/guide/print": 200,
        "/guide/guide.css": 200,
        "/guide/pictures/login.png": 200,
        "/guide/pictures/none.png": 404,
        "/bench/earlier.js": 200,
        "/bench/order.js": 200,
        "/bench/all.js": 200,
        "/screening": 200,
        "/reviews": 200,
        "/reviews/FS2026001": 404,
    }


@pytest.mark.parametrize("who", EVERYBODY)
def test_each_page_of_ours_answers_to_officers_alone(
    who: str, office_desk: Desk, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presenting, "dossier_page", lambda number: number)
    monkeypatch.setattr(lists, "address", lambda _, key: f"/{key}")
    client = office_desk.client(who)
    for page, status in ours(number).items():
        for method in ("GET", "HEAD", "POST", "DELETE"):
            told, arrived = office_desk.reached(
                lambda method=method, page=page: client.request(method, page)
            )
            if who in (NOBODY, SUPPLIER):
                assert told.status_code == (401 if who == NOBODY else 403), (method, page)
                assert "张三丰" not in told.text
            elif who == MAINTAINER and not page.startswith(OURS):
                assert arrived, page  # he has no pages beside those that are read from the register
                continue
            elif method in ("GET", "HEAD"):
                assert told.status_code == status, (method, page)
            else:
                assert told.status_code in (403, 404, 405, 409), (method, page)
            assert arrived == [], (method, page)


@pytest.mark.parametrize("who", [NOBODY, SUPPLIER, *WHO])
def test_what_became_of_a_form_is_told_and_noted_and_a_cases_own_run_tells_nothing(
    who: str, office_desk: Desk, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, page = office_desk.client(who), f"/begun/{UUID(int=7)}"
    turned_away = {NOBODY: 401, SUPPLIER: 403}.get(who)
    for form, named, status, noted in (
        (desk.HANDLE, f"{number}　张三丰", 404, 0),
        ("每日巡检", f"{number}　张三丰", 404, 0),
        ("勘误", f"{number}　已勘误：申请人", 200, 1),
        ("办理更正申请", "GZ2026001　更正", 200, 1),
    ):
        ended = Ended(form, named, "# 卷宗\n\n- 申请人：张三丰")
        monkeypatch.setattr(what_became, "connected", ended)
        before, told = notes(), client.get(page)
        assert told.status_code == (turned_away or status), form
        assert ("张三丰" in told.text) == (noted > 0 and not turned_away), form
        whose = named.partition("　")[0]
        left = [] if turned_away else [(OFFICERS[who], f"{whose} 办理结果")] * noted
        assert notes()[len(before) :] == left, form


def notes() -> list[tuple[str, str]]:
    with office.reading() as session:
        found = session.exec(select(AccessLine).where(AccessLine.kind == "read")).all()
    return [(one.officer, one.what) for one in found]


@pytest.mark.parametrize("who", EVERYBODY)
def test_the_pages_of_logging_in_are_everybodys_and_the_supply_page_an_officers(
    who: str, office_desk: Desk
) -> None:
    client = office_desk.client(who)
    if who == MAINTAINER:  # has no page: what he asks is Prefect's
        told, arrived = office_desk.reached(lambda: client.get(SUPPLY))
        assert (told.status_code, len(arrived)) == (200, 1)
        return
    assert client.get(LOGIN).status_code == 200
    assert client.get(LOGOUT).status_code == 404
    assert client.get(SUPPLY).status_code == (401 if who == NOBODY else 200)
    guide = client.get(SUPPLY_GUIDE)
    assert guide.status_code == (401 if who == NOBODY else 200)
    if who == SUPPLIER:
        assert "经检索，没有该信息" in guide.text
        assert 'href="/supply"' in guide.text
        assert set(re.findall(r'href="(/[^"]*)"', guide.text)) == {
            *("/supply", "/login", "/login/style.css")
        }
        assert f'href="{SUPPLY_GUIDE}"' in client.get(SUPPLY).text
        for page in ("/guide", "/guide/troubles", "/guide/departments"):
            led = client.get(page, headers={"accept": "text/html"})
            assert (led.status_code, led.headers["location"]) == (303, SUPPLY_GUIDE)
            assert client.get(page).status_code == 403
    page = client.get("/", headers={"accept": "text/html"})
    assert page.status_code == (303 if who in (NOBODY, SUPPLIER) else 200)


def test_a_calendars_feed_opens_by_its_secret_alone(office_desk: Desk, number: str) -> None:
    """A calendar program cannot log in: the secret of the address is all there is."""
    officer, program = office_desk.client("承办"), office_desk.client(NOBODY)

    def changed(how: str) -> str:
        token = token_of(officer.get("/calendar"))
        shown = officer.request("POST", "/calendar", data={"token": token, "feed": how})
        found = re.search(r"(/calendar/feed/[^<]+)</code>", shown.text)
        return found[1] if found else ""

    feed = changed("renew")
    told = program.get(feed)
    assert (told.status_code, told.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    assert number in told.text
    assert "张三" not in told.text
    assert program.get(f"{feed[:-5]}x.ics").status_code == 404
    assert program.get("/calendar").status_code == 401
    assert program.request("POST", feed).status_code == 404
    newer = changed("renew")
    assert [program.get(one).status_code for one in (feed, newer)] == [404, 200]
    assert changed("end") == ""
    assert program.get(newer).status_code == 404
    live = changed("renew")
    with pytest.MonkeyPatch.context() as patch:  # he only supplies records from now on
        agency, him = office.agency(), OFFICERS["承办"]
        listed = tuple(
            one.model_copy(update={"roles": (Role.SUPPLY,)}) if one.name == him else one
            for one in agency.officers
        )
        patch.setattr(office, "agency", lambda: agency.model_copy(update={"officers": listed}))
        assert program.get(live).status_code == 404
    assert program.get(live).status_code == 200
    with office.writing() as session:
        accounts.revoke(session, OFFICERS["承办"], office.now())
    assert program.get(live).status_code == 404
    with_account(OFFICERS["承办"], enrolled=False)
    office_desk.cookies["承办"] = in_again(OFFICERS["承办"])


def test_the_form_of_a_department_is_its_officers(office_desk: Desk, number: str) -> None:
    """Two share a browser: what one was shown, the other does not send in his own name."""
    wanted: dict[str, object] = {
        "department": "业务一处", "records": "名单", "asked_on": DAY, "supply_by": "2026-03-06",
    }  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DISCLOSURE_CODES", "off")
        other = intake.receive(
            channel="当面", kind="自然人", applicant="李四", request="乙", arrived_on=None,
            officer="陈静",
        ).number  # fmt: skip
        steps = (("received", {"received_on": DAY}), ("found_ours", {}), ("records_asked", wanted))
        for position, (kind, answer) in enumerate(steps, 1):
            assert not recording.perform(other, position, kind, dict(answer), "陈静").refused
    browser = office_desk.client(SUPPLIER)
    shown = browser.get(SUPPLY)
    assert "名单" in shown.text
    with office.writing() as session:
        second = accounts.begin(session, "吴材料", "127.0.0.1", office.now())
    past = {"token": token_of(shown), "number": number, "ref": "1"}
    browser.cookies[COOKIE] = second
    assert "放得太久" in browser.request("POST", SUPPLY, data=past).text
    own = past | {"token": token_of(browser.get(SUPPLY))}
    assert "已经答复" in browser.request("POST", SUPPLY, data=own).text
    browser.cookies[COOKIE] = office_desk.cookies[SUPPLIER]
    assert "已经答复" in browser.request("POST", SUPPLY, data=past).text


# ── what an officer may type into an address, or into a form ────────────────────────────────────
MARKUP = "<script>alert(1)</script>"
TYPED = [
    *(
        MARKUP,
        f"'\">{MARKUP}",
        "../../etc/passwd",
        "..%2f..%2fetc%2fpasswd",
        "%00",
        "%ED%A0%80",
        "%ff",
    ),
    *(
        "A" * 5000,
        "' OR 1=1 --",
        "{{ 7 * 7 }}",
        "{% raw %}",
        "%",
        "=1+1",
        "0001-01-01",
        "9999-12-31",
    ),
    *("0000", "9999", "-1", "00000000-0000-4000-8000-000000000000", "visit:sealed:x", "\u202e"),
]
READ = [
    *("/cases/{}/papers", "/cases/SQ202600001/papers/{}/file", "/cases/{}/papers/1/pages/{}"),
    *("/cases/{}", "/cases/{}/form", "/letters/{}/{}.docx", "/drafts/{}.docx", "/applicants/{}"),
    *("/desk/case/{}", "/desk/{}", "/desk/next/{}", "/new/{}", "/new/登记咨询?subject={}&on={}"),
    *(
        "/new/勘误?number={}&letter_number={}",
        "/begun/{}",
        "/reports/{}/report.html",
        "/together/{}",
        "/reviews/{}",
    ),
    *(
        "/reports/2022/{}",
        "/year/{}",
        "/guide/{}",
        "/guide/pictures/{}",
        "/year/{}/figures",
        "/?day={}&month={}",
        "/statistics/{}",
        "/frequent?from={}&least={}",
        "/calendar/feed/{}",
        "/calendar?month={}",
        "/statistics?from={}&to={}&as_of={}",
        "/statistics/cases?by={}&key={}&figure={}",
        "/login?next={}",
    ),
]
WRITTEN = {
    "/cases": "find",
    "/typed": "form",
    "/new/登记咨询": "field.subject",
    "/new/登记申请": "field.applicant",
    "/together/signed": "pick.x",
    "/supply": "note",
    "/login": "officer",
    "/login/invitation": "officer",
}
"""Where something is sent, and in which field."""


@pytest.mark.parametrize("typed", TYPED, ids=lambda typed: typed[:20])
def test_whatever_stands_in_an_address_is_answered(
    typed: str, office_desk: Desk, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "next_run", lambda _: "")
    monkeypatch.setattr(lists, "address", lambda _, key: f"/{key}")
    monkeypatch.setattr(begun_pages, "became_of", lambda _: None)
    officer = office_desk.client("承办")
    wrong = []
    for page in READ:
        for written in (typed, quote(typed, safe="%")):
            told = officer.get(page.replace("{}", written))
            if told.status_code >= 500 or marks_up(told):
                wrong.append((page, written[:20], told.status_code))
    assert wrong == []


@pytest.mark.parametrize("typed", TYPED, ids=lambda typed: typed[:20])
def test_whatever_is_sent_to_a_page_is_answered(
    typed: str, office_desk: Desk, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    office_desk.cookies["承办"] = in_again("陈静")
    officer, wrong = office_desk.client("承办"), []
    for page, name in WRITTEN.items():
        shown = officer.get(page)
        found = TOKEN.search(shown.text)
        for token in (found[1] if found else "", typed):
            told = officer.request("POST", page, data={"token": token, name: typed})
            if told.status_code >= 500 or marks_up(told):
                wrong.append((page, told.status_code))
    assert wrong == []


def marks_up(told: httpx.Response) -> bool:
    """Whether a browser would carry out what was typed; a plain text is none (nosniff)."""
    assert told.headers["x-content-type-options"] == "nosniff"
    return MARKUP in told.text and not told.headers["content-type"].startswith("text/plain")


def in_again(officer: str) -> str:
    with office.writing() as session:
        return accounts.begin(session, officer, "127.0.0.1", office.now())
