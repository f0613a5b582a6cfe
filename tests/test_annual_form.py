"""The national form of the annual report: its wording, and which year it is for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from published_reports import FORMS, NAMES, report

from models.errors import ConfigFault, NoFormForYear
from models.report_tables.form import form_for, load_form, load_forms

FOLDER = Path(__file__).parents[1] / "config" / "annual"
LABELS_2021 = """
一、本年新收政府信息公开申请数量
二、上年结转政府信息公开申请数量
（一）予以公开
（二）部分公开（区分处理的，只计这一情形，不计其他情形）
（三）不予公开 1.属于国家秘密
（三）不予公开 2.其他法律行政法规禁止公开
（三）不予公开 3.危及“三安全一稳定”
（三）不予公开 4.保护第三方合法权益
（三）不予公开 5.属于三类内部事务信息
（三）不予公开 6.属于四类过程性信息
（三）不予公开 7.属于行政执法案卷
（三）不予公开 8.属于行政查询事项
（四）无法提供 1.本机关不掌握相关政府信息
（四）无法提供 2.没有现成信息需要另行制作
（四）无法提供 3.补正后申请内容仍不明确
（五）不予处理 1.信访举报投诉类申请
（五）不予处理 2.重复申请
（五）不予处理 3.要求提供公开出版物
（五）不予处理 4.无正当理由大量反复申请
（五）不予处理 5.要求行政机关确认或重新出具已获取信息
（六）其他处理 1.申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请
（六）其他处理 2.申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请
（六）其他处理 3.其他
（七）总计
四、结转下年度继续办理
""".strip().splitlines()


@pytest.mark.parametrize(
    ("year", "key"), [(2019, "2019"), (2020, "2019"), (2021, "2021"), (2026, "2021")]
)
def test_each_report_year_has_its_form(year: int, key: str) -> None:
    assert load_form(FOLDER, year).key == key


def test_a_year_without_a_form_is_an_error_and_not_the_nearest_form() -> None:
    with pytest.raises(NoFormForYear, match="没有适用于 2018 年度报告的表格格式"):
        load_form(FOLDER, 2018)


def test_the_rows_of_2021_are_the_official_ones_to_the_letter() -> None:
    assert [row.full_label for row in form_for(FORMS, 2021).row] == LABELS_2021


def test_the_form_of_2019_differs_in_one_row_of_table_three() -> None:
    rows = [row.full_label for row in form_for(FORMS, 2019).row]
    assert rows == [*LABELS_2021[:20], "（六）其他处理", *LABELS_2021[23:]]


@pytest.mark.parametrize("name", NAMES)
def test_published_reports_have_the_rows_and_columns_of_the_form(name: str) -> None:
    published = report(name)
    form = form_for(FORMS, published["year"])
    assert published["columns"] == list(form.columns)
    assert published["format"] == form.notice
    assert {*published["table3"]} - {"3.6"} <= {*form.rows}


def test_rows_are_referred_to_by_their_ordinals() -> None:
    rows = form_for(FORMS, 2021).rows
    assert [rows[code].ordinal for code in ("1", "3.1", "3.3.8", "3.7", "4")] == [
        "一",
        "三（一）",
        "三（三）8",
        "三（七）",
        "四",
    ]


LIKE_2021 = """
like = "form_2021.toml"
key = "2028"
notice = "国办公开办函〔2028〕1号"
first_year = 2028
source = "国办公开办函〔2028〕1号"
without = ["3.3.3"]

[[row]]
after = "3.4.3"
code = "3.4.4"
kind = "result"
group = "（四）无法提供"
label = "4.信息不存在"

[[row]]
code = "3.6.3"
kind = "result"
group = "（六）其他处理"
label = "3.其他（含撤回）"
"""


def forms_with(folder: Path, later: str) -> Path:
    """The forms there are, the last of them until 2027, and another."""
    for name in ("form_2019.toml", "measures.toml"):
        (folder / name).write_text((FOLDER / name).read_text("utf-8"), "utf-8")
    ended = re.sub(r"(?m)^last_year.*\n", "", (FOLDER / "form_2021.toml").read_text("utf-8"))
    ended = ended.replace("first_year = 2021", "first_year = 2021\nlast_year = 2027", 1)
    (folder / "form_2021.toml").write_text(ended, "utf-8")
    (folder / "form_2028.toml").write_text(later, "utf-8")
    return folder


def test_a_form_may_state_only_what_differs_from_another(tmp_path: Path) -> None:
    forms = load_forms(forms_with(tmp_path, LIKE_2021))
    before, after = form_for(forms, 2027), form_for(forms, 2028)
    assert (before.key, after.key, after.last_year) == ("2021", "2028", None)
    assert [row.full_label for row in before.row] == LABELS_2021
    assert [row.full_label for row in after.row] == [
        *(LABELS_2021[:6] + LABELS_2021[7:15]),
        "（四）无法提供 4.信息不存在",
        *LABELS_2021[15:22],
        "（六）其他处理 3.其他（含撤回）",
        *LABELS_2021[23:],
    ]
    assert (after.columns, after.review, after.proactive) == (
        before.columns,
        before.review,
        before.proactive,
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('after = "3.4.3"', 'after = "3.4.9"', "3.4.4 应写明 after（form_2021.toml 的行次）"),
        ('after = "3.4.3"\n', "", "3.4.4 应写明 after"),
        ('"form_2021.toml"', '"form_2022.toml"', "form_2022.toml"),
        ('without = ["3.3.3"]', 'without = ["1"]', "应恰有一行 kind = received"),
    ],
)
def test_a_form_that_differs_from_nothing_is_refused(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert old in LIKE_2021
    with pytest.raises(ConfigFault, match="form_202") as fault:
        load_forms(forms_with(tmp_path, LIKE_2021.replace(old, new, 1)))
    assert said in str(fault.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('kind = "carried_out"', 'kind = "result"', "应恰有一行 kind = carried_out"),
        ('code = "3.2"', 'code = "3.1"', "行次 code 不得重复"),
        ('kind = "received"', 'kind = "recieved"', "row.0.kind"),
        ("first_year = 2021", "", "first_year"),
        ('"商业企业"', '"自然人"', "各列名称不得重复"),
        ("first_year = 2021", "first_year = 2020", "form_2019.toml 的 last_year"),
    ],
)
def test_a_wrongly_edited_form_is_refused_by_file_and_place(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    for path in FOLDER.glob("form_*.toml"):
        (tmp_path / path.name).write_text(path.read_text("utf-8"), "utf-8")
    edited = tmp_path / "form_2021.toml"
    assert old in edited.read_text("utf-8")
    edited.write_text(edited.read_text("utf-8").replace(old, new, 1), "utf-8")
    with pytest.raises(ConfigFault, match="form_20") as fault:
        load_forms(tmp_path)
    assert said in str(fault.value)
