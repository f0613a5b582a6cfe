"""What differs between two versions of a year's tables? Cell by cell, with the cases.

Both are the content of a `tables.json` (models/report_tables/tables_file.py): as signed, and as counted now.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.report_tables.form import Form

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
    """Every cell of the three tables that differs, the sums too; table 三 first, from the top; then
    what else is printed: 咨询, words, picture. What was signed without it is not compared.
    """
    return [
        *_table3(before, after, form),
        *_table4(before, after, form),
        *_table2(before, after),
        *_enquiries(before, after),
        *_words(before, after),
    ]


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


def _enquiries(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    if "enquiries" not in before:
        return
    was, now = (each["enquiries"] for each in (before, after))
    for channel in {**was, **now}:
        yield from _cell("咨询", f"‘{channel}’", was.get(channel, 0), now.get(channel, 0), (), ())


def _words(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    """Title, preamble, the words of each section, and of the picture: line by line."""
    places: list[tuple[str, str, str]] = [("标题", "title", ""), ("前言", "preamble", "")]
    places += [(f"第{numeral}部分", "words", str(n)) for n, numeral in enumerate(SECTIONS, 1)]
    for place, key, section in [*places, ("一图读懂", "picture", "")]:
        if key not in before:
            continue
        was, now = (_lines(each.get(key), section) for each in (before, after))
        gone = [line for line in was if line not in now]
        new = [line for line in now if line not in was]
        if was != now:
            yield Difference("文字", f"‘{place}’", _cut(gone), _cut(new))


SECTIONS = "一二三四五六"
LINE = 40  # characters of a line that differs, as told


def _lines(text: Any, section: str) -> list[str]:
    """The lines of a text, of a section of the words, or of the picture."""
    found = text.get(section, "") if section and isinstance(text, Mapping) else text
    return list(found) if isinstance(found, list) else str(found or "").splitlines()


def _cut(lines: Sequence[str]) -> str:
    shown = [line if len(line) <= LINE else f"{line[:LINE]}……" for line in lines[:SHOWN]]
    return "／".join(shown) or "（无）"


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
