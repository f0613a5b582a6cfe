"""`disclosure check`: any agency's reports, in any format, judged; one line a file for programs.

What could not be read is said in one sentence and does not stop the others; a unit whose file lies
there is never called one that has not reported.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from flows.arguments import UnreadableFile, content_of
from flows.installation import config_folder, settings
from flows.installation import files as whole_files
from flows.progress import progress
from flows.reading.sent_files import files_under, never_opened, read_ahead, read_sent
from letters.report.check_results import Judged, results_page, results_workbook
from models.errors import DisclosureError
from models.report_tables.annual_rules import Jump, load_jumps
from models.report_tables.form import Form, load_forms
from models.report_tables.identities import Check, Verdict
from models.report_tables.tables_file import PublishedTables, parse, read_tables
from models.units.sent_report import SentReport
from models.units.two_years import beside_last_year
from models.words.disk_words import why
from models.words.names import one_name

LARGEST_LIST = 1_000_000  # bytes of a list of units
DUE = (1, 31)  # 条例第四十九条


@dataclass(frozen=True)
class Checked:
    """One file as it was judged; fault = why it could not be read."""

    judged: Judged
    fault: str = ""

    @property
    def file(self) -> str:
        return self.judged.file

    @property
    def failed(self) -> bool:
        return not self.fault and any(not one.ok for one in self.judged.checks)

    def as_data(self) -> dict[str, object]:
        """As `--json` has it: the contract's line of a file."""
        return {
            "file": self.file,
            "agency": self.judged.agency,
            "year": self.judged.year,
            "checks": [
                {"id": one.id, "verdict": str(one.verdict), "message": one.message}
                for one in self.judged.checks
            ],
        }

    def in_short(self) -> Checked:
        """Without what holds: all that is kept of a file once it has been told."""
        short = [one for one in self.judged.checks if one.verdict != Verdict.HOLDS]
        return replace(self, judged=self.judged._replace(checks=short))


@dataclass(frozen=True)
class Rules:
    """What files are judged by: the forms, the leaps, and last year's reports by agency."""

    forms: Sequence[Form]
    jumps: Mapping[str, Jump]
    before: Mapping[str, PublishedTables]
    only: PublishedTables | None = None

    def of_last_year(self, tables: PublishedTables) -> PublishedTables | None:
        """Last year's report of the same agency; the one there is, if one file was named."""
        return self.only or self.before.get(one_name(tables.agency))


def check(arguments: argparse.Namespace) -> int:
    """Judge every file under the paths. Exit 1 if anything 不成立, 2 if a file cannot be read."""
    paths: list[Path] = arguments.paths
    files = _files(paths)
    rules = _rules(arguments.previous)
    alone = len(files) == 1 and not paths[0].is_dir()
    told: list[Checked] = []
    with progress("核对") as advance:
        for one in checked(files, rules, _named(paths)):
            if alone and one.fault:
                raise UnreadableFile(str(files[0]), one.fault)
            _tell(one, alone=alone, as_json=arguments.json)
            told.append(one.in_short())
            advance(len(told), len(files))
    further = [*_sent_twice(told), *_owing(told, paths, arguments.units)]
    for each in further:
        print(f"{each.verdict}：{each.message}", file=sys.stderr)
    if arguments.out:
        _write(arguments.out, told, further)
    if not arguments.json and not alone:
        wrong, unread = sum(one.failed for one in told), sum(bool(one.fault) for one in told)
        print(f"共{len(told)}个文件：{wrong}个有不成立的，{unread}个无法读取")
    failed = any(one.failed for one in told) or any(not each.ok for each in further)
    return 1 if failed else 2 if any(one.fault for one in told) else 0


def _files(paths: Sequence[Path]) -> list[Path]:
    for path in paths:
        if not path.exists():
            raise UnreadableFile(str(path), "没有这个文件")
    files = list(files_under(paths))
    if not files:
        raise UnreadableFile(str(paths[0]), "目录中没有可以核对的文件")
    return files


def _rules(previous: Path | None) -> Rules:
    annual = config_folder.folder() / "annual"
    forms, jumps = load_forms(annual), load_jumps(annual)
    if previous is None:
        return Rules(forms, jumps, {})
    before: dict[str, PublishedTables] = {}
    for path in _files([previous]):
        try:
            report = read_sent(path, path.name, forms)
            tables = read_tables(report.data, forms)
        except DisclosureError as fault:
            if not previous.is_dir():
                raise
            print(f"无法读取上年的 {path.name}：{fault}", file=sys.stderr)
            continue
        before[one_name(tables.agency)] = tables
    only = None if previous.is_dir() else next(iter(before.values()))
    return Rules(forms, jumps, before, only)


def _write(out: Path, told: Sequence[Checked], further: Sequence[Check]) -> None:
    """核对结果: the workbook, and beside it the page of the same name."""
    from flows import office  # the register's room: who only checks a file does not wait for it

    today, judged = office.today(), [one.judged for one in told]
    if further:
        judged.append(Judged("", "全部单位", None, further))
    book = results_workbook(office.agency().name, today, judged)
    page = results_page(today, judged)
    target = out if out.suffix.lower() == ".xlsx" else out.with_name(f"{out.name}.xlsx")
    try:
        whole_files.written(target, book)
        whole_files.written(target.with_suffix(".html"), page.encode())
    except OSError as fault:
        raise UnreadableFile(str(target), f"无法写入：{why(fault)}") from None
    print(target, target.with_suffix(".html"), sep="\n", file=sys.stderr)


def _sent_twice(told: Sequence[Checked]) -> Iterator[Check]:
    """Whose report of a year came in several files."""
    sent: dict[tuple[str, object], list[str]] = {}
    named: dict[tuple[str, object], str] = {}
    for one in told:
        if one.judged.agency:
            key = one_name(one.judged.agency), one.judged.year
            sent.setdefault(key, []).append(one.file)
            named.setdefault(key, one.judged.agency)
    for key, files in sent.items():
        if len(files) > 1:
            agency, year = named[key], key[1]
            message = f"{agency}{year}年度的报告有{len(files)}份：{'、'.join(files[:5])}，请核实以哪份为准"
            yield Check(f"unit.twice.{agency}", True, message, short_of=Verdict.DOUBTFUL)


def _named(paths: Sequence[Path]) -> Callable[[Path], str]:
    """How a file is called: from the one folder on that was named, else as it was typed."""
    if len(paths) == 1 and paths[0].is_dir():
        return lambda path: str(path.relative_to(paths[0]))
    return str


def checked(files: Sequence[Path], rules: Rules, name: Callable[[Path], str]) -> Iterator[Checked]:
    """Every file judged, in order."""
    return read_ahead(lambda path: _checked(path, name(path), rules), files)


def _checked(path: Path, name: str, rules: Rules) -> Checked:
    try:
        report = read_sent(path, name, rules.forms)
        found = [*report.checks(rules.forms), *_beside(report, rules)]
        return Checked(Judged(name, report.agency, report.year, found))
    except UnreadableFile as fault:
        why = fault.problem
    except DisclosureError as fault:
        why = str(fault)
    said = Check("file.unreadable", True, f"无法读取：{why}", short_of=Verdict.UNJUDGED)
    return Checked(Judged(name, "", None, (said,)), why)


def _beside(report: SentReport, rules: Rules) -> Iterator[Check]:
    """The report beside last year's: the one that was given, else our own as it was signed."""
    now = read_tables(report.data, rules.forms)
    if not rules.before:
        if before := _signed(now, rules.forms):
            yield from beside_last_year(now, before, rules.jumps)
        return
    before = rules.of_last_year(now)
    if before is None:
        message = f"上年的报告中没有{now.agency}的，没有与上年核对"
        yield Check("last_year.missing", True, message, short_of=Verdict.UNJUDGED)
        return
    yield from beside_last_year(now, before, rules.jumps)


def _signed(now: PublishedTables, forms: Sequence[Form]) -> PublishedTables | None:
    """Our own report of the year before as the register has it signed; None for others' reports, or
    where there is no register.
    """
    home = settings.HOME.value()
    if not settings.DATABASE.value() and not (home and (Path(home) / "register.db").exists()):
        return None
    from models.agency.agency import load_agency

    ours = load_agency(config_folder.folder() / "office").name
    if one_name(now.agency) != one_name(ours):
        return None  # others' reports do not wait for the register
    from flows import office
    from models.register import closed_years

    with office.reading() as session:
        signed = closed_years.signed(session, now.year - 1)
        return (
            read_tables(parse(closed_years.tables_text(signed).encode()), forms) if signed else None
        )


def _tell(one: Checked, *, alone: bool, as_json: bool) -> None:
    if as_json:
        print(json.dumps(one.as_data(), ensure_ascii=False))
        return
    judged = one.judged
    if not alone:
        year = f"（{judged.year}年度）" if judged.year else ""
        print(f"── {one.file}　{judged.agency}{year}")
    if one.fault:
        print(f"无法读取：{one.file}：{one.fault}", file=sys.stderr)
        return
    failed = [each for each in judged.checks if not each.ok]
    for each in failed:
        print(f"{each.id}：{each.message}")
    for each in judged.checks:
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


def _owing(told: Iterable[Checked], paths: Sequence[Path], units: Path | None) -> Iterator[Check]:
    """The units of which no report was read, each with what lies there of it."""
    if units is None:
        return
    others = [name for name in never_opened(paths) if name != units.name]
    those = list(told)
    sent = {one_name(one.judged.agency) for one in those}
    unread = [one for one in those if one.fault or not one.judged.agency]
    years = [one.judged.year for one in those if isinstance(one.judged.year, int)]
    for unit in units_in(units):
        if one_name(unit) in sent:
            continue
        yield _not_read(unit, unread, others, max(years, default=None))


def _not_read(
    unit: str, unread: Sequence[Checked], others: Sequence[str], year: int | None
) -> Check:
    """A unit whose report was not read: it lies there unreadable, or may, or has not come."""
    name = f"unit.missing.{unit}"
    own = [one for one in unread if one_name(unit) in one_name(one.file)]
    if own:
        why = own[0].fault or "文件中没有写明机关名称"
        message = f"{unit}报送的文件 {own[0].file} 无法认定：{why}"
        return Check(name, True, message, short_of=Verdict.UNJUDGED)
    if other := next((one for one in others if one_name(unit) in one_name(one)), None):
        message = f"{unit}报送的文件 {other} 不是能够读取的格式"
        return Check(name, True, message, short_of=Verdict.UNJUDGED)
    if unread:
        listed = "、".join(one.file for one in unread[:5])
        message = f"没有读到{unit}的报告；有{len(unread)}个文件无法认定（{listed}），可能是它的"
        return Check(name, True, message, short_of=Verdict.UNJUDGED)
    from flows import office

    late = year is not None and office.today() > date(year + 1, *DUE)
    said = "逾期未报送" if late else "尚未报送"
    return Check(name, False, f"{unit}{said}（条例第四十九条）")
