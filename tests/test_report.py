"""The report in words: six sections, the office's texts and the registers' figures in them."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from published_reports import FORMS
from years import ROOT, WHOLE, fact, figures, seed, suqian

from flows import office
from letters.report.named_figures import filled_in, named_figures
from letters.report.report import Report, _place, compose
from models.errors import ConfigFault, TextFault
from models.report_tables.form import form_for
from models.report_tables.table4 import ReviewLine
from models.year.year_end import Fees
from models.year.year_figures import YearFigures
from models.year.year_text import MATTERS, Passage, YearText, read_year_file, year_text

SAMPLE = ROOT / "config" / "annual" / "example_2022.toml"
SEED = Path(__file__).parent / "cases" / "seed_2022.txt"
DAY = date(2023, 1, 31)


def report(found: YearFigures, text: YearText | None = None) -> Report:
    """As it is written in January after its year."""
    dated = DAY.replace(year=found.tables.year + 1)
    return compose(office.agency(), found, text or YearText(), dated)


def said(found: YearFigures, section: int, text: YearText | None = None) -> list[str]:
    words = report(found, text).sections[section].words
    return [each.heading + each.text for each in words if not each.missing]


@pytest.mark.parametrize("year", [2019, 2022])
def test_the_sections_bear_the_titles_of_the_form(year: int) -> None:
    made = report(figures(year))
    assert [section.title for section in made.sections] == list(form_for(FORMS, year).sections)
    assert [section.table is not None for section in made.sections] == (
        [False, True, True, True, False, False]
    )


def test_what_nobody_wrote_and_no_register_knows_is_missing_and_said_so() -> None:
    made = report(figures())
    assert [what for what in made.missing if not what.startswith("表二")] == [
        "一、总体情况：主动公开",
        "一、总体情况：政府信息管理",
        "一、总体情况：政府信息公开平台建设",
        "二、主动公开政府信息情况",
        "五、存在的主要问题",
        "五、改进情况",
    ]
    assert sum(what.startswith("表二") for what in made.missing) == 10
    assert [each.text for s in made.sections for each in s.words if each.missing] == list(
        made.missing[:6]
    )


def test_the_registers_speak_where_the_office_is_silent() -> None:
    found = replace(suqian(), days={5: 1, 10: 1}, screened=3, published=2)
    assert said(found, 0) == [
        "（一）依申请公开。2023年，我局新收政府信息公开申请3511件，上年结转96件；办结3486件，"
        "平均办理用时7.5个工作日；结转下年度继续办理121件。",
        "（二）政府信息管理。对依申请公开提供的政府信息同步开展转主动公开审查，"
        "2023年审查3件，转为主动公开2件。",
        "（三）监督保障。2023年，没有因政府信息公开申请引起的行政复议、行政诉讼案件。",
    ]


def test_a_matter_that_the_office_covers_is_not_written_again() -> None:
    recorded = {key: f"{label}的文字。" for key, label in MATTERS.items()}
    lines_said = said(figures(), 0, year_text(None, recorded))
    assert lines_said == [
        f"（{n}）{label}。{label}的文字。"
        for n, label in zip("一二三四五", MATTERS.values(), strict=True)
    ]


def test_the_file_goes_before_the_form(tmp_path: Path) -> None:
    path = tmp_path / "2022.toml"
    path.write_text(
        'problems = "文件"\n[[overall]]\nmatters = ["主动公开"]\nheading = "公开。"\ntext = "文件"',
        encoding="utf-8",
    )
    text = year_text(
        read_year_file(path),
        {"problems": "表单", "improvements": "表单", "proactive_work": "表单", "platform": "平台"},
    )
    assert said(figures(), 4, text) == ["文件", "表单"]
    spoken = said(figures(), 0, text)
    assert spoken[0] == "（一）公开。文件"
    assert "（三）政府信息公开平台建设。平台" in spoken


def test_section_one_follows_the_five_matters_whoever_wrote_them() -> None:
    items = (
        Passage(matters=("oversight", "management"), heading="甲。", text="文件一"),
        Passage(heading="乙。", text="文件二"),
        Passage(matters=("platform",), heading="丙。", text="文件三"),
        Passage(matters=("proactive_work",), heading="丁。", text="文件四"),
    )
    asked = "依申请公开。2022年，我局新收政府信息公开申请0件；办结0件。"
    in_order = [
        "（一）丁。文件四",
        f"（二）{asked}",
        "（三）甲。文件一",
        "（四）丙。文件三",
        "（五）乙。文件二",
    ]
    assert said(figures(), 0, YearText(items)) == in_order
    as_written = [
        "（一）甲。文件一",
        "（二）乙。文件二",
        "（三）丙。文件三",
        "（四）丁。文件四",
        f"（五）{asked}",
    ]
    assert said(figures(), 0, YearText(items, as_written=True)) == as_written


CONTACT = (
    "如对本年度报告有疑问，请与上海市知识产权局政务公开办公室联系"
    "（地址：上海市浦东新区世博村路300号，邮政编码：200125，电话：021-00000000）。"
)


def test_whom_to_ask_stands_at_the_end_of_a_preamble_that_the_office_did_not_write() -> None:
    assert report(figures()).preamble[-1].text == CONTACT
    own = report(figures(), YearText(parts={"preamble": "我局的前言。"}))
    assert [each.text for each in own.preamble] == ["我局的前言。"]


def test_an_address_that_was_never_filled_in_is_asked_for() -> None:
    unfilled = office.agency().model_copy(update={"sample": False, "postcode": "待填写"})
    made = compose(unfilled, figures(), YearText(), DAY)
    assert made.unwritten[0] == "前言：对报告有疑问的联系处室、地址、邮政编码、电话"
    filled = unfilled.model_copy(update={"postcode": "200125", "phone": "021-12345678"})
    said_now = compose(filled, figures(), YearText(), DAY).preamble[-1].text
    assert said_now == CONTACT.replace("021-00000000", "021-12345678")


def test_a_year_signed_in_the_first_wording_keeps_it() -> None:
    items = (Passage(matters=("oversight",), heading="甲。", text="文件"),)
    first = compose(office.agency(), figures(), YearText(items), DAY, wording=1)
    assert [each.heading for each in first.sections[0].words if not each.missing] == [
        "（一）甲。",
        "（二）依申请公开。",
    ]
    assert [each.text for each in first.preamble] != [CONTACT]
    assert all(each.text != CONTACT for each in first.preamble)


def test_a_part_written_as_empty_is_left_out_unless_it_must_be_there() -> None:
    text = YearText(parts={"reviews": "", "problems": " \n"})
    assert said(figures(), 3, text) == []
    assert "五、存在的主要问题" in report(figures(), text).missing


@pytest.mark.parametrize(
    ("fees", "sentence"),
    [
        (Fees(0, 0, 0, 0), "全年我局未收取信息公开处理费。"),
        (Fees(2, 480, 0, 0), "全年我局未收取信息公开处理费。"),
        (Fees(2, 480, 1, 380), "全年我局收取信息公开处理费1件，共计380元。"),
    ],
)
def test_section_six_says_what_was_collected_by_the_register(fees: Fees, sentence: str) -> None:
    text = YearText(parts={"other": "另有事项。"})
    assert said(figures(fees=fees), 5, text) == [sentence, "另有事项。"]


def test_reviews_are_said_in_sections_one_and_four() -> None:
    day = date(2022, 5, 5)
    decided = (
        ReviewLine("1", "行政复议", day, day, "结果维持"),
        ReviewLine("2", "行政复议", day, day, "结果纠正"),
        ReviewLine("3", "复议后起诉", day),
    )
    found = figures(reviews=decided)
    assert said(found, 3) == [
        "2022年，我局因政府信息公开申请被申请行政复议2件、被提起行政诉讼1件。"
    ]
    assert said(found, 0)[-1] == (
        "（二）监督保障。2022年，因政府信息公开申请引起的行政复议、行政诉讼案件审结2件，"
        "其中结果纠正1件；年末尚未审结1件。"
    )


def test_section_two_says_what_table_two_says_once_it_is_whole() -> None:
    assert said(figures(facts=WHOLE), 1) == [
        "2022年，我局制发行政规范性文件1件、废止2件、现行有效11件；作出行政许可决定7件；"
        "收取行政事业性收费59237.2449万元。"
    ]
    assert "二、主动公开政府信息情况" in report(figures(facts=WHOLE[:-1])).missing


def test_section_two_on_the_form_of_2019() -> None:
    day = "2020-06-01"
    facts = [
        *(fact(item, "public_total", 5, "2019-12-31") for item in ("规章", "规范性文件")),
        *(fact(item, "made", 1, day) for item in ("规章", "规范性文件")),
        *(fact(item, "published", 2, day) for item in ("规章", "规范性文件")),
    ]
    for item in ("行政许可", "其他对外管理服务事项", "行政处罚", "行政强制", "行政事业性收费"):
        facts += [fact(item, "projects", 40, "2019-12-31"), fact(item, "projects_change", -2, day)]
        facts += [fact(item, "decisions", 3, day)] if item != "行政事业性收费" else []
    facts += [
        fact("政府集中采购", "purchases", 4, day),
        fact("政府集中采购", "spent", 1234_50, day),
    ]
    found = figures(2020, facts=tuple(sorted(facts)))
    assert found.tables.table2.blanks() == []
    assert said(found, 1) == [
        "2020年，我局制发规章1件、新公开2件、对外公开总数7件；"
        "制发规范性文件1件、新公开2件、对外公开总数7件；作出行政许可决定3件；"
        "办理其他对外管理服务事项3件；作出行政处罚决定3件；作出行政强制决定3件；"
        "现有行政事业性收费38项；实施政府集中采购4项、总金额1234.5元。"
    ]


# ── figures in the office's words ─────────────────────────────────────────────────────────────


def test_a_name_in_a_text_stands_for_the_figure_of_the_register() -> None:
    names = named_figures(suqian())
    text = "新收{{ 新收 }}件，{{结转下年度}}件结转，不予公开{{ 不予公开 }}件（{{ 表三3.3.5 }}件）"
    assert filled_in("三", text, names) == "新收3511件，121件结转，不予公开142件（20件）"
    assert filled_in("三", "{{ 表三（三）5 }}件，{{ 表三（七） }}件", names).startswith("20件，")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{{ 受理数 }}件", "没有“受理数”这个数字，可用的有：年度、新收"),
        ("{% if 新收 %}", "“{%”有误：数字应写作 {{ 名称 }}"),
        ("{{ 新 收 }}", "“{{”有误"),
        ("{{ 新收.real }}", "没有“新收.real”这个数字"),
    ],
)
def test_what_stands_for_no_figure_is_said(text: str, problem: str) -> None:
    with pytest.raises(TextFault, match="年度报告“五、改进情况”的文字有误") as found:
        report(figures(), YearText(parts={"improvements": text}))
    assert problem in str(found.value)


def test_a_figure_of_the_office_cannot_replace_one_of_the_register() -> None:
    text = YearText(
        parts={"problems": "{{ 新收 }}与{{ 访问量 }}"}, figures={"新收": 9, "访问量": 5}
    )
    assert said(figures(), 4, text) == ["0与5"]


def test_items_are_numbered_as_far_as_one_likes() -> None:
    assert [_place(n) for n in (0, 9, 10, 18, 19, 20, 98)] == [
        *("（一）", "（十）", "（十一）", "（十九）", "（二十）", "（二十一）", "（九十九）")
    ]


@pytest.mark.parametrize(
    ("content", "said_of"),
    [
        ("problem = ''", "problem"),
        ("[[overall]]\nmatters=['公开']\ntext='x'", "“公开”应为主动公开、依申请公开"),
        ("problems = 5", "problems"),
        ("problems = ", "不是有效的 TOML"),
    ],
)
def test_a_file_with_a_fault_is_named_with_its_place(
    content: str, said_of: str, tmp_path: Path
) -> None:
    path = tmp_path / "2022.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigFault, match=r"配置文件 2022\.toml") as fault:
        read_year_file(path)
    assert said_of in str(fault.value)


# ── the seed's report ─────────────────────────────────────────────────────────────────────────

FULL_WIDTH = str.maketrans(",:();", "，：（）；")


def test_the_seeds_whole_report_is_produced_statement_by_statement() -> None:
    """Every paragraph of the published report, in its order; its tables were pictures."""
    made = report(seed(), year_text(read_year_file(SAMPLE), {}))
    published = [
        line.strip().translate(FULL_WIDTH)
        for line in SEED.read_text(encoding="utf-8").splitlines()[1:]
        if line.strip() and not line.strip().endswith(".jpg")
    ]
    assert [line for line in made.paragraphs() if line] == published[:-1]
    assert published[-1].startswith("扩展阅读")
    assert [what for what in made.missing if not what.startswith("表二")] == []


def test_every_figure_of_the_seeds_text_that_a_register_has_comes_from_the_register() -> None:
    """With another year in the registers, just those figures change: none of them is typed."""
    text = year_text(read_year_file(SAMPLE), {})
    here = list(report(seed(), text).paragraphs())
    there = list(report(replace(seed(), tables=figures(2023).tables), text).paragraphs())
    changed = Counter(
        (a, b) for one, other in zip(here, there, strict=True) for a, b in _differences(one, other)
    )
    assert changed == {("2022", "2023"): 5, ("8", "0"): 2}
    names = named_figures(seed())
    assert [names[n] for n in ("新收", "办结", "咨询人次", "已主动公开", "非本机关职责")] == (
        [8, 8, 8, 0, 8]
    )
    source = tomllib.loads(SAMPLE.read_text(encoding="utf-8"))["applications"]
    assert not any(character.isdigit() for character in source)


def _differences(one: str, other: str) -> list[tuple[str, str]]:
    a, b = (re.findall(r"\d+(?:\.\d+)?", text) for text in (one, other))
    return [pair for pair in zip(a, b, strict=True) if pair[0] != pair[1]]
