"""What differs between two versions of a year's tables? Cell by cell, with the cases.

Both are the content of a `tables.json` (models/tables_file.py): as signed, and as counted now.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.annual_form import Form

SHOWN = 5  # case numbers named in a sentence; the difference has them all


@dataclass(frozen=True)
class Difference:
    """One cell that differs: table, place in it, both figures, and the cases that came and went."""

    table: str
    place: str
    before: object
    after: object
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """As an officer reads it."""
        changed = "" if self.before == self.after else f"由{_shown(self.before)}变为"
        moves = [
            f"{word}{'、'.join(cases[:SHOWN])}{f'等{len(cases)}件' if len(cases) > SHOWN else ''}"
            for word, cases in (("增加", self.added), ("减少", self.removed))
            if cases
        ]
        named = f"（{'；'.join(moves)}）" if moves else ""
        return f"{self.table}{self.place}{changed or '仍为'}{_shown(self.after)}{named}"

    def as_data(self) -> dict[str, object]:
        """As `tables.json` has it."""
        return {
            "table": self.table,
            "cell": self.place,
            "before": self.before,
            "after": self.after,
            "added": list(self.added),
            "removed": list(self.removed),
        }


def differences(
    before: Mapping[str, Any], after: Mapping[str, Any], form: Form
) -> list[Difference]:
    """Every cell of the three tables that differs, the sums too; table 三 first, from the top."""
    return [*_table3(before, after, form), *_table4(before, after, form), *_table2(before, after)]


def _table3(
    before: Mapping[str, Any], after: Mapping[str, Any], form: Form
) -> Iterator[Difference]:
    for code, row in form.rows.items():
        for n, column in enumerate(form.columns):
            was, now = before["table3"][code][n], after["table3"][code][n]
            lists = (each["cells"].get(code, {}).get(column, []) for each in (before, after))
            yield from _cell("表三", f"‘{row.full_label}’行‘{column}’列", was, now, *lists)


def _table4(
    before: Mapping[str, Any], after: Mapping[str, Any], form: Form
) -> Iterator[Difference]:
    places = [(group.key, column) for group in form.review for column in group.columns]
    for n, (group, column) in enumerate(places):
        lists = (each.get("cells4", {}).get(group, {}).get(column, []) for each in (before, after))
        was, now = before["table4"][n], after["table4"][n]
        yield from _cell("表四", f"‘{group}’组‘{column}’栏", was, now, *lists)


def _table2(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    for item in {**after["table2"], **before["table2"]}:
        was, now = (each["table2"].get(item) for each in (before, after))
        yield from _cell("表二", f"‘{item}’", was, now, (), ())


def _cell(
    table: str, place: str, was: object, now: object, had: Sequence[str], has: Sequence[str]
) -> Iterator[Difference]:
    if was == now and had == has:
        return
    came, went = sorted(set(has) - set(had)), sorted(set(had) - set(has))
    if was != now or came or went:
        yield Difference(table, place, was, now, tuple(came), tuple(went))


def _shown(figure: object) -> str:
    if isinstance(figure, list):
        return "、".join(map(_shown, figure))
    return "空白" if figure is None else str(figure)
