"""Prefect's pages in Chinese: the words of config/, and the script that puts them in the page."""

from __future__ import annotations

import logging
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import prefect
import pytest
from browser import ARGUMENTS, chromium
from databases import empty_register
from histories import CONFIG
from playwright.sync_api import Page, Route, sync_playwright
from situations import SITUATIONS, reached
from sqlmodel import Session, SQLModel, create_engine

from flows import office
from flows.path import forms
from flows.prefect_side import chinese, frame
from flows.prefect_side.deployments import form_of
from flows.prefect_side.our_flows import OUR_FLOWS, flow
from flows.prefect_side.prefect_pages import of_the_first_interface, with_style
from models.agency.desk_words import DeskWords, load_desk_words
from models.case.act import Circumstances
from models.errors import ConfigFault

KNOWN = load_desk_words(CONFIG / "desk_words")
PREFECT = Path(prefect.__file__).parent


def words() -> DeskWords:
    found = chinese.words_of(prefect.__version__, KNOWN)
    assert found is not None, f"Prefect {prefect.__version__} has no words"
    return found


# ── the file ────────────────────────────────────────────────────────────────────────────────────
def test_every_word_is_one_that_this_version_of_the_pages_says() -> None:
    pages = [*(PREFECT / "server" / "ui" / "assets").glob("*.js"), PREFECT / "states.py"]
    source = "".join(one.read_text("utf-8") for one in pages)

    def is_said(text: str) -> bool:
        return bool(re.search(rf"(?<![A-Za-z]){re.escape(text)}(?![A-Za-z])", source))

    assert [one for one in words().words if not is_said(one)] == []
    parts = [
        part.strip(" ,/():•")
        for one in words().patterns
        for part in re.split(r"\{\w+\}", one.english)
    ]
    assert [one for one in parts if one and one not in source] == []
    assert not is_said("Adjourned sine die")


BROKEN: dict[str, tuple[str, str]] = {
    "a word is its own translation": ('[words]\nRuns = "Runs"', "译文“Runs”又是要翻译的原文"),
    "a translation is a word": (
        '[words]\nRuns = "Flows"\nFlows = "流程"',
        "译文“Flows”又是要翻译的原文",
    ),
    "a translation fits a pattern": (
        '[words]\nRuns = "3 runs"\n[[pattern]]\nenglish = "{n} runs"\nchinese = "{1}个"',
        "译文“3 runs”又是要翻译的原文",
    ),
    "a pattern fits itself": (
        '[[pattern]]\nenglish = "{text} ago"\nchinese = "{1} ago"',
        "译文“八 ago”又是要翻译的原文",
    ),
    "a word with spaces": ('[words]\n" Runs" = "流程"', "两头没有空格"),
    "a word that is none": ("[words]\nRuns = 3", "应为一句话"),
    "nothing but a number": (
        '[[pattern]]\nenglish = "{n}/{n}"\nchinese = "{1}"',
        "只有数字的会误改",
    ),
    "something unknown is held": (
        '[[pattern]]\nenglish = "{day} ago"\nchinese = "前"',
        "没有 {day}",
    ),
    "something is named that is not held": (
        '[[pattern]]\nenglish = "{n} run{s}"\nchinese = "{2}个"',
        "只能用 {1} 至 {1}",
    ),
    "something else": ('[hidden]\nRuns = "流程"', "只应有 [words] 和若干个 [[pattern]]"),
    "no TOML": ("[words", "prefect_3.8.toml"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_is_named_in_a_sentence(case: str, tmp_path: Path) -> None:
    content, said = BROKEN[case]
    (tmp_path / "prefect_3.8.toml").write_text(content, "utf-8")
    with pytest.raises(ConfigFault, match=re.escape(said)):
        load_desk_words(tmp_path)


def test_the_name_of_a_file_says_its_version(tmp_path: Path) -> None:
    shutil.copy(CONFIG / "desk_words" / "prefect_3.8.toml", tmp_path / "prefect_3.8.toml")
    assert load_desk_words(tmp_path).keys() == {"3.8"}
    shutil.copy(tmp_path / "prefect_3.8.toml", tmp_path / "chinese.toml")
    with pytest.raises(ConfigFault, match=re.escape("应如 prefect_3.8.toml")):
        load_desk_words(tmp_path)


# ── what is not altered ─────────────────────────────────────────────────────────────────────────
def texts(value: Any) -> Iterator[str]:
    """Every text of a form."""
    match value:
        case str():
            yield value
        case dict():
            for name, one in value.items():
                if name in ("title", "description", "enum", "default") or isinstance(
                    one, dict | list
                ):
                    yield from texts(one)
        case list():
            for one in value:
                yield from texts(one)


def test_nothing_that_our_own_forms_say_is_taken_for_a_word(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = (form_of(flow(name)) for name in OUR_FLOWS)  # but for what Prefect calls them all
    said = {text for one in own for text in texts({**one, "title": ""})}
    engine = create_engine("sqlite://")
    SQLModel.metadata.create_all(engine)
    for name in SITUATIONS:
        with Session(engine) as session:
            play = reached(session, name)
            now = play.now("陈静")
            monkeypatch.setattr(office, "circumstances", lambda _, now=now: now)
            said |= set(texts(forms.point(session, play.case()).schema))
            session.rollback()
    assert isinstance(now, Circumstances)
    assert len(said) > 300
    assert [one for one in said if words().looks_up(one)] == []


# ── softly ──────────────────────────────────────────────────────────────────────────────────────
PAGE = (
    b'<!DOCTYPE html><html lang="en"><head><title>Prefect Server</title></head><body></body></html>'
)


def test_a_version_without_words_stays_english_and_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert chinese.words_of("3.9.1", KNOWN) is None
    with caplog.at_level(logging.WARNING):
        chinese.warn_if_unknown("3.9.1", KNOWN)
        chinese.warn_if_unknown(prefect.__version__, KNOWN)
    (said,) = caplog.messages
    assert "没有 Prefect 3.9.1 的中文用语（prefect_3.9.toml）" in said
    page = with_style(PAGE, words=None).decode()
    assert 'lang="en"' in page
    assert '"words":{}' in page
    assert "工作台" in page, "our own menu needs no words"
    assert 'lang="zh-CN"' in with_style(PAGE, words=words()).decode()


@pytest.fixture
def own_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    own = shutil.copytree(CONFIG, tmp_path / "config")
    monkeypatch.setenv("DISCLOSURE_CONFIG", str(own))
    with empty_register(tmp_path, monkeypatch):
        yield own


def test_a_broken_file_stops_the_start(own_config: Path) -> None:
    office.check_config()
    (own_config / "desk_words" / "prefect_3.8.toml").write_text('[words]\nRuns = "Runs"', "utf-8")
    office._desk_words._loaded.clear()
    with pytest.raises(ConfigFault, match=r"prefect_3\.8\.toml"):
        office.check_config()


def test_a_running_office_goes_on_with_the_words_it_had(own_config: Path) -> None:
    had = office.desk_words()
    (own_config / "desk_words" / "prefect_3.8.toml").write_text('[words]\nRuns = "Runs"', "utf-8")
    assert office.desk_words() == had
    assert any("prefect_3.8.toml" in fault for fault in office.config_faults())


def test_an_office_whose_config_is_older_than_the_words_has_the_shipped_ones(
    own_config: Path,
) -> None:
    shutil.rmtree(own_config / "desk_words")
    assert office.desk_words() == KNOWN


# ── in the page ─────────────────────────────────────────────────────────────────────────────────
@pytest.fixture(scope="module")
def browser_page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=[*ARGUMENTS])
        try:
            yield browser.new_page()
        finally:
            browser.close()


def opened(page: Page, body: str, script: str = "", path: str = "/") -> Page:
    """A page of this content at an address of the desk, with our script in its head."""
    content = (
        "<!DOCTYPE html><html><head><title>Runs • Prefect Server</title>"
        f"{script or chinese.script(words())}</head><body></body></html>"
    )

    def answer(route: Route) -> None:
        route.fulfill(content_type="text/html; charset=utf-8", body=content)

    page.route("http://desk/**", answer)
    page.goto(f"http://desk{path}")
    page.unroute("http://desk/**")
    page.evaluate(
        """async body => {
            document.body.innerHTML = body;
            await new Promise(requestAnimationFrame);
        }""",
        body,
    )
    return page


def as_put(page: Page, text: str, held: str = "<p></p>") -> str:
    """A text as it stands in the page a moment after Prefect put it there."""
    return str(
        page.evaluate(
            """async ([held, text]) => {
                document.body.innerHTML = held;
                let inner = document.body;
                while (inner.firstElementChild) inner = inner.firstElementChild;
                inner.textContent = text;
                await new Promise(requestAnimationFrame);
                return inner.textContent;
            }""",
            [held, text],
        )
    )


SAID = {
    "Suspended": "待填表",
    " (Optional) ": " （选填） ",
    "联系方式 (Optional)": "联系方式（选填）",
    "3 Flow runs": "3个流程",
    "1 Flow run": "1个流程",
    "2 minutes ago": "2分钟前",
    "about 2 hours ago": "约2小时前",
    "in 5 days": "5天后",
    "9s": "9秒",
    "1h 12m": "1小时12分",
    "Mar 9th, 2026": "2026年3月9日",
    "May 31st, 2026": "2026年5月31日",
    "Nov 25th, 2026 at 03:30 AM": "2026年11月25日 3:30",
    "2026/03/09 12:05:09 AM": "2026年3月9日 0:05:09",
    "2026/03/09 12:05:09 PM": "2026年3月9日 12:05:09",
    "2026/12/31 11:59:59 PM": "2026年12月31日 23:59:59",
    "2026/03/09 08:00:00 AM (3m 20s late)": "2026年3月9日 8:00:00（迟3分20秒）",
    "Past week (default)": "最近7天",
    "待办 (default)": "待办（默认）",
    "Flow Run: SQ202600001　张** • Prefect Server": "SQ202600001　张**　政府信息公开办理系统",
    # what stands as it is
    "SQ202600001": "SQ202600001",
    "five ago": "five ago",
    "2026-03-09": "2026-03-09",
    "12/31": "12/31",
    "Adjourned": "Adjourned",
    "May the applicant be heard": "May the applicant be heard",
    "张三 Suspended 李四": "张三 Suspended 李四",
}


def test_whole_texts_are_replaced_and_no_others(browser_page: Page) -> None:
    page = opened(browser_page, "")
    assert {text: as_put(page, text) for text in SAID} == SAID
    assert page.title() == "办理流程　政府信息公开办理系统"


OURS = {
    "a letter": "<div class='markdown-renderer'><p></p></div>",
    "what was typed": "<textarea></textarea>",
    "a file": "<pre><code></code></pre>",
}


@pytest.mark.parametrize("held", OURS.values(), ids=OURS)
def test_what_is_typed_or_recorded_is_never_altered(held: str, browser_page: Page) -> None:
    assert as_put(opened(browser_page, ""), "Suspended", held) == "Suspended"


EMPTY = (
    "<div class='p-empty-state'><div class='markdown-renderer'><p></p></div></div>",
    "<pre><code><div class='p-empty-results'><p></p></div></code></pre>",
)
"""Where a page of Prefect's, or its log, says that there is nothing yet."""


@pytest.mark.parametrize("held", EMPTY)
def test_an_empty_page_of_prefects_is_no_letter(held: str, browser_page: Page) -> None:
    assert as_put(opened(browser_page, ""), "No data", held) == "没有内容"


def test_what_a_form_submits_is_what_was_typed(browser_page: Page) -> None:
    """Boxes have Chinese words in them while they are empty; what is in them is the officer's."""
    page = opened(
        browser_page,
        "<form><input name=a placeholder='Search' title='Submit' value='Runs'>"
        "<textarea name=b placeholder='Search'>Suspended</textarea>"
        "<select name=c><option value='Cancel'>Cancel</option></select></form>",
    )
    page.locator("textarea").fill("Cancel\nDelete")
    given = page.evaluate("[...new FormData(document.querySelector('form')).entries()]")
    assert given == [["a", "Runs"], ["b", "Cancel\nDelete"], ["c", "Cancel"]]
    empty = page.evaluate("[...document.querySelectorAll('[placeholder]')].map(x => x.placeholder)")
    assert empty == ["查找", "查找"]
    assert page.locator("input").get_attribute("title") == "提交"


def test_the_page_may_say_something_else_at_the_same_place(browser_page: Page) -> None:
    """As Prefect's page does: the same node with another text, again and again; ended by itself."""
    page = opened(browser_page, "<button><span>Show</span></button>")
    seen = page.evaluate(
        """async () => {
            const node = document.querySelector("span").firstChild, seen = [];
            let changes = 0;
            new MutationObserver(all => changes += all.length).observe(document, {
              subtree: true, childList: true, characterData: true, attributes: true});
            for (const text of ["Hide", "Show", "Show", "收起", "Resume"]) {
              node.nodeValue = text;
              await new Promise(requestAnimationFrame);
              seen.push(node.nodeValue);
            }
            await new Promise(done => setTimeout(done, 50));
            return [seen, changes, document.querySelector("button").dataset.english];
        }"""
    )
    assert seen[0] == ["收起", "显示", "显示", "收起", "填写表单"]
    assert seen[1] < 20
    assert seen[2] == "Resume", "what is pressed is found by its English name"


def test_without_words_the_page_is_english_and_what_is_pressed_is_found(browser_page: Page) -> None:
    page = opened(browser_page, "<button>Resume</button>", chinese.script(None))
    assert as_put(page, "Suspended") == "Suspended"
    page.evaluate("document.body.innerHTML = '<button>Resume</button>'")
    assert page.locator("button[data-english=Resume]").inner_text() == "Resume"


# ── the frame ───────────────────────────────────────────────────────────────────────────────────
SIDEBAR = (
    "<div class='context-sidebar'><div class='p-context-sidebar__body'>"
    "<a class='p-context-nav-item' href='/flows'>Flows</a></div></div>"
    "<div class='page-heading__trailing'><button>Resume</button><button>Cancel</button></div>"
)


@pytest.mark.parametrize("maintains", [False, True])
def test_the_menu_is_ours_and_what_is_not_for_him_is_not_offered(
    maintains: bool, browser_page: Page
) -> None:
    scripts = frame.STYLE + chinese.script(words()) + frame.script(maintains)
    page = opened(browser_page, SIDEBAR, scripts)
    shown = page.locator(".context-sidebar a:visible").all_inner_texts()
    offered = ["工作台", "办理流程", "新办", "清单", "查询", "统计", "手册"]
    assert shown == [*offered, *["维护"] * maintains]
    assert page.locator(".page-heading__trailing :visible").all_inner_texts() == ["填写表单"]


def test_a_run_bears_its_name_opens_at_its_dossier_and_a_refused_form_may_be_given_up(
    browser_page: Page,
) -> None:
    """By Prefect's own structure of a run's page; its address is that of a run."""
    body = (
        "<div class='page-heading-flow-run'><div class='page-heading__crumbs'>"
        "<div class='p-bread-crumbs__crumb'>Runs</div><div class='p-bread-crumbs__crumb'>{}</div></div>"
        "</div><div class='page-heading__trailing'><button>Resume</button><button>Cancel</button></div>"
        "<div class='flow-run'><li class='p-tab' id='artifacts' onclick='this.dataset.pressed=1'>x</li>"
    )
    scripts = frame.STYLE + chinese.script(words()) + frame.script(maintains=False)
    for name, offered in (
        ("SQ1　张**", ["填写表单"]),
        ("登记申请　未办成：早于", ["填写表单", "取消"]),
    ):
        page = opened(browser_page, body.format(name), scripts, "/runs/flow-run/1")
        page.locator("[data-pressed]").wait_for()
        assert page.title() == f"{name}　政府信息公开办理系统"
        pressed = page.locator(".page-heading__trailing button:visible")
        assert pressed.all_inner_texts() == offered


def test_the_hidden_names_of_columns_are_not_shown(browser_page: Page) -> None:
    name = "f1910f69-92a5-4cde-99cb-3ed382368810"
    page = opened(
        browser_page,
        f"<div class=markdown-renderer><table><tr><th title='{name}'>案号</th></tr></table></div>",
    )
    assert page.locator("[title]").count() == 0
    page.evaluate(
        """async name => {
            const table = document.createElement("table");
            table.innerHTML = `<tr><th title="${name}">案号</th></tr>`;
            document.querySelector(".markdown-renderer").append(table);
            await new Promise(requestAnimationFrame);
        }""",
        name,
    )
    assert page.locator("[title]").count() == 0


def test_the_second_interface_is_not_known_of() -> None:
    told = b'{"auth": "BASIC", "default_ui": "v2", "available_uis": ["v1", "v2"], "flags": []}'
    changed = of_the_first_interface(told)
    assert b'"available_uis": ["v1"]' in changed
    assert b"v2" not in changed
