"""From the bench through a case and back, in a real browser: every page of ours leads to the next."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path

import pdfplumber
import pytest
from playwright.sync_api import Locator, expect
from years import suqian

from flows import office
from letters.report.report import compose
from letters.report.report_page import page as report_page
from models.case.case import Case
from models.case.stage import Stage
from models.register import register
from models.year.year_text import YearText
from tests.browser import PATIENCE_MS, Desk, desk_in_browser
from tests.kills import office_at

CLERK, REVIEWER, LEADER = "陈静", "李明", "王建国"
DAY = date(2026, 3, 2)
NARROW = 820
expect.set_options(timeout=PATIENCE_MS)
PICTURES = os.environ.get("BENCH_PICTURES", "")
"""A folder for pictures of the pages, if somebody wants to look at them."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with (
        office_at(tmp_path_factory.mktemp("bench"), {"DISCLOSURE_TODAY": f"{DAY}"}) as running,
        desk_in_browser(running.site) as desk,
    ):
        yield desk


def seen(desk: Desk, name: str) -> None:
    """Nothing of the page is cut off, in a window or on a tablet."""
    desk.page.wait_for_load_state()
    desk.page.locator("main h1").wait_for()
    for width in (1280, NARROW):
        desk.page.set_viewport_size({"width": width, "height": 1000})
        wide = desk.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{name} at {width}"
        if PICTURES:
            desk.page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png", full_page=True)
    desk.page.set_viewport_size({"width": 1280, "height": 1000})


def field(desk: Desk, title: str) -> Locator:
    return desk.page.get_by_label(title, exact=False).first


def case(number: str) -> Case:
    with office.reading() as session:
        return register.case(session, number)


def in_dialog(desk: Desk, number: str, tab: str = "", **fields: str) -> None:
    """Fill in the dialog that is open, and submit it; wait until it has been taken."""
    before = case(number).position
    desk.form().locator(".schema-form-property__label").first.wait_for()
    if tab:
        desk.tab(tab)
    for title, value in fields.items():
        desk.fill(title, value)
    desk.submit()
    desk.until(lambda: case(number).position > before)


def test_an_officer_goes_from_his_bench_through_a_case_and_back(desk: Desk) -> None:
    page = desk.page
    page.goto(desk.url)
    expect(page.get_by_role("heading", name="我的工作台")).to_be_visible()
    seen(desk, "bench-empty")
    page.get_by_role("navigation").get_by_role("link", name="手册", exact=True).click()
    seen(desk, "guide")
    page.get_by_role("link", name="登记申请", exact=True).click()
    expect(page.get_by_role("heading", name="登记申请", exact=True)).to_be_in_viewport()
    seen(desk, "guide-forms")
    picture = page.locator("article img").first
    picture.scroll_into_view_if_needed()  # it is loaded when it is looked at
    page.wait_for_function(
        "one => one.complete && one.naturalWidth > 0", arg=picture.element_handle()
    )
    page.get_by_role("navigation").get_by_role("link", name="新办", exact=True).click()
    seen(desk, "new")
    page.get_by_role("link", name="登记申请", exact=True).click()
    seen(desk, "register")
    field(desk, "提交方式").select_option("当面提交")
    field(desk, "到件日期").fill(f"{DAY}")
    field(desk, "申请人类别").select_option("自然人")
    field(desk, "申请人姓名").fill("张三丰")
    field(desk, "申请内容").fill("2025年专利资助名单")
    field(desk, "联系方式").fill("13800000000")
    field(desk, "办理人").fill(CLERK)
    page.get_by_role("button", name="提交").click()
    desk.says("已登记，申请编号：SQ202600001")
    seen(desk, "registered")
    with office.reading() as session:
        (row,) = register.applications(session)
        assert register.applicant(session, row.number).contact == "13800000000"
    number = row.number

    page.get_by_role("link", name="继续办理").click()
    leads = desk.form().get_by_role("link", name="确认收到").first
    assert str(leads.get_attribute("href")).startswith("/guide/officers#")
    in_dialog(desk, number, 办理人=CLERK)
    page.goto(desk.url)
    page.get_by_role("link", name=number, exact=True).first.click()
    desk.form().locator(".schema-form-property__label").first.wait_for()
    in_dialog(desk, number, "本机关", 办理人=CLERK)
    page.goto(desk.url)
    page.get_by_role("link", name=f"撤销 {number} 刚才一步").click()
    field(desk, "撤销的原因").fill("应为其他机关")
    field(desk, "办理人").fill(CLERK)
    page.get_by_role("button", name="提交").click()
    desk.says("已撤销“")
    seen(desk, "undone")
    assert case(number).stage is Stage.JURISDICTION
    page.goto(f"{desk.url}/cases/{number}")
    seen(desk, "case")

    page.get_by_role("link", name="勘误", exact=True).click()
    seen(desk, "erratum")
    field(desk, "登记有误的事项").select_option(label="第1步“申请内容”（2025年专利资助名单）")
    field(desk, "应为").fill("2024年专利资助名单")
    field(desk, "勘误的理由").fill("核对申请表原件")
    field(desk, "办理人").fill(LEADER)
    page.get_by_role("button", name="提交").click()
    desk.says("已勘误：申请内容")
    seen(desk, "erratum-done")
    assert case(number).request == "2024年专利资助名单"
    page.get_by_role("link", name=f"{number} 的案卷").click()
    desk.says("应为：2024年专利资助名单")

    page.goto(f"{desk.url}/cases")
    field(desk, "申请编号").fill("张 三丰")
    page.get_by_role("button", name="查找").click()
    expect(page.get_by_role("link", name=number)).to_be_visible()
    seen(desk, "found")
    assert case(number).stage is Stage.JURISDICTION
    page.goto(desk.url)
    seen(desk, "bench")


def test_a_years_figures_are_filled_in_on_one_page(desk: Desk) -> None:
    page = desk.page
    page.goto(desk.url)
    page.get_by_role("link", name="年度报告").first.click()
    expect(page.get_by_role("heading", name="2025年度报告")).to_be_visible()
    seen(desk, "year")
    page.get_by_role("link", name="一页填写全部数字").click()
    for n in range(page.locator("input[name^='f.']").count()):
        page.locator("input[name^='f.']").nth(n).fill(str(n))
    seen(desk, "figures")
    page.get_by_label("办理人").fill(CLERK)
    page.get_by_role("button", name="登记").click()
    desk.says("已登记10个数字")
    page.get_by_role("link", name="2025年度报告").click()
    expect(page.get_by_text("已填齐")).to_be_visible()


def test_several_are_confirmed_at_once(desk: Desk) -> None:
    page = desk.page
    for name in ("甲", "乙"):
        page.goto(f"{desk.url}/new/登记申请")
        field(desk, "提交方式").select_option("当面提交")
        field(desk, "到件日期").fill(f"{DAY}")
        field(desk, "申请人类别").select_option("自然人")
        field(desk, "申请人姓名").fill(name)
        field(desk, "申请内容").fill(f"{name}要的")
        field(desk, "办理人").fill(CLERK)
        page.get_by_role("button", name="提交").click()
        desk.says("已登记，申请编号")
    page.goto(desk.url)
    page.get_by_role("link", name="成批办理").click()
    page.get_by_role("link", name="全选").click()
    seen(desk, "together")
    page.get_by_label("办理人").fill(CLERK)
    page.get_by_role("button", name="确认收到所选的").click()
    desk.says("2件已登记")
    seen(desk, "together-done")
    with office.reading() as session:
        rows = register.applications(session, stage=str(Stage.JURISDICTION))
    assert len(rows) == 3
    one_after_the_other(desk, [row.number for row in rows])


def one_after_the_other(desk: Desk, numbers: list[str]) -> None:
    """From the bench and from a search, the next case of the list is one click away; at its end, the
    list.
    """
    page, onward = desk.page, desk.page.locator(".p-modal .desk-next")
    page.goto(desk.url)
    page.get_by_role("link", name=numbers[0], exact=True).first.click()
    expect(onward).to_have_text(f"下一件　{numbers[1]}（等我办的，2/3）")
    in_dialog(desk, numbers[0], "本机关", 办理人=CLERK)
    for number, after in zip(numbers[1:], (f"下一件　{numbers[2]}", "回到列表"), strict=True):
        onward.click()
        expect(page.get_by_text(number).first).to_be_visible()
        expect(onward).to_contain_text(after)
        seen_in_dialog(desk)
    onward.click()
    expect(page.get_by_role("heading", name="我的工作台")).to_be_visible()
    page.goto(f"{desk.url}/cases")
    field(desk, "申请编号").fill("SQ2026")
    page.get_by_role("button", name="查找").click()
    found = [one.inner_text() for one in page.locator("td:first-child a").all()]
    page.get_by_role("link", name=found[0], exact=True).click()
    page.get_by_role("link", name=f"下一件　{found[1]}").click()
    expect(page.get_by_role("heading", name=found[1])).to_be_visible()
    seen(desk, "case-next")
    page.goto(f"{desk.url}/desk/todo")
    page.get_by_role("link", name=numbers[1], exact=True).click()
    expect(onward).to_have_text(re.compile("（(待办|清单)，"))
    assert len(page.context.pages) == 1, "in the same window"


def seen_in_dialog(desk: Desk) -> None:
    """The way on stands beside what submits the form, in one line with it."""
    at = """() => [".desk-next", "[data-english=Submit]"].map(one => {
      const {x, y, width, height} = document.querySelector(`.p-modal ${one}`).getBoundingClientRect();
      return [x, y, width, height];
    })"""
    onward, submit = desk.page.evaluate(at)  # at one moment: the dialog still grows
    assert onward[0] + onward[2] < submit[0]
    assert submit[1] <= onward[1] + onward[3] / 2 <= submit[1] + submit[3]


def test_an_application_goes_from_registration_to_dispatch_without_a_mouse(desk: Desk) -> None:
    """Each thing is reached by Tab, and done by keys (GB/T 37668, 2.1.1); to drafting, and to the
    dispatch with KEYBOARD=1.
    """
    page, keys = desk.page, desk.keys
    page.goto(desk.url)
    keys.enter("新办", "a")
    page.wait_for_url("**/new")
    keys.enter("登记申请", "a")
    page.wait_for_url("**/new/*")
    keys.choose("提交方式", "当面提交")
    keys.day("到件日期", DAY)
    keys.choose("申请人类别", "自然人")
    for title, words in (("申请人姓名", "丁"), ("申请内容", "丁要的"), ("办理人", CLERK)):
        keys.type(title, words)
    keys.enter("提交", "button")
    desk.says("已登记，申请编号")
    with office.reading() as session:
        number = register.applications(session)[-1].number
    keys.enter("继续办理", "a")

    submitted(desk, number, "确认收到")
    submitted(desk, number, "本机关")
    assert case(number).stage is Stage.DRAFTING
    if not os.environ.get("KEYBOARD"):  # the rest, a minute of keys, on request
        return
    granted = {"信息名称": "丁要的信息", "获取方式和途径": "随文附送"}
    submitted(desk, number, "公开", ("办理结果", "予以公开"), **granted)
    submitted(desk, number, "审核通过", officer=REVIEWER)
    submitted(desk, number, "签发", officer=LEADER)
    submitted(desk, number, "发出", ("送达方式", "当面"), 签收人="丁")
    assert case(number).stage is Stage.CLOSED
    page.get_by_text("已办结").first.wait_for()
    expect(page.locator(".flow-run #artifacts.p-tab__active")).to_be_visible()  # not its log
    assert page.locator(".flow-run-logs:visible").count() == 0


def submitted(
    desk: Desk,
    number: str,
    tab: str,
    choice: tuple[str, str] | None = None,
    officer: str = CLERK,
    **fields: str,
) -> None:
    """The dialog that opens by itself filled in and submitted by keys; until it has been taken."""
    keys, before = desk.keys, case(number).position
    desk.form().get_by_role("button", name=tab, exact=True).first.wait_for()
    keys.enter(tab, ".p-button-group__button")
    if choice:
        keys.pick(*choice)
    for title, words in (*fields.items(), ("办理人", officer)):
        keys.type(title, words)
    keys.enter("提交", "button")
    desk.until(lambda: case(number).position > before)


def test_the_published_report_fits_a_phone_and_paper(desk: Desk) -> None:
    """The labels of the rows stay where the figures move; no printed page is left half empty."""
    page = desk.page
    page.goto("about:blank")  # under no page's rules of what may be loaded
    report = compose(office.agency(), suqian(), YearText(), date(2024, 1, 31))
    page.set_content(report_page(report, "<svg></svg>"))
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    label = page.get_by_role("rowheader", name="1.属于国家秘密", exact=True)
    figure = page.locator("#t3").locator("xpath=ancestor::table//tbody/tr[3]/td[7]")
    at, moved = (one.evaluate("cell => cell.getBoundingClientRect().x") for one in (label, figure))
    label.evaluate("cell => { cell.closest('.scroll').scrollLeft = 150 }")
    assert label.evaluate("cell => cell.getBoundingClientRect().x") == pytest.approx(at, abs=1.5)
    assert figure.evaluate("cell => cell.getBoundingClientRect().x") == moved - 150
    assert label.evaluate("cell => cell.getBoundingClientRect().right") < 200  # half for figures
    page.emulate_media(media="print")
    with pdfplumber.open(BytesIO(page.pdf(prefer_css_page_size=True))) as paper:
        lowest = [max(word["bottom"] for word in one.extract_words()) for one in paper.pages]
        high = paper.pages[0].height
    page.emulate_media(media="screen")
    assert all(one > 0.75 * high for one in lowest[:-1]), lowest
