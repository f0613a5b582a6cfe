"""Who gets in: by address, by login, and from which page of a browser."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from flows import office
from flows.installation import front_door
from flows.installation.front_door import OURS, BadLogin, Doors, Entrance, NoLogin
from flows.path import intake, recording
from flows.shown.pages import Pages, applicant_url, draft_url, letter_url
from tests.databases import empty_register

LOGIN = "office:correct-horse-battery"
OPENED = Entrance("0.0.0.0", LOGIN)
CONTACT = "暗记13800000000"


# ── the settings ────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("listen", ["0.0.0.0", "::", "10.0.0.5", "192.168.1.2", "2001:db8::1"])
def test_opened_to_a_network_it_demands_a_login(listen: str) -> None:
    with pytest.raises(NoLogin, match="必须先设登录口令") as refused:
        Entrance(listen)
    assert listen in str(refused.value)
    assert not Entrance(listen, LOGIN).only_here


@pytest.mark.parametrize(("listen", "reached"), [("127.0.0.1", "127.0.0.1"), ("::1", "[::1]")])
def test_on_loopback_none_is_needed(listen: str, reached: str) -> None:
    assert Entrance(listen).only_here
    assert Entrance(listen).reached_at == reached


@pytest.mark.parametrize(
    "login", ["office", ":correct-horse-battery", "office:short", "文秘:correct-horse-battery",
              "office:correct horse battery", "office:口令口令口令口令口令口令"],
)  # fmt: skip
def test_a_login_that_a_browser_cannot_give_is_refused_and_not_shown(login: str) -> None:
    with pytest.raises(BadLogin) as refused:
        Entrance("127.0.0.1", login)
    assert login.partition(":")[2] not in str(refused.value) or login == "office"


def test_the_settings_are_read_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISCLOSURE_LISTEN", "DISCLOSURE_LOGIN", "PREFECT_SERVER_API_AUTH_STRING"):
        monkeypatch.delenv(name, raising=False)
    assert office.entrance() == Entrance()
    (tmp_path / "login").write_text(LOGIN + "\n")
    monkeypatch.setenv("DISCLOSURE_LOGIN_FILE", str(tmp_path / "login"))
    monkeypatch.setenv("DISCLOSURE_LISTEN", "10.0.0.5")
    assert office.entrance() == Entrance("10.0.0.5", LOGIN)
    monkeypatch.setenv("DISCLOSURE_LISTEN", "办公室")
    with pytest.raises(office.BadSetting, match="IP 地址"):
        office.entrance()
    monkeypatch.setenv("DISCLOSURE_LOGIN_FILE", str(tmp_path / "none"))
    with pytest.raises(office.BadSetting, match="无法读取"):
        office.entrance()


# ── what is asked ───────────────────────────────────────────────────────────────────────────────
async def behind(scope: Scope, receive: Receive, send: Send) -> None:
    """In place of Prefect: says that it was reached."""
    await PlainTextResponse("reached")(scope, receive, send)


def asked(
    entrance: Entrance,
    path: str,
    method: str = "GET",
    base: str = "http://127.0.0.1:4200",
    **headers: str,
) -> httpx.Response:
    """The answer to one request."""

    async def once() -> httpx.Response:
        transport = httpx.ASGITransport(APPS.setdefault(entrance, Doors(Pages(behind), entrance)))
        async with httpx.AsyncClient(transport=transport, base_url=base) as client:
            return await client.request(method, path, headers=headers)

    return asyncio.run(once())


APPS: dict[Entrance, Doors] = {}


def basic(login: str) -> str:
    return "Basic " + base64.b64encode(login.encode()).decode()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong login is answered at once."""
    monkeypatch.setattr(front_door, "WRONG_LOGIN_SECONDS", 0)


@pytest.mark.parametrize("host", ["127.0.0.1:4200", "localhost:4200", "[::1]:4200", "LOCALHOST"])
def test_without_a_login_it_answers_to_its_own_names(host: str) -> None:
    assert asked(Entrance(), "/api/flow_runs/filter", "POST", host=host).text == "reached"


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil", "", "["]
)
def test_without_a_login_no_other_name_will_do(host: str) -> None:
    """DNS rebinding: a page elsewhere makes its own name point to 127.0.0.1."""
    for path in ("/", "/api/health", "/letters/a/b.docx"):
        assert asked(Entrance(), path, host=host).status_code == 403


@pytest.mark.parametrize("entrance", [Entrance(), OPENED])
@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "http://127.0.0.1:8080", "null", "http://127.0.0.1", "http://["],
)
def test_no_other_page_in_the_browser_may_ask(entrance: Entrance, origin: str) -> None:
    """A body without Content-Type needs no CORS preflight, and Prefect takes it for JSON."""
    known = {"authorization": basic(LOGIN)}
    for method in ("POST", "GET", "PATCH", "OPTIONS"):
        said = asked(entrance, "/api/flow_runs/1/resume", method, origin=origin, **known)
        assert said.status_code == 403


def test_a_page_that_hides_where_it_is_from_may_not_write() -> None:
    for site in ("cross-site", "same-site"):
        foreign = {"sec-fetch-site": site}
        assert asked(Entrance(), "/api/flow_runs/1/resume", "POST", **foreign).status_code == 403
        assert asked(Entrance(), "/runs", **foreign).status_code == 200


def test_our_own_page_may(quick: None) -> None:
    own = {"origin": "http://office.example:4200", "authorization": basic(LOGIN)}
    base = "http://office.example:4200"
    assert asked(OPENED, "/api/flow_runs/1/resume", "POST", base, **own).text == "reached"


@pytest.mark.parametrize(
    "authorization",
    [None, "", basic("office:wrong"), basic(LOGIN + " "), basic("口令"), "Basic ÿ", "Basic",
     "Bearer " + LOGIN, "Basic " + LOGIN],
)  # fmt: skip
@pytest.mark.parametrize(
    "path", ["/api/flow_runs/filter", "/api", "/api/", "/api/healthy", "/api/admin/settings",
             "/letters/a/b.docx", "/%6Cetters/a/b.docx", "/drafts/a.docx", "/applicants/a"],
)  # fmt: skip
def test_without_the_login_nothing_is_told(
    quick: None, path: str, authorization: str | None
) -> None:
    headers = {} if authorization is None else {"authorization": authorization.encode("latin-1")}
    said = asked(OPENED, path, "GET", **headers)
    assert said.status_code == 401
    # Only on our own pages may the browser itself ask: Prefect has a login page.
    assert ("www-authenticate" in said.headers) == (not path.startswith("/api"))


def test_with_the_login_all_is_open() -> None:
    for path in ("/api/flow_runs/filter", "/runs"):
        assert asked(OPENED, path, authorization=basic(LOGIN)).text == "reached"


def test_the_page_to_log_in_and_the_sign_of_life_are_open() -> None:
    for path in ("/", "/login", "/ui-settings", "/assets/index.js", "/api/health", "/api/ready"):
        assert asked(OPENED, path).text == "reached"


def test_whoever_works_in_the_ui_opens_letters_without_a_second_login(
    quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = asked(OPENED, "/api/flow_runs/filter", "POST", authorization=basic(LOGIN))
    cookie = said.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert LOGIN not in cookie
    has_pass = {"cookie": cookie.partition(";")[0]}
    assert asked(OPENED, "/letters/a", **has_pass).status_code == 404
    assert asked(OPENED, "/api/flow_runs/filter", "POST", **has_pass).status_code == 401
    assert asked(OPENED, "/letters/a/b.docx", cookie=f"{front_door.PASS}=forged").status_code == 401
    monkeypatch.setattr(front_door, "PASS_SECONDS", -1)  # it has run out
    assert asked(OPENED, "/letters/a/b.docx", **has_pass).status_code == 401


def test_no_pass_is_given_to_a_stranger(quick: None) -> None:
    for headers in ({}, {"authorization": basic("office:wrong")}):
        assert "set-cookie" not in asked(OPENED, "/api/flow_runs/filter", **headers).headers
        assert "set-cookie" not in asked(OPENED, "/", **headers).headers


def test_nobody_may_frame_the_desk() -> None:
    assert asked(Entrance(), "/").headers["x-frame-options"] == "DENY"


def test_a_websocket_from_another_page_is_closed() -> None:
    def connected(entrance: Entrance, **headers: str) -> list[str]:
        said: list[str] = []

        async def reached(scope: Scope, receive: Receive, send: Send) -> None:
            said.append("reached")

        async def receive() -> dict[str, str]:
            return {"type": "websocket.connect"}

        async def send(message: dict[str, object]) -> None:
            said.append(str(message["type"]))

        listed = [(name.encode(), value.encode()) for name, value in headers.items()]
        scope = {"type": "websocket", "path": "/api/events/out", "headers": listed}
        asyncio.run(Doors(reached, entrance)(scope, receive, send))  # type: ignore[arg-type]
        return said

    here = "127.0.0.1:4200"
    assert connected(Entrance(), host=here, origin="http://evil.example") == ["websocket.close"]
    assert connected(Entrance(), host="evil.example") == ["websocket.close"]
    assert connected(Entrance(), host=here, origin=f"http://{here}") == ["reached"]
    assert connected(OPENED, host=here) == ["reached"]  # Prefect asks for the login there itself


# ── our own pages ───────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A case with a receipt and a draft."""
    with empty_register(tmp_path, monkeypatch):
        made = intake.receive(
            channel="当面",
            kind="自然人",
            applicant="张三",
            request="甲",
            co_applicants="李四",
            arrived_on=None,
            contact=CONTACT,
            address="<b>路</b>1号",
        ).number
        draft = {"outcome": "not_existing", "search": "检索公文系统，未找到"}
        steps = (
            ("received", {"received_on": "2026-03-02"}),
            ("found_ours", {}),
            ("drafted_unable", draft),
        )
        for position, (kind, answer) in enumerate(steps, 1):
            assert not recording.perform(made, position, kind, dict(answer), "陈静").refused
        yield made


RECEIPT = "沪知公开收〔2026〕1号"


def test_a_letter_is_the_file_itself_under_its_number(number: str) -> None:
    written = office.home() / "letters" / number / f"{RECEIPT}.docx"
    kept = written.read_bytes()
    for _ in range(2):
        said = asked(Entrance(), letter_url(number, RECEIPT))
        assert (said.status_code, said.content) == (200, kept)
        assert said.headers["cache-control"] == "no-store"
        assert unquote(said.headers["content-disposition"]).endswith(f"''{RECEIPT}.docx")
        written.unlink(missing_ok=True)  # and again without the file


def test_a_draft_is_marked_and_gone_once_signed(number: str) -> None:
    said = asked(Entrance(), draft_url(number))
    assert said.status_code == 200
    assert text_of(said.content).count("（稿") == 2
    assert "检索公文系统，未找到" in text_of(said.content)
    for position, (kind, answer) in enumerate(
        (("approved", {}), ("signed", {"signed_on": "2026-03-02"})), 4
    ):
        assert not recording.perform(number, position, kind, dict(answer), "王建国").refused
    assert asked(Entrance(), draft_url(number)).status_code == 404


def text_of(content: bytes) -> str:
    from io import BytesIO

    from docx import Document

    return "\n".join(paragraph.text for paragraph in Document(BytesIO(content)).paragraphs)


def test_it_stands_on_a_page_of_its_own_how_to_reach_the_applicant(number: str) -> None:
    said = asked(Entrance(), applicant_url(number))
    assert CONTACT in said.text
    assert "<b>" not in said.text
    assert said.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("who", "first_kind", "shown"), [("李四", "", True), ("张三", "自然人", False)]
)
def test_who_left_is_reached_no_more(number: str, who: str, first_kind: str, shown: bool) -> None:
    """What was given is the first applicant's: once he has left, it is nobody's that we answer (27)."""
    left = {"who": who, "left_on": "2026-03-02", "first_kind": first_kind}
    assert not recording.perform(number, 4, "applicant_left", left, "陈静").refused
    said = asked(Entrance(), applicant_url(number))
    assert (CONTACT in said.text) is shown
    assert ("不再使用" in said.text) is not shown


@pytest.mark.parametrize(
    "path",
    ["/letters/SQ202600001/沪知公开收〔2026〕9号.docx", f"/letters/SQ202699999/{RECEIPT}.docx",
     "/letters/../register.db", "/letters/..%2F..%2Fetc%2Fpasswd/a.docx", "/letters/",
     "/letters/SQ202600001/..%2Fkey.docx", "/letters/a", "/letters/a/b/c.docx",
     "/letters/%FF/a.docx", "/drafts/无.docx", "/drafts/SQ202699999.docx",
     "/applicants/SQ202699999", "/applicants/"],
)  # fmt: skip
def test_what_is_not_in_the_register_is_not_found(number: str, path: str) -> None:
    said = asked(Entrance(), path)
    assert said.status_code == 404 or said.text == "reached"
    assert CONTACT not in said.text


def test_our_pages_can_only_be_read(number: str) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert asked(Entrance(), letter_url(number, RECEIPT), method).status_code == 405


def test_a_number_from_a_ledger_may_hold_a_slash(number: str) -> None:
    said = asked(Entrance(), letter_url("2020/1 号", "a/b"))
    assert said.text == "登记簿中没有申请2020/1 号的文书a/b"
    assert (
        json.dumps(letter_url("2020/1 号", "a/b")) == '"/letters/2020%2F1%20%E5%8F%B7/a%2Fb.docx"'
    )


def test_the_files_of_the_annual_report_are_shown_and_nothing_else_of_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCLOSURE_HOME", str(tmp_path))
    kept = tmp_path / "reports" / "2022"
    kept.mkdir(parents=True)
    (kept / "report.html").write_text("<h1>年度报告</h1>", encoding="utf-8")
    (kept / "secret.txt").write_text("别处的", encoding="utf-8")
    said = asked(Entrance(), "/reports/2022/report.html")
    assert (said.status_code, said.text) == (200, "<h1>年度报告</h1>")
    assert said.headers["content-type"].startswith("text/html")
    assert "style-src" in said.headers["content-security-policy"]
    assert asked(Entrance(), "/reports/2021/report.html").text == (
        "登记簿中没有2021年度报告的 report.html"
    )
    for path in ("2022/secret.txt", "../2022/report.html", "2022/..%2F2022%2Freport.html", "2022"):
        assert "年度报告</h1>" not in asked(Entrance(), f"/reports/{path}").text
        assert "别处的" not in asked(Entrance(), f"/reports/{path}").text


@pytest.mark.parametrize("page", OURS)
def test_none_of_our_pages_is_read_without_the_login(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCLOSURE_HOME", str(tmp_path))
    (tmp_path / "reports" / "2022").mkdir(parents=True)
    (tmp_path / "reports" / "2022" / "cells.html").write_text("SQ202200001", encoding="utf-8")
    guarded = Entrance("127.0.0.1", LOGIN)
    for path in (f"{page}2022/cells.html", f"{page}SQ202200001", page):
        said = asked(guarded, path)
        assert (said.status_code, said.text) == (401, "请先登录")
    allowed = asked(guarded, f"{page}2022/cells.html", authorization=basic(LOGIN))
    assert allowed.status_code == (200 if page == "/reports/" else 404)
