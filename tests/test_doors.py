"""Who gets in: by address, by login, and from which page of a browser."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from flows import office
from flows.commands import enrolment
from flows.installation import front_door, office_secret, opening, settings
from flows.installation.entrance import OURS, Entrance, Visitor
from flows.installation.front_door import Doors
from flows.path import intake, recording
from flows.server import guarded_entrance
from flows.shown.dossier import dossier
from flows.shown.pages import (
    Pages,
    applicant_url,
    blank_form_url,
    draft_url,
    letter_url,
    supply_url,
)
from models.register import access_log
from tests.databases import empty_register

SECRET = "office:of-this-start"
CONTACT = "暗记13800000000"


# ── the settings ────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("listen", ["0.0.0.0", "::", "10.0.0.5", "192.168.1.2", "2001:db8::1"])
def test_opened_to_a_network_it_demands_that_somebody_can_log_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listen: str
) -> None:
    with empty_register(tmp_path, monkeypatch):
        guarded_entrance.guard()
        monkeypatch.setenv("DISCLOSURE_LISTEN", listen)
        with pytest.raises(guarded_entrance.NobodyCanLogIn, match="disclosure invite") as refused:
            guarded_entrance.guard()
        assert listen in str(refused.value)
        list(enrolment.invite("陈静"))
        guarded_entrance.guard()
        enrolment.revoke_account("陈静")
        with pytest.raises(guarded_entrance.NobodyCanLogIn):
            guarded_entrance.guard()


def test_for_others_on_loopback_it_demands_that_somebody_can_log_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    agency = office.agency()
    rules = agency.accounts.model_copy(update={"proxies": ("127.0.0.1",)})
    proxied = agency.model_copy(update={"accounts": rules})
    with empty_register(tmp_path, monkeypatch):
        with monkeypatch.context() as named:
            named.setenv("DISCLOSURE_HOSTS", "office.example.cn")
            with pytest.raises(
                guarded_entrance.NobodyCanLogIn, match=r"DISCLOSURE_HOSTS=office\.example\.cn"
            ):
                guarded_entrance.guard()
        guarded_entrance.guard()
        monkeypatch.setattr(office, "agency", lambda: proxied)
        with pytest.raises(guarded_entrance.NobodyCanLogIn, match=r"proxies（127\.0\.0\.1）"):
            guarded_entrance.guard()
        list(enrolment.invite("陈静"))
        guarded_entrance.guard()
        monkeypatch.setenv("DISCLOSURE_HOSTS", "office.example.cn")
        guarded_entrance.guard()


@pytest.mark.parametrize(("secret", "short"), [("", True), ("x" * 15, True), ("x" * 16, False)])
def test_a_proxy_that_vouches_has_a_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, secret: str, short: bool
) -> None:
    agency = office.agency()
    figures = {"proxies": ("10.0.0.1",), "single_sign_on_header": "X-Officer"}
    rules = agency.accounts.model_copy(update=figures)
    monkeypatch.setattr(office, "agency", lambda: agency.model_copy(update={"accounts": rules}))
    monkeypatch.setenv("DISCLOSURE_PROXY_SECRET", secret)
    with empty_register(tmp_path, monkeypatch):
        if not short:
            guarded_entrance.guard()
            return
        with pytest.raises(
            guarded_entrance.NoProxySecret, match="DISCLOSURE_PROXY_SECRET"
        ) as refused:
            guarded_entrance.guard()
        assert secret not in str(refused.value) or not secret


@pytest.mark.parametrize(("listen", "reached"), [("127.0.0.1", "127.0.0.1"), ("::1", "[::1]")])
def test_on_loopback_none_is_needed(listen: str, reached: str) -> None:
    assert Entrance(listen).only_here
    assert Entrance(listen).reached_at == reached


@pytest.mark.parametrize("name", ["DISCLOSURE_LOGIN", "DISCLOSURE_LOGIN_FILE"])
def test_the_shared_login_of_earlier_releases_is_not_taken_for_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with empty_register(tmp_path, monkeypatch):
        monkeypatch.setenv(name, "office:correct-horse-battery")
        with pytest.raises(guarded_entrance.SharedLogin, match="disclosure invite") as refused:
            guarded_entrance.guard()
    assert name in str(refused.value)
    assert "correct-horse" not in str(refused.value)


def test_the_settings_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISCLOSURE_LISTEN", "DISCLOSURE_HOSTS"):
        monkeypatch.delenv(name, raising=False)
    assert office.entrance() == Entrance()
    monkeypatch.setenv("DISCLOSURE_LISTEN", "10.0.0.5")
    monkeypatch.setenv("DISCLOSURE_HOSTS", "Office.example.cn, 办公.example")
    assert office.entrance() == Entrance("10.0.0.5", ("office.example.cn", "办公.example"))
    for wrong in ("http://office.example.cn", "office.example.cn:443", "office.example.cn/desk"):
        monkeypatch.setenv("DISCLOSURE_HOSTS", wrong)
        with pytest.raises(settings.BadSetting, match="主机名"):
            office.entrance()
    monkeypatch.delenv("DISCLOSURE_HOSTS")
    monkeypatch.setenv("DISCLOSURE_LISTEN", "办公室")
    with pytest.raises(settings.BadSetting, match="IP 地址"):
        office.entrance()


# ── what is asked ───────────────────────────────────────────────────────────────────────────────
async def behind(scope: Scope, receive: Receive, send: Send) -> None:
    """In place of Prefect: says that it was reached."""
    await PlainTextResponse("reached")(scope, receive, send)


async def logged_out(_: Scope) -> Visitor:
    return Visitor(asked=True)


async def logged_in(_: Scope) -> Visitor:
    return Visitor(asked=True, officer="陈静")


async def supplies(_: Scope) -> Visitor:
    return Visitor(asked=True, officer="周材料", only_supplies=True)


def asked(
    entrance: Entrance,
    path: str,
    method: str = "GET",
    base: str = "http://127.0.0.1:4200",
    visitor: Callable[[Scope], Awaitable[Visitor]] = front_door.nobody,
    **headers: str,
) -> httpx.Response:
    """The answer to one request."""

    async def once() -> httpx.Response:
        app = Doors(Pages(behind), entrance, SECRET, visitor)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=base) as client:
            return await client.request(method, path, headers=headers)

    return asyncio.run(once())


EVERYBODY = [front_door.nobody, logged_out, logged_in, supplies]


@pytest.mark.parametrize("host", ["127.0.0.1:4200", "localhost:4200", "[::1]:4200", "LOCALHOST"])
def test_on_loopback_it_answers_to_its_own_names(host: str) -> None:
    assert asked(Entrance(), "/api/flow_runs/filter", "POST", host=host).text == "reached"


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil", "", "[", "10.0.0.5"]
)
@pytest.mark.parametrize("visitor", EVERYBODY)
def test_no_other_name_will_do_whoever_is_logged_in(
    host: str, visitor: Callable[[Scope], Awaitable[Visitor]]
) -> None:
    """DNS rebinding: a page elsewhere makes its own name point to 127.0.0.1."""
    for path in ("/", "/api/health", "/login", "/letters/a/b.docx"):
        assert asked(Entrance(), path, visitor=visitor, host=host).status_code == 403


@pytest.mark.parametrize(
    ("listen", "hosts", "host", "ours"),
    [
        ("10.0.0.5", (), "10.0.0.5:4200", True),
        ("10.0.0.5", (), "10.0.0.6:4200", False),
        ("10.0.0.5", (), "office.example.cn", False),
        ("10.0.0.5", ("office.example.cn",), "Office.Example.CN:4200", True),
        ("10.0.0.5", ("office.example.cn",), "evil.office.example.cn", False),
        ("10.0.0.5", ("office.example.cn",), "office.example.cn.evil", False),
        ("0.0.0.0", (), "10.0.0.5", True),
        ("0.0.0.0", (), "office.example.cn", False),
        ("0.0.0.0", ("office.example.cn",), "office.example.cn", True),
    ],
)
def test_which_names_are_ours(listen: str, hosts: tuple[str, ...], host: str, ours: bool) -> None:
    said = asked(Entrance(listen, hosts), "/runs", visitor=logged_in, host=host)
    assert (said.status_code == 200) == ours
    if not ours:
        assert "DISCLOSURE_HOSTS" in said.text


@pytest.mark.parametrize("visitor", EVERYBODY)
@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "http://127.0.0.1:8080", "null", "http://127.0.0.1", "http://["],
)
def test_no_other_page_in_the_browser_may_ask(
    visitor: Callable[[Scope], Awaitable[Visitor]], origin: str
) -> None:
    """A body without Content-Type needs no CORS preflight, and Prefect takes it for JSON."""
    for path in ("/api/flow_runs/1/resume", "/login", "/logout"):
        for method in ("POST", "GET", "PATCH", "OPTIONS"):
            said = asked(Entrance(), path, method, visitor=visitor, origin=origin)
            assert said.status_code == 403


def test_a_page_that_hides_where_it_is_from_may_not_write() -> None:
    for site in ("cross-site", "same-site"):
        foreign = {"sec-fetch-site": site}
        assert asked(Entrance(), "/api/flow_runs/1/resume", "POST", **foreign).status_code == 403
        assert asked(Entrance(), "/runs", **foreign).status_code == 200


def test_our_own_page_may() -> None:
    base = "http://office.example:4200"
    named = Entrance("0.0.0.0", ("office.example",))
    said = asked(named, "/api/flow_runs/1/resume", "POST", base, logged_in, origin=base)
    assert said.text == "reached"


async def proxied(_: Scope) -> Visitor:
    return Visitor(proxied=True)


@pytest.mark.parametrize(
    ("entrance", "visitor", "let_in"),
    [
        (Entrance(), front_door.nobody, True),
        (Entrance("::1"), front_door.nobody, True),
        (Entrance(), proxied, False),
        (Entrance("127.0.0.1", ("office.example.cn",)), front_door.nobody, False),
        (Entrance("0.0.0.0"), front_door.nobody, False),
        (Entrance("0.0.0.0", ("office.example.cn",)), logged_in, True),
    ],
)
def test_where_nobody_logs_in_it_is_open_on_this_machine_alone(
    entrance: Entrance, visitor: Callable[[Scope], Awaitable[Visitor]], let_in: bool
) -> None:
    for path in ("/", "/login", "/logout", "/api/flow_runs/filter", "/letters/a/b"):
        said = asked(entrance, path, "POST" if "api" in path else "GET", visitor=visitor)
        assert (said.status_code == 403) is not let_in
        assert ("只能在本机使用" in said.text) is not let_in
    assert asked(entrance, "/api/health", visitor=visitor).text == "reached"


CLOSED = [
    *("/api/flow_runs/filter", "/api", "/api/", "/api/healthy", "/api/admin/settings"),
    *("/letters/a/b.docx", "/%6Cetters/a/b.docx", "/drafts/a.docx", "/applicants/a", "/desk/todo"),
    *("/docs", "/redoc", "/openapi.json", "/ui-settings", "/assets/index.js", "/loginx", "/supply"),
]


@pytest.mark.parametrize("path", CLOSED)
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "DELETE"])
def test_whoever_is_not_logged_in_is_told_nothing(path: str, method: str) -> None:
    said = asked(Entrance(), path, method, visitor=logged_out)
    assert said.status_code == 401
    assert "reached" not in said.text


@pytest.mark.parametrize("path", ["/", "/docs", "/runs?x=1&y=2", "/letters/a/b.docx"])
def test_whoever_opens_a_page_is_led_to_the_login_and_back(path: str) -> None:
    said = asked(Entrance(), path, visitor=logged_out, accept="text/html,*/*")
    assert said.status_code == 303
    address = said.headers["location"]
    assert address.startswith("/login?next=")
    assert unquote(address.partition("next=")[2]) == path


@pytest.mark.parametrize("path", ["/login", "/login/invitation", "/logout", "/api/health"])
def test_the_pages_of_logging_in_and_the_sign_of_life_are_open(path: str) -> None:
    assert asked(Entrance(), path, visitor=logged_out).text == "reached"


def test_whoever_is_logged_in_passes() -> None:
    for path in ("/api/flow_runs/filter", "/runs", "/docs"):
        assert asked(Entrance(), path, visitor=logged_in).text == "reached"


@pytest.mark.parametrize("path", [one for one in CLOSED if one != "/supply"])
def test_whoever_only_supplies_sees_nothing_else(path: str) -> None:
    said = asked(Entrance(), path, visitor=supplies)
    assert said.status_code == 403
    assert "只提供材料" in said.json()["detail"]


def test_whoever_only_supplies_is_led_to_his_page() -> None:
    for path in ("/", "/cases"):
        said = asked(Entrance(), path, visitor=supplies, accept="text/html")
        assert (said.status_code, said.headers["location"]) == (303, "/supply")
    scripts = ("/login/files.js", "/login/fields.js")
    for path in ("/supply", "/login", "/logout", "/login/style.css", *scripts):
        assert asked(Entrance(), path, visitor=supplies).text == "reached"
    assert asked(Entrance(), "/supplyx", visitor=supplies).status_code == 403


def test_the_office_itself_passes_and_whoever_guesses_its_secret_does_not() -> None:
    for secret, status in ((SECRET, 200), (f"{SECRET}x", 401), ("", 401)):
        borne = {"authorization": office_secret.header(secret)}
        said = asked(Entrance(), "/api/flow_runs/filter", visitor=logged_out, **borne)
        assert said.status_code == status


def test_nobody_may_frame_the_desk() -> None:
    assert asked(Entrance(), "/").headers["x-frame-options"] == "DENY"
    assert asked(Entrance(), "/", visitor=logged_out).headers["x-frame-options"] == "DENY"


def test_what_the_pages_are_told_stays_in_no_browser() -> None:
    for path, kept in (("/api/flow_runs/1", False), ("/api/health", False), ("/assets/x.js", True)):
        said = asked(Entrance(), path, visitor=logged_in)
        assert (said.headers.get("cache-control") == "no-store") is not kept


def test_a_websocket_from_another_page_or_nobody_is_closed() -> None:
    def connected(
        visitor: Callable[[Scope], Awaitable[Visitor]] = front_door.nobody, **headers: str
    ) -> list[str]:
        said: list[str] = []

        async def reached(scope: Scope, receive: Receive, send: Send) -> None:
            said.append("reached")

        async def receive() -> dict[str, str]:
            return {"type": "websocket.connect"}

        async def send(message: dict[str, object]) -> None:
            said.append(str(message["type"]))

        listed = [(name.encode(), value.encode()) for name, value in headers.items()]
        scope = {"type": "websocket", "path": "/api/events/out", "headers": listed}
        app = Doors(reached, Entrance(), SECRET, visitor)
        asyncio.run(app(scope, receive, send))  # type: ignore[arg-type]
        return said

    here = "127.0.0.1:4200"
    assert connected(host=here, origin="http://evil.example") == ["websocket.close"]
    assert connected(host="evil.example") == ["websocket.close"]
    assert connected(host=here, origin=f"http://{here}") == ["reached"]
    assert connected(logged_out, host=here) == ["websocket.close"]
    assert connected(supplies, host=here) == ["websocket.close"]
    assert connected(logged_in, host=here) == ["reached"]


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


def test_the_note_to_a_department_is_a_file_named_in_the_dossier(number: str) -> None:
    back = recording.perform(number, 4, "sent_back", {"comment": "请专利处再查"}, "王建国")
    wanted = {"department": "专利处", "records": "2025年名单", "supply_by": "2026-03-09"}
    made = recording.perform(
        number, 5, "records_asked", {"asked_on": "2026-03-02", **wanted}, "陈静"
    )
    assert [back.refused, made.refused] == [False, False]
    said = asked(Entrance(), supply_url(number, "1"))
    assert (said.status_code, said.headers["cache-control"]) == (200, "no-store")
    assert "下列材料：2025年名单。" in text_of(said.content)
    assert "张三" not in text_of(said.content)
    with office.reading() as session:
        found = dossier(session, number, office.circumstances(""))
    assert found.links["协办单　请专利处检索、提供材料　2026年3月2日"] == supply_url(number, "1")
    assert asked(Entrance(), supply_url(number, "2")).status_code == 404


def test_the_application_form_is_a_file_that_tells_of_nobody(number: str) -> None:
    said = asked(Entrance(), blank_form_url())
    assert said.status_code == 200
    assert unquote(said.headers["content-disposition"]).endswith("''政府信息公开申请表.docx")


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
    for path in (f"{page}2022/cells.html", f"{page}SQ202200001", page):
        said = asked(Entrance(), path, visitor=logged_out)
        assert (said.status_code, said.json()) == (401, {"detail": "请先登录"})
    allowed = asked(Entrance(), f"{page}2022/cells.html", visitor=logged_in)
    assert allowed.status_code == (200 if page == "/reports/" else 404)


def lines() -> list[tuple[str, str, str]]:
    with office.reading() as session:
        found = access_log.lines(session, datetime(2020, 1, 1, tzinfo=UTC), office.now())
    return [(one.kind, one.officer, one.what) for one in found]


def test_whoever_reads_what_tells_of_a_person_leaves_a_line(number: str) -> None:
    for path in (letter_url(number, RECEIPT), draft_url(number), applicant_url(number)):
        assert asked(Entrance(), path, visitor=logged_in).status_code == 200
    assert lines() == [
        ("read", "陈静", f"{number} 文书 {RECEIPT}"),
        ("read", "陈静", f"{number} 拟稿"),
        ("read", "陈静", f"{number} 联系方式"),
    ]


def test_what_is_not_shown_leaves_none(number: str) -> None:
    for visitor in (logged_out, supplies):
        assert asked(Entrance(), applicant_url(number), visitor=visitor).status_code >= 400
    assert asked(Entrance(), applicant_url("无"), visitor=logged_in).status_code == 404
    assert lines() == []


def test_what_cannot_be_noted_is_not_shown(number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise opening.NoDatabase("register.db", "暂时")

    monkeypatch.setattr(access_log, "write", away)
    said = asked(Entrance(), applicant_url(number), visitor=logged_in)
    assert said.status_code == 503
    assert CONTACT not in said.text
