"""汇总: the `tables.json` of many units, found in a folder, into the superior's report."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from flows import office
from flows.arguments import MEGABYTE, UnreadableFile, content_of
from flows.reading.sent_files import files_under, never_opened, read_ahead, read_sent
from flows.shown import report_files
from letters.picture.picture import picture
from letters.picture.picture_png import png
from letters.report.report import Report, compose
from letters.report.report_page import page
from letters.report.report_paper import on_paper
from letters.report.units import units_list
from letters.report.workbook import workbook
from models.agency.agency import Agency
from models.errors import DisclosureError, MalformedTables
from models.report_tables.form import Form
from models.report_tables.identities import Check, Verdict
from models.report_tables.tables_file import parse
from models.report_tables.text_checks import text_checks
from models.units.sent_report import SentReport
from models.units.superior import Merged, Unread, made_by, merge
from models.words.names import one_name
from models.year.stated_year import stated_year
from models.year.year_figures import YearFigures
from models.year.year_text import read_year_file, year_text

UNITS = "units.txt"
LARGEST_REPORT = 10 * MEGABYTE  # a year's tables with the cases of every cell have a tenth of it
CALLED = "各单位"  # whose figures they are, in the words of the report


@dataclass(frozen=True)
class Produced:
    """The sum, the files written, and the report in words; None where the sum is no report."""

    merged: Merged
    files: tuple[Path, ...]
    report: Report | None


def merge_folder(
    folder: Path,
    year: int,
    out: Path,
    agency: str = "",
    units: Path | None = None,
    words: Path | None = None,
    advance: Callable[[int, int], None] = lambda *_: None,
) -> Produced:
    """Add up every report under `folder`, of any format, and write the superior's into `out`.

    units = who owes a report, one a line (default units.txt in the folder); words = the superior's
    own words, as a file of the year has them (models/year/year_text.py). Raises UnreadableFile for a
    folder without a file, or where a unit's report stands in the place of the sum; NoFormForYear;
    ConfigFault, TextFault for `words`; NotAFolder.
    """
    if not folder.is_dir():
        raise UnreadableFile(str(folder), "应为存放各单位报告的目录")
    superior = agency or office.agency().name
    target = out / "tables.json"
    ours = {(out / name).resolve() for name in report_files.FILES}
    paths = [
        path for path in files_under([folder]) if _a_report(path) and path.resolve() not in ours
    ]
    if not paths:
        raise UnreadableFile(str(folder), "目录中没有可以汇总的报告")
    if target.resolve().is_relative_to(folder.resolve()) and target.exists():
        _not_a_units(target, superior)
    if words is not None and not words.is_file():
        raise UnreadableFile(str(words), "应为汇总报告的文字（TOML，格式同年度报告文字）")
    rules = office.annual_rules()
    files = _contents(paths, folder, rules.forms, advance)
    expected = _expected(units or folder / UNITS, must=units is not None)
    others = [
        (name, Unread("不是能够读取的格式"))
        for name in never_opened([folder])
        if any(one_name(unit) in one_name(name) for unit in expected)
    ]
    made = merge(chain(files, others), superior, year, rules.forms, expected, office.today())
    figures = stated_year(made)
    report = None
    if figures is None:
        message = "汇总的表三、表四有负数或者小数，没有生成报告，只有数据"
        made.checks.append(Check("merge.report", True, message, short_of=Verdict.UNJUDGED))
    else:
        text = year_text(read_year_file(words) if words else None, {})
        report = compose(_of(superior), figures, text, office.today())
        made.checks += text_checks(report.paragraphs(), figures.allowed_in_words(), year)
    return Produced(made, report_files.written(out, _files(made, figures, report)), report)


def _of(superior: str) -> Agency:
    """The superior as its report names it; the office's local rules and address are not another's."""
    own = office.agency()
    named: dict[str, object] = {"name": superior, "calls_itself": CALLED}
    if one_name(own.name) != one_name(superior):
        named |= {"disclosure_rules": (), "address": "", "phone": ""}
    return own.model_copy(update=named)


def _files(made: Merged, figures: YearFigures | None, report: Report | None) -> dict[str, bytes]:
    """The files of the superior's report, by name."""
    data = json.dumps(made.as_data(), ensure_ascii=False, indent=1) + "\n"
    if figures is None or report is None:
        return {"tables.json": data.encode()}
    tables, today = figures.tables, office.today()
    svg = picture(_of(made.agency), figures, None, today)
    return {
        "report.docx": on_paper(report),
        "tables.xlsx": workbook(
            made.agency,
            tables.table3,
            made.checks,
            table2=tables.table2.figures(),
            table4=tables.table4.figures(),
            instead=units_list(made),
        ),
        "tables.json": data.encode(),
        "report.html": page(report, svg).encode(),
        "picture.svg": svg.encode(),
        "picture.png": png(svg),
    }


def _a_report(path: Path) -> bool:
    """Not what lies beside a report of ours, and is none: its picture, its lists of cases."""
    return path.name not in ("picture.png", "cells.html")


def _contents(
    paths: list[Path], folder: Path, forms: Sequence[Form], advance: Callable[[int, int], None]
) -> Iterator[tuple[str, SentReport | Unread]]:
    """Every file read, in order; some are read ahead, so that no more than those are in memory."""

    def read(path: Path) -> tuple[str, SentReport | Unread]:
        name = str(path.relative_to(folder))
        try:
            return name, read_sent(path, name, forms)
        except UnreadableFile as fault:
            return name, Unread(fault.problem)
        except DisclosureError as fault:
            return name, Unread(str(fault))

    for n, one in enumerate(read_ahead(read, paths), 1):
        yield one
        advance(n, len(paths))


def _not_a_units(target: Path, superior: str) -> None:
    """UnreadableFile if what would be written over is not an earlier sum of the superior's."""
    try:
        data = parse(content_of(target, LARGEST_REPORT))
    except (UnreadableFile, MalformedTables) as fault:
        raise UnreadableFile(str(target), f"无法认定是以前的汇总，不覆盖：{fault}") from None
    if not made_by(superior, data) or "units" not in data:
        raise UnreadableFile(str(target), f"不是{superior}以前的汇总，不覆盖，请另选 --out 目录")


def _expected(path: Path, *, must: bool) -> list[str]:
    """The units that owe a report, one a line."""
    if not must and not path.exists():
        return []
    try:
        lines = content_of(path, LARGEST_REPORT).decode("utf-8-sig").splitlines()
    except (UnreadableFile, UnicodeDecodeError):
        raise UnreadableFile(str(path), "应为 UTF-8 文本，每行一个单位名称") from None
    return [line.strip() for line in lines if line.strip()]
