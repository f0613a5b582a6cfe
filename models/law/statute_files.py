"""config/ → the law, typed, dated and validated: every fault names its file and place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import TypeVar

from models.errors import ConfigFault
from models.law.config_rows import read_rows, read_toml, rows_in
from models.law.dated_rows import Book, DatedRows
from models.law.rules import (
    UNITS,
    AlertRule,
    Channel,
    Choice,
    ClockRule,
    Figure,
    Lasting,
    LetterKind,
    Outcome,
    Period,
    Remedy,
    ReviewResult,
    Tariff,
)
from models.law.statute import Statute, chosen
from models.law.workdays import Calendar

L = TypeVar("L", bound=Lasting)


def _in_one_unit(row: Figure) -> Figure:
    if sum(bool(getattr(row, unit)) for unit in UNITS) != 1:
        raise ConfigFault(
            "practice.toml", row.key, "days、years、percent、minutes 应恰填其一，为正整数"
        )
    return row


def _keyed(path: Path, table: str, rows: Sequence[L]) -> Book[L]:
    """The rows by key; ConfigFault where two of one key hold on the same day."""
    book = Book(rows, path.name)
    for earlier, later in combinations(book.rows, 2):
        if earlier.named == later.named and earlier.covers(later.in_force):
            raise ConfigFault(
                path.name, f"[[{table}]]", f"{later.named} 在 {later.in_force} 有两行"
            )
    return book


def _tariffs(path: Path) -> tuple[Tariff, ...]:
    """The tariffs; ConfigFault where the bands are not in order, or the last one has an end."""
    rows = read_rows(path, "tariff", Tariff)
    for n, row in enumerate(rows, 1):
        ends = [band.to or 0 for band in row.bands]
        ordered = len(ends) > 1 and ends[0] > 0 and ends[:-1] == sorted(set(ends[:-1]))
        if not ordered or ends[-1]:
            raise ConfigFault(
                path.name, f"第 {n} 个 [[tariff]] 的 bands", "应逐档递增，末档没有 to"
            )
    return rows


def _alerts(content: Mapping[str, object], path: Path) -> Book[AlertRule]:
    """The alerts by kind of duty; ConfigFault where their days are not positive and in order."""
    rows = rows_in(content, path, "alert", AlertRule)
    for n, row in enumerate(rows, 1):
        days = (*row.before, *row.after)
        ordered = row.after == tuple(sorted(set(row.after)))
        if min(days, default=1) < 1 or not ordered or row.every < 0:
            raise ConfigFault(
                path.name,
                f"第 {n} 个 [[alert]]",
                "before、after 应为正整数，after 应递增，every 不为负",
            )
    return _keyed(path, "alert", rows)


def _pointing(path: Path, rows: Iterable[Outcome | Channel], points: set[str]) -> None:
    """ConfigFault where a row names a point that practice.toml does not have."""
    for row in rows:
        for name in ("row_choice", "suit_choice", "receipt_choice"):
            point = getattr(row, name, "")
            if point and point not in points:
                raise ConfigFault(path.name, f"{row.key} 的 {name}", f"practice.toml 没有 {point}")


def _notice_from(content: Mapping[str, object], path: Path) -> tuple[int, int]:
    """Month and day from which next year's holiday notice is asked for; ConfigFault otherwise."""
    value = content.get("notice_from")
    try:
        day = date.fromisoformat(f"2023-{value}")  # not a leap year: every year has the day
    except ValueError:
        raise ConfigFault(path.name, "notice_from", "应为月-日，如 11-01") from None
    return day.month, day.day


def _days(content: Mapping[str, object], path: Path, key: str) -> int:
    """A number of working days that stands by itself in a file; ConfigFault otherwise."""
    value = content.get(key)
    if not isinstance(value, int) or value < 1:
        raise ConfigFault(path.name, key, "应为正整数，如 5")
    return value


def load(folder: Path) -> Statute:
    """The whole of config/statute, config/workdays, practice.toml and alerts.toml; any fault names
    its place.
    """
    statute = folder / "statute"
    practice_file, alerts_file = folder / "practice.toml", folder / "alerts.toml"
    practice, alerts = read_toml(practice_file), read_toml(alerts_file)
    choices = rows_in(practice, practice_file, "choice", Choice)
    for row in choices:
        chosen(row, row.chosen)
    outcomes_file, letters_file = statute / "outcomes.toml", statute / "letters.toml"
    outcomes = _keyed(
        outcomes_file, "outcome", read_rows(outcomes_file, "outcome", Outcome, continued=True)
    )
    channels_file = statute / "channels.toml"
    channels = read_rows(channels_file, "channel", Channel)
    _pointing(outcomes_file, outcomes.values(), {row.key for row in choices})
    _pointing(channels_file, channels, {row.key for row in choices})
    particulars = read_toml(statute / "particulars.toml").get("particulars")
    if not isinstance(particulars, dict):
        raise ConfigFault("particulars.toml", "[particulars]", "应列出各事项的中文名称")
    return Statute(
        calendar=Calendar.load(folder / "workdays"),
        periods=DatedRows(read_rows(statute / "periods.toml", "period", Period)),
        clock=_keyed(
            statute / "clock.toml",
            "event",
            read_rows(statute / "clock.toml", "event", ClockRule),
        ),
        channels=_keyed(channels_file, "channel", channels),
        outcomes=outcomes,
        remedies=read_rows(statute / "remedies.toml", "remedy", Remedy),
        letters=_keyed(letters_file, "letter", read_rows(letters_file, "letter", LetterKind)),
        choices=DatedRows(choices),
        figures=DatedRows(map(_in_one_unit, rows_in(practice, practice_file, "figure", Figure))),
        review_results=_keyed(
            statute / "review_results.toml",
            "result",
            read_rows(statute / "review_results.toml", "result", ReviewResult),
        ),
        tariffs=_tariffs(statute / "fees.toml"),
        particulars={str(key): str(label) for key, label in particulars.items()},
        alerts=_alerts(alerts, alerts_file),
        notice_from=_notice_from(alerts, alerts_file),
        soon=_days(alerts, alerts_file, "soon"),
        supply_days=_days(alerts, alerts_file, "supply_days"),
    )
