"""Three officers, each in a browser of his own, take an application to its signature; and what each of
those who may come to the doors is told there. The real `disclosure serve`, with accounts.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import websockets
from histories import CONFIG
from officers import officers_toml
from playwright.sync_api import BrowserContext, Response, expect
from visitors import PASSWORD, Phone, log_in, log_out, token_of, with_account

from flows import office
from flows.installation import office_secret
from flows.path import intake, recording
from flows.path.presenting import artifact_key
from flows.path.signing import PASS
from flows.prefect_side.routes import SOCKET, Whose, routes
from flows.shown.pages import applicant_url, case_url, draft_url, form_url, letter_url, list_url
from models.case.case import Case
from models.case.personal import CODE
from models.case.stage import Stage
from models.register import access_log, register
from models.store.sealing import MARK
from models.store.tables import Enquiry, Event
from tests.browser import Desk, desk_in_browser
from tests.kills import Office, office_at
from tests.test_attacks import ADVICE, CHANGING, NO_REQUEST, STATES
from tests.waiting import until as come_about

CLERK, REVIEWER, LEADER, SUPPLIER = "陈静", "李明", "王建国", "周材料"
ROLES = {
    CLERK: ("办公室", "handle"),
    REVIEWER: ("法制处", "review", "secrecy", "head"),
    LEADER: ("局领导", "sign"),
    SUPPLIER: ("业务一处", "supply"),
}
DAY = "2026-03-02"
SEARCH = "检索公文系统2020至2025年，以“资助名单”为关键词，未找到。"
CONTACT = "暗记13800000000"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office whose officers log in."""
    home = tmp_path_factory.mktemp("three")
    config = shutil.copytree(CONFIG, home / "config")
    (config / "office" / "officers.toml").write_text(officers_toml(ROLES), "utf-8")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DISCLOSURE_CONFIG", str(config))
        with office_at(home) as running:
            yield running


@pytest.fixture(scope="module")
def phones(site: Office) -> dict[str, Phone]:
    return {name: with_account(name) for name in ROLES}


@pytest.fixture(scope="module")
def clients(site: Office, phones: dict[str, Phone]) -> Iterator[dict[str, httpx.Client]]:
    """Everybody logged in, over HTTP; "" is nobody."""
    made = {name: httpx.Client(base_url=site.site, timeout=60) for name in ("", *ROLES)}
    for name, phone in phones.items():
        assert log_in(made[name], name, phone.code()).status_code == 303
    yield made
    for client in made.values():
        client.close()


def made(*steps: tuple[str, dict[str, object]]) -> str:
    """A case so far on its way, recorded in the terminal without codes: those are another matter."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DISCLOSURE_CODES", "off")
        number = intake.receive(
            channel="当面", kind="自然人", applicant="张三丰", request="甲", arrived_on=None,
            contact=CONTACT, officer=CLERK,
        ).number  # fmt: skip
        ours = (("received", {"received_on": DAY}), ("found_ours", {}))
        for position, (kind, answer) in enumerate((*ours, *steps), 1):
            done = recording.perform(number, position, kind, dict(answer), CLERK)
            assert not done.refused, done.reasons
    return number


@pytest.fixture(scope="module")
def number(phones: dict[str, Phone]) -> str:
    """A case with a receipt and a draft."""
    return made(("drafted_unable", {"outcome": "not_existing", "search": SEARCH}))


def case(number: str) -> Case:
    with office.reading() as session:
        return register.case(session, number)


def lines(kind: str) -> list[tuple[str, str]]:
    with office.reading() as session:
        found = access_log.lines(
            session, datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
        )
    return [(one.officer, one.what) for one in found if one.kind == kind]


# ── who may come, and what he is told ───────────────────────────────────────────────────────────
RECEIPT = "沪知公开收〔2026〕1号"
DOCS = ("/docs", "/redoc", "/openapi.json", "/api/docs", "/api/openapi.json")


def pages_of(number: str) -> dict[str, str]:
    return {
        "letter": letter_url(number, RECEIPT),
        "draft": draft_url(number),
        "applicant": applicant_url(number),
        "list": list_url("todo"),
        "case": case_url(number),
        "report": "/reports/2022/report.html",
    }


@pytest.mark.parametrize("page", ["letter", "draft", "applicant", "list", "case", "report"])
@pytest.mark.parametrize("who", ["", SUPPLIER, CLERK, REVIEWER, LEADER])
def test_our_pages_are_told_to_officers_alone(
    clients: dict[str, httpx.Client], number: str, page: str, who: str
) -> None:
    told = clients[who].get(pages_of(number)[page])
    expected = {"": {401}, SUPPLIER: {403}}.get(who, {200, 307, 404})
    assert told.status_code in expected
    assert ("张三丰" in told.text or CONTACT in told.text) == (
        page == "applicant" and who in (CLERK, REVIEWER, LEADER)
    )


@pytest.mark.parametrize("who", ["", SUPPLIER])
def test_no_route_of_prefects_answers_to_whoever_is_no_officer(
    clients: dict[str, httpx.Client], who: str
) -> None:
    status = 401 if who == "" else 403
    answered = set()
    for route in routes():
        if route.method == SOCKET or route.path in ("/api/health", "/api/ready"):
            continue
        path = route.path.replace("{id:uuid}", "00000000-0000-4000-8000-000000000000")
        told = clients[who].request(route.method, path.replace("{", "").replace("}", ""), json={})
        if told.status_code != status:
            answered.add((route.method, route.path, told.status_code))
    assert answered == set()


@pytest.mark.parametrize("path", DOCS)
@pytest.mark.parametrize("who", ["", SUPPLIER])
def test_the_description_of_the_api_asks_for_the_login(
    clients: dict[str, httpx.Client], path: str, who: str
) -> None:
    assert clients[who].get(path).status_code == (401 if who == "" else 403)


@pytest.mark.parametrize("who", [CLERK, LEADER])
def test_an_officer_is_no_administrator(clients: dict[str, httpx.Client], who: str) -> None:
    closed = [one for one in routes() if one.whose is not Whose.OFFICERS and one.method == "POST"]
    for route in closed[:25]:
        path = route.path.replace("{id:uuid}", "00000000-0000-4000-8000-000000000000")
        told = clients[who].post(path.replace("{", "").replace("}", ""), json={})
        assert told.status_code == 403, route


def test_the_maintainer_alone_has_the_secret_of_the_office(site: Office) -> None:
    """Whoever may read the home; in the terminal."""
    kept = office_secret.kept(site.home / "prefect")
    known = {"Authorization": office_secret.header(kept)}
    for secret, status in ((known, 200), ({}, 401)):
        told = httpx.post(f"{site.url}/variables/filter", json={}, headers=secret)
        assert told.status_code == status


def test_reading_stands_in_the_log(clients: dict[str, httpx.Client], number: str) -> None:
    reviewer = clients[REVIEWER]
    reviewer.get(applicant_url(number))
    assert lines("read")[-1] == (REVIEWER, f"{number} 联系方式")
    reviewer.get(form_url(number))  # puts it on the desk, if it is not there yet
    run = until(lambda: waiting(reviewer, number))
    key = f"suspended-{run['state']['state_details']['pause_key']}-schema"
    assert reviewer.get(f"/api/flow_runs/{run['id']}/input/{key}").status_code == 200
    assert lines("read")[-1] == (REVIEWER, f"{number} 办理表单")
    page = reviewer.get(case_url(number)).headers["location"].rpartition("/")[2]
    assert "卷宗" in reviewer.get(f"/api/artifacts/{page}").json()["data"]
    assert lines("read")[-1] == (REVIEWER, f"{number} 卷宗")
    for listed in ("filter", "latest/filter"):
        given = reviewer.post(f"/api/artifacts/{listed}", json={}).json()
        told = [one["data"] for one in given if (one["key"] or "").startswith("case-")]
        assert told
        assert set(told) == {None}


def waiting(client: httpx.Client, number: str) -> Any:
    """The run of a case, once it waits."""
    filed = {"flow_runs": {"tags": {"all_": [number]}, "state": {"type": {"any_": ["PAUSED"]}}}}
    return next(iter(client.post("/api/flow_runs/filter", json=filed).json()), None)


def test_neither_password_nor_code_nor_cookie_is_kept_in_clear(
    site: Office, clients: dict[str, httpx.Client]
) -> None:
    secrets = [
        PASSWORD,
        *(str(value) for one in clients.values() for value in one.cookies.values()),
    ]
    assert len(secrets) > len(ROLES)
    kept = [path for path in site.home.rglob("*") if path.is_file()]
    assert any(path.name == "server.log" for path in kept)
    for path in kept:
        content = path.read_bytes()
        assert not [one for one in secrets if one.encode() in content], path


# ── whose form it is ────────────────────────────────────────────────────────────────────────────
def begun(client: httpx.Client, form: str, fields: dict[str, Any]) -> httpx.Response:
    found = client.get(f"/api/deployments/name/{form}/{form}").json()
    return client.post(
        f"/api/deployments/{found['id']}/create_flow_run", json={"parameters": fields}
    )


def until(there: Any, seconds: float = 90) -> Any:
    return come_about(there, seconds)


def recorded(kind: str, field: str, value: str) -> list[str]:
    """By whom an act was recorded that says so."""
    from sqlmodel import select

    with office.reading() as session:
        found = session.exec(select(Event).where(Event.kind == kind)).all()
    return [one.officer for one in found if one.facts.get(field) == value]


REGISTER = {
    "channel": "当面提交", "arrived_on": DAY, "kind": "自然人", "applicant": "李四",
}  # fmt: skip


@pytest.mark.parametrize("stated", [LEADER, CLERK, "", "无此人", "sealed:gAAAAAforged"])
def test_whatever_name_a_form_states_the_visits_is_recorded(
    clients: dict[str, httpx.Client], stated: str
) -> None:
    what = f"名单（{stated}）"
    said = begun(clients[CLERK], "登记申请", REGISTER | {"request": what, "officer": stated})
    assert said.status_code == 201, said.text
    assert until(lambda: recorded("registered", "request", what)) == [CLERK]


def test_a_form_put_in_past_the_door_is_no_answer(
    site: Office, clients: dict[str, httpx.Client]
) -> None:
    """By whoever has the office's secret, or Prefect's database: it bears nobody's pass."""
    known = {"Authorization": office_secret.header(office_secret.kept(site.home / "prefect"))}
    with httpx.Client(base_url=site.site, headers=known, timeout=60) as forger:
        fields = REGISTER | {"request": "伪造", "officer": LEADER}
        found = forger.get("/api/deployments/name/登记申请/登记申请").json()
        body = {
            "flow_id": found["flow_id"], "deployment_id": found["id"], "parameters": fields,
            "work_pool_name": found["work_pool_name"], "state": {"type": "SCHEDULED"},
        }  # fmt: skip
        run = forger.post("/api/flow_runs/", json=body).json()["id"]

        def waits() -> bool:
            now = forger.get(f"/api/flow_runs/{run}").json()
            return now["state_type"] == "PAUSED" and "没有办理" in now["name"]

        until(waits)
    assert recorded("registered", "request", "伪造") == []


def test_who_has_not_the_role_is_told_so_at_the_door(
    clients: dict[str, httpx.Client], number: str
) -> None:
    said = begun(clients[LEADER], "登记申请", REGISTER | {"request": "无权", "officer": CLERK})
    assert said.status_code == 409
    assert "没有“承办”的职责" in said.text
    assert recorded("registered", "request", "无权") == []


# ── an officer who attacks ──────────────────────────────────────────────────────────────────────
def deployment(client: httpx.Client, form: str) -> str:
    return f"/api/deployments/{client.get(f'/api/deployments/name/{form}/{form}').json()['id']}"


def enquiries() -> list[str]:
    """By whom each was recorded."""
    from sqlmodel import select

    with office.reading() as session:
        return [one.officer for one in session.exec(select(Enquiry)).all()]


def test_an_officer_has_no_form_run_in_another_way(clients: dict[str, httpx.Client]) -> None:
    before, clerk = enquiries(), clients[CLERK]
    path = f"{deployment(clerk, '登记咨询')}/create_flow_run"
    for sent, why in CHANGING:
        told = clerk.post(path, json=sent)
        assert (told.status_code, why in told.json()["detail"]) == (403, True), sent
    for body in NO_REQUEST:
        told = clerk.post(path, content=body)
        assert (told.status_code, "不能读取" in told.json()["detail"]) == (400, True)
    assert clerk.post(f"{path}/bulk", json=[{"parameters": ADVICE}]).status_code == 403
    handling = f"{deployment(clerk, '办理申请')}/create_flow_run"
    told = clerk.post(handling, json={"parameters": {"number": "SQ202600001"}})
    assert "自己开始" in told.json()["detail"]
    assert enquiries() == before


def test_an_officer_sets_the_run_of_a_case_to_nothing(
    clients: dict[str, httpx.Client], number: str
) -> None:
    filed = {"flow_runs": {"tags": {"all_": [number]}}}
    (run,) = until(lambda: clients[CLERK].post("/api/flow_runs/filter", json=filed).json())
    path = f"/api/flow_runs/{run['id']}"
    for state in STATES:
        sent = {"state": {"type": state}, "force": True}
        told = clients[CLERK].post(f"{path}/set_state", json=sent)
        assert (told.status_code, "没有取消" in told.json()["detail"]) == (403, True), state
    for method, of in (("DELETE", path), ("PATCH", path), ("POST", f"{path}/input")):
        assert clients[CLERK].request(method, of, json={}).status_code == 403
    assert clients[CLERK].get(path).json()["id"] == run["id"]


def test_no_websocket_opens_for_an_officer(clients: dict[str, httpx.Client], site: Office) -> None:
    cookie = "; ".join(f"{name}={value}" for name, value in clients[CLERK].cookies.items())
    for route in (one for one in routes() if one.method == SOCKET):
        address = site.site.replace("http:", "ws:") + route.path.replace("{work_pool_name}", "x")

        async def told(address: str = address) -> int:
            headers = {"cookie": cookie}
            try:
                async with websockets.connect(address, additional_headers=headers):
                    return 101
            except websockets.InvalidStatus as refused:
                return refused.response.status_code

        assert asyncio.run(told()) == 403, route


def test_nobody_acts_by_a_pass_that_another_was_given(
    site: Office, clients: dict[str, httpx.Client], phones: dict[str, Phone]
) -> None:
    """It stands in Prefect's database, where an officer can read it; so can whoever has the secret."""
    before = len(enquiries())
    made = begun(clients[CLERK], "登记咨询", ADVICE).json()
    until(lambda: len(enquiries()) > before)
    stolen = made["parameters"]["officer"]
    assert stolen.startswith(PASS)
    told = begun(clients[REVIEWER], "登记咨询", ADVICE | {"officer": stolen})
    if told.status_code == 201:
        until(lambda: len(enquiries()) > before + 1)
    assert enquiries()[before + 1 :].count(CLERK) == 0

    assert "已退出" in log_out(clients[CLERK]).text
    known = {"Authorization": office_secret.header(office_secret.kept(site.home / "prefect"))}
    recorded_so_far = enquiries()
    with httpx.Client(base_url=site.site, headers=known, timeout=60) as forger:
        path = f"{deployment(forger, '登记咨询')}/create_flow_run"
        sent = {"parameters": ADVICE | {"officer": stolen}}
        run = forger.post(path, json=sent)
        if run.status_code == 201:

            def waits() -> bool:
                now = forger.get(f"/api/flow_runs/{run.json()['id']}").json()
                return now["state_type"] == "PAUSED" and "没有办理" in now["name"]

            until(waits)
        else:
            assert "请登录后重新提交" in run.text
    assert enquiries() == recorded_so_far
    assert log_in(clients[CLERK], CLERK, phones[CLERK].code()).status_code == 303


# ── an office of our own ────────────────────────────────────────────────────────────────────────
def test_a_department_answers_on_its_own_page_and_sees_nothing_else(
    clients: dict[str, httpx.Client],
) -> None:
    asked: dict[str, object] = {"department": "业务一处", "records": "2025年资助名单"}
    number = made(("records_asked", asked | {"asked_on": DAY, "supply_by": "2026-03-06"}))
    made(
        (
            "records_asked",
            asked | {"department": "业务二处", "asked_on": DAY, "supply_by": "2026-03-06"},
        )
    )
    supplier = clients[SUPPLIER]
    shown = supplier.get("/supply")
    assert "2025年资助名单" in shown.text
    assert "张三丰" not in shown.text
    assert "业务二处" not in shown.text
    (supply,) = [one for one in case(number).supplies if one.supplied_on is None]
    fields = {
        "token": token_of(shown), "number": number, "ref": supply.ref, "supplied_on": DAY,
        "result": "none",
    }  # fmt: skip
    assert "已尽检索义务" in supplier.post("/supply", data=fields).text
    assert supplier.post("/supply", data=fields | {"number": "SQ202600099"}).status_code == 409
    assert supplier.post("/supply", data=fields | {"token": "x"}).status_code == 409
    done = supplier.post("/supply", data=fields | {"note": "检索业务系统"})
    assert done.status_code == 303
    assert recorded("records_supplied", "note", "检索业务系统") == [SUPPLIER]
    assert "没有需要本处室提供" in supplier.get("/supply").text


# ── in the browser ──────────────────────────────────────────────────────────────────────────────
@pytest.fixture(scope="module")
def desk(site: Office, phones: dict[str, Phone]) -> Iterator[Desk]:
    with desk_in_browser(site.site) as desk:
        yield desk


def logged_in(desk: Desk, phone: Phone) -> tuple[BrowserContext, Desk]:
    """An officer's own browser, through the page of logging in."""
    browser = desk.page.context.browser
    assert browser
    own = browser.new_context(viewport=desk.page.viewport_size, locale="zh-CN")
    page = own.new_page()
    page.set_default_timeout(60_000)
    page.goto(f"{desk.url}/deployments")
    page.locator("input[name=officer]").fill(phone.officer)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=code]").fill(phone.code())
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/deployments")
    expect(page.get_by_role("link", name=f"{phone.officer}　退出登录")).to_be_visible()
    return own, Desk(page, desk.url)


MENU = (
    *("/dashboard", "/runs", "/flows", "/deployments", "/work-pools", "/artifacts", "/events"),
    *("/blocks", "/blocks/catalog", "/variables", "/automations", "/automations/create"),
    *("/concurrency-limits", "/settings"),
)
"""Every page of Prefect's menu, and what its buttons lead to."""


def test_every_page_of_prefects_menu_opens_for_an_officer(
    desk: Desk, phones: dict[str, Phone], number: str
) -> None:
    """What it asks for is answered, or refused in Chinese; none breaks, none leads to the login. So do
    a case's dossier, and the list of its versions, which tells no more than their names.
    """
    his, clerk = logged_in(desk, phones[REVIEWER])
    page, told, broken = clerk.page, list[tuple[str, str, int, str]](), list[str]()

    def heard(answer: Response) -> None:
        if answer.status >= 400:
            asked = answer.request
            told.append((asked.method, asked.url, answer.status, answer.text()))

    page.on("response", heard)
    page.on("pageerror", lambda fault: broken.append(f"{page.url} {fault}"))
    words, versions = {}, f"/artifacts/key/{artifact_key(number)}"
    for path in (*MENU, case_url(number), versions):
        with page.expect_response("**/api/**"):
            page.goto(f"{desk.url}{path}")
        page.locator("main, .p-layout-default, #app > *").first.wait_for()
        page.wait_for_load_state("networkidle")
        words[path] = page.locator("#app").inner_text()
    his.close()
    assert "办理经过" in words[case_url(number)]
    assert artifact_key(number) in words[versions]
    assert broken == []
    assert [one for one in told if one[2] != 403] == []
    assert all("没有执行" in said for *_, said in told)
    assert {path: said for path, said in words.items() if len(said) < 40} == {}


def act(desk: Desk, number: str, tab: str = "", **fields: str) -> None:
    """Fill in the case's form and submit it; who it is stands there already."""
    before = case(number).position
    desk.open_case(number)
    desk.resume()
    if tab:
        desk.tab(tab)
    for title, value in fields.items():
        desk.fill(title, value)
    desk.submit()
    desk.until(lambda: case(number).position > before)


@pytest.mark.timeout(900)
def test_three_officers_take_an_application_to_its_signature(
    desk: Desk, phones: dict[str, Phone], site: Office
) -> None:
    request = "2024年专利资助名单"
    his, clerk = logged_in(desk, phones[CLERK])
    clerk.page.get_by_role("link", name="新办", exact=True).first.click()
    clerk.page.get_by_role("link", name="登记申请", exact=True).click()
    for title, value in (("提交方式", "当面提交"), ("申请人类别", "自然人")):
        clerk.page.get_by_label(title).first.select_option(value)
    for title, value in (
        ("到件日期", "2026-03-02"), ("申请人姓名", "张三丰"), ("申请内容", request)
    ):  # fmt: skip
        clerk.page.get_by_label(title).first.fill(value)
    clerk.page.get_by_role("button", name="提交").click()
    clerk.until(lambda: bool(recorded("registered", "request", request)))
    with office.reading() as session:
        (number,) = [row.number for row in register.applications(session) if row.request == request]
    act(clerk, number)
    act(clerk, number, "本机关")
    act(clerk, number, "无法提供", 办理结果="信息不存在", 检索情况=SEARCH)

    _, reviewer = logged_in(desk, phones[REVIEWER])
    act(reviewer, number, "审核通过")

    hers, leader = logged_in(desk, phones[LEADER])
    before = case(number).position
    leader.open_case(number)
    leader.resume()
    leader.tab("签发")
    leader.submit()
    leader.says("请填写动态口令")
    assert case(number).position == before
    leader.fill("动态口令", phones[LEADER].code())
    leader.submit()
    leader.until(lambda: case(number).position > before)
    assert case(number).stage is Stage.DISPATCH
    with office.reading() as session:
        from sqlmodel import col, select

        by = session.exec(
            select(Event.kind, Event.officer)
            .where(Event.case_number == number)
            .order_by(col(Event.position))
        ).all()
    assert list(by) == [
        ("registered", CLERK), ("received", CLERK), ("found_ours", CLERK),
        ("drafted_unable", CLERK), ("approved", REVIEWER), ("signed", LEADER),
    ]  # fmt: skip

    page = leader.page
    page.get_by_role("link", name="退出登录").click()
    page.get_by_role("button", name="退出登录").click()
    page.get_by_text("已退出登录").wait_for()
    page.goto(f"{desk.url}/deployments")
    page.locator("input[name=password]").wait_for()

    # a page that was open when its visit ended goes to the login by itself
    with closing(sqlite3.connect(site.home / "register.db")) as kept:
        kept.execute("UPDATE visit SET ended_at = began_at WHERE officer = ?", (CLERK,))
        kept.commit()
    clerk.page.locator("input[name=password]").wait_for()
    assert "/login?next=" in clerk.page.url
    for one in (his, hers):
        one.close()


def test_prefect_keeps_a_pass_in_place_of_every_name(site: Office) -> None:
    with closing(sqlite3.connect(f"file:{site.home}/prefect/prefect.db?mode=ro", uri=True)) as kept:
        asked = "SELECT value FROM flow_run_input WHERE key LIKE '%-response'"
        said = [json.loads(row[0]) for row in kept.execute(asked)]
    given = [answer for one in said for answer in one.values()]
    assert given
    for answer in given:
        for name, value in answer.items():
            if name.endswith((".officer", f".{CODE}")):
                assert str(value).removeprefix(PASS).startswith(MARK), name


def test_at_last_everybody_is_out(clients: dict[str, httpx.Client]) -> None:
    for name in ROLES:
        if clients[name].get("/supply" if name == SUPPLIER else "/api/hello").status_code == 200:
            assert "已退出" in log_out(clients[name]).text
        assert clients[name].get("/api/hello").status_code == 401
