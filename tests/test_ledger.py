"""An existing ledger becomes the register: all rows or none; a bad row is named by its line.

For each published report under cases/reports/ a ledger with invented applications is imported, and
the year end gives back every cell of its table 三.
"""

from __future__ import annotations

import csv
import io
import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from databases import empty_register
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from published_reports import FORMS, NAMES, UNSPLIT, figures, lines, report
from sqlalchemy import event
from sqlmodel import func, select
from whole_years import fill

from flows import office
from flows.__main__ import main
from flows.commands import ledger, ledger_cells, ledger_meanings, ledger_rows
from flows.commands.ledger import Asked, Imported
from flows.commands.ledger_values import BadLedger
from flows.path import recording
from flows.year.annual_report import produce
from models.agency.ledger_words import MARKS, load_ledger_words
from models.case.act import UNPRINTABLE
from models.case.stage import Stage
from models.register import register
from models.report_tables.form import form_for
from models.report_tables.table3 import CaseLine
from models.store.tables import Application, Event

HEAD = (
    *("登记号", "收到日期", "提交方式", "申请人类别", "申请人"),
    *("联系方式", "申请内容", "办理结果", "办结日期", "备注"),
)
FORM = form_for(FORMS, 2023)
WORDS = load_ledger_words(office.SHIPPED / "office")
GOOD = {
    "登记号": "2025-17",
    "收到日期": "2025-03-03",
    "提交方式": "网络",
    "申请人类别": "自然人",
    "申请人": "周晓岚",
    "联系方式": "021-00000000",
    "申请内容": "某专利资助项目的名单",
    "办理结果": "3.4.1",
    "办结日期": "2025-03-20",
    "备注": "",
}


@pytest.fixture(autouse=True)
def _empty_register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with empty_register(tmp_path, monkeypatch):
        yield


def load(path: Path) -> Imported:
    return ledger.import_ledger(path, FORMS, lambda *_: None)


def text_of(rows: Sequence[dict[str, str]], columns: Sequence[str] = HEAD) -> str:
    written = io.StringIO()
    table = csv.DictWriter(written, columns, lineterminator="\r\n")
    table.writeheader()
    table.writerows(rows)
    return written.getvalue()


def as_csv(folder: Path, *rows: dict[str, str], encoding: str = "utf-8") -> Path:
    path = folder / "台账.csv"
    path.write_bytes(text_of(rows).encode(encoding))
    return path


def as_xlsx(folder: Path, *rows: dict[str, Any], columns: Sequence[str] = HEAD) -> Path:
    """A workbook; a text that begins with “=” stays text unless it is `Formula`."""
    path, book = folder / "台账.xlsx", Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(columns)
    for y, row in enumerate(rows, 2):
        for x, name in enumerate(columns, 1):
            cell = sheet.cell(y, x, row[name])
            if isinstance(row[name], str) and not isinstance(row[name], Formula):
                cell.data_type = "s"
    book.save(path)
    return path


class Formula(str):
    """A cell that Excel would work out."""

    __slots__ = ()


def rows() -> list[dict[str, Any]]:
    """The register, as a ledger would say it."""
    with office.reading() as session:
        return [row.model_dump() for row in register.applications(session)]


def count(model: type) -> int:
    with office.reading() as session:
        return session.exec(select(func.count()).select_from(model)).one()


# ── published years ───────────────────────────────────────────────────────────────────────────


def ledger_of(found: Sequence[CaseLine], folder: Path, name: str) -> Path:
    """A ledger of invented applications, in one of the layouts that are met with."""
    chance = random.Random(name)
    columns = chance.sample(HEAD, len(HEAD))
    by_label = {code: row.label for code, row in FORM.rows.items()}
    written = [
        {
            "登记号": line.number,
            "收到日期": line.received_on.isoformat(),
            "提交方式": chance.choice(["网络", "当面提交", "挂号信", "电子邮件", ""]),
            "申请人类别": line.column,
            "申请人": f"申请人{n}",
            "联系方式": "",
            "申请内容": f"第{n}件所需的信息",
            "办理结果": (line.row and chance.choice([line.row, by_label[line.row]])) or "",
            "办结日期": line.closed_on.isoformat() if line.closed_on else "",
            "备注": "",
        }
        for n, line in enumerate(found, 1)
    ]
    encoding = chance.choice(["utf-8", "utf-8-sig", "gb18030"])
    path = folder / f"{name}.csv"
    path.write_bytes(text_of(written, columns).encode(encoding))
    return path


@pytest.mark.parametrize("name", NAMES)
def test_the_ledger_of_a_published_year_gives_every_cell_of_its_table(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    year, found = report(name)["year"], lines(name)
    assert load(ledger_of(found, tmp_path, name)) == Imported(len(found), 0)
    fill(year)
    made = produce(year, tmp_path / "out", None)
    written = json.loads((tmp_path / "out" / "tables.json").read_text(encoding="utf-8"))
    published = figures(name)
    if "3.6" in published:
        published = {**published, "3.6.1": (0,) * 7, "3.6.2": (0,) * 7, "3.6.3": published["3.6"]}
        del published["3.6"]
    assert {code: tuple(row) for code, row in written["table3"].items()} == published
    assert made.failed == ()
    listed = {case for cells in written["cells"].values() for c in cells.values() for case in c}
    assert len(listed) == published["1"][-1] + published["2"][-1]
    assert main(["check", str(tmp_path / "out" / "tables.json")]) == 0
    assert capsys.readouterr().out == "勾稽关系全部成立\n"


def test_of_a_published_table_that_is_wrong_check_names_the_cells(
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = Path(__file__).parent / "cases" / "reports"
    assert main(["check", str(folder / "hongze_district_2023.json")]) == 1
    said = capsys.readouterr().out
    assert "表四‘行政复议’" in said
    assert "表四‘复议后起诉’" in said
    assert "共2处不成立" in said


def test_one_row_for_other_closures_is_taken_as_the_form_of_the_year_has_it(tmp_path: Path) -> None:
    early = GOOD | {"登记号": "1", "收到日期": "2020-03-02", "办结日期": "2020-03-09"}
    load(
        as_csv(
            tmp_path,
            early | {"办理结果": "（六）其他处理"},
            early | {"登记号": "2", "办理结果": "3.6"},
        )
    )
    assert [row["row"] for row in rows()] == ["3.6", "3.6"]
    assert produce(2020, tmp_path / "out", None).table.figures()["3.6"][-1] == 2
    assert UNSPLIT == {"3.6": "3.6.3"}
    with pytest.raises(BadLedger, match=r"第2行：办理结果“3\.6”不是表三的行"):
        load(as_csv(tmp_path, GOOD | {"办理结果": "3.6"}))


# ── what a ledger may look like ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_is_read_in_the_encodings_that_are_met_with(encoding: str, tmp_path: Path) -> None:
    assert load(as_csv(tmp_path, GOOD, encoding=encoding)) == Imported(1, 0)
    assert rows()[0]["applicant"] == "周晓岚"


def test_the_columns_may_stand_in_any_order_with_others_between(tmp_path: Path) -> None:
    columns = ("序号", *reversed(HEAD), "领导批示")
    path = tmp_path / "台账.csv"
    path.write_text(text_of([GOOD | {"序号": "1", "领导批示": "已阅"}], columns), encoding="utf-8")
    assert load(path) == Imported(1, 0)
    assert rows()[0]["received_on"] == date(2025, 3, 3)


def test_channel_contact_and_remarks_may_be_missing(tmp_path: Path) -> None:
    path = tmp_path / "台账.csv"
    short = {name: GOOD[name] for name in ledger_rows.NEEDED}
    path.write_text(text_of([short], ledger_rows.NEEDED), encoding="utf-8")
    assert load(path) == Imported(1, 0)
    assert rows()[0]["channel"] == "other"


def test_rows_that_say_nothing_are_passed_over(tmp_path: Path) -> None:
    path = as_csv(tmp_path, GOOD)
    head, row, _ = path.read_text(encoding="utf-8").split("\n")
    path.write_text("\n".join(["", head, "", ",,,,,,,,,", row, "", ""]), encoding="utf-8")
    assert load(path) == Imported(1, 0)


@pytest.mark.parametrize("write", [as_csv, as_xlsx])
def test_an_empty_result_is_an_open_application(write: Callable[..., Path], tmp_path: Path) -> None:
    load(write(tmp_path, GOOD | {"办理结果": "", "办结日期": "", "备注": "等第三方意见"}))
    (row,) = rows()
    assert (row["closed_on"], row["row"], row["stage"]) == (None, None, Stage.JURISDICTION)
    with office.reading() as session:
        assert register.events(session, row["number"])[1].facts["note"] == "等第三方意见"
    done = recording.perform(row["number"], 2, "found_ours", {}, "陈静")
    assert done.case.stage == Stage.DRAFTING


@pytest.mark.parametrize("code", FORM.result_codes)
def test_a_result_is_named_by_code_or_label_with_or_without_its_ornaments(
    code: str, tmp_path: Path
) -> None:
    row = FORM.rows[code]
    plain = row.label.partition("（区分")[0].partition(".")[2] or row.label.partition("）")[2]
    written = [code, row.label, row.full_label, row.group + row.label]
    written += [plain.partition("（")[0] or plain, row.label.replace("（", "(").replace("）", ")")]
    written += [row.label.replace("“", '"').replace("”", '"'), f" {row.label}　"]
    if row.group:
        written += [f"{row.group}-{row.label}", f"{row.group.partition('）')[2]}：{plain}"]
    load(
        as_csv(
            tmp_path,
            *(GOOD | {"登记号": str(n), "办理结果": words} for n, words in enumerate(written)),
        )
    )
    assert [found["row"] for found in rows()] == [code] * len(written)


def test_no_two_results_have_the_same_plain_label() -> None:
    for form in FORMS:
        codes = ledger_meanings.codes(form)
        assert set(codes.values()) == set(form.result_codes)
        for code in form.result_codes:
            for label in (form.rows[code].label, form.rows[code].full_label):
                assert codes[ledger_meanings.plain_label(label)] == code


@pytest.mark.parametrize("words", ["2025/3/3", "2025.3.3", "2025年3月3日", "2025-03-03"])
def test_dates_are_read_as_they_are_usually_written(words: str, tmp_path: Path) -> None:
    load(as_csv(tmp_path, GOOD | {"收到日期": words}))
    assert rows()[0]["received_on"] == date(2025, 3, 3)


def test_a_workbook_is_read_with_its_dates_and_numbers(tmp_path: Path) -> None:
    load(
        as_xlsx(
            tmp_path,
            GOOD
            | {
                "登记号": 20250017,
                "收到日期": datetime(2025, 3, 3, 9, 30),  # noqa: DTZ001 — as Excel has it
                "办结日期": date(2025, 3, 20),
                "联系方式": 13800000000,
                "办理结果": 3.1,
            },
        )
    )
    (row,) = rows()
    assert (row["number"], row["row"]) == ("20250017", "3.1")
    assert (row["received_on"], row["closed_on"]) == (date(2025, 3, 3), date(2025, 3, 20))
    with office.reading() as session:
        assert register.applicant(session, "20250017").contact == "13800000000"


def test_what_looks_like_a_formula_is_text(tmp_path: Path) -> None:
    hostile = '=HYPERLINK("http://invalid/","公开")'
    load(as_xlsx(tmp_path, GOOD | {"申请内容": hostile, "备注": "=1+1"}))
    assert rows()[0]["request"] == hostile
    load(as_csv(tmp_path, GOOD | {"登记号": "2", "申请内容": "@SUM(A1)"}))
    assert rows()[0]["request"] == "@SUM(A1)"


def test_hostile_text_is_kept_word_for_word(tmp_path: Path) -> None:
    hostile = {
        "登记号": "'\"<b>&{{7*7}}%s;--",
        "申请人": "<script>alert(1)</script>\u3000'\"; DROP TABLE event; --",
        "申请内容": '第一行，含“引号”和"quotes"\n第二行\t{{ agency.name }} ${x} %(y)s 𠮷😀',
        "联系方式": "' OR 1=1 --",
        "备注": "-2+3+cmd|' /C calc'!A0",
    }
    assert load(as_csv(tmp_path, GOOD | hostile)) == Imported(1, 0)
    (row,) = rows()
    assert (row["number"], row["applicant"]) == (hostile["登记号"], hostile["申请人"])
    assert row["request"] == hostile["申请内容"]
    assert count(Event) == 3
    made = produce(2025, tmp_path / "out", None)
    assert made.table.cases("3.4.1", "自然人") == [hostile["登记号"]]


@settings(
    max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(st.text(min_size=1, max_size=40), st.text(max_size=40))
def test_any_text_is_kept_or_refused_with_its_line(
    tmp_path: Path, request_: str, remark: str
) -> None:
    path = tmp_path / "任意.csv"
    written = text_of([GOOD | {"申请内容": request_, "备注": remark}])
    path.write_text(written, encoding="utf-8", newline="")
    now = office.circumstances("台账导入")
    request_, remark = (MARKS.sub("", words).strip() for words in (request_, remark))
    assume(not any(map(ledger_cells.SCIENTIFIC.fullmatch, (request_, remark))))
    assume(not any(words[:2] in ("'=", "'+", "'-", "'@") for words in (request_, remark)))
    if UNPRINTABLE.search(request_ + remark) or not request_:
        with pytest.raises(BadLedger, match=r"第2行：“(申请内容|备注)”"):
            list(ledger.read(path, FORMS, now, WORDS))
        return
    (row,) = ledger.read(path, FORMS, now, WORDS)
    assert (row.request, row.note) == (request_, remark)


# ── once ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("write", [as_csv, as_xlsx])
def test_importing_the_same_ledger_twice_adds_nothing(
    write: Callable[..., Path], tmp_path: Path
) -> None:
    path = write(tmp_path, GOOD, GOOD | {"登记号": "2", "办理结果": "", "办结日期": ""})
    assert load(path) == Imported(2, 0)
    before = rows(), count(Event)
    assert load(path) == Imported(0, 2)
    assert (rows(), count(Event)) == before


def test_a_ledger_that_is_loaded_already_asks_as_often_for_many_rows_as_for_few(
    tmp_path: Path,
) -> None:
    """Few questions for each batch of rows, none for each row."""

    def questions(rows: int) -> int:
        path = as_csv(tmp_path, *(GOOD | {"登记号": f"一-{n}"} for n in range(rows)))
        load(path)
        asked.clear()
        assert load(path) == Imported(0, rows)
        return len(asked)

    asked = list[str]()
    with office.reading() as session:
        engine = session.get_bind().engine
    event.listen(engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    assert questions(60) == questions(3)


def test_a_longer_ledger_adds_only_what_is_new(tmp_path: Path) -> None:
    load(as_csv(tmp_path, GOOD))
    assert load(as_csv(tmp_path, GOOD, GOOD | {"登记号": "2"})) == Imported(1, 1)


def test_a_case_that_was_handled_since_is_still_known(tmp_path: Path) -> None:
    path = as_csv(tmp_path, GOOD | {"办理结果": "", "办结日期": ""})
    load(path)
    recording.perform(GOOD["登记号"], 2, "found_ours", {}, "陈静")
    assert load(path) == Imported(0, 1)
    assert rows()[0]["stage"] == Stage.DRAFTING


@pytest.mark.parametrize(
    "change",
    [
        {"申请人": "吴国强"},
        {"联系方式": "无"},
        {"收到日期": "2025-03-04"},
        {"办理结果": "3.1"},
        {"办结日期": "2025-03-21"},
        {"备注": "更正"},
        {"提交方式": "当面"},
    ],
)
def test_a_row_that_says_otherwise_than_the_register_stops_the_import(
    change: dict[str, str], tmp_path: Path
) -> None:
    load(as_csv(tmp_path, GOOD))
    with pytest.raises(BadLedger, match="第3行：登记号“2025-17”已在登记簿中，且内容不同"):
        load(as_csv(tmp_path, GOOD | {"登记号": "新"}, GOOD | change))
    assert [row["number"] for row in rows()] == ["2025-17"]


# ── a bad row: its line, and nothing loaded ───────────────────────────────────────────────────

FAULTS: dict[str, tuple[dict[str, str], str]] = {
    "no number": ({"登记号": " "}, "“登记号”为空"),
    "no applicant": ({"申请人": ""}, "“申请人”为空"),
    "no request": ({"申请内容": "\t"}, "“申请内容”为空"),
    "no day": ({"收到日期": ""}, "“收到日期”应为日期（如 2026-03-02），而不是“”"),
    "no such day": ({"收到日期": "2025-02-29"}, "“收到日期”写的“2025-02-29”，那个月没有这一天"),
    "words for a day": (
        {"办结日期": "三月"},
        "“办结日期”没有年份，也只写到月；工作表名、表题没有写明",
    ),
    "a word for a day": ({"办结日期": "春天"}, "“办结日期”应为日期（如 2026-03-02），而不是“春天”"),
    "a year of two digits": ({"收到日期": "25-3-3"}, "“收到日期”（25-3-3）的年份只有两位"),
    "the month first": ({"收到日期": "3/4/2025"}, "“收到日期”应为日期"),
    "closed first": ({"办结日期": "2025-03-02"}, "办结日期 2025-03-02 早于收到日期 2025-03-03"),
    "a day to come": ({"办结日期": "2026-03-03"}, "办结日期 2026-03-03 晚于今天（2026-03-02）"),
    "received to come": ({"收到日期": "2026-03-03"}, "收到日期 2026-03-03 晚于今天"),
    "no such kind": ({"申请人类别": "某人"}, "申请人类别“某人”应为自然人、商业企业"),
    "no kind": ({"申请人类别": ""}, "没有写申请人类别，应为自然人"),
    "a channel that says two": (
        {"提交方式": "当面提交（EMS）"},
        "提交方式“当面提交（EMS）”应为当面提交",
    ),
    "no such channel": ({"提交方式": "微博"}, "提交方式“微博”应为当面提交"),
    "no such result": (
        {"办理结果": "办结"},
        "办理结果“办结”不是表三的行；应为行次（如 三（四）1）",
    ),
    "a sum for a result": ({"办理结果": "3.7"}, "办理结果“3.7”不是表三的行"),
    "no result": ({"办理结果": ""}, "办理结果和办结日期应同时填写，或同时留空（未办结）"),
    "no closing": ({"办结日期": ""}, "办理结果和办结日期应同时填写"),
    "a path for a number": ({"登记号": "../../etc"}, "登记号“../../etc”不能用作编号"),
    "a blank in a number": ({"登记号": "2025 17"}, "登记号“2025 17”不能用作编号"),
    "a long number": ({"登记号": "号" * 65}, "“登记号”有65个字，最多64个字"),
    "a long name": ({"申请人": "名" * 201}, "“申请人”有201个字，最多200个字"),
    "a long request": ({"申请内容": "字" * 20001}, "“申请内容”有20001个字，最多20000个字"),
    "a control character": ({"申请内容": "甲\x07乙"}, "“申请内容”第2个字符是控制字符（U+0007）"),
    "text turned round": ({"申请人": "甲\u202e乙"}, "“申请人”第2个字符是控制字符（U+202E）"),
    "before the law": (
        {"收到日期": "2005-03-03", "办理结果": "", "办结日期": ""},
        "尚未办结，但收到日期 2005-03-03 的答复期限无法计算",
    ),
    "twice": ({"登记号": "1"}, "登记号“1”与第2行重复"),
}
IN_EXCEL_TOO = [name for name in FAULTS if name not in ("a control character",)]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_bad_row_stops_the_import_with_its_line_and_nothing_is_loaded(
    fault: str, tmp_path: Path
) -> None:
    change, said = FAULTS[fault]
    good = [GOOD | {"登记号": str(n)} for n in range(1, 4)]
    with pytest.raises(BadLedger) as refused:
        load(as_csv(tmp_path, *good, GOOD | change, GOOD | {"登记号": "5"}))
    assert refused.value.line == 5
    assert str(refused.value).startswith(f"台账 台账.csv 第5行：{said}")
    assert str(refused.value).endswith("（未导入任何一行）")
    assert (rows(), count(Event)) == ([], 0)


def test_open_rows_from_before_the_rules_are_named_and_taken_as_closed_when_asked(
    tmp_path: Path,
) -> None:
    left_open = GOOD | {"办理结果": "", "办结日期": ""}
    path = as_csv(
        tmp_path,
        left_open | {"登记号": "旧1", "收到日期": "2019-05-14"},
        left_open | {"登记号": "新1", "收到日期": "2019-05-15"},
    )
    with pytest.raises(BadLedger, match=r"第2行：尚未办结，但收到日期 2019-05-14.*--old-closed"):
        load(path)
    assert rows() == []
    closed_on = date(2019, 6, 5)
    ledger.import_ledger(path, FORMS, lambda *_: None, Asked(closed_on))
    old, new = (one for one in rows() if one["number"] in ("旧1", "新1"))
    if old["number"] != "旧1":
        old, new = new, old
    assert (old["stage"], old["closed_on"], old["row"]) == (Stage.CLOSED, closed_on, "3.6")
    assert (new["stage"], new["closed_on"]) == (Stage.JURISDICTION, None)
    again = ledger.import_ledger(path, FORMS, lambda *_: None, Asked(closed_on))
    assert again == Imported(0, 2)


@pytest.mark.parametrize("fault", IN_EXCEL_TOO)
def test_a_bad_row_of_a_workbook_stops_the_import_alike(fault: str, tmp_path: Path) -> None:
    change, said = FAULTS[fault]
    with pytest.raises(BadLedger) as refused:
        load(as_xlsx(tmp_path, GOOD | {"登记号": "1"}, GOOD | change))
    assert str(refused.value).startswith(f"台账 台账.xlsx 第3行：{said}")
    assert rows() == []


def test_a_fault_found_while_loading_takes_everything_back(tmp_path: Path) -> None:
    load(as_csv(tmp_path, GOOD))
    many = [GOOD | {"登记号": f"新{n}"} for n in range(ledger.BATCH + 10)]
    with pytest.raises(BadLedger, match=f"第{len(many) + 2}行"):
        load(as_csv(tmp_path, *many, GOOD | {"申请人": "别人"}))
    assert count(Application) == 1
    assert count(Event) == 3


def test_lines_are_counted_as_in_the_file_when_a_text_runs_over_several(tmp_path: Path) -> None:
    path = as_csv(
        tmp_path,
        GOOD | {"登记号": "1", "申请内容": "第一行\r\n第二行\n第三行"},
        GOOD | {"登记号": "2", "备注": "甲\n\n乙"},
        GOOD | {"登记号": "3", "申请人类别": "某人"},
    )
    content = path.read_bytes()
    line = content[: content.index("某人".encode())].count(b"\n") + 1
    assert line == 8
    with pytest.raises(BadLedger) as refused:
        load(path)
    assert refused.value.line == line
    path.write_bytes(content.replace("某人".encode(), "其他".encode()))
    assert load(path) == Imported(3, 0)
    assert rows()[0]["request"] == "第一行\r\n第二行\n第三行"


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_lines_are_counted_whatever_ends_them(ending: str, tmp_path: Path) -> None:
    path = tmp_path / "台账.csv"
    text = text_of([GOOD, GOOD | {"登记号": "2", "申请人": ""}]).replace("\r\n", ending)
    path.write_bytes(text.encode())
    with pytest.raises(BadLedger) as refused:
        load(path)
    assert refused.value.line == 3


# ── a bad file ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        pytest.param(lambda _: "", "：是空文件", id="empty"),
        pytest.param(
            lambda t: t.replace("登记号", "序列", 1), " 第1行：表头缺少：登记号", id="head"
        ),
        pytest.param(
            lambda t: t.replace("备注", "登记号", 1), " 第1行：表头重复：登记号", id="twice"
        ),
        pytest.param(lambda t: t.replace(",", "#"), " 第1行：表头缺少：登记号、", id="hashes"),
        pytest.param(
            lambda t: t.replace("周晓岚", "周,晓岚"), " 第2行：这一行有11格，表头有10格", id="comma"
        ),
        pytest.param(
            lambda t: t[: t.index("3.4.1")], " 第2行：这一行有8格，表头有10格", id="cut off"
        ),
        pytest.param(
            lambda t: t.replace("周晓岚", '"周晓岚'), " 第2行：不是有效的 CSV", id="quote"
        ),
        pytest.param(
            lambda t: t.replace("周晓岚", '"周"晓岚'), " 第2行：不是有效的 CSV", id="half"
        ),
        pytest.param(
            lambda t: t.replace("周晓岚", "周" * 2**18), " 第2行：不是有效的 CSV", id="huge"
        ),
    ],
)
def test_a_csv_that_is_none_says_where(
    spoil: Callable[[str], str], said: str, tmp_path: Path
) -> None:
    path = as_csv(tmp_path, GOOD)
    path.write_bytes(spoil(path.read_bytes().decode()).encode())
    with pytest.raises(BadLedger) as refused:
        load(path)
    assert str(refused.value).startswith(f"台账 台账.csv{said}")
    assert rows() == []


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("没有.csv", None, "文件不存在"),
        ("没有.xlsx", None, "文件不存在"),
        ("旧.xls", b"\xd0\xcf\x11\xe0", "请先另存为 XLSX 或 CSV"),
        ("假.xlsx", text_of([GOOD]).encode(), "其实是文本，不是工作簿；扩展名改为 .csv"),
        ("空.xlsx", b"", "是空文件"),
        ("宽.csv", text_of([GOOD]).encode("utf-16-le"), "编码应为 UTF-8 或 GB18030"),
    ],
)
def test_a_file_that_is_no_ledger_is_refused(
    name: str, content: bytes | None, said: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadLedger) as refused:
        load(path)
    assert said in str(refused.value)


def test_a_folder_is_no_ledger(tmp_path: Path) -> None:
    with pytest.raises(BadLedger, match="文件不存在"):
        load(tmp_path)


@pytest.mark.parametrize("seed", range(30))
def test_a_damaged_workbook_is_refused_or_read_right(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    path = as_xlsx(tmp_path, GOOD)
    content = bytearray(path.read_bytes())
    for _ in range(chance.randint(1, 8)):
        content[chance.randrange(len(content))] = chance.randrange(256)
    path.write_bytes(content[: chance.choice([len(content), len(content) // 2])])
    now = office.circumstances("台账导入")
    try:
        (found,) = ledger.read(path, FORMS, now, WORDS)
    except BadLedger:
        return
    assert found.number == GOOD["登记号"]


def test_a_zip_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "台账.xlsx"
    with ZipFile(path, "w") as archive:
        archive.writestr("别的.txt", "内容")
    with pytest.raises(BadLedger, match="是压缩文件，请先解压"):
        load(path)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("办结日期", Formula("=C2+20"), "“办结日期”是公式，文件中没有它的值"),
        ("办理结果", Formula("=VLOOKUP(A2,B:C,2)"), "“办理结果”是公式，文件中没有它的值"),
        ("登记号", date(2025, 1, 17), "“登记号”是日期（2025-01-17）"),
        ("办理结果", date(2025, 4, 1), "“办理结果”是日期（2025-04-01）；如系表格软件自动转换"),
        ("登记号", 202500000000000017, "“登记号”的数字过长"),
        ("申请人", "#REF!", "“申请人”的值是错误 #REF!"),
    ],
)
def test_a_cell_that_excel_has_spoilt_is_named(
    name: str, value: object, said: str, tmp_path: Path
) -> None:
    path = as_xlsx(tmp_path, GOOD | {"登记号": "1"}, GOOD | {name: value})
    if value == "#REF!":
        path = error_in(path)
    with pytest.raises(BadLedger) as refused:
        load(path)
    assert str(refused.value).startswith(f"台账 台账.xlsx 第3行：{said}")
    assert rows() == []


def error_in(path: Path) -> Path:
    """The same workbook with “#REF!” as an error instead of a text."""
    book = load_workbook(path)
    for cells in book.worksheets[0].iter_rows():
        for cell in cells:
            if cell.value == "#REF!":
                cell.data_type = "e"
    book.save(path)
    return path


def test_a_workbook_that_understates_its_size_is_read_whole(tmp_path: Path) -> None:
    path = as_xlsx(tmp_path, *(GOOD | {"登记号": str(n)} for n in range(5)))
    parts: dict[str, bytes] = {}
    with ZipFile(path) as archive:
        for name in archive.namelist():
            parts[name] = archive.read(name)
    sheet = "xl/worksheets/sheet1.xml"
    assert b'<dimension ref="A1:J6"' in parts[sheet]
    parts[sheet] = parts[sheet].replace(b'<dimension ref="A1:J6"', b'<dimension ref="A1"')
    with ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert load(path) == Imported(5, 0)


@pytest.mark.parametrize("empty", ["<c/>", "<c></c>", '<c s="0"/>'])
def test_cells_without_references_stand_where_they_come(empty: str, tmp_path: Path) -> None:
    """As programs write them: an empty one takes its place, too."""
    path = as_xlsx(tmp_path, GOOD)
    with ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    place = HEAD.index("联系方式")
    found = re.sub(rb'<c r="[A-Z]+\d+"', b"<c", parts[sheet])
    head, rest = found.split(b'<row r="2"')
    cells = re.findall(rb"<c\b.*?</c>", rest)
    parts[sheet] = head + b'<row r="2"' + rest.replace(cells[place], empty.encode(), 1)
    with ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert load(path) == Imported(1, 0)
    (row,) = rows()
    assert (row["applicant"], row["request"], row["row"]) == (
        *(GOOD["申请人"], GOOD["申请内容"]),
        "3.4.1",
    )
    with office.reading() as session:
        assert register.applicant(session, GOOD["登记号"]).contact == ""


def test_progress_is_told_up_to_the_end(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    many = [GOOD | {"登记号": str(n)} for n in range(ledger.BATCH + 1)]
    ledger.import_ledger(as_csv(tmp_path, *many), FORMS, lambda *at: told.append(at))
    assert told == [(ledger.BATCH, len(many)), (len(many), len(many))]
