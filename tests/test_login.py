"""Logging in and out at the doors, without Prefect behind them: the pages, the visits, the guesses."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from threading import Thread
from urllib.parse import quote

import httpx
import pyotp
import pytest
import uvicorn
from databases import empty_register
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from visitors import PASSWORD, Phone, is_in, log_in, log_out, token_of, with_account

from flows import office
from flows.commands import enrolment
from flows.installation.entrance import CALLER, LOGIN, Entrance
from flows.installation.front_door import Doors
from flows.server import sent_forms, visits
from flows.server.logging_in import WRONG
from flows.server.login_pages import LoginPages
from flows.server.sent_forms import FormTokens, within
from flows.server.visits import COOKIE, PROXY_SECRET, Visits
from models.agency.account_rules import AccountRules
from models.agency.agency import Agency
from models.agency.officers import Officer, Role
from models.register import access_log, accounts, codes, feeds
from tests.ports import free_port

CLERK, LEADER = "陈静", "王建国"


async def behind(scope: Scope, receive: Receive, send: Send) -> None:
    """In place of Prefect: says who it was told that it is."""
    await PlainTextResponse(f"reached {scope[CALLER].officer}")(scope, receive, send)


class Served:
    """The doors and the pages of logging in, at an address of this machine."""

    def __init__(self) -> None:
        self.visits, self.tokens = Visits(), FormTokens()
        pages = LoginPages(behind, self.visits, self.tokens)
        app = Doors(pages, Entrance(), "", self.visits.visitor)
        self.port = free_port()
        self.server = uvicorn.Server(
            uvicorn.Config(
                app, port=self.port, log_level="warning", lifespan="off", proxy_headers=False
            )
        )
        self.thread = Thread(target=self.server.run)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Served:
        self.thread.start()
        while not self.server.started:
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self.server.should_exit = True
        self.thread.join()


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Lets time pass: `moment(60)`."""
    at = [datetime.now(UTC)]
    monkeypatch.setattr(office, "now", lambda: at[0])

    def pass_(seconds: float) -> None:
        at[0] += timedelta(seconds=seconds)

    return pass_


@pytest.fixture
def served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: Callable[[float], None]
) -> Iterator[Served]:
    monkeypatch.setattr(visits, "MOMENT", 0.0)  # the register is asked each time
    with empty_register(tmp_path, monkeypatch), Served() as at:
        yield at


@pytest.fixture
def address(served: Served) -> str:
    return served.address


@pytest.fixture
def browser(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=30) as client:
        yield client


@pytest.fixture
def phone(address: str) -> Phone:
    return with_account(CLERK)


def with_rules(monkeypatch: pytest.MonkeyPatch, **figures: object) -> Agency:
    agency = office.agency()
    rules = AccountRules.model_validate(agency.accounts.model_dump() | figures)
    made = agency.model_copy(update={"accounts": rules})
    monkeypatch.setattr(office, "agency", lambda: made)
    return made


ALWAYS = datetime(2020, 1, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def lines() -> list[tuple[str, str, str]]:
    with office.reading() as session:
        found = access_log.lines(session, *ALWAYS)
    return [(one.kind, one.officer, one.what) for one in found]


# ── in and out ──────────────────────────────────────────────────────────────────────────────────
def test_without_accounts_nobody_logs_in_and_the_page_says_so(browser: httpx.Client) -> None:
    assert browser.get("/runs").text == "reached "
    assert "只供演示、培训" in browser.get("/login").text


def test_an_officer_logs_in_and_out(browser: httpx.Client, phone: Phone) -> None:
    assert browser.get("/runs").status_code == 401
    done = log_in(browser, CLERK, phone.code(), onward="/desk/case/SQ202600001?x=1")
    assert (done.status_code, done.headers["location"]) == (303, "/desk/case/SQ202600001?x=1")
    cookie = next(c for c in done.headers.get_list("set-cookie") if c.startswith(COOKIE))
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    assert "Secure" not in cookie, "not behind https"
    assert browser.get("/runs").text == f"reached {CLERK}"
    assert CLERK in browser.get("/login").text
    out = log_out(browser)
    assert "已退出" in out.text
    assert not is_in(browser)
    assert browser.get("/runs").status_code == 401
    assert lines() == [("login", CLERK, ""), ("logout", CLERK, "")]


def test_a_form_sent_after_its_visit_has_ended_keeps_all_that_was_typed(
    browser: httpx.Client, phone: Phone
) -> None:
    """Led on with its body, it is shown again to be sent once more, without token and codes."""
    form, html = "/new/登记申请?number=1", {"accept": "text/html"}
    typed = {
        "token": "t",
        "field.request": "甲<乙\n丙",
        "case": ["1", "2"],
        "field.one_time_code": "9",
    }
    led = browser.post(form, data=typed, headers=html)
    assert led.status_code == 307, "the browser sends the same once more"
    shown = browser.post(led.headers["location"], data=typed, headers=html)
    assert shown.status_code == 401
    assert "所填的都还在" in shown.text
    assert f'action="/login/again?next={quote(form, safe="/")}"' in shown.text
    assert kept_in(shown) == [("field.request", "甲&lt;乙\n丙"), ("case", "1"), ("case", "2")]
    files = browser.post(led.headers["location"], files={"files": b"1"}, headers=html)
    assert "所选的文件要再选一次" in files.text
    away = browser.post("/login/again?next=//elsewhere/", data=typed, headers=html)
    assert 'action="/login/again?next=/"' in away.text
    assert browser.post(form, data=typed).json() == {"detail": "请先登录"}, "a script's"


def kept_in(shown: httpx.Response) -> list[tuple[str, str]]:
    """The fields of the form that was sent too late, as a page bears them."""
    found = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', shown.text)
    return [one for one in found if not one[0].startswith("login.")]


def asked_by(browser: httpx.Client) -> Scope:
    """A request of this browser, as far as its forms are concerned."""
    cookie = f"{sent_forms.FORM_COOKIE}={browser.cookies[sent_forms.FORM_COOKIE]}"
    return {"type": "http", "headers": [(b"cookie", cookie.encode())]}


def late(
    browser: httpx.Client, tokens: FormTokens, whose: str = CLERK, **typed: str
) -> httpx.Response:
    """A form for an officer, sent after his visit had ended: the page that asks for the login."""
    browser.get(LOGIN)  # its cookie is the browser's
    token, _ = tokens.token(asked_by(browser), whose)
    body = {"token": token, "field.request": "甲<乙", **typed}
    return browser.post("/login/again?next=/new/登记申请", data=body)


def logged_in_late(
    browser: httpx.Client, shown: httpx.Response, code: str, **more: str
) -> httpx.Response:
    """Log in on that page, with all that stands in it."""
    hidden_there = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', shown.text))
    hidden_there = {name: unescape(value) for name, value in hidden_there.items()}
    typed = {"login.officer": CLERK, "login.password": PASSWORD, "login.code": code, **more}
    return browser.post("/login/again?next=/new/登记申请", data=hidden_there | typed)


@pytest.mark.parametrize(
    ("whose", "typed", "goes_on"),
    [
        (CLERK, {}, True),
        (LEADER, {}, False),  # the form was another's: he looks through it first
        (CLERK, {"field.one_time_code": "123456"}, False),  # a code is typed anew
        (CLERK, {"code": "123456"}, False),
        (CLERK, {"field.one_time_code": ""}, True),
    ],
)
def test_what_was_sent_too_late_goes_on_by_itself_after_the_login(
    served: Served, browser: httpx.Client, phone: Phone, moment: Callable[[float], None],
    whose: str, typed: dict[str, str], goes_on: bool,
) -> None:  # fmt: skip
    """Hours after the form was opened: as its own officer's, whose token it then bears."""
    shown = late(browser, served.tokens, whose, **typed)
    assert f'name="login.officer" value="{whose}"' in shown.text
    wrong = logged_in_late(browser, shown, "000000")
    assert wrong.status_code == 401
    assert WRONG in wrong.text
    assert kept_in(wrong) == [("field.request", "甲&lt;乙")]
    assert PASSWORD not in wrong.text
    done = logged_in_late(browser, wrong, phone.code())
    assert done.status_code == 200
    assert is_in(browser)
    assert "script-src 'self'" in done.headers["content-security-policy"]
    assert 'action="/new/登记申请" data-onward' in done.text
    fields = dict(kept_in(done))
    assert fields.pop("field.request") == "甲&lt;乙"
    assert bool(fields) is goes_on
    if goes_on:
        scope = asked_by(browser)
        assert served.tokens.is_ours(scope, fields["token"], CLERK)
        assert not served.tokens.is_ours(scope, fields["token"], LEADER)


def test_a_form_of_another_browser_is_looked_through_after_the_login(
    served: Served, browser: httpx.Client, phone: Phone
) -> None:
    scope = {"type": "http", "headers": []}
    elsewhere, _ = served.tokens.token(scope, CLERK)
    shown = browser.post("/login/again?next=/cases", data={"token": elsewhere, "find": "甲"})
    browser.get(LOGIN)
    done = logged_in_late(
        browser, shown, phone.code(), **{"login.token": token_of(browser.get(LOGIN))}
    )
    assert kept_in(done) == [("find", "甲")]
    assert "请核对后再提交一次" in done.text


def test_an_unlocked_browser_is_not_logged_in_by_a_form_of_another(
    browser: httpx.Client, phone: Phone
) -> None:
    shown = browser.post("/login/again?next=/cases", data={"find": "甲"})
    told = logged_in_late(browser, shown, phone.code(), **{"login.token": "x"})
    assert told.status_code == 401
    assert not is_in(browser)
    assert "请填写口令" in logged_in_late(browser, shown, "1", **{"login.password": ""}).text


def test_logging_out_ends_every_page_that_has_the_cookie(
    address: str, browser: httpx.Client, phone: Phone
) -> None:
    log_in(browser, CLERK, phone.code())
    with httpx.Client(base_url=address, cookies=dict(browser.cookies)) as stolen:
        assert stolen.get("/runs").status_code == 200
        log_out(browser)
        assert stolen.get("/runs").status_code == 401


def test_a_login_elsewhere_ends_the_one_before(
    address: str, browser: httpx.Client, phone: Phone, moment: Callable[[float], None]
) -> None:
    """An officer is in one place; nobody works on at the one he left."""
    log_in(browser, CLERK, phone.code())
    with httpx.Client(base_url=address) as other:
        moment(60)
        assert log_in(other, CLERK, "000000").status_code == 403
        assert browser.get("/runs").status_code == 200, "who guesses puts nobody out"
        assert log_in(other, CLERK, phone.code()).status_code == 303
        assert browser.get("/runs").status_code == 401
        assert other.get("/runs").status_code == 200
        assert lines()[-1] == ("login", CLERK, "此前别处的登录同时退出")
        log_out(other)
        assert other.get("/runs").status_code == 401
        moment(60)
        log_in(other, CLERK, phone.code())
        moment(office.agency().accounts.idle.total_seconds())
        log_in(other, CLERK, phone.code())
        assert lines()[-2:] == [("login", CLERK, "")] * 2, "that one was over by itself"


def test_a_visit_outlives_the_server_and_ends_by_itself(
    browser: httpx.Client, phone: Phone, moment: Callable[[float], None]
) -> None:
    log_in(browser, CLERK, phone.code())
    with (
        Served() as again,
        httpx.Client(base_url=again.address, cookies=dict(browser.cookies)) as same,
    ):
        assert same.get("/runs").status_code == 200
    moment(office.agency().accounts.idle.total_seconds() - 1)
    assert browser.get("/runs").status_code == 200, "one second before it is idle for too long"
    moment(office.agency().accounts.idle.total_seconds())
    assert browser.get("/runs").status_code == 401


def test_what_an_open_page_asks_by_itself_keeps_no_visit(
    browser: httpx.Client, phone: Phone, moment: Callable[[float], None]
) -> None:
    """Prefect's pages ask every few seconds, also with nobody before them."""
    log_in(browser, CLERK, phone.code())
    idle = office.agency().accounts.idle.total_seconds()
    polls = ("POST", "/api/flow_runs/filter"), ("GET", "/api/flow_runs/1"), ("GET", "/desk/next/1")
    for _ in range(10):
        moment(idle / 10)
        statuses = [browser.request(*poll).status_code for poll in polls]
    assert statuses == [401, 401, 401]


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/", {"accept": "text/html"}),
        ("GET", "/runs", {"sec-fetch-mode": "navigate"}),
        ("POST", "/new/x", {}),
        ("POST", "/api/flow_runs/1/resume", {}),
        ("POST", "/api/deployments/1/create_flow_run", {}),
        ("POST", visits.AT_WORK, {}),
    ],
)
def test_whatever_somebody_does_keeps_his_visit(
    browser: httpx.Client,
    phone: Phone,
    moment: Callable[[float], None],
    method: str,
    path: str,
    headers: dict[str, str],
) -> None:
    log_in(browser, CLERK, phone.code())
    idle = office.agency().accounts.idle.total_seconds()
    for _ in range(3):
        moment(idle - 1)
        assert browser.request(method, path, headers=headers).status_code in (200, 204)
    moment(idle)
    assert browser.get("/runs").status_code == 401


def test_an_account_revoked_in_the_terminal_is_out_at_once(
    browser: httpx.Client, phone: Phone
) -> None:
    log_in(browser, CLERK, phone.code())
    with office.writing() as session:
        feed = feeds.renew(session, CLERK, office.today(), office.now())
    enrolment.revoke_account(CLERK)
    assert browser.get("/runs").status_code == 401
    assert log_in(browser, CLERK, phone.code()).status_code == 403
    with office.writing() as session:
        assert not feeds.has(session, CLERK)
        accounts.invite(session, CLERK, office.now(), office.agency().accounts)
        assert feeds.officer_of(session, feed) == "", "nor does it open again with his next account"


def test_whoever_is_no_officer_any_more_is_out(
    browser: httpx.Client, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_in(browser, CLERK, phone.code())
    listed = (Officer(name=LEADER, roles=tuple(Role)),)
    agency = office.agency().model_copy(update={"officers": listed})
    monkeypatch.setattr(office, "agency", lambda: agency)
    assert browser.get("/runs").status_code == 401
    assert log_in(browser, CLERK, phone.code()).status_code == 403


@pytest.mark.parametrize(
    ("onward", "led"),
    [
        ("/runs", "/runs"), ("", "/"), ("//evil.example", "/"), ("https://evil.example", "/"),
        ("/\\evil.example", "/"), ("/a\r\nSet-Cookie: x=1", "/"), ("javascript:alert(1)", "/"),
    ],
)  # fmt: skip
def test_whoever_logs_in_is_led_nowhere_else(onward: str, led: str) -> None:
    assert within(onward) == led


# ── what is wrong ───────────────────────────────────────────────────────────────────────────────
def test_whatever_is_wrong_the_answer_is_the_same(browser: httpx.Client, phone: Phone) -> None:
    without = with_account(LEADER, enrolled=False)
    code = phone.code()
    tried = [
        log_in(browser, CLERK, code, password="wrong password"),
        log_in(browser, CLERK, "000000"),
        log_in(browser, CLERK, ""),
        log_in(browser, "无此人", code),
        log_in(browser, without.officer, ""),
    ]
    bodies = {re.sub('value="[^"]*"', "", one.text) for one in tried}
    assert {one.status_code for one in tried} == {403}
    assert len(bodies) == 1
    assert WRONG in bodies.pop()
    assert not is_in(browser)
    assert [kind for kind, _, _ in lines()] == ["login_failed"] * 5


@pytest.mark.parametrize(
    ("page", "left_out", "said"),
    [
        (LOGIN, ("officer",), "请填写姓名"),
        (LOGIN, ("officer", "password"), "请填写姓名、口令"),
        (f"{LOGIN}/invitation", ("invitation",), "请填写邀请码"),
    ],
)
def test_what_was_left_out_is_named_and_is_no_guess(
    browser: httpx.Client, phone: Phone, page: str, left_out: tuple[str, ...], said: str
) -> None:
    """By the server, in Chinese: a browser would say it in its own language."""
    shown = browser.get(page)
    assert "novalidate" in shown.text
    whole = {"officer": CLERK, "password": PASSWORD, "code": "123456", "invitation": "a-b-c"}
    typed = {name: "" if name in left_out else words for name, words in whole.items()}
    told = browser.post(page, data={"token": token_of(shown), **typed})
    assert told.status_code == 403
    assert f">{said}</p>" in told.text
    assert PASSWORD not in told.text
    assert lines() == []


def test_a_code_is_good_once(address: str, browser: httpx.Client, phone: Phone) -> None:
    code = phone.code()
    assert log_in(browser, CLERK, code).status_code == 303
    with httpx.Client(base_url=address) as other:
        assert log_in(other, CLERK, code).status_code == 403


@pytest.mark.usefixtures("as_in_an_office")
def test_an_unknown_name_takes_as_long_as_a_known_one(browser: httpx.Client, phone: Phone) -> None:
    def seconds(name: str) -> float:
        took = []
        for _ in range(4):
            began = time.perf_counter()
            log_in(browser, name, "000000", password="wrong password")
            took.append(time.perf_counter() - began)
        return min(took)

    known, unknown = seconds(CLERK), seconds("无此人")
    assert unknown > known / 2
    assert known > unknown / 2


def test_whoever_guesses_waits_and_longer_each_time(
    browser: httpx.Client, phone: Phone, moment: Callable[[float], None]
) -> None:
    said = [log_in(browser, CLERK, "000000", password=f"guess {n}") for n in range(6)]
    assert [WRONG in one.text for one in said] == [True] * 5 + [False]
    assert "请在5秒后再试" in said[5].text
    assert "请在5秒后再试" in log_in(browser, CLERK, phone.code()).text, "though it is all right"
    moment(5)
    assert WRONG in log_in(browser, CLERK, "000000", password="guess").text
    assert "请在10秒后再试" in log_in(browser, CLERK, "000000", password="guess").text
    assert lines()[-1] == ("login_failed", CLERK, "停顿期间另有2次")


def test_guesses_of_others_do_not_keep_an_officer_out(
    browser: httpx.Client, phone: Phone, moment: Callable[[float], None]
) -> None:
    for n in range(6):
        log_in(browser, CLERK, "000000", password=f"guess {n}")
    assert log_in(browser, CLERK, "123456" * 2).status_code == 403
    assert log_in(browser, CLERK, phone.two_codes(), password="wrong").status_code == 403
    assert log_in(browser, CLERK, phone.two_codes()).status_code == 303


def test_guesses_in_parallel_are_slowed_by_name_and_address(
    address: str, phone: Phone, record_property: Callable[[str, object], None]
) -> None:
    """In the issue: 49 guesses a second in parallel, none in the log."""
    free = office.agency().accounts.free_attempts

    def guess(n: int) -> bool:
        with httpx.Client(base_url=address, timeout=60) as client:
            return WRONG in log_in(client, CLERK, "000000", password=f"guess {n}").text

    began = time.perf_counter()
    with ThreadPoolExecutor(16) as pool:
        looked_at = sum(pool.map(guess, range(64)))
    seconds = time.perf_counter() - began
    assert looked_at == free
    record_property("guesses looked at, of 64 in parallel", looked_at)
    print(f"64 guesses in parallel: {looked_at} looked at, in {seconds:.1f} s")
    assert [kind for kind, _, _ in lines()] == ["login_failed"] * free


def test_an_address_that_tries_many_names_waits(
    browser: httpx.Client, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_rules(monkeypatch, address_free_attempts=3)
    for n in range(3):
        assert WRONG in log_in(browser, f"某人{n}", "000000").text
    assert "秒后再试" in log_in(browser, "某人9", "000000").text
    assert "秒后再试" in log_in(browser, CLERK, phone.code()).text
    assert "秒后再试" in log_in(browser, CLERK, "123456" * 2).text
    assert log_in(browser, CLERK, phone.two_codes()).status_code == 303, "nobody guesses two"


# ── the forms ───────────────────────────────────────────────────────────────────────────────────
def test_a_form_of_another_browser_or_of_long_ago_is_not_taken(
    address: str, browser: httpx.Client, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    with httpx.Client(base_url=address) as evil:
        token = token_of(evil.get("/login"))
    fields = {"officer": CLERK, "password": PASSWORD, "code": phone.code()}
    for wrong in (token, "", "x", "\ud83d"):
        browser.get("/login")
        said = browser.post("/login", data=fields | {"token": wrong.encode("utf-8", "replace")})
        assert said.status_code == 403
        assert "放得太久" in said.text
    kept = token_of(browser.get("/login"))
    monkeypatch.setattr(sent_forms, "TOKEN_SECONDS", -1)
    assert browser.post("/login", data=fields | {"token": kept}).status_code == 403
    assert lines() == []


def test_nobody_is_logged_out_by_a_link(browser: httpx.Client, phone: Phone) -> None:
    log_in(browser, CLERK, phone.code())
    assert browser.get("/logout").status_code == 404
    assert browser.post("/logout", data={}).status_code == 403
    assert browser.get("/runs").status_code == 200


@pytest.mark.parametrize(
    "body", [b"\xff\xfe", b"a=b&" * 30, b"officer=" + b"x" * 20_000, b"", b"[1,2]"]
)
def test_what_is_no_form_is_turned_away(browser: httpx.Client, phone: Phone, body: bytes) -> None:
    said = browser.post("/login", content=body)
    assert said.status_code in (400, 403)
    assert lines() == []


def test_what_is_typed_is_never_markup(browser: httpx.Client, phone: Phone) -> None:
    said = log_in(browser, '"><script>alert(1)</script>', "1")
    assert "<script" not in said.text
    assert said.headers["content-security-policy"].startswith("default-src 'none'")
    assert said.headers["cache-control"] == "no-store"


def test_no_password_comes_back(browser: httpx.Client, phone: Phone) -> None:
    assert "a very secret thing" not in log_in(browser, CLERK, "1", "a very secret thing").text


# ── invited ─────────────────────────────────────────────────────────────────────────────────────
def invited(officer: str = CLERK) -> str:
    (line, *_) = enrolment.invite(officer)
    return line.partition("：")[2]


def begin(browser: httpx.Client, code: str, officer: str = CLERK) -> httpx.Response:
    token = token_of(browser.get("/login/invitation"))
    return browser.post(
        "/login/invitation", data={"token": token, "officer": officer, "invitation": code}
    )


def hidden(answer: httpx.Response) -> dict[str, str]:
    return dict(re.findall('type="hidden" name="([^"]+)" value="([^"]*)"', answer.text))


def secret_of(answer: httpx.Response) -> str:
    found = re.search("<code>([A-Z2-7]{32})</code>", answer.text)
    assert found
    return found[1]


def test_an_invited_officer_sets_a_password_and_enrols_the_phone(browser: httpx.Client) -> None:
    shown = begin(browser, invited().lower())
    assert shown.status_code == 200
    (drawn,) = re.findall("<svg [^>]*>", shown.text)
    assert 'viewBox="0 0 ' in drawn, "without it the page would cut the code off"
    assert "width=" not in drawn
    secret = secret_of(shown)
    assert secret not in str(hidden(shown)), "the form carries it sealed"
    typed = {"password": PASSWORD, "again": PASSWORD, "code": "000000"}
    wrong = browser.post("/login/password", data=hidden(shown) | typed)
    assert "动态口令有误" in wrong.text
    assert secret_of(wrong) == secret, "it was scanned already"
    blank = browser.post("/login/password", data=hidden(wrong) | typed | {"code": ""})
    assert ">请填写动态口令</p>" in blank.text
    short = browser.post("/login/password", data=hidden(wrong) | typed | {"password": "a1b2"})
    assert "至少10个字符" in short.text
    assert "两次输入的口令不同" in short.text
    code = pyotp.TOTP(secret).at(office.now())
    done = browser.post("/login/password", data=hidden(short) | typed | {"code": code})
    assert done.status_code == 303
    assert browser.get("/runs").text == f"reached {CLERK}"
    assert [(kind, what) for kind, _, what in lines()] == [
        ("invited", ""), ("login_failed", "动态口令"), ("password_set", ""), ("login", "")
    ]  # fmt: skip
    again = browser.post("/login/password", data=hidden(short) | typed | {"code": code})
    assert "已经用过" in again.text
    with office.reading() as session:
        assert codes.enrolled(session) == [CLERK]


def test_whoever_is_enrolled_keeps_the_phone(browser: httpx.Client, phone: Phone) -> None:
    shown = begin(browser, invited())
    assert "<svg" not in shown.text
    typed = {"password": "another password", "again": "another password", "code": phone.code()}
    assert browser.post("/login/password", data=hidden(shown) | typed).status_code == 303
    log_out(browser)
    assert log_in(browser, CLERK, phone.code()).status_code == 403, "the old password"


def test_an_invitation_is_not_guessed_and_not_another_officers(browser: httpx.Client) -> None:
    code = invited()
    assert "有误" in begin(browser, code, LEADER).text
    for n in range(office.agency().accounts.free_attempts):
        assert "有误" in begin(browser, f"22222-22222-22222-2222{n + 2}").text
    assert "秒后再试" in begin(browser, code).text
    assert ("login_failed", CLERK, "邀请码") in lines()


def test_a_secret_of_ones_own_is_not_taken(browser: httpx.Client) -> None:
    shown = begin(browser, invited())
    mine = pyotp.random_base32()
    typed = {"password": PASSWORD, "again": PASSWORD, "code": pyotp.TOTP(mine).at(office.now())}
    forged = browser.post("/login/password", data=hidden(shown) | typed | {"secret": mine})
    assert forged.status_code == 403
    with office.reading() as session:
        assert codes.enrolled(session) == []


def choosing(**typed: str) -> dict[str, str]:
    return {"password": PASSWORD, "again": PASSWORD, "code": "000000"} | typed


def test_nothing_that_the_office_sealed_is_opened_by_the_form(browser: httpx.Client) -> None:
    """A contact as a stored form has it was shown as the phone's secret, to whoever sent it."""
    sealed = office.sealing().seal("13800000000")
    page = browser.get("/login/invitation")
    stranger = {"token": token_of(page), "officer": CLERK, "invitation": "x"}
    for fields in (stranger, hidden(begin(browser, invited()))):
        for password in (PASSWORD, "short"):
            typed = choosing(password=password) | {"secret": sealed}
            said = browser.post("/login/password", data=fields | typed)
            assert said.status_code == 403
            assert "放得太久" in said.text
            assert "13800000000" not in said.text
            assert "<svg" not in said.text


def test_a_secret_is_shown_again_to_its_officer_with_its_invitation_alone(
    browser: httpx.Client, moment: Callable[[float], None]
) -> None:
    mine = hidden(begin(browser, invited()))
    other = hidden(begin(browser, invited(LEADER), LEADER))
    mixed = (mine | {"secret": other["secret"]}, mine | {"invitation": other["invitation"]})
    for fields in (*mixed, mine | {"officer": LEADER}, mine | {"secret": ""}):
        said = browser.post("/login/password", data=fields | choosing(password="short"))
        assert said.status_code == 403
        assert "<svg" not in said.text
        assert "至少10个字符" not in said.text
    moment(office.agency().accounts.invitation_lasts.total_seconds() - 1)
    said = browser.post("/login/password", data=mine | choosing(password="short"))
    assert "<svg" in said.text, "one second before the invitation is over"
    moment(1)
    said = browser.post("/login/password", data=mine | choosing(password="short"))
    assert "<svg" not in said.text
    assert "至少10个字符" not in said.text, "the invitation is looked at first"
    assert lines()[-1] == ("login_failed", CLERK, "邀请码")


def test_the_code_given_with_an_invitation_is_not_guessed(
    browser: httpx.Client, phone: Phone, moment: Callable[[float], None]
) -> None:
    fields = hidden(begin(browser, invited()))
    for _ in range(office.agency().accounts.free_attempts):
        assert "动态口令有误" in browser.post("/login/password", data=fields | choosing()).text
    right = choosing(code=phone.code())
    paused = browser.post("/login/password", data=fields | right)
    assert "请在5秒后再试" in paused.text, "though it is all right"
    assert hidden(paused)["invitation"] == fields["invitation"], "the form is kept"
    assert "请在5秒后再试" in log_in(browser, CLERK, phone.code()).text
    moment(5)
    assert browser.post("/login/password", data=fields | right).status_code == 303
    assert [(kind, what) for kind, _, what in lines()] == [
        ("invited", ""), *[("login_failed", "动态口令")] * 5,
        ("password_set", "停顿期间另有2次"), ("login", "停顿期间另有2次"),
    ]  # fmt: skip


def test_guesses_of_others_do_not_keep_an_invited_officer_out(
    browser: httpx.Client, phone: Phone
) -> None:
    fields = hidden(begin(browser, invited()))
    for n in range(6):
        log_in(browser, CLERK, "000000", password=f"guess {n}")
    totp, at = pyotp.TOTP(phone.secret), office.now()
    step = totp.timecode(at)
    both = totp.generate_otp(step - 1) + totp.generate_otp(step)
    wrong = browser.post("/login/password", data=fields | choosing(code="123456" * 2))
    assert "秒后再试" in wrong.text
    assert browser.post("/login/password", data=fields | choosing(code=both)).status_code == 303


def test_the_tenth_wrong_code_ends_the_invitation(
    browser: httpx.Client, phone: Phone, moment: Callable[[float], None]
) -> None:
    code, most = invited(), office.agency().accounts.invitation_wrong_codes
    for n in range(1, most + 1):
        moment(900)
        shown = begin(browser, code)  # what stands against the name is forgiven each time
        said = browser.post("/login/password", data=hidden(shown) | choosing())
        assert ("已经作废" in said.text) is (n == most)
        assert ('action="/login/password"' in said.text) is (n < most)
    assert lines()[-1] == ("login_failed", CLERK, "动态口令，邀请码作废")
    assert "有误" in begin(browser, code).text
    right = choosing(code=phone.code())
    assert browser.post("/login/password", data=hidden(shown) | right).status_code == 403
    again = hidden(begin(browser, invited()))
    assert browser.post("/login/password", data=again | right).status_code == 303, "a new one"


@pytest.mark.parametrize("setting", ["off", "on", ""])
def test_the_login_asks_for_the_code_whatever_acts_are_signed_with(
    browser: httpx.Client, phone: Phone, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    monkeypatch.setenv("DISCLOSURE_CODES", setting)
    for wrong in ("", "000000"):
        assert log_in(browser, CLERK, wrong).status_code == 403
    assert log_in(browser, CLERK, phone.code()).status_code == 303


def test_two_codes_that_do_not_fit_wait_like_one(browser: httpx.Client, phone: Phone) -> None:
    for n in range(6):
        log_in(browser, CLERK, "000000", password=f"guess {n}")
    counted = len(lines())
    assert "秒后再试" in log_in(browser, CLERK, "123456" * 2).text
    assert len(lines()) == counted, "it was not looked at"


# ── proxies and single sign-on ──────────────────────────────────────────────────────────────────
FORWARDED = {"x-forwarded-for": "203.0.113.9, 10.1.1.1", "x-forwarded-proto": "https"}


def test_a_proxy_of_ours_says_where_a_request_is_from(
    browser: httpx.Client,
    phone: Phone,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    log_in(browser, CLERK, "000000")
    assert "proxies" not in caplog.text, "nothing is handed on"
    browser.headers.update(FORWARDED)
    log_in(browser, CLERK, "000000")
    assert caplog.text.count("127.0.0.1转来别人的请求") == 1, "once, however many came"
    with_rules(monkeypatch, proxies=("127.0.0.1",))
    shown = browser.get("/login")
    (form,) = shown.headers.get_list("set-cookie")
    assert "Secure" in form
    fields = {"token": token_of(shown), "officer": CLERK, "password": PASSWORD}
    done = browser.post(
        "/login",
        data=fields | {"code": phone.code(), "next": "/"},
        headers={"cookie": form.partition(";")[0]},
    )
    assert "Secure" in next(c for c in done.headers.get_list("set-cookie") if c.startswith(COOKIE))
    with office.reading() as session:
        found = access_log.lines(session, *ALWAYS)
    assert [(one.kind, one.address) for one in found] == [
        ("login_failed", "127.0.0.1"),
        ("login_failed", "127.0.0.1"),
        ("login", "10.1.1.1"),
    ]
    assert caplog.text.count("转来别人的请求") == 1, "it is named now"


SECRET = "a-secret-of-the-proxy"


def sso(browser: httpx.Client, name: str, secret: str | None = SECRET) -> httpx.Response:
    said = {} if secret is None else {PROXY_SECRET: secret}
    return browser.get("/runs", headers={"X-Officer": quote(name), **said})


def vouching(monkeypatch: pytest.MonkeyPatch, **figures: object) -> Agency:
    monkeypatch.setenv("DISCLOSURE_PROXY_SECRET", SECRET)
    proxy = {"single_sign_on_header": "X-Officer", "proxies": ("127.0.0.1",)}
    return with_rules(monkeypatch, **proxy | figures)


def test_single_sign_on_is_off_unless_a_header_and_a_proxy_are_named(
    browser: httpx.Client, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sso(browser, CLERK).status_code == 401
    vouching(monkeypatch, proxies=("10.0.0.1",))
    assert sso(browser, CLERK).status_code == 401, "not from the proxy"
    vouching(monkeypatch)
    for _ in range(3):
        assert sso(browser, CLERK).text == f"reached {CLERK}"
    assert browser.get("/runs").status_code == 401
    assert lines() == [("single_sign_on", CLERK, "")]


@pytest.mark.parametrize(
    "said", [None, "", "wrong", SECRET[:-1], f"{SECRET}x", f"{SECRET}, {SECRET}"]
)
def test_from_the_proxys_machine_nobody_vouches_without_its_secret(
    browser: httpx.Client, phone: Phone, monkeypatch: pytest.MonkeyPatch, said: str | None
) -> None:
    """On loopback any local account sends from its address."""
    vouching(monkeypatch)
    assert sso(browser, CLERK, said).status_code == 401
    name = quote(CLERK)
    twice = [("X-Officer", name), (PROXY_SECRET, SECRET), (PROXY_SECRET, said or "")]
    assert browser.get("/runs", headers=twice).status_code == 401
    assert sso(browser, CLERK).status_code == 200
    monkeypatch.delenv("DISCLOSURE_PROXY_SECRET")
    assert sso(browser, CLERK).status_code == 401, "none is set"
    assert sso(browser, CLERK, "").status_code == 401


def test_with_a_secret_only_the_proxy_says_where_a_request_is_from(
    browser: httpx.Client, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    vouching(monkeypatch)
    for secret in ("wrong", SECRET):
        browser.headers.update(
            {"x-forwarded-for": FORWARDED["x-forwarded-for"], PROXY_SECRET: secret}
        )
        log_in(browser, CLERK, "000000")
    with office.reading() as session:
        found = access_log.lines(session, *ALWAYS)
    assert [one.address for one in found] == ["127.0.0.1", "10.1.1.1"]


def test_whoever_came_in_by_single_sign_on_is_told_where_he_logs_out(
    browser: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    vouching(monkeypatch, single_sign_on_logout="https://sso.example.cn/logout")
    browser.headers.update({"X-Officer": quote(LEADER), PROXY_SECRET: SECRET})
    assert browser.get("/runs").text == f"reached {LEADER}"
    shown = browser.get("/login")
    assert "统一身份认证处退出" in shown.text
    out = browser.post("/logout", data={"token": token_of(shown)})
    assert "会自动进入" in out.text
    assert 'href="https://sso.example.cn/logout"' in out.text
    assert [kind for kind, _, _ in lines()] == ["single_sign_on", "logout"]
    assert browser.get("/runs").status_code == 200, "the proxy vouches again"
    assert [kind for kind, _, _ in lines()] == ["single_sign_on", "logout", "single_sign_on"]


def test_whoever_has_no_account_and_is_revoked_does_not_come_in_by_the_proxy(
    browser: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(accounts.NoAccount):
        enrolment.revoke_account(LEADER)
    agency = vouching(monkeypatch)
    listed = (Officer(name=LEADER, roles=tuple(Role)),)
    monkeypatch.setattr(office, "agency", lambda: agency.model_copy(update={"officers": listed}))
    assert sso(browser, LEADER).status_code == 200
    enrolment.revoke_account(LEADER)
    assert sso(browser, LEADER).status_code == 401
    for nobody in ("无此人", ""):
        with pytest.raises(accounts.NoAccount):
            enrolment.revoke_account(nobody)


@pytest.mark.parametrize("name", ["长" * 61, "陈\x00静", "陈\n静"])
def test_what_is_no_name_is_nobodys(
    browser: httpx.Client, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    vouching(monkeypatch)
    assert sso(browser, name).status_code == 401
    assert sso(browser, "长" * 60).status_code == 200


def test_single_sign_on_lets_in_officers_alone(
    browser: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    agency = vouching(monkeypatch)
    assert sso(browser, "").status_code == 401, "also without accounts: the proxy vouches"
    listed = (Officer(name=LEADER, roles=tuple(Role)),)
    named = agency.model_copy(update={"officers": listed})
    monkeypatch.setattr(office, "agency", lambda: named)
    assert sso(browser, CLERK).status_code == 401
    assert sso(browser, LEADER).text == f"reached {LEADER}"


def test_a_revoked_account_does_not_come_in_by_the_proxy(
    browser: httpx.Client, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    vouching(monkeypatch)
    assert sso(browser, CLERK).status_code == 200
    enrolment.revoke_account(CLERK)
    assert sso(browser, CLERK).status_code == 401
    assert sso(browser, LEADER).status_code == 200, "who never had one: the proxy vouches"
    list(enrolment.invite(CLERK))
    assert sso(browser, CLERK).status_code == 200, "invited again"


def test_two_names_in_the_header_are_nobodys(
    browser: httpx.Client, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    vouching(monkeypatch)
    name, other = quote(CLERK), quote(LEADER)
    known = (PROXY_SECRET, SECRET)
    twice = [[known, ("X-Officer", name), ("x-officer", one)] for one in (other, name)]
    for headers in (*twice, [known, ("X-Officer", f"{name}, {other}")]):
        assert browser.get("/runs", headers=headers).status_code == 401
    log_in(browser, CLERK, phone.code())
    assert browser.get("/runs", headers=twice[0]).status_code == 401, "whatever the cookie"
    assert browser.get("/runs").status_code == 200


def test_a_cookie_of_another_than_the_proxy_names_is_nobodys(
    browser: httpx.Client, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    vouching(monkeypatch)
    log_in(browser, CLERK, phone.code())
    assert sso(browser, LEADER).status_code == 401
    assert sso(browser, CLERK).text == f"reached {CLERK}"
    assert browser.get("/runs").text == f"reached {CLERK}"
    assert [kind for kind, _, _ in lines()] == ["login"], "a visit is at work, not the proxy's word"


def test_a_single_sign_on_whose_line_could_not_be_written_leaves_it_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = access_log.write

    def away(*_: object, **__: object) -> None:
        raise OSError(28, "full")

    with empty_register(tmp_path, monkeypatch):
        vouching(monkeypatch)
        headers = [
            (b"x-officer", quote(CLERK).encode()),
            (PROXY_SECRET.lower().encode(), SECRET.encode()),
        ]
        scope = {
            "type": "http",
            "path": "/",
            "method": "GET",
            "headers": headers,
            "client": ("127.0.0.1", 1),
        }
        known = Visits()
        monkeypatch.setattr(access_log, "write", away)
        with pytest.raises(OSError, match="full"):
            asyncio.run(known.visitor(scope))
        monkeypatch.setattr(access_log, "write", write)
        assert asyncio.run(known.visitor(scope)).officer == CLERK
        assert lines() == [("single_sign_on", CLERK, "")]


# ── it does not fall open ───────────────────────────────────────────────────────────────────────
def test_behind_a_proxy_nobody_is_let_in_without_an_account(
    browser: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert browser.get("/runs").status_code == 200
    vouching(monkeypatch)
    assert sso(browser, CLERK).status_code == 200
    with_rules(monkeypatch, single_sign_on_header="")  # taken out of the file while it is at work
    for path in ("/runs", "/login", "/login/invitation"):
        said = browser.get(path)
        assert said.status_code == 403
        assert "只能在本机使用" in said.text
    list(enrolment.invite(CLERK))
    assert browser.get("/runs").status_code == 401
    assert browser.get("/login").status_code == 200


# ── remembered for a moment ─────────────────────────────────────────────────────────────────────
def test_the_register_is_asked_once_in_a_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at, times = [0.0], [0]
    asked = accounts.visiting

    def counted(*given: object) -> object:
        times[0] += 1
        return asked(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(accounts, "visiting", counted)
    with empty_register(tmp_path, monkeypatch):
        with_account(CLERK)
        known = Visits(lambda: at[0])
        scope = {
            "type": "http",
            "path": "/",
            "method": "GET",
            "headers": [(b"cookie", b"disclosure_visit=x")],
            "client": None,
        }
        for seconds, expected in ((0, 1), (visits.MOMENT, 1), (visits.MOMENT + 0.1, 2)):
            at[0] = seconds
            assert asyncio.run(known.visitor(scope)).officer == ""
            assert times[0] == expected
        known.forget()
        asyncio.run(known.visitor(scope))
        assert times[0] == 3


def test_what_is_no_cookie_of_ours_fills_no_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anybody may send cookies, as long as headers may be."""
    with empty_register(tmp_path, monkeypatch):
        phone = with_account(CLERK)
        known = Visits()
        for n in range(50):
            cookie = f"{COOKIE}={n}{'x' * 60_000}".encode()
            scope = {
                "type": "http",
                "path": "/",
                "method": "GET",
                "headers": [(b"cookie", cookie)],
                "client": None,
            }
            assert asyncio.run(known.visitor(scope)).officer == ""
        assert sum(len(str(key)) for key in known._known) < 1000
        with office.writing() as session:
            token = accounts.begin(session, phone.officer, "", office.now())
        cookie = f"{COOKIE}={token}".encode()
        scope = {
            "type": "http",
            "path": "/",
            "method": "GET",
            "headers": [(b"cookie", cookie)],
            "client": None,
        }
        assert asyncio.run(known.visitor(scope)).officer == CLERK


def test_that_nobody_has_an_account_is_not_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with empty_register(tmp_path, monkeypatch):
        known = Visits(lambda: 0.0)
        scope = {"type": "http", "path": "/", "method": "GET", "headers": [], "client": None}
        assert not asyncio.run(known.visitor(scope)).asked
        with_account(CLERK)
        assert asyncio.run(known.visitor(scope)).asked
