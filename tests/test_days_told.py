"""Days in the sentences that an officer reads, and rows as the form prints them."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.law.citing import article_label, row_code, row_label
from models.report_tables.form import load_forms
from models.words.days_told import told

FORMS = load_forms(Path("config/annual"))


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("早于收到之日（2026-03-02）", "早于收到之日（2026年3月2日）"),
        ("2026-03-02至2026-12-31", "2026年3月2日至2026年12月31日"),
        ("文号 12026-03-02", "文号 12026-03-02"),  # part of a longer number
        ("邮件号2026-03-02-1", "邮件号2026-03-02-1"),
        ("2026-99-99", "2026-99-99"),
        ("", ""),
    ],
)
def test_days_in_a_sentence_are_written_as_in_letters(said: str, read: str) -> None:
    assert told([said]) == read
    assert told([said, said]) == f"{read}；{read}"


@pytest.mark.parametrize(
    ("code", "label"),
    [
        ("1", "一"),
        ("3.1", "三（一）"),
        ("3.6.1", "三（六）1"),
        ("3.3.8", "三（三）8"),
        ("3.7", "三（七）"),
    ],
)
def test_a_row_is_called_as_the_form_prints_it(code: str, label: str) -> None:
    assert row_label(code) == label
    assert row_code(label) == code


def test_a_row_is_known_by_its_name_in_any_width_and_a_code_stands() -> None:
    said = ("三(四)1", "三 （四） 1.", "三（四）", "3.4.1", "（四）1", "三（八）", "")
    codes = ["3.4.1", "3.4.1", "3.4", "3.4.1", "（四）1", "三（八）", ""]
    assert [row_code(one) for one in said] == codes


def test_every_row_of_every_form_is_called_by_one_name() -> None:
    for form in FORMS:
        for code, row in form.rows.items():
            assert row.ordinal == row_label(code)
            assert row_code(row.ordinal) == code
    rows = FORMS[-1].rows
    assert rows["3.4.1"].called == "三（四）1　无法提供：本机关不掌握相关政府信息"
    assert rows["3.2"].called == "三（二）　部分公开"
    assert rows["3.1"].called == "三（一）　予以公开"
    assert rows["1"].called == "一　本年新收政府信息公开申请数量"


@pytest.mark.parametrize(
    ("article", "label"),
    [
        ("33", "条例第三十三条"),
        ("36(5)", "条例第三十六条第五项"),
        ("16(2)", "条例第十六条第二款"),
        ("39(1)", "条例第三十九条第一款"),
        ("31(1)", "条例第三十一条第一项"),
        ("收费办法6", "收费办法6"),
    ],
)
def test_an_article_is_cited_as_the_statutes_cite_it(article: str, label: str) -> None:
    assert article_label(article) == label
