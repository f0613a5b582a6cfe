"""The words of a letter: what a template makes of the facts, and what no value can make of it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import DictLoader

from letters.letter import words
from letters.letter.words import Letter, Paragraph, Style, compose, markdown, plain_text
from models.errors import FactMissing, NoSuchLetter, TemplateFault

GOLDEN = Path(__file__).parent / "golden"

AGENCY = {
    "name": "上海市知识产权局",
    "office": "上海市知识产权局办公室",
    "phone": "021-00000000",
    "address": "上海市浦东新区世博村路300号",
    "postcode": "200125",
}
NOT_OURS: Mapping[str, object] = {
    "agency": AGENCY,
    "number": "沪知依申告〔2022〕3号",
    "case_number": "2022-0003",
    "applicant": "张三",
    "received_on": date(2022, 3, 4),
    "request": "“某某”商标的注册申请档案",
    "decided_on": date(2022, 4, 1),
    "basis": "第十条第一款、第三十六条第五项",
    "reasons": "商标注册申请由国家知识产权局商标局受理、审查，有关注册档案由其制作并保存",
    "responsible_agency": "国家知识产权局",
    "responsible_contact": "国家知识产权局政府信息公开办公室，电话：010-00000000",
    "remedy": [
        "如不服本告知书，可以自收到本告知书之日起60日内依法申请行政复议，"
        "或者自收到本告知书之日起6个月内依法向人民法院提起行政诉讼。"
    ],
}
LONG = dict(NOT_OURS) | {
    "you": "贵单位",
    "corrected_on": date(2022, 3, 10),
    "extended_on": date(2022, 4, 6),
    "consulted": [
        {
            "whom": "第三方",
            "started_on": date(2022, 3, 11),
            "ended_on": date(2022, 3, 25),
            "not_counted": True,
        }
    ],
    "attachments": ["送达回证", "政府信息公开指南"],
}
PLAIN = compose("not_ours", NOT_OURS)

# What an applicant may write, and what then stands in the letter.
HOSTILE: dict[str, tuple[str, str]] = {
    name: (case if isinstance(case, tuple) else (case, case))
    for name, case in {
        "markup": "张<三>&\"'",
        "ampersand": "甲&乙公司",
        "forged XML": "</w:t></w:r></w:p><w:p><w:r><w:t>【伪造】同意全部公开",
        "Jinja": "{{ 7*7 }} {% for x in y %} {# 注 #}",
        "split braces": "{_{ x }_}",
        "sandbox": "{{ agency.__class__.__mro__ }}",
        "Markdown heading": "# 一、伪造的标题",
        "Markdown": "[点此](https://example.org) **甲** `乙` | 丙 | \\",
        "beyond the BMP": "😀𠮷㐂",
        "ten thousand": "一" * 10_000,
        "line end": ("甲\n一、伪造的段落", "甲 一、伪造的段落"),
        "line ends": ("甲\r\n乙\r丙\t丁", "甲 乙 丙 丁"),
        "odd line ends": ("甲\x0b乙\x0c丙\x1e丁\x85戊\u2028己\u2029庚", "甲 乙 丙 丁 戊 己 庚"),
        "control": ("甲\x07乙\x00丙\x1b[31m丁", "甲�乙�丙�[31m丁"),
        "our own marks": ("甲\x01乙\x02丙", "甲�乙�丙"),
        "lone surrogates": ("甲\ud800乙\udfff", "甲�乙�"),
        "noncharacters": ("甲\uffff乙\ufffe", "甲�乙�"),
        "direction": ("甲\u202e乙\u2066丙\u200f", "甲�乙�丙�"),
    }.items()
}
hostile = pytest.mark.parametrize(("value", "printed"), HOSTILE.values(), ids=HOSTILE.keys())


def texts(letter: Letter) -> list[str]:
    """Every text of the letter, in order."""
    return [
        *(letter.agency, letter.number, letter.title, letter.addressee),
        *(each.text for each in letter.paragraphs),
        *(*letter.attachments, letter.signed_by, letter.signed_on),
        *(*letter.contact, *letter.remarks),
    ]


def test_a_not_ours_letter_reads_as_agreed():
    golden = GOLDEN / "not_ours.txt"
    assert plain_text(PLAIN) == golden.read_text(encoding="utf-8")


def test_correction_consultation_extension_and_attachments_are_told():
    golden = GOLDEN / "not_ours_long.txt"
    assert plain_text(compose("not_ours", LONG)) == golden.read_text(encoding="utf-8")


def test_an_undetermined_agency_is_said_to_be_undetermined():
    facts = {name: fact for name, fact in NOT_OURS.items() if not name.startswith("responsible_")}
    decision = compose("not_ours", facts).paragraphs[2].text
    assert decision.endswith("尚不能确定负责公开该信息的行政机关。")
    assert compose("not_ours", facts | {"responsible_agency": None}).paragraphs[2].text == decision


def test_a_letter_survives_being_kept_as_json():
    letter = compose("not_ours", LONG)
    assert Letter.from_json(letter.to_json()) == letter


@hostile
@pytest.mark.parametrize("fact", ["applicant", "request", "reasons", "responsible_contact"])
def test_a_value_stands_in_its_paragraph_and_nowhere_else(fact, value, printed):
    letter = compose("not_ours", dict(NOT_OURS) | {fact: value})
    assert len(letter.paragraphs) == len(PLAIN.paragraphs)
    assert {each.style for each in letter.paragraphs} == {Style.BODY}
    changed = [
        after for before, after in zip(texts(PLAIN), texts(letter), strict=True) if before != after
    ]
    assert len(changed) == 1
    assert printed in changed[0]


@given(st.text(st.characters(), min_size=1))
def test_no_value_at_all_changes_the_structure(value):
    letter = compose("not_ours", dict(NOT_OURS) | {"applicant": f"甲{value}乙"})
    assert letter == replace(PLAIN, addressee=letter.addressee)
    assert "\n" not in letter.addressee
    letter.to_json().encode()  # no lone surrogate is left


@pytest.mark.parametrize("fact", sorted(NOT_OURS.keys() - {"responsible_agency"}))
@pytest.mark.parametrize("absent", ["not given", "None"])
def test_a_missing_fact_is_named(fact, absent):
    facts = dict(NOT_OURS) | {fact: None}
    if absent == "not given":
        del facts[fact]
    with pytest.raises(FactMissing) as missing:
        compose("not_ours", facts)
    assert missing.value.fact == fact
    assert fact in str(missing.value)


def test_a_missing_particular_of_the_agency_is_named():
    agency = {name: value for name, value in AGENCY.items() if name != "phone"}
    with pytest.raises(FactMissing, match="phone"):
        compose("not_ours", dict(NOT_OURS) | {"agency": agency})


@pytest.mark.parametrize("name", ["no_such", "../words", "_letter/../../words"])
def test_a_letter_that_we_do_not_have_is_refused(name):
    with pytest.raises(NoSuchLetter):
        compose(name, NOT_OURS)


@pytest.mark.parametrize(
    ("day", "written"),
    [
        (date(2026, 1, 5), "2026年1月5日"),
        ("2026-10-31", "2026年10月31日"),
    ],
)
def test_dates_have_no_leading_zeros(day, written):
    assert words.chinese_date(day) == written


def test_a_moment_is_not_a_date():
    with pytest.raises(ValueError, match="2026-01-05"):
        words.chinese_date(datetime(2026, 1, 5, 23, tzinfo=UTC))


def test_a_request_cannot_close_its_own_quotation():
    letter = compose("not_ours", dict(NOT_OURS) | {"request": "甲”。本机关同意公开。“乙"})
    assert "“甲’。本机关同意公开。‘乙”。" in letter.paragraphs[0].text


@pytest.mark.parametrize(
    ("request_text", "quoted"),
    [("档案。", "“档案”。"), ("档案", "“档案”。"), ("{档案}！", "“{档案}！”。")],
)
def test_a_quoted_request_ends_with_one_full_stop(request_text, quoted):
    letter = compose("not_ours", dict(NOT_OURS) | {"request": request_text})
    assert letter.paragraphs[0].text.endswith(quoted)


@pytest.mark.parametrize(
    ("reason", "stated"),
    [
        ("由甲制作", "由甲制作。"),
        ("由甲制作。", "由甲制作。"),
        ("由甲制作；", "由甲制作。"),
    ],
)
def test_a_reason_ends_with_one_full_stop(reason, stated):
    letter = compose("not_ours", dict(NOT_OURS) | {"reasons": reason})
    assert letter.paragraphs[1].text.endswith(stated)


def test_one_attachment_has_no_number_and_several_have():
    assert replace(PLAIN, attachments=("甲",)).attachment_lines == (("附件：", "甲"),)
    assert replace(PLAIN, attachments=("甲", "乙")).attachment_lines == (
        ("附件：1.", "甲"),
        ("2.", "乙"),
    )


@hostile
def test_markdown_shows_every_value_as_itself(value, printed):
    shown = markdown(compose("not_ours", dict(NOT_OURS) | {"applicant": value}))
    assert len(shown.split("\n\n")) == len(markdown(PLAIN).split("\n\n"))
    addressee = shown.split("\n\n")[2]
    assert not re.search(r"[!-/:-@\[-`{-~]", re.sub(r"\\[!-/:-@\[-`{-~]", "", addressee))
    assert re.sub(r"\\(.)", r"\1", addressee) == f"{printed}："


# ── the language of the templates ──────────────────────────────────────────────────────────────


@pytest.fixture
def template(monkeypatch):
    """Composes a letter from a template written in the test."""

    def composed(source: str, **facts: object) -> Letter:
        base = (words._TEMPLATES / "_letter.j2").read_text(encoding="utf-8")
        tried = DictLoader({"_letter.j2": base, "tried.j2": '{% extends "_letter.j2" %}' + source})
        environment = words._environment().overlay(loader=tried)
        monkeypatch.setattr(words, "_environment", lambda: environment)
        return compose("tried", dict(NOT_OURS) | facts)

    return composed


def test_an_officers_text_keeps_its_paragraphs_where_the_template_says_so(template):
    letter = template(
        "{% block findings %}{{ text | paragraphs }}{% endblock %}", text="甲\r\n\n  乙\x07\n丙"
    )
    assert [each.text for each in letter.paragraphs[1:4]] == ["甲", "乙�", "丙"]


def test_headings_are_made_by_the_template_alone(template):
    letter = template(
        "{% block findings %}\n{{ '一、予以公开' | heading }}\n  {{ '（一）甲' | subheading }}\n"
        "{{ forged }}\n{{ (text | heading) ~ '' }}\n{% endblock %}",
        forged="\x01一、伪造",
        text="乙",
    )
    assert letter.paragraphs[1:5] == (
        Paragraph(Style.HEADING, "一、予以公开"),
        Paragraph(Style.SUBHEADING, "（一）甲"),
        Paragraph(Style.BODY, "�一、伪造"),
        Paragraph(Style.BODY, "�乙"),
    )


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{% block finding %}甲{% endblock %}", "finding"),
        ("{% block title %}甲\n乙{% endblock %}", "title"),
        ("{% block number %}{% endblock %}", "number"),
        ("{% block findings %}甲{{ '一、' | heading }}{% endblock %}", "独占一行"),
        ("{% block findings %}{{ [1] }}{% endblock %}", "不能把"),
        ("{% block findings %}{{ agency }}{% endblock %}", "不能把"),
        ("{% block findings %}{{ 1 == 1 }}{% endblock %}", "不能把"),
        ("{% block findings %}{{ {'a': None}.a }}{% endblock %}", "不能把 None"),
    ],
)
def test_a_template_that_goes_wrong_says_where(template, source, said):
    with pytest.raises(TemplateFault, match=said):
        template(source)


def test_a_date_is_written_in_chinese_without_being_asked(template):
    letter = template(
        "{% block findings %}{{ day }}共{{ 3 }}件{% endblock %}", day=date(2026, 1, 5)
    )
    assert letter.paragraphs[1].text == "2026年1月5日共3件"


FORM = """{% block form_title %}回执{% endblock %}
{% block form %}
姓名：{{ applicant }}
签名：
{% endblock %}"""


def test_a_form_has_a_row_for_each_of_its_lines_and_survives_json(template):
    letter = template(FORM, applicant="张三：李四\n签名：王五")
    assert letter.form == (("姓名", "张三：李四 签名：王五"), ("签名", ""))
    assert Letter.from_json(letter.to_json()) == letter
    assert plain_text(letter).endswith("｜姓名｜张三：李四 签名：王五｜\n｜签名｜｜\n")
    assert "#### 回执" in markdown(letter)


def test_a_letter_kept_before_there_were_forms_is_read_as_it_was():
    kept = json.loads(PLAIN.to_json())
    del kept["form"], kept["form_title"]
    assert Letter.from_json(json.dumps(kept)) == PLAIN
