"""The commands of each morning: the sweep, what is supervised, what was sent; and the new year's days off."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from flows.arguments import Add, Parser, day


def offer(add: Add) -> None:
    """Add these commands, each with its options and an example."""
    one = add("sweep", _sweep, "每日巡检", "disclosure sweep --on 2026-03-02")
    one.add_argument("--on", type=day, metavar="日期", help="按哪一天巡检，默认今天")

    one = add(
        "supervision",
        _supervision,
        "督办清单：即将到期、逾期未办、逾期已办",
        "disclosure supervision --out 督办清单.xlsx",
    )
    one.add_argument("--out", type=Path, metavar="文件", help="另存为 .xlsx")
    one.add_argument("--since", type=day, metavar="日期", help="逾期已办自此日起，默认本年1月1日")

    one = add("outbox", _outbox, "提醒的发送情况：未送达的及其内容", "disclosure outbox --send")
    one.add_argument(
        "--send", action="store_true", help="现在就发送（办公时间内）；只在界面上显示的除外"
    )
    one.add_argument("--again", action="store_true", help="多次未送达的，再发送一次")

    one = add("calendar", _calendar, "放假安排：录入新的一年", "disclosure calendar load 2027.toml")
    _calendar_ways(one)


def _calendar_ways(one: Parser) -> None:
    """How a new year comes in: from a file, or from the data packages."""
    ways = one.add_subparsers(title="做法", metavar="做法", required=True, parser_class=Parser)
    words = "录入国务院办公厅的通知，重新计算在办申请的期限"
    one = ways.add_parser(
        "load", help=words, description=words, example="disclosure calendar load 2027.toml"
    )
    one.add_argument(
        "file",
        type=Path,
        metavar="文件",
        help="写法同 config/workdays/2026.toml，或 holiday-cn 的 JSON",
    )
    one.add_argument(
        "--anyway", action="store_true", help="与数据包不一致时仍以文件为准（通知有调整时）"
    )
    words = "从两个数据包读取一年的安排，互相核对一致的才录入"
    one = ways.add_parser(
        "packages", help=words, description=words, example="disclosure calendar packages 2027"
    )
    one.add_argument("year", type=int, metavar="年份", help="哪一年")


def _sweep(arguments: argparse.Namespace) -> int:
    from flows.keeping import verifying
    from flows.morning import sweep

    for line in sweep.sweep(arguments.on):
        print(line)
    if arguments.on is not None:
        return 0
    held = verifying.verify()
    for fault in held.faults:
        print(f"登记簿核验不符：{fault}")
    print(f"登记链校验值 {held.head}", file=sys.stderr)
    return 1 if held.faults else 0


def _supervision(arguments: argparse.Namespace) -> int:
    from flows.shown import supervision

    found = supervision.listed(arguments.since)
    if found:
        print(supervision.text(found))
    if arguments.out:
        print(supervision.write(arguments.out, found), file=sys.stderr)
    print(f"共{len(found)}件", file=sys.stderr)
    return 0


def _outbox(arguments: argparse.Namespace) -> int:
    from flows.morning import outbox
    from flows.shown import alert_page

    if arguments.again:
        print(f"再发送{outbox.again()}条", file=sys.stderr)
    if arguments.send:
        print(f"已送达{outbox.post()}条", file=sys.stderr)
    for line in alert_page.unsent():
        print(line)
    return 0


def _calendar(arguments: argparse.Namespace) -> int:
    from flows.commands import holiday_notice
    from flows.morning.sweep import moved_words

    if "file" in arguments:
        done = holiday_notice.load(arguments.file, anyway=arguments.anyway)
    else:
        done = holiday_notice.read_packages(arguments.year)
    for one in done.differences:
        print(one.sentence)
    if done.differences:
        print(f"共{len(done.differences)}天不一致，未录入任何内容", file=sys.stderr)
        return 1
    if done.there:
        print(f"已有{done.year}年放假安排，与数据包一致，未改动：{done.path}")
        return 0
    print(f"已录入{done.year}年放假安排：{done.path}")
    for moved in done.moved:
        print(moved_words(moved))
    cases = {moved.case_number for moved in done.moved}
    print(f"在办申请已重新计算，{len(cases)}件的期限有变动")
    return 0
