"""Every page of ours in a real browser, without a server behind: no barriers, nothing cut off on a tablet.

The browser asks our application itself. AXE finds what bars people (contrast, names of fields, order of
headings); a page that is wider than its window hides something. PAGES_PICTURES = a folder for pictures.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
import pytest
from papers_examples import FILES
from playwright.sync_api import Browser, Page, Route, sync_playwright
from situations import reached
from sqlmodel import select
from test_days_shown import blocks, in_sentences
from test_earlier_applicants import ID, taken
from test_publication import GRANTED, closed

from flows import office
from flows.counter import papers as counter
from flows.counter import publication, reviews
from flows.counter.papers import Filing
from flows.papers import taking
from flows.path.form_fields import By
from flows.server import begun_pages, supply_pages, what_became
from flows.server.guide_pages import GuidePages
from flows.server.login_pages import LoginPages
from flows.server.sent_forms import FormTokens
from flows.server.supply_pages import SupplyPages
from flows.server.visits import Visits
from flows.server.what_became import Became, became_of
from flows.shown.pages import Pages
from models.neighbours.publication import FINDINGS
from models.register import refused_forms
from models.store.tables import Review
from tests.browser import ARGUMENTS, barriers, chromium
from tests.databases import empty_register
from tests.our_pages import CLERK, Desk, Ended, confirmed, received

STYLE = Path(__file__).parents[1] / "letters" / "pages" / "desk.css"
SITE = "http://127.0.0.1:4200"
WIDTHS = (1280, 768)
PICTURES = os.environ.get("PAGES_PICTURES", "")
NAMED: dict[str, str] = {}
"""The numbers of the register, by what the addresses call them."""

BEGUN = {state: UUID(int=n) for n, state in enumerate(("done", "again", "waiting", "failed"))}
"""Runs of forms that were submitted, and what became of each."""

PAGES = {
    "bench": "/",
    "bench-day": "/?day=2026-03-30",
    "new": "/new",
    "register": "/new/登记申请",
    "search": "/cases",
    "case": "/cases/{open}",
    "case-closed": "/cases/{closed}",
    "case-unknown": "/cases/SQ202600999",
    "erratum": "/new/勘误?number={open}",
    "not-open": "/new/撤回答复?number={open}",
    "enquiry": "/new/登记咨询",
    "together-receipt": "/together/received",
    "together-sign": "/together/signed?all=1",
    "together-dispatch": "/together/replied",
    "screening": "/screening",
    "reviews": "/reviews",
    "review": "/reviews/{review}",
    "review-result": "/new/复议诉讼结果?number={review}",
    "statistics": "/statistics",
    "calendar": "/calendar",
    "papers": "/cases/{open}/papers",
    "year": "/year/2025",
    "figures": "/year/2025/figures",
    "words": "/new/年度报告文字?year=2025&part=五、存在的主要问题",
    "applicant": "/applicants/{open}",
    "material": "/cases/{open}/papers/1",
    "papers-closed": "/cases/{closed}/papers",
    "service": "/service",
    "print": "/print?on={today}",
    "print-nothing": "/print?on=2020-01-02",
    "archive": "/archive",
    "archive-case": "/cases/{closed}/archive",
    "archive-open": "/cases/{open}/archive",
    "counted": "/statistics/cases?by=kind&key=自然人&figure=received",
    "frequent": "/frequent",
    "login": "/login",
    "review-unknown": "/reviews/甲",
    "form-unknown": "/new/甲",
    "guide": "/guide",
    "guide-page": "/guide/bench",
    "guide-forms": "/guide/officers",
    "guide-unknown": "/guide/甲",
    **{f"begun-{state}": f"/begun/{run}" for state, run in BEGUN.items()},
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """An office with cases at many stages."""
    with (
        pytest.MonkeyPatch.context() as patch,
        empty_register(tmp_path_factory.mktemp("pages"), patch),
    ):
        filled()
        patch.setattr(begun_pages, "became_of", became)
        made = Desk()
        tokens = FormTokens()
        supplied = SupplyPages(GuidePages(Pages(made.app._app)), tokens)
        made.app._app = LoginPages(supplied, Visits(), tokens)
        yield made


def became(run: UUID) -> Became:
    """What the page says of such a run."""
    state = next((one for one, known in BEGUN.items() if known == run), "done")
    home, lines = ("/", "回到工作台", True), (("环节：待起草", ""), ("案卷", "/cases"))
    return Became(state, "登记申请", "办理人须填写", lines, (home,))


def filled() -> None:
    taken("周晓岚", request="2024年专利资助项目名单及评审意见", identity=ID, contact="13800000000")
    NAMED["open"] = received("欧阳文静", request="关于轨道交通十八号线用地批准文件的全部附件" * 4)
    for name in ("张三", "甲乙丙丁戊己庚辛（上海）知识产权代理有限公司", "阿依古丽·买买提"):
        confirmed(received(name))
    NAMED["closed"], fit, _ = (closed(GRANTED) for _ in range(3))
    publication.screen.fn(
        number=fit, finding=FINDINGS["fit"], screened_on=office.today(), officer=CLERK
    )
    for application, letter, n in ((NAMED["closed"], "", 1), ("", "沪知公开告〔2019〕1号", 2)):
        reviews.lodge_review.fn(
            kind="行政复议", application=application, letter=letter, lodged_on=office.today(),
            authority="上海市人民政府", authority_number=f"沪府复〔2026〕{n}号", officer=CLERK,
        )  # fmt: skip
    counter.file_all(
        NAMED["open"],
        [taking.taken("名单.png", [FILES["png"]])],
        Filing("application"),
        By(CLERK),
    )
    with office.reading() as session:
        NAMED["review"] = str(session.exec(select(Review.number)).first())
    with office.writing() as session:
        for situation in ("待签发", "待发出", "待起草，已请处室提供材料"):
            reached(session, situation)
        refused_forms.keep(
            session, "s", "r", "登记申请", (1, "请填写申请内容（条例第二十九条）"),
            {"officer": CLERK}, office.now(),
        )  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=[*ARGUMENTS])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def page(desk: Desk, browser: Browser) -> Iterator[Page]:
    yield from window(desk, browser, "zh-CN")


@pytest.fixture(scope="module")
def foreign(desk: Desk, browser: Browser) -> Iterator[Page]:
    """A window of a browser that speaks another language."""
    yield from window(desk, browser, "en-US")


def window(desk: Desk, browser: Browser, locale: str) -> Iterator[Page]:
    """A window whose every request is answered by our application."""
    with ThreadPoolExecutor(1) as apart:

        def answered(route: Route) -> None:
            asked = route.request
            address = urlsplit(asked.url)
            if address.path == "/bench/again.js":  # the page would not stand still
                route.fulfill(body="", content_type="text/javascript")
                return
            path = address.path + (f"?{address.query}" if address.query else "")
            sent = {"content-type": asked.headers.get("content-type", "")}
            more = {"content": asked.post_data_buffer, "headers": sent}
            if asked.method != "POST":
                more = {}
            told: httpx.Response = apart.submit(desk._ask, asked.method, path, **more).result()
            if leads := told.headers.get("location"):  # the browser would ask the network for it
                body = f'<meta http-equiv="refresh" content="0;url={SITE}{leads}">'
                route.fulfill(body=body, content_type="text/html; charset=utf-8")
                return
            route.fulfill(status=told.status_code, headers=dict(told.headers), body=told.content)

        page = browser.new_page(locale=locale, timezone_id="Asia/Shanghai")
        page.route("**/*", answered)
        yield page
        page.close()


UNREADABLE: Final = """() => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const rgba = colour => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data]; };
  const light = ([r, g, b]) => [r, g, b].map(one => one / 255)
    .map(one => one <= .03928 ? one / 12.92 : ((one + .055) / 1.055) ** 2.4)
    .reduce((sum, one, at) => sum + one * [.2126, .7152, .0722][at], 0);
  const behind = one => { for (; one; one = one.parentElement) {
    const colour = rgba(getComputedStyle(one).backgroundColor); if (colour[3] === 255) return colour; }
    return [255, 255, 255, 255]; };
  const found = new Set(), walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const words = walker.currentNode.nodeValue.trim(), one = walker.currentNode.parentElement;
    if (!words || !one.checkVisibility({visibilityProperty: true})) continue;
    if (one.closest("script, style, option, [disabled], .skip, title, desc")) continue;
    const style = getComputedStyle(one), drawn = one instanceof SVGElement;
    const [a, b] = [light(rgba(drawn ? style.fill : style.color)), light(behind(one))];
    const apart = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (apart < 4.5) found.add(`${words.slice(0, 20)} ${apart.toFixed(1)}`);
  }
  return [...found];
}"""
"""Words that do not stand out from what is behind them (WCAG: 4.5), those of drawings too."""

BROKEN: Final = """() => [...document.querySelectorAll("button, .button, summary")]
  .filter(one => one.innerText.trim().length < 12 &&
    one.checkVisibility({visibilityProperty: true}) &&
    one.getBoundingClientRect().height > 2.6 * parseFloat(getComputedStyle(one).fontSize) + 12)
  .map(one => one.innerText.trim())"""
"""Short words to press that are broken into lines."""


def seen(page: Page, name: str) -> None:
    """The page bars nobody, is cut off nowhere, can be read light and dark, and says its days as
    letters do.
    """
    barred, days = barriers(page), in_sentences(blocks(page.content()))
    found = {name: barred} if barred else {}
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        if unreadable := page.evaluate(UNREADABLE):
            found[f"{name} {scheme}"] = unreadable
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"{name}-{scheme}.png", full_page=True)
    if days and not name.startswith("guide"):
        found[f"{name} days"] = days
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 1000})
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            found[f"{name} at {width}"] = [f"{wide} wide"]
        if broken := page.evaluate(BROKEN):
            found[f"{name} broken at {width}"] = broken
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png", full_page=True)
    assert found == {}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_bars_nobody_and_is_cut_off_nowhere(page: Page, name: str) -> None:
    page.goto(SITE + PAGES[name].format(**NAMED, today=office.today()))
    seen(page, name)


def test_a_form_that_was_turned_away_bars_nobody(page: Page) -> None:
    """The reasons stand above it and beside its fields."""
    page.goto(f"{SITE}/new/登记申请")
    for name, value in (("提交方式", "当面提交"), ("申请人类别", "自然人")):
        page.get_by_label(name).first.select_option(value)
    for name, value in (
        *(
            ("到件日期", "2099-03-03"),
            ("申请人姓名", "张三"),
            ("申请内容", "甲"),
            ("办理人", CLERK),
        ),
    ):
        page.get_by_label(name).first.fill(value)
    page.get_by_role("button", name="提交").last.click()
    page.get_by_role("alert").first.wait_for()
    seen(page, "turned-away")


SAID_OF_FIELDS = """() => {
  const all = [...document.querySelectorAll("input, select, textarea")], said = [];
  for (const one of all.filter(one => one.willValidate)) {
    for (const typed of ["", "12", "0000-00-00"]) {
      if (one.type !== "file") one.value = typed;
      one.dispatchEvent(new Event("input", {bubbles: true}));
      if (!one.checkValidity()) said.push(one.validationMessage);
      one.setCustomValidity("");
    }
    if (["date", "month", "time", "file"].includes(one.type) && !one.matches(".taken-over"))
      said.push(`a ${one.type}'s own words`);
  }
  return said;
}"""
"""What a page says of its fields, left empty or filled in wrongly, and which have words of the browser's."""


def test_a_browser_of_another_language_says_nothing_in_it(foreign: Page, desk: Desk) -> None:
    said = dict[str, list[str]]()
    for name, address in {**PAGES, "supply": "/supply"}.items():
        desk.officer = CLERK if name == "supply" else ""
        foreign.goto(SITE + address.format(**NAMED, today=office.today()))
        found = foreign.evaluate(SAID_OF_FIELDS)
        said[name] = [one for one in found if re.search("[A-Za-z]", one.replace("案卷.pdf", ""))]
        assert found or name not in ("register", "search", "papers", "statistics"), name
    desk.officer = ""
    digest = "“案卷.pdf的摘要”应为64位数字和字母（a至f）"
    assert said.pop("archive-case") == [digest] * 2
    assert {name: found for name, found in said.items() if found} == {}


def test_what_a_field_lacks_is_said_in_chinese_until_it_is_filled_in(foreign: Page) -> None:
    foreign.goto(f"{SITE}/new/登记申请")
    submit, said = foreign.get_by_role("button", name="提交").last, "one => one.validationMessage"
    channel, day = (foreign.get_by_label(one).first for one in ("提交方式", "到件日期"))
    submit.click()
    assert channel.evaluate(said) == "请选择“提交方式”"
    channel.select_option("当面提交")
    assert channel.evaluate(said) == ""
    day.press_sequentially("2026-2-30")
    submit.click()
    assert day.evaluate(said) == "请把日期写成年-月-日，如2026-03-09"
    for typed in ("2026-3-2", "20260302", "2026年3月2日"):
        day.fill(typed)
        day.press("Tab")
        assert day.input_value() == "2026-03-02"
    submit.click()
    assert day.evaluate(said) == ""
    kind = foreign.get_by_label("申请人类别").first
    assert kind.evaluate(said) == "请选择“申请人类别”"
    kind.evaluate(
        "one => { one.value = '自然人' }"
    )  # filled in by a script, as what applied before
    for name, value in (("申请人姓名", "张三"), ("申请内容", "甲"), ("办理人", CLERK)):
        foreign.get_by_label(name).first.fill(value)
    with foreign.expect_request(lambda one: one.method == "POST") as sent:
        submit.click()
    assert parse_qs(sent.value.post_data)["field.arrived_on"] == ["2026-03-02"]
    foreign.locator("main .said.done").wait_for()


def picked(page: Page, label: str, *names: str, content: bytes = FILES["pdf"]) -> None:
    """Files picked in a field, all of one content."""
    pick(page, label, dict.fromkeys(names, content))


def pick(page: Page, label: str, contents: dict[str, bytes]) -> None:
    """Files picked in a field, by the button of ours: what stands there then, in Chinese."""
    assert page.locator("input[type=file]:not(.taken-over)").count() == 0
    at = page.get_by_label(label).and_(page.locator("input[type=file]")).first
    press = page.locator(f"label.pick[for='{at.get_attribute('id')}']")
    with page.expect_file_chooser() as chooser:
        press.click()
    chooser.value.set_files(
        [{"name": one, "mimeType": "", "buffer": it} for one, it in contents.items()]
    )
    listed = press.locator("+ ul li").all_inner_texts()
    assert [one.partition("（")[0] for one in listed] == [*contents]
    assert press.inner_text() == "改选文件"


def test_what_a_department_is_asked_for_bars_nobody_and_is_answered_with_its_files(
    desk: Desk, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.officer = CLERK
    monkeypatch.setenv("DISCLOSURE_TODAY", "2026-03-03")  # the day on which it is asked
    monkeypatch.setattr(supply_pages.desk, "put_on_desk", lambda _: None)  # no Prefect is here
    try:
        page.goto(f"{SITE}/supply")
        page.get_by_label("答复日期").first.wait_for()
        seen(page, "supply")
        page.get_by_label("检索结果").first.select_option(index=1)
        pick(page, "查找到的信息", {"资助名单.xlsx": FILES["xlsx"]})
        seen(page, "supply-picked")
        page.get_by_role("button", name="答复").first.click()
        page.get_by_text("没有需要本处室提供的材料").wait_for()
        assert page.get_by_text("已登记", exact=True).is_visible()
    finally:
        desk.officer = ""


def test_a_cases_papers_are_picked_and_filed(page: Page) -> None:
    page.goto(f"{SITE}/cases/{NAMED['open']}/papers")
    page.get_by_label("种类").first.select_option(label="补正材料")
    page.get_by_label("办理人").nth(1).fill(CLERK)
    picked(page, "文件", "补正.pdf")
    page.get_by_role("button", name="存入", exact=True).click()
    page.get_by_text("已存入").first.wait_for()
    assert page.get_by_role("link", name="补正", exact=True).count() == 1
    seen(page, "papers-filed")


def test_files_of_each_type_are_picked_filed_looked_at_and_given_back(page: Page) -> None:
    """What is shown stands on the page as a picture; what a file bears in it never runs."""
    number = received("欧阳文静")
    page.goto(f"{SITE}/cases/{number}/papers")
    page.get_by_label("种类").first.select_option(label="其他")
    page.get_by_label("办理人").first.fill(CLERK)
    pick(page, "文件", {f"{key}.bin": content for key, content in FILES.items()})
    page.get_by_role("button", name="存入", exact=True).click()
    page.get_by_text("已存入").first.wait_for()
    page.on("dialog", lambda one: pytest.fail(f"{one.message} ran"))
    shown = set()
    for key, content in FILES.items():
        page.goto(f"{SITE}/cases/{number}/papers")
        page.get_by_role("link", name=key, exact=True).click()
        page.get_by_role("heading", name=key).wait_for()
        shown |= {key} if page.locator("img.paper").count() else set()
        if page.locator("img.paper").count():
            page.locator("img.paper").first.scroll_into_view_if_needed()
            page.wait_for_function("document.querySelector('img.paper').naturalWidth > 0")
        with page.expect_download() as download:
            page.get_by_role("link", name="下载").click()
        assert Path(download.value.path()).read_bytes() == content, key
    assert shown == {"pdf", "jpeg", "png", "gif", "bmp", "webp"}


def test_the_posts_list_is_picked_and_each_bad_row_named(page: Page) -> None:
    page.goto(f"{SITE}/service")
    page.get_by_label("办理人").fill(CLERK)
    bad = "邮件号,签收日期,签收人\n无此号,2026-03-01,张三\n".encode()
    picked(page, "投递清单", "清单.csv", content=bad)
    page.get_by_role("button", name="登记", exact=True).click()
    page.get_by_role("alert").get_by_text("第2行").first.wait_for()
    seen(page, "service-refused")


def test_the_next_case_is_offered_on_what_became_of_a_cases_form_alone(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not where a registration, a review, an enquiry or the year's report was submitted meanwhile, nor
    on a case that is not of the list one came from.
    """
    monkeypatch.setattr(begun_pages, "became_of", became_of)
    page.goto(f"{SITE}/cases")
    page.get_by_label("申请编号").first.fill("SQ2026")
    page.get_by_role("button", name="查找").click()
    first, second, *_ = page.locator("td:first-child a").all_inner_texts()
    page.get_by_role("link", name=first, exact=True).click()
    onward = page.locator(".desk-next")
    for form, name, told, offered in (
        ("勘误", f"{first}　已勘误：申请内容", "", f"下一件　{second}"),
        ("登记申请", "已登记", "", ""),
        ("登记咨询", "已登记", "", ""),
        ("复议诉讼结果", f"{NAMED['review']}　已登记", "- 结果维持", ""),
        ("年度报告文字", "2025年", "", ""),
        ("勘误", "SQ201900001　已勘误：申请内容", "- 申请内容", ""),
        ("勘误", f"{second}　已勘误：申请内容", "", "下一件　"),
    ):
        monkeypatch.setattr(what_became, "connected", Ended(form, name, told))
        page.goto(f"{SITE}/begun/{BEGUN['done']}")
        page.locator("main .said.done").wait_for()
        assert page.evaluate("document.readyState") == "complete"
        assert "".join(onward.all_inner_texts()).startswith(offered), (form, name)
        assert onward.count() == bool(offered), (form, name)


@pytest.mark.parametrize(
    ("address", "typed"), [("/screening", "理由"), ("/together/received", "办理人")]
)
def test_all_are_ticked_and_what_was_typed_stays(page: Page, address: str, typed: str) -> None:
    page.goto(SITE + address)
    boxes = page.locator("input[name^='pick.']")
    assert boxes.count() > 1
    boxes.first.check()
    page.get_by_label(typed).first.fill("甲")
    page.get_by_role("link", name="全选").click()
    assert all(one.is_checked() for one in boxes.all())
    page.get_by_role("link", name="全不选").click()
    assert not any(one.is_checked() for one in boxes.all())
    assert page.get_by_label(typed).first.input_value() == "甲"
    assert page.url == SITE + address


def test_a_closed_case_is_handed_to_the_archive(page: Page) -> None:
    page.goto(f"{SITE}/archive")
    page.get_by_role("link", name=f"归档{NAMED['closed']}").click()
    page.get_by_label("档案机构的回执号").fill("档2026-1")
    page.get_by_label("办理人").fill(CLERK)
    page.get_by_role("button", name="登记移交").click()
    page.get_by_text("已登记移交档案").wait_for()
    seen(page, "archive-handed")


def test_no_row_of_boxes_is_wider_than_a_telephone() -> None:
    """What stands in as many columns as there is room for gives way below the width of one."""
    rows = re.findall(r"repeat\(auto-fi[lt]+, (.*?)\);", STYLE.read_text("utf-8"))
    assert len(rows) == 3
    for row in rows:
        assert re.fullmatch(r"minmax\(min\([0-9]+rem, 100%\), 1fr\)", row), row
