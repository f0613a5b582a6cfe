"""`disclosure check`: any agency's reports, in any format, judged; one line a file for programs.

What could not be read is said in one sentence and does not stop the others; a unit whose file lies
there is never called one that has not reported.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from flows.arguments import UnreadableFile, content_of
from flows.installation import config_folder
from flows.reading.sent_files import files_under, read_sent
from models.errors import DisclosureError
from models.report_tables.form import Form, load_forms
from models.report_tables.identities import Check, Verdict
from models.units.sent_report import SentReport
from models.words.names import one_name

LARGEST_LIST = 1_000_000  # bytes of a list of units
AHEAD = 16  # files read before the first of them is told
DUE = (1, 31)  # 条例第四十九条


@dataclass(frozen=True)
class Checked:
    """One file: its report and what was found of it; fault = why it could not be read."""

    file: str
    report: SentReport | None
    checks: tuple[Check, ...]
    fault: str = ""

    @property
    def agency(self) -> str:
        return self.report.agency if self.report else ""

    def as_data(self) -> dict[str, object]:
        """As `--json` has it: the contract's line of a file."""
        return {
            "file": self.file,
            "agency": self.agency,
            "year": self.report.year if self.report else None,
            "checks": [
                {"id": one.id, "verdict": str(one.verdict), "message": one.message}
                for one in self.checks
            ],
        }


def check(arguments: argparse.Namespace) -> int:
    """Judge every file under the paths. Exit 1 if anything 不成立, 2 if a file cannot be read."""
    paths: list[Path] = arguments.paths
    for path in paths:
        if not path.exists():
            raise UnreadableFile(str(path), "没有这个文件")
    files = list(files_under(paths))
    if not files:
        raise UnreadableFile(str(paths[0]), "目录中没有可以核对的文件")
    forms = load_forms(config_folder.folder() / "annual")
    alone = len(files) == 1 and not paths[0].is_dir()
    told: list[Checked] = []
    for one in checked(files, forms, _named(paths)):
        if alone and one.fault:
            raise UnreadableFile(str(files[0]), one.fault)
        told.append(one)
        _tell(one, alone=alone, as_json=arguments.json)
    owing = list(_owing(told, arguments.units)) if arguments.units else []
    for each in owing:
        print(f"{each.verdict}：{each.message}", file=sys.stderr)
    failed = any(not c.ok for one in told for c in one.checks if not one.fault)
    if not arguments.json and not alone:
        unread = sum(bool(one.fault) for one in told)
        wrong = sum(any(not c.ok for c in one.checks) for one in told if not one.fault)
        print(f"共{len(told)}个文件：{wrong}个有不成立的，{unread}个无法读取")
    return 1 if failed or any(not c.ok for c in owing) else 2 if any(o.fault for o in told) else 0


def _named(paths: Sequence[Path]) -> Callable[[Path], str]:
    """How a file is called: from the one folder on that was named, else as it was typed."""
    if len(paths) == 1 and paths[0].is_dir():
        return lambda path: str(path.relative_to(paths[0]))
    return str


def checked(
    files: Sequence[Path], forms: Sequence[Form], name: Callable[[Path], str]
) -> Iterator[Checked]:
    """Every file judged, in order; some are read ahead, so that no more than those are in memory."""
    workers = min(4, os.cpu_count() or 1)
    with ThreadPoolExecutor(workers) as pool:
        ahead: deque[Future[Checked]] = deque()
        for path in files:
            ahead.append(pool.submit(_checked, path, name(path), forms))
            if len(ahead) > AHEAD:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


def _checked(path: Path, name: str, forms: Sequence[Form]) -> Checked:
    try:
        report = read_sent(path, name, forms)
        return Checked(name, report, tuple(report.checks(forms)))
    except UnreadableFile as fault:
        why = fault.problem
    except DisclosureError as fault:
        why = str(fault)
    said = Check("file.unreadable", True, f"无法读取：{why}", short_of=Verdict.UNJUDGED)
    return Checked(name, None, (said,), why)


def _tell(one: Checked, *, alone: bool, as_json: bool) -> None:
    if as_json:
        print(json.dumps(one.as_data(), ensure_ascii=False))
        return
    if not alone:
        year = f"（{one.report.year}年度）" if one.report else ""
        print(f"── {one.file}　{one.agency}{year}")
    if one.fault:
        print(f"无法读取：{one.file}：{one.fault}", file=sys.stderr)
        return
    failed = [each for each in one.checks if not each.ok]
    for each in failed:
        print(f"{each.id}：{each.message}")
    for each in one.checks:
        unknown = each.verdict == Verdict.UNJUDGED and each.id.startswith("table")
        if unknown or each.verdict == Verdict.DOUBTFUL:
            print(f"{each.verdict}：{each.message}", file=sys.stderr)
    print("勾稽关系全部成立" if not failed else f"共{len(failed)}处不成立")


# ── who owes a report ─────────────────────────────────────────────────────────────────────────


def units_in(path: Path) -> list[str]:
    """The units of a list, one a line."""
    try:
        lines = content_of(path, LARGEST_LIST).decode("utf-8-sig").splitlines()
    except (UnreadableFile, UnicodeDecodeError):
        raise UnreadableFile(str(path), "应为 UTF-8 文本，每行一个单位名称") from None
    return [line.strip() for line in lines if line.strip()]


def _owing(told: Iterable[Checked], units: Path) -> Iterator[Check]:
    """The units of which no report was read, each with what lies there of it."""
    those = list(told)
    sent = {one_name(one.agency) for one in those}
    unread = [one for one in those if one.fault or not one.agency]
    years = [one.report.year for one in those if one.report and isinstance(one.report.year, int)]
    for unit in units_in(units):
        if one_name(unit) in sent:
            continue
        yield _not_read(unit, unread, max(years, default=None))


def _not_read(unit: str, unread: Sequence[Checked], year: int | None) -> Check:
    """A unit whose report was not read: it lies there unreadable, or may, or has not come."""
    name = f"unit.missing.{unit}"
    own = [one for one in unread if one_name(unit) in one_name(one.file)]
    if own:
        why = own[0].fault or "文件中没有写明机关名称"
        message = f"{unit}报送的文件 {own[0].file} 无法认定：{why}"
        return Check(name, True, message, short_of=Verdict.UNJUDGED)
    if unread:
        listed = "、".join(one.file for one in unread[:5])
        message = f"没有读到{unit}的报告；有{len(unread)}个文件无法认定（{listed}），可能是它的"
        return Check(name, True, message, short_of=Verdict.UNJUDGED)
    from flows import office  # the register, for the day: who checks a file does not wait for it

    late = year is not None and office.today() > date(year + 1, *DUE)
    said = "逾期未报送" if late else "尚未报送"
    return Check(name, False, f"{unit}{said}（条例第四十九条）")
