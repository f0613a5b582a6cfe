"""督办清单: soon overdue, overdue, answered late; with the working days used and left."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from databases import empty_register
from openpyxl import load_workbook
from test_sweep import MONDAY, OFFICER, act, received

from flows import office
from flows.__main__ import main
from flows.shown import supervision
from models.watch.supervision import Concern, Listed

TODAY = date(2026, 3, 31)


@pytest.fixture
def numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """On 31 March: one overdue by a day, one with five days left, one with six, one answered late,
    one in time, and one that waits for its correction.
    """
    with empty_register(tmp_path, monkeypatch):
        found = {}
        for name, day in {
            "over": MONDAY,
            "soon": date(2026, 3, 10),
            "later": date(2026, 3, 11),
            "late": MONDAY,
            "in time": MONDAY,
            "corrected": MONDAY,
        }.items():
            monkeypatch.setenv("DISCLOSURE_TODAY", day.isoformat())
            found[name] = received(day)
        act(
            found["corrected"],
            "correction_requested",
            requested_on="2026-03-02",
            unclear="x",
            guidance="y",
            days=30,
        )
        for name, replied_on in (("in time", "2026-03-30"), ("late", "2026-03-31")):
            monkeypatch.setenv("DISCLOSURE_TODAY", replied_on)
            answered(found[name], replied_on)
        monkeypatch.setenv("DISCLOSURE_TODAY", TODAY.isoformat())
        yield found


def answered(number: str, on: str) -> None:
    elsewhere = {
        "responsible_agency": "国家知识产权局",
        "responsible_contact": "电话：010-00000000",
        "reasons": "该信息由国家知识产权局制作并保存",
    }
    act(number, "found_elsewhere", **elsewhere)
    act(number, "drafted_unable", outcome="not_ours", **elsewhere)
    act(number, "approved", "李明", comment="")
    act(number, "signed", "王建国", signed_on=on)
    act(number, "replied", delivery="ems", sent_on=on, proof="1012345678901")


def test_each_case_stands_on_its_list_with_days_used_and_left(numbers: dict[str, str]) -> None:
    found = supervision.listed()
    assert [(one.concern, one.number) for one in found] == [
        (Concern.SOON, numbers["soon"]),
        (Concern.OVER, numbers["over"]),
        (Concern.LATE, numbers["late"]),
    ]
    assert [(one.used, one.left) for one in found] == [(15, 5), (21, -1), (21, -1)]
    assert {one.applicant for one in found} == {"周**"}
    assert [one.closed_on for one in found] == [None, None, TODAY]
    assert supervision.listed(date(2026, 4, 1))[-1].concern is Concern.OVER


def test_an_extension_counts_among_the_days_used(
    numbers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCLOSURE_TODAY", "2026-04-01")
    extension = {"days": 5, "told_on": "2026-04-01", "consented_by": "赵慧", "reasons": "检索量大"}
    act(numbers["soon"], "extended", "赵慧", **extension)
    monkeypatch.setenv("DISCLOSURE_TODAY", "2026-04-13")
    (one,) = [one for one in supervision.listed() if one.number == numbers["soon"]]
    assert (one.last_day, one.used, one.left) == (date(2026, 4, 15), 23, 2)


def test_the_workbook_holds_the_lists(numbers: dict[str, str], tmp_path: Path) -> None:
    path = supervision.write(tmp_path / "new" / "督办.xlsx", supervision.listed())
    book = load_workbook(BytesIO(path.read_bytes()))
    assert book.sheetnames == ["按承办人", "按环节", "即将到期", "逾期未办", "逾期已办"]
    assert [[cell.value for cell in row] for row in book["按承办人"]] == [
        ["承办人", "即将到期", "逾期未办", "逾期已办"],
        [OFFICER, 1, 1, 1],
    ]
    assert [[cell.value for cell in row] for row in book["按环节"]] == [
        ["环节", "即将到期", "逾期未办", "逾期已办"],
        ["待判断公开主体", 1, 1, 0],
        ["已办结", 0, 0, 1],
    ]
    _, over = ([cell.value for cell in row] for row in book["逾期未办"])
    assert over[:2] + over[5:8] == [numbers["over"], "周**", "2026-03-30", 21, -1]
    again = supervision.write(tmp_path / "again.xlsx", supervision.listed())
    assert again.read_bytes() == path.read_bytes()


def test_the_page_shows_counts_and_lists(numbers: dict[str, str]) -> None:
    page = supervision.markdown(supervision.listed())
    assert page.startswith(
        "| 承办人 | 即将到期 | 逾期未办 | 逾期已办 |\n| --- | --- | --- | --- |\n"
    )
    assert "| 待判断公开主体 | 1 | 1 | 0 |" in page
    assert "## 逾期未办（1件）" in page
    assert "周晓岚" not in page
    assert supervision.markdown([]) == "没有需要督办的申请。"


def test_a_long_list_is_cut_in_the_page_and_says_so() -> None:
    one = Listed(Concern.OVER, "1", "周*", "陈静", "待起草", "", TODAY, False, 21, -1)
    page = supervision.markdown([one] * (supervision.SHOWN + 3))
    assert "其余3件见清单文件。" in page
    assert page.count("| 1 |") == supervision.SHOWN


def test_the_command_prints_and_writes(
    numbers: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "督办清单.xlsx"
    assert main(["supervision", "--out", str(path)]) == 0
    out, err = capsys.readouterr()
    assert [line.split("\t")[0] for line in out.splitlines()] == [
        "即将到期",
        "逾期未办",
        "逾期已办",
    ]
    assert err == f"{path}\n共3件\n"
    assert path.exists()
    assert main(["supervision", "--out", "/proc/x/督办.xlsx"]) == 2
    assert "无法写入文件" in capsys.readouterr().err


def test_the_outbox_lists_what_is_not_sent(
    numbers: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["outbox"]) == 0
    assert capsys.readouterr().out == ""
    assert main(["outbox", "--again"]) == 0
    assert capsys.readouterr().err == "再发送0条\n"
    assert office.agency().officers == ()
