"""The commands of the annual report: make it, sign it, correct it; check, merge and simulate."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from flows.arguments import Add, Parser, day
from models.words.days_told import written


def offer(add: Add) -> None:
    """Add these commands, each with its options and an example."""
    _of_a_year(add)
    _of_other_units(add)


def _of_a_year(add: Add) -> None:
    """Our own year: the report, its signature and what is corrected of it, a year to train with."""
    one = add(
        "annual-report",
        _annual_report,
        "生成年度报告：全文（.docx、.html）、各表（.xlsx、.json）、一图读懂（.svg、.png）",
        "disclosure annual-report 2022 --out out/2022",
    )
    one.add_argument("year", type=int, metavar="年份", help="哪一年")
    one.add_argument("--out", type=Path, required=True, metavar="目录", help="写到哪个目录")
    one.add_argument("--as-of", type=day, metavar="日期", help="按登记簿在这一天的记载，默认今天")

    one = add(
        "sign-report",
        _sign_report,
        "签发年度报告，该年度封账",
        "disclosure sign-report 2025 --officer 王建国",
    )
    one.add_argument("year", type=int, metavar="年份", help="哪一年")
    one.add_argument(
        "--note", default="", metavar="说明", help="重新签发的必填：更正了什么，或者没有变化"
    )
    _signed_by(one, "签发人")

    one = add(
        "correct-report",
        _correct_report,
        "登记对已签发年度报告的更正及其理由，此后才能登记会改变它的事项",
        "disclosure correct-report 2025 --case SQ202500007 --reason 漏记 --officer 李明",
    )
    one.add_argument("year", type=int, metavar="年份", help="哪一年")
    one.add_argument(
        "--case",
        required=True,
        metavar="编号",
        help="申请编号或者复议诉讼登记号；没有编号的，写 咨询、表二、文字、台账 或者 复议诉讼",
    )
    one.add_argument("--reason", required=True, metavar="理由", help="理由，记入登记簿")
    _signed_by(one, "办理人")

    one = add(
        "overrule",
        _overrule,
        "对年度报告的一项勾稽校验作出与程序不同的结论，理由留痕",
        "disclosure overrule 2025 cases.carried.自然人 --verdict 成立 --reason 已与纸质台账核对"
        " --officer 李明",
    )
    one.add_argument("year", type=int, metavar="年份", help="哪一年")
    one.add_argument("check", metavar="校验编号", help="见 tables.json 的 checks")
    one.add_argument(
        "--verdict", required=True, metavar="结论", help="成立、不成立、存疑或无法判断"
    )
    one.add_argument("--reason", required=True, metavar="理由", help="理由，记入登记簿")
    _signed_by(one, "办理人")

    one = add(
        "simulate",
        _simulate,
        "模拟一整年的办理，写入空的登记簿，供演练年终、培训和测试",
        "disclosure simulate --year 2025 --cases 500 --seed 1",
    )
    one.add_argument("--year", type=int, required=True, metavar="年份", help="哪一年")
    one.add_argument("--cases", type=int, required=True, metavar="件数", help="本年新收的件数")
    one.add_argument("--seed", type=int, default=1, metavar="种子", help="相同的种子得到相同的一年")
    one.add_argument("--no-letters", action="store_true", help="不保存文书内容（件数很多时较快）")


def _of_other_units(add: Add) -> None:
    """Reports that others wrote: added up, and checked."""
    one = add(
        "merge",
        _merge,
        "汇总各单位的报告（.docx、.html、.xlsx、.pdf、tables.json），逐格相加，生成汇总的年度报告；未报送、重复报送、不平的单位逐一指出",
        "disclosure merge 各单位 --year 2025 --out 汇总 --words 汇总文字.toml",
    )
    one.add_argument("folder", type=Path, metavar="目录", help="存放各单位的报告，可分子目录")
    one.add_argument("--year", type=int, required=True, metavar="年份", help="哪一年")
    one.add_argument("--out", type=Path, required=True, metavar="目录", help="写到哪个目录")
    one.add_argument("--agency", default="", metavar="名称", help="汇总机关，默认本机关")
    one.add_argument(
        "--units",
        type=Path,
        metavar="文件",
        help="应报送的单位，每行一个；默认用目录中的 units.txt",
    )
    one.add_argument(
        "--words",
        type=Path,
        metavar="文件",
        help="汇总报告的文字，格式同年度报告文字（annual/年度.toml）；没有的部分标明待补充",
    )

    one = add(
        "check",
        _check,
        "核对任一机关的年度报告：.docx、.html、.xlsx、.pdf、tables.json，单个文件或者整个目录",
        "disclosure check 各单位 --previous 上年 --units 名单.txt --out 核对结果.xlsx",
    )
    one.add_argument(
        "paths", type=Path, nargs="+", metavar="文件或目录", help="报告文件，或者放有报告的目录"
    )
    one.add_argument(
        "--units", type=Path, metavar="文件", help="应报送的单位，每行一个；没有读到的逐一说明"
    )
    one.add_argument(
        "--previous",
        type=Path,
        metavar="上年报告",
        help="上一年度的报告（文件或者目录，任何格式），核对结转、现行有效件数、异常变化",
    )
    one.add_argument(
        "--out", type=Path, metavar="文件", help="核对结果：一个 .xlsx 和同名的 .html，退各单位用"
    )
    one.add_argument("--json", action="store_true", help="每个文件一行 JSON，供程序读取")


def _signed_by(command: Parser, who: str) -> None:
    """The options with which an officer signs."""
    command.add_argument("--officer", required=True, metavar="姓名", help=who)
    command.add_argument("--code", default="", metavar="口令", help="动态口令（启用后必填）")


def _annual_report(arguments: argparse.Namespace) -> int:
    from flows.year import annual_report

    made = annual_report.produce(arguments.year, arguments.out, arguments.as_of)
    for path in made.files:
        print(path)
    if made.later.received:
        print(f"注意：另有{made.later.received}件在这一天之后才登记，未计入", file=sys.stderr)
    if made.later.closed:
        print(
            f"注意：另有{made.later.closed}件的办结（或者勘误）在这一天之后才登记，仍按当时的记载计",
            file=sys.stderr,
        )
    if made.note:
        print(f"注意：{made.note}", file=sys.stderr)
    for what in made.report.missing:
        print(f"待补充：{what}", file=sys.stderr)
    for check in made.failed:
        cases = f"：{'、'.join(check.cases)}" if check.cases else ""
        print(f"不成立：{check.message}{cases}", file=sys.stderr)
    for check in made.doubtful:
        print(f"{check.verdict}：{check.message}", file=sys.stderr)
    for difference in made.differences:
        print(f"与已签发的报告不同：{difference.sentence}", file=sys.stderr)
    return 1 if made.failed else 0


def _sign_report(arguments: argparse.Namespace) -> int:
    from flows.year import closing_year

    made = closing_year.sign(arguments.year, arguments.officer, arguments.note, arguments.code)
    print(
        f"{made.year}年度报告已于{written(made.recorded_on)}由{made.officer}签发（第{made.edition}次），该年度封账"
    )
    print(f"表格校验值：{made.digest}")
    return 0


def _correct_report(arguments: argparse.Namespace) -> int:
    from flows.year import closing_year

    closing_year.correct(
        arguments.year,
        arguments.case,
        arguments.reason,
        arguments.officer,
        code=arguments.code,
    )
    print("更正已登记；登记更正的事项后，请重新编制、签发、公布年度报告")
    return 0


def _overrule(arguments: argparse.Namespace) -> int:
    from flows.year import closing_year

    made = closing_year.overrule(
        arguments.year,
        arguments.check,
        arguments.verdict,
        arguments.reason,
        arguments.officer,
        code=arguments.code,
    )
    print(f"{made.check_id} 人工核定为“{made.verdict}”：{made.finding}")
    return 0


def _simulate(arguments: argparse.Namespace) -> int:
    from flows.commands import simulate
    from flows.progress import progress

    year = arguments.year
    with progress("模拟") as advance:
        made = simulate.simulate(
            year,
            arguments.cases,
            arguments.seed,
            letters=not arguments.no_letters,
            advance=advance,
        )
    print(
        f"已模拟{year}年（截至{written(made.until)}）：申请{made.written}件（含上年末收到、供结转的），"
        f"文书{made.letters}份，复议诉讼{made.reviews}件。均为虚构"
    )
    print(f"演练年终：disclosure annual-report {year} --out {year}年度报告")
    return 0


def _merge(arguments: argparse.Namespace) -> int:
    from flows.progress import progress
    from flows.year.merge import merge_folder

    with progress("汇总") as advance:
        made = merge_folder(
            arguments.folder,
            arguments.year,
            arguments.out,
            arguments.agency,
            arguments.units,
            arguments.words,
            advance,
        )
    merged = made.merged
    for check in merged.checks:
        silent = check.id.startswith("text.") and check.verdict == "无法判断"
        if not check.ok or (check.verdict != "成立" and not silent):
            print(f"{check.verdict}：{check.message}", file=sys.stderr)
    for what in made.report.missing if made.report else ():
        print(f"待补充：{what}", file=sys.stderr)
    for path in made.files:
        print(path)
    print(f"已汇总{len(merged.units)}个单位")
    return 1 if merged.failed else 0


def _check(arguments: argparse.Namespace) -> int:
    from flows.commands import check_command

    return check_command.check(arguments)
