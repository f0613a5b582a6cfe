"""A ledger without kinds of applicants: the office decides once, a name that says otherwise is heard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from databases import empty_register
from openpyxl import load_workbook
from test_ledger import rows
from test_ledger_decided_once import HEAD, book, doubts, load, notes
from test_ledger_decided_once import row as full_row

from flows import office
from flows.__main__ import main
from flows.commands.ledger import Imported
from flows.commands.ledger_commands import KINDS
from flows.commands.ledger_doubts import beside
from flows.commands.ledger_unsaid_kinds import looks_like_a_person
from flows.commands.ledger_values import BadLedger
from models.case.stage import ApplicantKind

WITHOUT = [name for name in HEAD if name != "类别"]


@pytest.fixture(autouse=True)
def _empty_register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with empty_register(tmp_path, monkeypatch):
        yield


def row(number: int, name: str) -> list[Any]:
    told = dict(zip(HEAD, full_row(number, 申请人=name), strict=True))
    return [told[one] for one in WITHOUT]


NAMED = {
    "周晓岚": "自然人",
    "阿依古丽·买买提": "自然人",
    "张三等5人": "自然人",
    "张三、李四": "自然人",
    "John Smith": "自然人",
    "上海某某贸易有限公司": "商业企业",
    "上海某某贸易有限公司苏州分公司": "商业企业",
    "江苏某某律师事务所": "法律服务机构",
    "某某慈善基金会": "社会公益组织",
    "某市水利科学研究院": "科研机构",
}
ASKED = {
    "某市某某协会": "按其名称可能是社会公益组织、其他",
    "某某法律咨询有限公司": "按其名称可能是商业企业、法律服务机构",
    "王某律师": "按其名称可能是自然人、法律服务机构",
    "某某镇东村第三村民小组": "其名称不像个人的姓名，不能按“自然人”",
}


def test_the_kinds_are_those_of_table_3() -> None:
    assert list(KINDS) == [*map(str, ApplicantKind)]


def test_what_names_say_goes_before_what_was_decided(tmp_path: Path) -> None:
    listed = [row(n, name) for n, name in enumerate(NAMED, start=1)]
    path = book(tmp_path, WITHOUT, *listed)
    done = load(path, kind="自然人")
    found = {one["applicant"]: str(one["applicant_kind"]) for one in rows()}
    assert found == NAMED
    assert set(notes().values()) == {
        f"原表未记申请人类别，导入时按{kind}" for kind in NAMED.values()
    }
    (persons,) = [one for one in done.told if one.startswith("没有写申请人类别的，按“自然人”")]
    assert persons.endswith("：第2行、第3行、第4行、第5行、第6行")
    assert "没有写申请人类别的，名称说明是“商业企业”：第7行、第8行" in done.told
    assert load(path, kind="自然人") == Imported(0, len(NAMED))


def test_a_name_that_does_not_fit_is_asked_about(tmp_path: Path) -> None:
    path = book(tmp_path, WITHOUT, *[row(n, name) for n, name in enumerate(ASKED, start=1)])
    said = [one.partition("；")[0] for one in doubts(path, kind="自然人")]
    assert said == [
        f"{n}：没有写申请人类别，{why}" for n, why in enumerate(ASKED.values(), start=2)
    ]
    other = book(tmp_path, WITHOUT, row(1, "周晓岚"), name="企业.xlsx")
    (only,) = doubts(other, kind="商业企业")
    assert only.startswith("2：没有写申请人类别，其名称像是个人的姓名，不能按“商业企业”；请写明")


def test_without_a_decision_it_is_asked_in_one_sentence_and_answered_in_the_copy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = book(tmp_path, WITHOUT, row(1, "周晓岚"), row(2, "某某镇东村第三村民小组"))
    with pytest.raises(BadLedger, match=r"缺少：申请人类别；.*加 --applicant-kind，如"):
        load(path)
    assert main(["import", str(path), "--applicant-kind", "自然人"]) == 2
    assert capsys.readouterr().err.count("加一列“申请人类别”") == 1
    copy = load_workbook(beside(path))
    copy.worksheets[0]["H1"], copy.worksheets[0]["H3"] = "申请人类别", "其他"
    copy.save(beside(path))
    assert main(["import", str(beside(path)), "--applicant-kind", "自然人"]) == 0
    assert {one["number"]: str(one["applicant_kind"]) for one in rows()} == {
        "1": "自然人",
        "2": "其他",
    }
    assert notes()["2"] == ""


def test_an_empty_cell_is_no_kind_and_what_is_written_stands(tmp_path: Path) -> None:
    path = book(tmp_path, HEAD, full_row(1, 类别=""), full_row(2, 类别="/"), full_row(3))
    assert "加 --applicant-kind，如 --applicant-kind 自然人" in doubts(path)[0]
    load(path, kind="自然人")
    unsaid = "原表未记申请人类别，导入时按自然人"
    assert notes() == {"1": unsaid, "2": unsaid, "3": ""}


def test_an_office_says_in_its_ledger_toml_what_a_name_means() -> None:
    words = office.ledger_words()
    assert words.kind_of_name("某某有限公司") == "商业企业"
    assert words.kind_of_name("某某有限公司 ") == "商业企业"
    assert words.kind_of_name("周晓岚") == ""
    known = {str(one) for one in ApplicantKind}
    for meant in words.names.values():
        assert {meant} <= known if isinstance(meant, str) else {*meant} <= known


@pytest.mark.parametrize(
    ("name", "person"),
    [
        *(("欧阳某某", True), ("张*明", True), ("张三（代理人李四）", True), ("J. O'Neil", True)),
        *(("某某村村民委员会", False), ("申请人1", False), ("（空）", False), ("", False)),
    ],
)
def test_whether_a_name_is_like_a_persons(name: str, person: bool) -> None:
    assert looks_like_a_person(name) == person
