"""The guide inside the product: every page, link, picture and form, and its words as the screen has them.

【…】 in the guide is what stands on the screen: it is looked for in the acts, the forms to begin with,
the templates, the words of Prefect's frame, and what our own pages say.
"""

from __future__ import annotations

import ast
import io
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from html import unescape
from pathlib import Path
from unicodedata import normalize
from urllib.parse import unquote

import pdfplumber
import pytest

from flows import office
from flows.prefect_side.deployments import form_of
from flows.prefect_side.our_flows import OUR_FLOWS, flow
from flows.printing import guide_paper
from flows.server.offers import use_of
from flows.shown import guide
from letters.pages.desk_page import MAINTENANCE, MENU
from letters.pages.guide_page import ON_SCREEN, leaf
from letters.pages.guide_places import FORMS, OF_PAGES, anchor, of_page
from models.acts import catalogue
from models.case.stage import Stage
from tests.browser import chromium

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "letters" / "templates"
SAYS = ("flows/shown", "flows/server", "flows/prefect_side", "flows/path", "letters/pages")
"""Rooms whose Chinese words stand on the screen."""
HREF = re.compile(r'(?:href|src)="([^"]+)"')
NAMES = tuple(one.name for one in guide.PAGES)


@pytest.fixture(autouse=True)
def _an_office(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DISCLOSURE_HOME", str(tmp_path))


def text(name: str) -> str:
    return (guide.FOLDER / f"{name}.md").read_text("utf-8")


# ── its words are the screen's ──────────────────────────────────────────────────────────────────
@cache
def on_screen() -> frozenset[str]:
    """Every name that an officer may find on the screen."""
    return frozenset(_on_screen())


def _on_screen() -> Iterator[str]:
    yield from (words for _, words in (*MENU, *MAINTENANCE))
    yield from map(str, Stage)
    for act in catalogue.OFFERED:
        yield from (act.tab, act.title)
        yield from (str(field.title) for field in act.model_fields.values())
    for name in OUR_FLOWS:
        yield name
        if use_of(name):
            yield from (one["title"] for one in form_of(flow(name))["properties"].values())
    for file in (ROOT / "config" / "desk_words").glob("*.toml"):
        yield from tomllib.loads(file.read_text("utf-8"))["words"].values()
    for file in TEMPLATES.glob("*.html.j2"):
        whole = re.sub(r"\{[{%#].*?[}%#]\}", "\n", file.read_text("utf-8"), flags=re.DOTALL)
        yield from (unescape(one).strip() for one in re.split(r"<[^>]*>|\n", whole))
    for room in SAYS:
        for file in (ROOT / room).glob("*.py"):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value


MADE_UP_OF_TWO = {"签发所选的"}
"""A button whose words are an act's and the page's."""


@pytest.mark.parametrize("name", NAMES)
def test_what_the_guide_names_stands_on_the_screen(name: str) -> None:
    named = set(ON_SCREEN.findall(text(name)))
    assert sorted(named - on_screen() - MADE_UP_OF_TWO) == []


def test_every_form_that_an_officer_can_be_offered_has_its_section_and_picture() -> None:
    words = {one.words: one for one in guide.page(FORMS).sections}
    acts = [act for act in catalogue.OFFERED if act.stages - {Stage.CLOSED} and not act.apart]
    begun = [name for name in OUR_FLOWS if use_of(name)]
    stages = [str(one) for one in Stage if one is not Stage.CLOSED]
    wanted = [*(act.tab for act in acts), *begun, *stages]
    assert [one for one in wanted if one not in words] == []
    parts = re.split(r"^#+ ", text(FORMS), flags=re.MULTILINE)
    of = {part.partition("\n")[0]: part for part in parts}
    assert [one for one in wanted if "](pictures/" not in of[one]] == []
    assert [act.tab for act in acts if f"](pictures/{act.kind}.png)" not in of[act.tab]] == []


def test_every_section_of_a_form_is_of_a_form_there_is() -> None:
    forms = {act.tab for act in catalogue.OFFERED} | set(OUR_FLOWS) | {*map(str, Stage), "程序"}
    found = [one.words for one in guide.page(FORMS).sections if one.depth > 2]
    assert [one for one in found if one not in forms] == []
    assert len(found) == len(set(found)) > 60


def test_each_act_is_told_by_both_of_its_names() -> None:
    """The tab on the form, and what the dossier calls it; behind 程序 it is called so, too."""
    for act in catalogue.OFFERED:
        if act.stages - {Stage.CLOSED} and not act.apart and act.title != act.tab:
            where = "【程序】和" if act.procedural else "。"
            assert f"{where}卷宗里写作“{act.title}”" in text(FORMS), act.tab


def test_what_is_to_be_picked_behind_the_procedures_is_called_as_the_list_calls_it() -> None:
    behind = {act.title for act in catalogue.OFFERED if act.procedural}
    named = {
        one
        for name in NAMES
        for one in re.findall(r"【程序】里(?:，)?选“((?:[^“”]|“[^”]*”)+)”", text(name))
    }
    assert len(named) > 4
    assert sorted(named - behind) == []


def test_what_is_to_be_pressed_or_picked_stands_on_the_screen_though_it_is_no_key() -> None:
    """点“…”, 选“…”: links and choices, whole or in front of what follows on the screen."""
    shown = [words.lstrip("[()　") for words in on_screen() | choices()]
    results = [one.label for one in office.law().outcomes.values()]
    for name in NAMES:
        for one in re.findall(r"[点选]“((?:[^“”]|“[^”]*”)+)”", text(name)):
            first = re.split("、|……", one)[0]
            there = any(words.startswith(first) for words in shown)
            assert there or any(first in words for words in results), (name, one)


def choices() -> set[str]:
    """What can be picked in a form, in its words."""
    found = {one.label for one in office.material_rules().kinds.values()}
    for room in ("models/acts", "flows/counter"):
        for file in (ROOT / room).rglob("*.py"):
            tree = ast.parse(file.read_text("utf-8"))
            constants = (one.value for one in ast.walk(tree) if isinstance(one, ast.Constant))
            found |= {one for one in constants if isinstance(one, str)}
    for file in (ROOT / "letters" / "pages").glob("*.js"):
        found |= set(re.findall(r"[`\"]([^`\"$]*[一-鿿][^`\"$]*)", file.read_text("utf-8")))
    return found


def test_at_least_twenty_troubles_are_told_with_their_steps() -> None:
    troubles = re.split(r"^### ", text("troubles"), flags=re.MULTILINE)[1:]
    assert len(troubles) >= 20
    without = [one.partition("\n")[0] for one in troubles if not ON_SCREEN.search(one)]
    told = {
        "签发人出差、休假",
        "手机换了、丢了，没有验证器了",
        "登录总说“有误”",
        "网页打不开、提交没有反应",
    }
    assert set(without) <= told | {"下拉框里没有我的名字", "同事正开着同一张表单", "已经逾期了",
                                   "办理流程显示“出错”“中断”"}  # fmt: skip


# ── its links lead somewhere ────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("name", [*NAMES, *guide.BESIDE])
def test_every_link_and_picture_of_a_page_leads_somewhere(name: str) -> None:
    page = guide.page(name)
    assert page.title
    anchors = [one.anchor for one in page.sections]
    assert len(anchors) == len(set(anchors))
    for link in HREF.findall(str(page.body)):
        there, _, section = unescape(link).partition("#")
        if there.startswith(f"{guide.GUIDE}/{guide.PICTURES}/"):
            assert guide.picture(there.rpartition("/")[2]), link
            continue
        if not there.startswith(f"{guide.GUIDE}/"):
            continue
        led = guide.page(there.removeprefix(f"{guide.GUIDE}/"))
        assert not section or unquote(section) in {one.anchor for one in led.sections}, link


def test_every_picture_is_shown_by_a_page() -> None:
    shown = {name for page in NAMES for name in re.findall(r"\]\(pictures/([^)]+)\)", text(page))}
    assert shown == {path.name for path in (guide.FOLDER / guide.PICTURES).glob("*.png")}


def test_on_one_page_every_link_stays_on_it() -> None:
    leaves = guide.whole(lambda name: f"data:{name}")
    anchors = [one.anchor for _, page in leaves for one in page.sections]
    assert len(anchors) == len(set(anchors))
    for _, page in leaves:
        for link in HREF.findall(str(page.body)):
            if link.startswith("#"):
                assert unquote(link[1:]) in {*anchors, *NAMES}, link
            else:
                assert link.startswith(("data:", "https://")), link


@pytest.mark.parametrize("template", OF_PAGES)
def test_each_page_of_ours_leads_to_its_section(template: str) -> None:
    assert (TEMPLATES / f"{template}.html.j2").is_file()
    name, section = OF_PAGES[template]
    assert section in {one.anchor for one in guide.page(name).sections}
    assert of_page(template).startswith(f"/guide/{name}#")


OF_THEMSELVES = {"form", "said", "guide", "guide_contents"}
"""A form leads to its own section; the others need none."""


def test_every_page_of_ours_has_its_section_with_a_picture() -> None:
    ours = {
        file.name.removesuffix(".html.j2")
        for file in TEMPLATES.glob("*.html.j2")
        if 'extends "_desk' in file.read_text("utf-8")
    }
    assert sorted(ours - OF_PAGES.keys() - OF_THEMSELVES) == []
    for name, section in OF_PAGES.values():
        parts = re.split(r"^#+ ", text(name), flags=re.MULTILINE)
        (told,) = (one for one in parts if anchor(one.partition("\n")[0]) == section)
        assert "](pictures/" in told, section


# ── how it is shown ─────────────────────────────────────────────────────────────────────────────
def test_names_of_the_screen_are_keys_and_what_looks_like_markup_is_text() -> None:
    page = leaf("# 甲\n\n## 一、乙 丙\n\n点【提交】<script>x</script>，见[丁](x.md)、[戊](y.md#己)",
                lambda link: "/there#己" if link.startswith("y") else None)  # fmt: skip
    assert page.title == "甲"
    assert [(one.depth, one.anchor) for one in page.sections] == [(1, "甲"), (2, "一乙-丙")]
    assert '<b class="key">提交</b>' in page.body
    assert "<script>" not in page.body
    assert '见丁、<a href="/there#己">戊</a>' in page.body
    assert anchor("待签发") == "待签发"


@pytest.mark.parametrize("asked", ["../README", "developers", "officers.md", ""])
def test_nothing_but_the_guide_is_read(asked: str) -> None:
    with pytest.raises(KeyError):
        guide.page(asked)


@pytest.mark.parametrize(
    "name", ["../officers.md", "bench", "bench.png/x", "nobody.png", "", "\0.png", "a" * 5000]
)
def test_no_file_but_a_picture_is_handed_out(name: str) -> None:
    assert guide.picture(name) is None


# ── on paper ────────────────────────────────────────────────────────────────────────────────────
def test_the_guide_is_written_whole_with_its_pictures(tmp_path: Path) -> None:
    from flows.__main__ import main

    assert main(["guide", str(tmp_path / "手册.html")]) == 0
    page = (tmp_path / "手册.html").read_text("utf-8")
    assert page.count("<article") == len(guide.PAGES)
    assert page.count("data:image/png;base64,iVBOR") > 80
    assert "break-after: page" in page
    assert office.agency().name in page


def test_chromium_makes_a_pdf_of_it() -> None:
    chromium()  # skipped without it, but never in CI
    made = guide_paper.printed("<!DOCTYPE html><html lang=zh-CN><meta charset=utf-8><h1>手册</h1>")
    with pdfplumber.open(io.BytesIO(made)) as paper:
        assert "手册" in normalize("NFKC", paper.pages[0].extract_text())


@pytest.mark.parametrize(
    ("there", "said"),
    [((), "本机没有 Chromium，也没有 LibreOffice"), (("chromium",), "chromium 没有做出 PDF")],
)
def test_where_no_program_makes_a_pdf_it_says_what_to_do(
    there: tuple[str, ...], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def which(name: str) -> str | None:
        return "/bin/true" if name in there else None

    monkeypatch.setattr(guide_paper.shutil, "which", which)
    with pytest.raises(guide_paper.NotPrinted, match=said):
        guide_paper.printed("<p>手册</p>")


def test_only_pdf_and_html_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from flows.__main__ import main

    assert main(["guide", str(tmp_path / "手册.docx")]) == 2
    assert "只能写成 .pdf 或者 .html" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_whoever_logs_in_first_is_told_to_install_what_scans_before_he_scans() -> None:
    first = text("starting").partition("第一次来：")[2]
    steps = first.partition("以后来：")[0]
    assert -1 < steps.find("装好验证器") < steps.find("邀请码") < steps.find("扫描二维码")
