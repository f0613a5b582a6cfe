"""The whole path in the real UI, with real clicks: registration to dispatch (Arts. 29-36, 45)."""

from __future__ import annotations

import re
import time
import tomllib
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path

import prefect
import pytest
from sqlmodel import col, select

from flows import office
from flows.keeping import drafts
from models.case.case import Case
from models.case.stage import Stage
from models.register import refusals, register
from models.store.tables import Event
from tests.browser import Desk, desk_in_browser
from tests.kills import office_at

CLERK, REVIEWER, LEADER = "陈静", "李明", "王建国"
DAY = date(2026, 3, 2)
SLOW_MS = 500
CASES = Path(__file__).parent / "cases"
ALLOWED = [
    re.compile(one["pattern"])
    for one in tomllib.loads((CASES / "latin_on_screen.toml").read_text("utf-8"))["allowed"]
]
COUNTED = """
window.spent = {ms: 0, times: 0};
const Watching = window.MutationObserver;
window.MutationObserver = class extends Watching {
  constructor(look) {
    super((...given) => {
      const began = performance.now();
      look(...given);
      window.spent.ms += performance.now() - began;
      window.spent.times += 1;
    });
  }
};
"""
"""How long the page spends looking at what it puts up: all who watch it, ours and Prefect's own."""
SEARCH = "检索公文系统2020至2025年，以“资助名单”为关键词，未找到。"


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The office's day, which can be moved."""
    file = tmp_path_factory.mktemp("clock") / "today"
    file.write_text(f"{DAY}\n", "utf-8")
    return file


@pytest.fixture(scope="module")
def desk(clock: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """An officer's browser before an office of its own: the real `disclosure serve`."""
    moved = {"DISCLOSURE_TODAY": "", "DISCLOSURE_TODAY_FILE": str(clock)}
    with (
        office_at(tmp_path_factory.mktemp("browser"), moved) as office,
        desk_in_browser(office.site) as desk,
    ):
        yield desk


def new_case(desk: Desk, request: str) -> str:
    """Register an application handed in at the counter; its number."""
    desk.open_deployment("登记申请")
    for title, value in (
        ("提交方式", "当面提交"),
        ("到件日期", DAY),
        ("申请人类别", "自然人"),
        ("申请人姓名", "张三丰"),
        ("申请内容", request),
        ("办理人", CLERK),
    ):
        desk.fill(title, value)
    desk.submit()
    desk.until(lambda: bool(_number(request)))
    return _number(request)


def _number(request: str) -> str:
    with office.reading() as session:
        rows = register.applications(session)
    return next((row.number for row in rows if row.request == request), "")


def case(number: str) -> Case:
    with office.reading() as session:
        return register.case(session, number)


def times_refused(number: str) -> int:
    with office.reading() as session:
        return refusals.so_far(session, register.case(session, number))


def act(desk: Desk, number: str, officer: str, tab: str = "", **fields: str) -> None:
    """Open the case's form, turn to a tab, fill in, submit; wait until it has been taken."""
    before = case(number).position
    desk.open_case(number)
    desk.resume()
    if tab:
        desk.tab(tab)
    for title, value in {**fields, "办理人": officer}.items():
        desk.fill(title, value)
    desk.submit()
    desk.until(lambda: case(number).position > before)


def untranslated(desk: Desk) -> list[str]:
    """What is to be seen in Latin letters and stands in no line of the list of what may."""
    found = []
    for text in desk.latin():
        rest = text
        for pattern in ALLOWED:
            rest = pattern.sub("", rest)
        if re.search("[A-Za-z]", rest):
            found.append(text)
    return found


def test_every_page_that_an_officer_meets_is_in_chinese(desk: Desk) -> None:
    """From the empty office to the dossier; for another Prefect, what is to be written is printed."""
    page, missing = desk.page, dict[str, list[str]]()
    page.add_init_script(COUNTED)

    def look(where: str, there: str = "") -> None:
        if there:
            page.locator(there).locator("visible=true").first.wait_for()
        page.wait_for_load_state("networkidle")
        if found := untranslated(desk):
            missing[where] = found

    page.goto(f"{desk.url}/runs")
    look("the first runs", ".flow-run-list-item, .p-empty-state, .p-empty-results")
    page.goto(f"{desk.url}/artifacts")
    look("the lists of an empty office", ".artifact-card")
    page.goto(f"{desk.url}/nowhere")
    look("no such page", "text=没有这一页")
    _start_form(desk, look)
    number = _run(desk, look)
    page.goto(f"{desk.url}/runs")
    look("the runs", ".flow-run-list-item")
    for what in (
        ".saved-filters .p-select-button",
        ".p-date-range-select",
        ".flow-runs-filter-group .p-select-button",
    ):
        page.locator(what).locator("visible=true").first.click()
        look(f"the runs, {what}")
        page.keyboard.press("Escape")
    page.goto(f"{desk.url}/runs?flow-run-search=nothing")
    look("no such runs", ".p-empty-results")
    page.goto(desk.url)
    look("the bench", f"text={number}")
    page.goto(f"{desk.url}/new")
    look("what is begun anew", "main h1")
    page.get_by_role("link", name="登记申请", exact=True).click()
    look("a form of our own", "main h1")
    page.goto(f"{desk.url}/cases")
    look("looking up a case", "main h1")
    page.goto(f"{desk.url}/cases/{number}")
    look("a case", "main h1")
    page.goto(f"{desk.url}/desk/todo")
    look("the list", f"text={number}")
    page.goto(f"{desk.url}/desk/case/{number}")
    look("the dossier", "text=办理卷宗")
    page.goto(f"{desk.url}/artifacts/key/case-{number.lower()}")
    look("its versions", ".artifact-timeline")
    assert missing == {}, f"Prefect {prefect.__version__}: {missing}"


def _start_form(desk: Desk, look: Callable[..., None]) -> None:
    """A form to begin with: untouched, its calendar, what is missing."""
    page = desk.page
    desk.open_deployment("登记申请")
    look("the form to begin with")
    assert page.locator(".schema-form-property__label:visible").count() == (
        page.locator(".p-form .p-label__label:visible").count()
    ), "nothing is asked that is not of the form"
    page.locator(".p-date-button__control").first.click()
    look("the calendar", ".p-calendar")
    assert page.locator(".p-calendar-date-picker__day-of-week").all_inner_texts() == [
        *"日一二三四五六"
    ]
    page.locator(".p-date-picker__title-month").click()
    look("its months", ".p-calendar-month-picker")
    page.keyboard.press("Escape")
    desk.open_deployment("登记申请")
    desk.submit()
    look("what is missing", "text=必须填写")


def _run(desk: Desk, look: Callable[..., None]) -> str:
    """A case's run and its form: read, refused; the number."""
    page = desk.page
    desk.open_deployment("登记申请")
    for title, value in (
        *(("提交方式", "当面提交"), ("到件日期", DAY), ("申请人类别", "自然人")),
        *(("申请人姓名", "张三丰"), ("申请内容", "2018年专利资助名单"), ("办理人", CLERK)),
    ):
        desk.fill(title, value)
    desk.submit()
    look("the word that it was sent", ".p-toast-container__toast")
    page.locator(".p-modal").get_by_role("button", name="确认收到", exact=True).wait_for()
    number = _number("2018年专利资助名单")
    look("the form")
    desk.fill("收到申请之日", date(2026, 3, 1))
    desk.fill("办理人", CLERK)
    desk.submit()
    look("a refused form", "text=早于到件日期")
    page.route("**/resume", lambda one: one.fulfill(status=503, body="{}"))
    desk.fill("收到申请之日", DAY)
    desk.submit()
    look("a server that does not answer", "text=没有提交成功")
    page.unroute("**/resume")
    page.context.set_offline(True)
    desk.submit()
    look("no connection", "text=请检查网络")
    page.context.set_offline(False)
    desk.open_case(number)
    look("the run", ".artifact-card")
    card = page.locator(".artifact-card", has_text="办理卷宗")  # made when it is opened: of no day
    assert card.inner_text().strip() == f"{number}　办理卷宗"
    assert page.locator(".page-heading__trailing button:visible").all_inner_texts() == ["填写表单"]
    assert page.title().startswith(f"{number}　张")
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    desk.resume()
    spent = page.evaluate("window.spent")
    print(f"a run and its form: {spent['ms']:.0f} ms in {spent['times']} looks")
    assert spent["ms"] < SLOW_MS
    return number


def test_an_application_is_answered_without_leaving_the_browser(desk: Desk) -> None:
    """Every step as an officer does it; the letter is read before it is signed, and opened after."""
    number = new_case(desk, "2025年专利资助名单")
    act(desk, number, CLERK)
    act(desk, number, CLERK, "本机关")
    act(desk, number, CLERK, "无法提供", 办理结果="信息不存在", 检索情况=SEARCH)
    act(desk, number, REVIEWER, "退回修改", 修改意见="请写明检索人")
    act(desk, number, CLERK, "无法提供", 检索情况=SEARCH + "检索人：陈静。")

    desk.open_case(number)
    desk.resume()
    desk.says("请写明检索人")
    desk.says("检索人：陈静。")  # in the letter's text, as it will be printed
    desk.says("上海市人民政府申请行政复议")
    act(desk, number, REVIEWER, "审核通过")
    act(desk, number, LEADER, "签发")
    assert case(number).stage is Stage.DISPATCH
    posted = {"送达方式": "邮政特快专递", "凭证（邮件号、送达回证号）": "1012345678901"}
    act(desk, number, CLERK, "发出", **posted)

    assert case(number).stage is Stage.CLOSED
    assert case(number).row(office.law()) == "3.4.1"
    desk.open_dossier(number)
    reply = desk.letter("沪知公开告〔2026〕1号")
    assert reply.startswith(b"PK")
    written = (office.home() / "letters" / number).glob("沪知公开告*.docx")
    assert [path.read_bytes() for path in written] == [reply]


def test_an_answer_that_makes_no_sense_is_told_in_the_open_dialog(desk: Desk) -> None:
    """Nothing typed is lost: a dialog that was closed opens as it was left; one field is put right,
    and the same dialog submitted again.
    """
    number = new_case(desk, "2024年专利资助名单")
    desk.open_case(number)
    desk.resume()
    desk.fill("收到申请之日", date(2026, 3, 1))
    desk.fill("办理人", CLERK)
    desk.says("已存为草稿")
    desk.page.keyboard.press("Escape")
    desk.page.reload()
    desk.resume()
    desk.says("未提交的草稿")
    assert desk.value("办理人") == CLERK
    desk.submit()
    desk.says("早于到件日期")
    assert desk.form().locator(".schema-form-property__label").count() > 1
    assert desk.value("办理人") == CLERK
    assert case(number).position == 1
    assert not times_refused(number)
    desk.fill("收到申请之日", DAY)
    desk.submit()
    desk.until(lambda: case(number).position == 2)
    desk.until(lambda: number not in [one.number for one in drafts.of("")])


def test_what_is_to_be_done_is_on_one_page(desk: Desk) -> None:
    """待办 lists the case with its last day; its number leads to the form."""
    number = new_case(desk, "2023年专利资助名单")
    act(desk, number, CLERK)
    desk.open_list("todo", number, "待判断公开主体", "2026-03-30")
    desk.says("2026-03-30")
    desk.says("待判断公开主体")
    desk.page.get_by_role("link", name=number).click()
    desk.says("待判断公开主体")


def test_whoever_comes_second_at_a_form_is_told(desk: Desk) -> None:
    """Two windows at one form: one act, and a sentence for the other."""
    number = new_case(desk, "2022年专利资助名单")
    desk.open_case(number)
    desk.resume()
    other = desk.another_window()
    other.open_case(number)
    other.resume()
    for one, officer in ((desk, CLERK), (other, "赵敏")):
        one.fill("办理人", officer)
    desk.submit()
    desk.until(lambda: case(number).position == 2)
    other.submit()
    other.says("已经提交过了")
    assert case(number).position == 2
    assert CLERK in case(number).last_act


def submitted(desk: Desk, next_tab: str) -> str:
    """Submit, and wait until the open form has this tab, with nothing pressed meanwhile; how long
    that took in all, and from the moment at which the next form was there.
    """
    began = time.time()
    desk.submit()
    desk.page.locator(".p-modal").get_by_role("button", name=next_tab, exact=True).first.wait_for()
    seen = time.time()
    (run,) = desk.found("flow_runs", {"flow_runs": {"id": {"any_": [run_shown(desk)]}}})
    there = datetime.fromisoformat(run["state"]["timestamp"]).timestamp()
    return f"{seen - began:.2f} ({seen - there:.2f})"


def run_shown(desk: Desk) -> str:
    """The run whose page is open."""
    return desk.page.url.rpartition("/")[2].partition("?")[0]


def test_the_next_form_opens_by_itself(desk: Desk) -> None:
    """After Submit under Deployments, and after each act: nothing is looked for, nothing pressed."""
    desk.open_deployment("登记申请")
    request = "2021年专利资助名单"
    for title, value in (
        *(("提交方式", "当面提交"), ("到件日期", DAY), ("申请人类别", "自然人")),
        *(("申请人姓名", "张三丰"), ("申请内容", request), ("办理人", CLERK)),
    ):
        desk.fill(title, value)
    took = [submitted(desk, "确认收到")]
    number = _number(request)
    (run,) = desk.found("flow_runs", {"flow_runs": {"tags": {"all_": [number]}}})
    assert run_shown(desk) == run["id"]
    desk.fill("办理人", CLERK)
    took.append(submitted(desk, "本机关"))
    desk.tab("本机关")
    desk.fill("办理人", CLERK)
    took.append(submitted(desk, "无法提供"))
    assert case(number).position == 3
    print("Submit → next form in the browser, seconds (of which the page's):", *took, sep="\n")


def test_a_refusal_under_deployments_appears_in_the_open_page_with_all_that_was_typed(
    desk: Desk,
) -> None:
    desk.open_deployment("登记申请")
    typed = {
        "申请人姓名": "李小龙",
        "申请内容": "2020年专利资助名单",
        "联系方式": "13800000000",
    }
    for title, value in (
        *(("提交方式", "当面提交"), ("到件日期", date(2026, 3, 3)), ("申请人类别", "自然人")),
        *typed.items(),
        ("办理人", CLERK),
    ):
        desk.fill(title, value)
    desk.submit()
    desk.says("晚于今天")
    assert {title: desk.value(title) for title in typed} == typed
    assert not _number(typed["申请内容"])
    desk.fill("到件日期", DAY)
    desk.submit()
    desk.until(lambda: bool(_number(typed["申请内容"])))


def test_midnight_passes_while_a_dialog_is_open(desk: Desk, clock: Path) -> None:
    """What was today when it was opened is yesterday: it is judged and recorded on the new day."""
    number = new_case(desk, "2019年专利资助名单")
    desk.open_case(number)
    desk.resume()
    desk.fill("办理人", CLERK)
    clock.write_text("2026-03-03\n", "utf-8")
    try:
        desk.submit()
        desk.until(lambda: case(number).position == 2)
        assert case(number).received_on == DAY, "as he left it"
        with office.reading() as session:
            recorded = session.exec(
                select(Event.recorded_on)
                .where(Event.case_number == number)
                .order_by(col(Event.position))
            ).all()
        assert list(recorded) == [DAY, date(2026, 3, 3)]
    finally:
        clock.write_text(f"{DAY}\n", "utf-8")
