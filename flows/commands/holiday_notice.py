"""`disclosure calendar`: a new year's notice is checked, compared, put in config/, and counted by.

Nothing is loaded that is wrong in itself, or that the data packages which have the year tell
differently. Once it is there, every open case is counted again, and what moved is listed.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from flows import office
from flows.arguments import MEGABYTE, UnreadableFile, content_of
from flows.morning import sweep
from models.alerts.alert_tables import Moved
from models.errors import DisclosureError
from models.law.notice_sources import (
    PACKAGES,
    Difference,
    as_toml,
    by_package,
    differences,
    from_packages,
    notice_of,
    worked_by,
)
from models.law.notices import Notice, check_balance, check_year, read_notice, read_statutory
from models.law.workdays import Calendar
from models.words.disk_words import why


class UnreadableNotice(DisclosureError):
    """A file that is no year's notice, or cannot be read or written; `path` and what is wrong."""

    def __init__(self, path: Path, problem: str) -> None:
        self.path, self.problem = path, problem
        super().__init__(f"放假安排 {path}：{problem}")


class YearNotInPackages(DisclosureError):
    """A data package has no arrangement of a year yet."""

    def __init__(self, year: int, lacking: tuple[str, ...]) -> None:
        self.year, self.lacking = year, lacking
        super().__init__(f"数据包 {'、'.join(lacking)} 中还没有{year}年的放假安排，未录入任何内容")


@dataclass(frozen=True)
class Loaded:
    """What became of a notice: its file, what the sources tell differently, and what it moved.

    differences not empty = nothing was loaded; there = nor was it, for it says the same already
    """

    year: int
    path: Path
    differences: tuple[Difference, ...] = ()
    moved: tuple[Moved, ...] = ()
    there: bool = False


def load(path: Path, *, anyway: bool = False) -> Loaded:
    """Load a year's notice from a file (TOML as in config/workdays, or the JSON of holiday-cn).

    anyway = also where the data packages tell a day differently, or a year in JSON has other days
    than the law gives: an amendment
    """
    notice, content = _read(path)
    return _load(notice, content, anyway=anyway)


def read_packages(year: int) -> Loaded:
    """Load a year from the two data packages, if both have it and agree on every day.

    A notice that is there is kept, with its number and amendments; what it tells otherwise is shown.
    """
    check_year(f"{year}.toml", year)
    lacking = tuple(name for name in PACKAGES if name not in by_package(year))
    if lacking:
        raise YearNotInPackages(year, lacking)
    notice = from_packages(year, office.today())
    target = office.config() / "workdays" / f"{year}.toml"
    if target.exists() and (ours := read_notice(target)).papers:
        told = {"已有通知": worked_by(ours, {}), "数据包": worked_by(notice, {})}
        found = tuple(differences(told))
        return Loaded(year, target, found, there=not found)
    return _load(notice, as_toml(notice), anyway=False)


def _load(notice: Notice, content: str, *, anyway: bool) -> Loaded:
    folder = office.config() / "workdays"
    target = folder / f"{notice.year}.toml"
    packages = by_package(notice.year)
    december = next(iter(packages.values()), {})
    if not anyway:
        check_balance(target.name, notice, read_statutory(folder))
    found = differences({"本通知": worked_by(notice, december), **packages})
    if found and not anyway:
        return Loaded(notice.year, target, tuple(found))
    with _written(folder, content) as written:
        _checked(folder, notice, written)
        try:
            written.replace(target)
        except OSError as fault:
            raise UnreadableNotice(target, why(fault)) from None
    return Loaded(notice.year, target, (), tuple(sweep.recount(office.circumstances(""))))


def _read(path: Path) -> tuple[Notice, str]:
    try:
        content = content_of(path, MEGABYTE).decode("utf-8-sig")
    except UnreadableFile as fault:
        raise UnreadableNotice(path, fault.problem) from None
    except UnicodeDecodeError:
        raise UnreadableNotice(path, "编码应为 UTF-8") from None
    if content.lstrip().startswith("{"):
        notice = _of_json(path, content)
        return notice, as_toml(notice)
    return _published(path, read_notice(path)), content


def _of_json(path: Path, content: str) -> Notice:
    """A year in the JSON of holiday-cn: year, papers, days with name, date and isOffDay."""
    try:
        raw: dict[str, Any] = json.loads(content)
        off: dict[date, str] = {}
        work: dict[date, str] = {}
        for one in raw["days"]:
            day = date.fromisoformat(one["date"])
            if day in off or day in work:
                raise UnreadableNotice(path, f"{day} 列了两次")
            (off if one["isOffDay"] else work)[day] = str(one["name"])
        year, papers = int(raw["year"]), [str(one) for one in raw["papers"]]
    except (ValueError, KeyError, TypeError, RecursionError) as fault:
        expected = "应有 year、papers 和 days（各有 name、date、isOffDay）"
        raise UnreadableNotice(path, f"{expected}：{fault}") from None
    check_year(path.name, year)
    title = f"国务院办公厅关于{year}年部分节假日安排的通知"
    if not off:
        raise UnreadableNotice(path, f"没有列出{year}年的放假日期（通知尚未公布）")
    return notice_of(year, office.today(), title, papers[0] if papers else "", off, work)


def _published(path: Path, notice: Notice) -> Notice:
    if not notice.papers:
        raise UnreadableNotice(path, f"没有列出{notice.year}年的通知（papers 为空）")
    return notice


@contextmanager
def _written(folder: Path, content: str) -> Iterator[Path]:
    """The content in a file of its own beside the notices, gone afterwards unless moved."""
    try:
        number, name = tempfile.mkstemp(dir=folder, prefix=".notice-", suffix=".tmp")
    except OSError as fault:
        raise UnreadableNotice(folder, why(fault)) from None
    path = Path(name)
    try:
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(content)
        path.chmod(0o644)
        yield path
    finally:
        path.unlink(missing_ok=True)


def _checked(folder: Path, notice: Notice, written: Path) -> None:
    """Raise ConfigFault unless the calendar with this notice in it makes sense."""
    with tempfile.TemporaryDirectory() as name:
        trial = Path(name)
        for path in folder.glob("*.toml"):
            shutil.copy(path, trial)
        shutil.copy(written, trial / f"{notice.year}.toml")
        Calendar.load(trial)
