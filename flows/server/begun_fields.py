"""Which fields does a form to begin with have on our page, and what was typed in them?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from flows.path.form_fields import OFFICER, Use
from flows.server import signed_in
from flows.server.narrowed import FIXED, Fields, Narrowed
from flows.server.offers import NUMBER
from models.case.personal import ASKED, CODE

LONG: Final = frozenset(
    {"request", "text", "co_applicants", "record", "reasons", "complaint", "words"}
)
ROWS: Final = 4
SHORT: Final = frozenset({OFFICER, NUMBER, *ASKED, "applicant", "agent", "written_by"}) - {
    "address"
}

Given = dict[str, Any]


@dataclass(frozen=True)
class Field:
    """One field as the page has it; kind = fixed, yes, choice, text, line, date,
    number, password."""

    name: str
    title: str
    kind: str
    required: bool
    value: object = ""
    hints: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    wrong: str = ""
    rows: int = 1


@dataclass
class Asked:
    """A form before its officer: its flow, its fields as narrowed, what is required of them."""

    name: str
    use: Use
    form: Narrowed
    required: frozenset[str]
    given: Mapping[str, object] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)
    said: tuple[str, ...] = ()


def fields_shown(asked: Asked, officer: str) -> Iterator[Field]:
    """The fields in the order of the form, with what was typed, and what is wrong in them."""
    for name, entry in asked.form.fields.items():
        value = asked.given.get(name, entry.get("default", ""))
        kind, options = kind_of(entry), tuple(_options(entry))
        if name == NUMBER and asked.form.number:
            kind, value = "fixed", asked.form.number
        if entry.get(FIXED):
            kind, value = "fixed", entry["default"]
        if name == OFFICER and officer:
            kind, value = "fixed", officer
        hints = str(entry.get("description", "")).split("<br>") if entry.get("description") else []
        if name == OFFICER and officer:
            hints = [signed_in.BY]
        if name in SHORT and kind == "text":
            kind = "line"
        if name == CODE:
            kind, value = "password", ""
        yield Field(
            name=name,
            title=str(entry.get("title", name)),
            kind=kind,
            required=name in asked.required and kind != "yes",
            value=value,
            hints=tuple(hints),
            options=options,
            wrong=asked.wrong.get(name, ""),
            rows=ROWS if name in LONG else 1,
        )


def kind_of(entry: Mapping[str, Any]) -> str:
    """What kind of field a question is on the page."""
    if "enum" in entry:
        return "choice"
    if entry.get("type") == "boolean":
        return "yes"
    if entry.get("type") in ("integer", "number"):
        return "number"
    return "date" if entry.get("format") == "date" else "text"


def _options(entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    words = entry.get("words", {})
    for value in entry.get("enum", ()):
        yield str(value), str(words.get(value, value))


def valued(fields: Fields, said: Mapping[str, str]) -> Given:
    """What was typed, as the form's fields have it; a box left empty says nothing."""
    given: Given = {}
    for name, entry in fields.items():
        words = said.get(name, "")
        typed = words if name in ASKED else words.replace("\r\n", "\n").strip()
        if entry.get("type") == "boolean":
            given[name] = bool(typed)
        elif typed:
            given[name] = number(typed) if kind_of(entry) == "number" else typed
    return given


def number(typed: str) -> int | float | str:
    """What was typed as a number; as it is where it is none, which the form's check will say."""
    for read in (int, float):
        try:
            return read(typed)
        except ValueError:
            continue
    return typed
