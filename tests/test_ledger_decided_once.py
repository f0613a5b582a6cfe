"""What a ledger leaves open is asked once, all of it at once; what it contradicts itself in is found.

Days known by their month, sums, a column of states, a telephone in the name, numbers that come twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from databases import empty_register
from openpyxl import Workbook, load_workbook
from test_ledger import FORMS, rows

from flows import office
from flows.__main__ import main
from flows.commands import ledger
from flows.commands.ledger import Asked, Imported
from flows.commands.ledger_doubts import DoubtfulLedger, beside
from flows.commands.ledger_names import parted
from flows.commands.ledger_values import BadLedger
from models.register import register
from models.words.numbers_in_order import in_order
from models.words.written_days import Month, month_alone


@pytest.fixture(autouse=True)
def _empty_register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with empty_register(tmp_path, monkeypatch):
        yield


HEAD = ["序号", "收到日期", "申请人", "类别", "内容", "结果", "答复时间"]


def row(number: object, received: object = "2016-03-04", **change: Any) -> list[Any]:
    told = dict(
        zip(HEAD, [number, received, "周晓岚", "公民", "名单", "公开", "2016-03-20"], strict=True)
    )
    return [(told | change)[name] for name in HEAD]


def book(folder: Path, *lines: Sequence[Any], title: str = "", name: str = "台账.xlsx") -> Path:
    made = Workbook()
    sheet: Any = made.active
    sheet.title = title or "台账"
    for line in lines:
        sheet.append(line)
    made.save(folder / name)
    return folder / name


def load(path: Path, **asked: Any) -> Imported:
    return ledger.import_ledger(path, FORMS, lambda *_: None, Asked(**asked))


def refused(path: Path, **asked: Any) -> DoubtfulLedger:
    with pytest.raises(DoubtfulLedger) as found:
        load(path, **asked)
    return found.value


def doubts(path: Path, **asked: Any) -> list[str]:
    return [f"{one.line}：{one.problem}" for one in refused(path, **asked).doubts]


def notes() -> dict[str, str]:
    with office.reading() as session:
        return {
            one["number"]: register.events(session, one["number"])[1].facts.get("note", "")
            for one in rows()
        }


def days() -> dict[str, tuple[date, date | None]]:
    return {one["number"]: (one["received_on"], one["closed_on"]) for one in rows()}


# ── all doubts at once ────────────────────────────────────────────────────────────────────────


def test_numbers_that_come_twice_are_told_with_all_else_that_is_doubtful(tmp_path: Path) -> None:
    path = book(
        tmp_path,
        HEAD,
        row(1, 类别="某人"),
        row(1, 内容=""),
        row(2),
        row(2, 结果="已答复", 答复时间=""),
        row(3),
    )
    said = doubts(path)
    assert [one[:14] for one in said] == [
        "2：申请人类别“某人”应为自",
        "3：“申请内容”为空",
        "3：登记号“1”与第2行重复",
        "5：办理结果“已答复”可能是",
        "5：办理结果和办结日期应同时",
        "5：登记号“2”与第4行重复",
    ]
    made = load_workbook(path)
    sheet: Any = made.active
    sheet["D2"], sheet["A3"], sheet["E3"] = "公民", 4, "名单"
    sheet["A5"], sheet["F5"], sheet["G5"] = 5, "公开", "2016-03-20"
    made.save(path)
    assert load(path) == Imported(5, 0)


def test_a_prefix_by_the_year_tells_nothing_of_a_row_whose_day_is_not_known(tmp_path: Path) -> None:
    path = book(tmp_path, HEAD, row(1, "不详"), row(1, "某天"))
    assert [one[:10] for one in doubts(path, prefix="{年}-")] == [
        "2：“收到日期”应为",
        "3：“收到日期”应为",
    ]
    assert [one.partition("；")[0] for one in doubts(path)][-1] == "3：登记号“1”与第2行重复"


def test_the_same_doubtful_row_on_two_sheets_is_no_repeated_number(tmp_path: Path) -> None:
    made = Workbook()
    first: Any = made.active
    first.title = "2016年"
    for sheet in (first, made.create_sheet("汇总")):
        for line in (HEAD, row(1, 类别="某人"), row(2)):
            sheet.append(line)
    made.save(path := tmp_path / "台账.xlsx")
    assert [(one.sheet, one.line) for one in refused(path).doubts] == [("2016年", 2), ("汇总", 2)]
    second: Any = made.worksheets[1]
    second["E2"] = "别的名单"
    made.save(path)
    assert [one.problem[:6] for one in refused(path).doubts] == [
        "申请人类别“",
        "申请人类别“",
        "登记号“1”",
    ]


def test_every_sheet_that_lacks_a_part_of_the_head_is_named_at_once(tmp_path: Path) -> None:
    made = Workbook()
    first: Any = made.active
    first.title = "2016年"
    first.append([*HEAD[:-1]])
    made.create_sheet("2017年").append([*HEAD[:5], HEAD[6]])
    made.save(path := tmp_path / "台账.xlsx")
    with pytest.raises(BadLedger) as found:
        load(path)
    assert "“2016年”第1行：表头缺少：办结日期" in str(found.value)
    assert "\n“2017年”第1行：表头缺少：办理结果" in str(found.value)


# ── what is to be said of many rows stands once ───────────────────────────────────────────────


def test_a_long_sentence_stands_once_on_the_screen_and_in_the_copy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [row(n, 结果="不予公开" if n % 2 else "已答复") for n in range(1, 13)]
    path = book(tmp_path, HEAD, *lines, row(13, 结果="已答复", 类别="法人"), row(1, "2017-03-04"))
    assert main(["import", str(path)]) == 2
    said = capsys.readouterr().err
    assert said.count("三（三）1　") == 2  # each word once
    assert "办理结果“不予公开”可能是三（三）1　" in said
    assert "（第4行、第6行、第8行、第10行、第12行同此）" in said
    marks = [cell.value or "" for cell in load_workbook(beside(path)).worksheets[0]["H"]]
    assert "可能是三（三）1　" in marks[1]
    assert marks[3] == "办理结果“不予公开”（办法见第2行）"
    assert marks[13].startswith("申请人类别“法人”可能是商业企业")
    assert marks[13].endswith("；办理结果“已答复”（办法见第3行）")
    assert all(marks[1:])


def test_the_copy_is_said_to_be_the_ledger_with_one_column_more(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = book(tmp_path, HEAD, row(1, 类别="某人"))
    before = path.read_bytes()
    assert main(["import", str(path)]) == 2
    said = capsys.readouterr().err
    assert f"共1处存疑，已逐行写在副本 {beside(path)} 的“存疑”一栏" in said
    assert "副本只多这一栏，原台账没有改动；在副本里改好，再导入副本" in said
    assert path.read_bytes() == before


# ── days that are known by their month ────────────────────────────────────────────────────────

MONTHS = [
    row(1, "2016年3月", 答复时间="2016-03-20"),
    row(2, "2016.03", 答复时间="2016年4月"),
    row(3, "3月份", 答复时间="四月"),
    row(4, "2016-03-15", 答复时间="201603"),
    row(5, "2016-03-15", 答复时间="2016-04-01"),
]


@pytest.mark.parametrize(
    ("decided", "told"),
    [
        (
            "first",
            {
                "1": (date(2016, 3, 1), date(2016, 3, 20)),
                "2": (date(2016, 3, 1), date(2016, 4, 1)),
                "3": (date(2016, 3, 1), date(2016, 4, 1)),
                "4": (date(2016, 3, 15), date(2016, 3, 15)),
                "5": (date(2016, 3, 15), date(2016, 4, 1)),
            },
        ),
        (
            "last",
            {
                "1": (date(2016, 3, 20), date(2016, 3, 20)),
                "2": (date(2016, 3, 31), date(2016, 4, 30)),
                "3": (date(2016, 3, 31), date(2016, 4, 30)),
                "4": (date(2016, 3, 15), date(2016, 3, 31)),
                "5": (date(2016, 3, 15), date(2016, 4, 1)),
            },
        ),
    ],
)
def test_a_month_without_its_day_is_decided_once_and_kept_in_the_record(
    decided: str, told: dict[str, tuple[date, date]], tmp_path: Path
) -> None:
    path = book(tmp_path, ["2016年依申请公开台账"], HEAD, *MONTHS)
    done = load(path, month_only=decided)
    assert days() == told
    kept = notes()
    assert kept["1"] == "原表只记到月：收到日期2016年3月"
    assert kept["2"] == kept["3"] == "原表只记到月：收到日期2016年3月、办结日期2016年4月"
    assert kept["4"] == "原表只记到月：办结日期2016年3月"
    assert kept["5"] == ""
    which = {"first": "第一天", "last": "最后一天"}[decided]
    (said,) = [line for line in done.told if line.startswith(f"只写到月的日期，按该月{which}：")]
    assert said.partition("：")[2].count("第") == 6
    assert load(path, month_only=decided) == Imported(0, 5)
    with office.reading() as session:  # no result of a ledger is ever called late
        assert all(one.untimed for one in register.applications(session))


def test_without_the_decision_it_is_asked_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = book(tmp_path, ["2016年依申请公开台账"], HEAD, *MONTHS)
    assert main(["import", str(path)]) == 2
    said = capsys.readouterr().err
    assert said.count("--month-only first") == said.count("--month-only last") == 1
    assert "第3行：“收到日期”只写到月；" in said
    assert "（第4行、第5行同此）" in said
    assert "第4行：“办结日期”只写到月（办法见第3行）（第5行、第6行同此）" in said
    assert main(["import", str(path), "--month-only", "last"]) == 0
    assert "原表只记到月" in notes()["1"]


def test_what_was_decided_goes_out_and_comes_in_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = book(tmp_path, ["2016年依申请公开台账"], HEAD, *MONTHS)
    load(path, month_only="first")
    before, kept = rows(), notes()
    assert main(["export", str(out := tmp_path / "导出.xlsx")]) == 0
    (tmp_path / "另一处").mkdir()
    with empty_register(tmp_path / "另一处", monkeypatch):
        assert main(["import", str(out)]) == 0
        assert (rows(), notes()) == (before, kept)


def test_an_open_application_needs_its_day_for_its_limit_runs_from_it(tmp_path: Path) -> None:
    open_now = row(1, "2025年12月", 结果="", 答复时间="")
    said = doubts(book(tmp_path, HEAD, open_now), month_only="last")
    assert said == [
        "2：尚未办结，收到日期只写到月（2025年12月）；答复期限自收到之日起算，请查明是哪一天"
    ]
    assert doubts(book(tmp_path, HEAD, open_now)) == said  # and nothing else is asked of it first
    old = book(tmp_path, HEAD, row(1, "2012年5月", 结果="", 答复时间=""))
    assert [one.partition("；")[0][:9] for one in doubts(old)] == [
        "2：“收到日期”只",
        "2：尚未办结，但收",
    ]
    load(old, month_only="first", old_closed=date(2012, 12, 31))
    assert days() == {"1": (date(2012, 5, 1), date(2012, 12, 31))}


def test_months_without_a_year_and_to_come_and_spoilt_by_excel(tmp_path: Path) -> None:
    path = book(tmp_path, HEAD, row(1, "3月"), row(2, "2027年3月"), row(3, 2016.1), row(4, 2016.11))
    said = doubts(path, month_only="first")
    assert said == [
        "2：“收到日期”没有年份；工作表名、表题没有写明是哪一年的，加 --year 年份，如 --year 2024",
        "3：收到日期 2027年3月晚于今天（2026-03-02）",
        "4：“收到日期”是数字2016.1，可能是2016年1月，也可能是2016年10月（Excel 去掉了末尾的0），请写明",
        "5：办结日期 2016-03-20 早于收到日期 2016-11-01",
    ]
    (first,) = (one for one in doubts(path) if one.startswith("2："))
    assert first.startswith("2：“收到日期”没有年份，也只写到月；")
    assert "--year 2024；全部这样的日期，按该月第一天的加 --month-only first" in first


def test_what_is_carried_in_has_a_heading_and_what_came_so_far_a_sum(tmp_path: Path) -> None:
    carried, so_far = ["上年结转"], ["截至3月底共2件，其中公开2件"]
    done = load(book(tmp_path, HEAD, carried, row("结1"), ["本年新收"], row(1), so_far))
    assert done.added == 2
    assert "“上年结转”是分栏的标题，未导入：第2行" in done.told
    assert "“截至”等合计、填表说明行，未导入：第6行" in done.told


def test_the_last_day_of_this_month_is_not_yet(tmp_path: Path) -> None:
    load(book(tmp_path, HEAD, row(1, "2026年3月", 答复时间="2026年3月")), month_only="last")
    assert days() == {"1": (date(2026, 3, 2), date(2026, 3, 2))}


def test_a_month_that_excel_shows_is_a_month(tmp_path: Path) -> None:
    """What is typed as 2016年3月 Excel keeps as its first day; a real day below it is kept as it is."""
    made = Workbook()
    sheet: Any = made.active
    for line in (HEAD, row(1, date(2016, 3, 1)), row(2, date(2016, 3, 9))):
        sheet.append(line)
    for cell in sheet["B"]:
        cell.number_format = 'yyyy"年"m"月"'
    made.save(path := tmp_path / "台账.xlsx")
    assert [one.partition("；")[0] for one in doubts(path)] == ["2：“收到日期”只写到月"]
    load(path, month_only="last")
    assert {number: first for number, (first, _) in days().items()} == {
        "1": date(2016, 3, 20),
        "2": date(2016, 3, 9),
    }


@pytest.mark.parametrize(
    ("words", "month"),
    [
        *(
            (one, Month(2016, 3))
            for one in ("2016年3月", "2016-03", "２０１６／３", "2016.03", "201603")
        ),
        *((one, Month(2016, 3)) for one in ("二〇一六年三月", "2016 年 3 月份")),
        ("12月份", Month(0, 12)),
        ("元月", Month(0, 1)),
        *(
            (one, None)
            for one in ("2016年13月", "201613", "某月", "2016-3-4", "3.4", "2016年", "", "3月4日")
        ),
    ],
)
def test_a_month_is_read_as_it_is_written(words: str, month: Month | None) -> None:
    assert month_alone(words) == month


def test_a_year_of_its_own_column_or_of_the_heading_above_is_the_days_year(tmp_path: Path) -> None:
    head = ["年度", *HEAD]
    path = book(
        tmp_path,
        head,
        ["", "2016年"],
        ["", *row(1, "3月4日", 答复时间="3.20")],
        ["2017年", *row(2, "3月4日", 答复时间="3.20")],
        ["", "2018年1月"],
        ["", *row(3, "1月4日", 答复时间="1.20")],
    )
    load(path)
    assert {number: day.year for number, (day, _) in days().items()} == {
        "1": 2016,
        "2": 2017,
        "3": 2018,
    }


@pytest.mark.parametrize("second", [["", "", "", "", "", ""], ["姓名", "", "", "", "", ""]])
def test_a_day_in_three_columns_is_one_day(second: list[str], tmp_path: Path) -> None:
    head = ["登记号", "收到日期", "", "", "申请人", "类别", "内容", "结果", "答复日期", ""]
    done = load(
        book(
            tmp_path,
            head,
            ["", "年", "月", "日", *second[:4], "年", "月", "日"],
            ["1", 2019, 6, 3, "甲某", "公民", "名单", "公开", 2019, 6, 20],
            ["2", "2019年", "7月", "3日", "乙某", "公民", "名单", "公开", "2019", "7", "20"],
            ["3", 2026, 2, 3, "丙某", "公民", "名单", "", "/", "/", "/"],
            ["4", 2019, 8, "", "丁某", "公民", "名单", "公开", 2019, 9, 2],
        ),
        month_only="first",
    )
    assert done.added == 4
    assert days() == {
        "1": (date(2019, 6, 3), date(2019, 6, 20)),
        "2": (date(2019, 7, 3), date(2019, 7, 20)),
        "3": (date(2026, 2, 3), None),
        "4": (date(2019, 8, 1), date(2019, 9, 2)),
    }


# ── sums ──────────────────────────────────────────────────────────────────────────────────────


def differing(done: Imported) -> list[str]:
    found = [one for one in done.told if one.startswith("合计的件数与所列的行数不符，请核对：")]
    return found[0].partition("：")[2].split("、") if found else []


@pytest.mark.parametrize(
    ("sums", "said"),
    [
        ([["合计", "", 3]], []),
        ([["合计", "", "", "", "3件"]], []),
        ([["合计", "", 4]], ["第5行写有4件，以上所列3件"]),
        ([["合计", "", "", "", "", "公开2件、不予公开2件"]], ["第5行写有4件，以上所列3件"]),
        ([["共五件，其中公开三件"]], ["第5行写有5件，以上所列3件"]),
        ([["本年度共计3件"], ["填表人：张某"], ["审核：", "", "", "填表：张三"]], []),
        ([["小计", "", "2件"]], ["第5行写有2件，以上所列3件"]),
        ([["累计", "", "45件"]], []),
        ([["合计", "", "", "", "", "公开3件", "138"]], ["第5行写有138件，以上所列3件"]),
    ],
)
def test_a_sum_is_held_against_the_rows_that_are_listed(
    sums: list[list[Any]], said: list[str], tmp_path: Path
) -> None:
    done = load(book(tmp_path, HEAD, row(1), row(2), row(3), *sums))
    assert done.added == 3
    assert differing(done) == said


def test_what_differs_is_told_beside_the_doubts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = book(tmp_path, HEAD, row(1, 类别="某人"), ["合计", "", 2])
    assert main(["import", str(path)]) == 2
    said = capsys.readouterr().err
    assert "合计的件数与所列的行数不符，请核对：第3行写有2件，以上所列1件\n" in said
    assert said.index("合计的件数") < said.index("申请人类别“某人”")


def test_each_part_has_its_own_sum_and_the_last_is_of_all(tmp_path: Path) -> None:
    path = book(
        tmp_path,
        HEAD,
        *(["1月"], row(1), row(2), ["小计", "", "2件"]),
        *(["2月"], row(3), ["小计", "", "2件"]),
        ["合计", "", "3件"],
    )
    assert differing(load(path)) == ["第8行写有2件，以上所列1件"]


def test_ticks_are_added_up_by_their_columns_and_hidden_rows_are_named(tmp_path: Path) -> None:
    made = Workbook()
    sheet: Any = made.active
    head = ["编号", "收到日期", "申请人", "申请人类型", "", "申请内容", "办理结果", "办结日期"]
    who = {"甲": ["√", ""], "乙": ["", "√"], "丙": ["√", ""]}
    sheet.append(head)
    sheet.append(["", "", "", "公民", "企业"])
    for number, (name, ticks) in enumerate(who.items(), 1):
        sheet.append([number, "2023-3-1", name, *ticks, "名单", "公开", "2023-3-9"])
    sheet.append(["合计", "", "3件", 2, 1])
    sheet.append(["总计", "", "", 1, 2])
    sheet.row_dimensions[5].hidden = True
    made.save(path := tmp_path / "台账.xlsx")
    assert differing(load(path)) == [
        "第6行写有3件，以上所列2件，另有未导入的隐藏行1行",
        "第6行“公民”写有2件，以上所列1件，另有未导入的隐藏行1行",
        "第7行“企业”写有2件，以上所列1件，另有未导入的隐藏行1行",
    ]
    assert differing(load(path, hidden=True)) == [
        "第7行“公民”写有1件，以上所列2件",
        "第7行“企业”写有2件，以上所列1件",
    ]


# ── a column of states ────────────────────────────────────────────────────────────────────────


def test_a_state_is_held_against_the_result_and_its_day(tmp_path: Path) -> None:
    states = ["已办结", "办理中", "已归档", "在办", "", "会签", "否"]
    open_now: dict[str, Any] = {"结果": "", "答复时间": ""}
    lines = [row(1), row(2), row(3, "2026-02-03", **open_now), row(4, "2026-02-03", **open_now)]
    lines += [row(5), row(6), row(7)]
    path = book(
        tmp_path,
        [*HEAD, "流程状态"],
        *([*line, state] for line, state in zip(lines, states, strict=True)),
    )
    aside = "；状态一栏不作数的，删去这一列再导入"
    assert doubts(path) == [
        f"3：办理状态是“办理中”，却写有办理结果、办结日期；请核对哪一栏对{aside}",
        f"4：办理状态是“已归档”，却没有写办理结果、办结日期；请补填，尚未办结的改正状态{aside}",
        f"8：办理状态是“否”，却写有办理结果、办结日期；请核对哪一栏对{aside}",
    ]
    made = load_workbook(path)
    sheet: Any = made.active
    sheet["H3"], sheet["H4"], sheet["H8"] = "已办结", "办理中", "是"
    made.save(path)
    done = load(path)
    assert done == Imported(7, 0)
    assert [one.partition("：")[2] for one in done.told if "没有认出的办理状态" in one] == [
        "“会签”"
    ]
    assert sum(one["closed_on"] is None for one in rows()) == 2


def test_an_old_row_that_is_taken_as_closed_may_say_that_it_was(tmp_path: Path) -> None:
    line = [*row(1, "2012-03-04", 结果="", 答复时间=""), "已办结"]
    path = book(tmp_path, [*HEAD, "办理状态"], line)
    assert load(path, old_closed=date(2012, 12, 31)) == Imported(1, 0)
    assert len(doubts(book(tmp_path, [*HEAD, "办理状态"], line, name="又.xlsx"))) == 2


# ── a telephone in the name ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("cell", "contact", "parts"),
    [
        ("张三 13812345678", "", ("张三", "13812345678")),
        ("张三13812345678", "/", ("张三", "13812345678")),
        ("张三（电话：13812345678）", "", ("张三", "13812345678")),
        ("13812345678 张三", "", ("张三", "13812345678")),
        ("临河公司，联系电话 0516-5550101", "", ("临河公司", "0516-5550101")),
        ("张三13812345678", "13812345678", ("张三", "13812345678")),
        ("张三13812345678", "021-55550101", None),
        ("张三 13812345678、李四 13912345678", "", None),
        ("张三13812345678（代理人李四）", "", None),
        ("某公司（张经理13812345678）", "", None),
        ("某公司 联系人：孙某 13812345678", "", None),
        ("张三 310101199001011234", "", None),
        ("张三3号13812345678", "", None),
        ("13812345678", "", None),
    ],
)
def test_a_name_and_its_telephone_are_parted_where_that_is_certain(
    cell: str, contact: str, parts: tuple[str, str] | None
) -> None:
    assert parted(cell, contact) == parts


def test_what_is_parted_is_told_and_goes_out_and_comes_in_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = book(
        tmp_path, HEAD, row(1, 申请人="张三 13812345678"), row(2, 申请人="张三 310101199001011234")
    )
    assert [one[:11] for one in doubts(path)] == ["3：“申请人”中有电话"]
    path = book(tmp_path, HEAD, row(1, 申请人="张三 13812345678"))
    done = load(path)
    assert any(
        one.startswith("姓名和电话写在一格的，已分开：电话作为联系方式") and one.endswith("：第2行")
        for one in done.told
    )
    assert load(path) == Imported(0, 1)

    def known() -> tuple[str, str]:
        with office.reading() as session:
            return register.row(session, "1").applicant, register.applicant(session, "1").contact

    assert known() == ("张三", "13812345678")
    assert main(["export", str(out := tmp_path / "导出.csv")]) == 0
    (tmp_path / "另一处").mkdir()
    with empty_register(tmp_path / "另一处", monkeypatch):
        assert main(["import", str(out)]) == 0
        assert known() == ("张三", "13812345678")


# ── what is shown of it afterwards ────────────────────────────────────────────────────────────


def test_the_register_is_listed_in_the_order_of_its_numbers_with_results(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    load(
        book(
            tmp_path,
            HEAD,
            *(row(n) for n in (10, 2, 1, 11)),
            row(9, "2026-02-03", 结果="", 答复时间=""),
        )
    )
    capsys.readouterr()
    assert main(["cases", "--all"]) == 0
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [line[0] for line in lines] == ["1", "2", "9", "10", "11"]
    assert lines[0][3:] == ["2016年3月20日办结", "三（一）　予以公开"]
    assert "2026年3月9日，还剩5个工作日" in lines[2][3]
    assert lines[2][4] == ""


def test_numbers_stand_as_a_person_counts() -> None:
    numbers = ["2024-10", "2024-9", "a", "10", "SQ202600002", "9", "2023-1", "1b", "1a", "Ⅻ²"]
    assert sorted(numbers, key=in_order) == [
        *("1a", "1b", "9", "10", "2023-1", "2024-9", "2024-10"),
        *("SQ202600002", "a", "Ⅻ²"),
    ]


def test_a_dossier_says_in_words_what_a_ledger_put_right(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head = [*HEAD, "提交方式", "备注"]
    load(book(tmp_path, head, [*row(1, "2024-03-04", 答复时间="2024-03-20"), "", ""]))
    changed = row(
        *(1, "2024-03-05"),
        申请人="周小岚",
        类别="企业",
        内容="别的",
        结果="信息不存在",
        答复时间="2024-03-21",
    )
    path = book(tmp_path, head, [*changed, "邮政EMS", "已更正"], name="又.xlsx")
    assert main(["import", str(path), "--correct", "台账更正", "--officer", "王主任"]) == 0
    capsys.readouterr()
    assert main(["case", "1"]) == 0
    said = capsys.readouterr().out
    for pair in (
        "第1步“提交方式”（其他已公布的渠道）\n  　　应为：挂号信、邮政快递（需签收）",
        "第1步“申请人类别”（自然人）\n  　　应为：商业企业",
        "第2步“收到申请之日”（2024年3月4日）\n  　　应为：2024年3月5日",
        "第3步“办理结果”（三（一））\n  　　应为：三（四）1",
        "第3步“办结日期”（2024年3月20日）\n  　　应为：2024年3月21日",
        "第2步“备注”（未填）\n  　　应为：已更正",
    ):
        assert pair in said
    assert re.search(r"[a-z]+_[a-z]+|\d{4}-\d\d-\d\d|（other）", said) is None
