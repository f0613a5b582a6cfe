"""`disclosure deadline`: the limit after one receipt, or after each history of a file."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from flows.arguments import Add, UnreadableFile, day
from models.words.disk_words import why

if TYPE_CHECKING:
    from models.law.statute import Statute

LONG: Final = 2_000_000
"""Bytes of a file from which it is worth beginning a process for each processor: 4,000 histories."""


def offer(add: Add) -> None:
    """Add the command, with its options and an example."""
    one = add(
        "deadline", _deadline, "计算并解释答复期限", "disclosure deadline --received 2026-03-02"
    )
    asked = one.add_mutually_exclusive_group(required=True)
    asked.add_argument("--received", type=day, metavar="日期", help="收到申请之日")
    asked.add_argument("--events", metavar="文件", help="JSON Lines 事件文件，- 为标准输入")
    one.add_argument("--json", action="store_true", help="输出 JSON")


def _deadline(arguments: argparse.Namespace) -> int:
    from flows.installation import config_folder
    from flows.shown import deadlines
    from models.law.deadline import ClockEvent, deadline

    law = config_folder.law()
    if arguments.received:
        found = deadline([ClockEvent("received", arguments.received)], law)
        as_json = json.dumps(deadlines.as_json(found), ensure_ascii=False)
        print(as_json if arguments.json else deadlines.explain(found))
        return 0
    failed = False
    for told, wrong in _answers(arguments.events, law):
        failed = failed or wrong
        sys.stdout.write(told)
    return 1 if failed else 0


def _answers(name: str, law: Statute) -> Iterator[tuple[str, bool]]:
    """What is printed, piece by piece, and whether there is an error in it.

    A long file by all processors; a short one, and what is still being written, line by line.
    """
    from flows.shown import deadlines

    if name != "-" and Path(name).is_file() and Path(name).stat().st_size > LONG:
        from flows.commands import many_histories

        yield from many_histories.answered(_lines(name), law)
        return
    for answer in deadlines.answer(_lines(name), law):
        yield f"{deadlines.line_of(answer)}\n", "error" in answer


def _lines(name: str) -> Iterator[str | bytes]:
    """The lines of a file, or of the standard input, one after the other."""
    if name == "-":
        yield from _bounded(getattr(sys.stdin, "buffer", sys.stdin))
        return
    try:
        with Path(name).open("rb") as file:
            yield from _bounded(file)
    except OSError as fault:
        raise UnreadableFile(name, why(fault)) from None


def _bounded(file: IO[str] | IO[bytes]) -> Iterator[str | bytes]:
    """The lines, no more of any in the memory than shows that it is too long."""
    from flows.shown.deadlines import LONGEST_LINE, ends

    while line := file.readline(LONGEST_LINE + 1):
        yield line
        while len(line) > LONGEST_LINE and not ends(line):
            line = file.readline(LONGEST_LINE + 1)
            if not line:
                return
