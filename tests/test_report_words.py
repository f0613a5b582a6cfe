"""年度报告文字: the form for the report's words, what it answers, and how the report uses them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from databases import empty_register

from flows import office
from flows.year import annual_report
from flows.year.report_words import Part, write_part
from models.errors import ActRefused, TextFault
from models.year.year_text import MATTERS, PARTS, recorded_texts

TODAY = "2024-01-31"


@pytest.fixture(autouse=True)
def _empty_register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with empty_register(tmp_path, monkeypatch):
        monkeypatch.setenv("DISCLOSURE_TODAY", TODAY)
        yield


def write(part: str, text: str, year: int = 2023) -> None:
    write_part.fn(year=year, part=Part[part], text=text, officer="陈静")


def drafted(as_of: str = TODAY) -> annual_report.Report:
    with office.reading() as session:
        return annual_report.drafted(session, 2023, date.fromisoformat(as_of))[1]


def said(section: int, as_of: str = TODAY) -> list[str]:
    words = drafted(as_of).sections[section].words
    return [each.heading + each.text for each in words if not each.missing]


def test_every_part_of_the_report_can_be_written() -> None:
    assert {part.name for part in Part} == set(PARTS)
    for key in PARTS:
        write(key, f"{PARTS[key]}的文字{{{{ 新收 }}}}")
    made = drafted()
    assert [what for what in made.missing if not what.startswith("表二")] == []
    for key, label in PARTS.items():
        assert any(f"{label}的文字0" in line for line in made.paragraphs()), key


def test_the_matters_stand_in_the_order_of_the_form_of_the_report() -> None:
    for key in reversed(MATTERS):
        write(key, "文字。")
    assert [line.partition("）")[2] for line in said(0)] == [
        f"{label}。文字。" for label in MATTERS.values()
    ]


def test_a_later_text_replaces_an_earlier_one_from_its_day_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write("problems", "先写的。")
    monkeypatch.setenv("DISCLOSURE_TODAY", "2024-02-05")
    write("problems", "后写的。")
    assert said(4) == ["先写的。"]
    assert said(4, "2024-02-05") == ["后写的。"]


def test_a_name_that_stands_for_no_figure_is_refused_and_nothing_kept() -> None:
    with pytest.raises(TextFault, match="没有“受理数”这个数字"):
        write("problems", "{{ 受理数 }}件")
    with office.reading() as session:
        assert recorded_texts(session, 2023, date(2024, 1, 31)) == {}


@pytest.mark.parametrize(
    ("text", "year", "reason"),
    [("字" * 20_001, 2023, "最多20000个字"), ("\x00", 2023, "控制字符"), ("x", 2025, "晚于今天")],
)
def test_what_makes_no_sense_is_refused(text: str, year: int, reason: str) -> None:
    with pytest.raises(ActRefused, match=reason):
        write("problems", text, year)


def test_the_file_of_the_year_goes_before_the_form() -> None:
    path = annual_report.text_file(2023)
    path.parent.mkdir(parents=True)
    path.write_text('problems = "文件的。"', encoding="utf-8")
    write("problems", "表单的。")
    write("improvements", "改进。")
    assert said(4) == ["文件的。", "改进。"]
