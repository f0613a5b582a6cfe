"""Days in what people read: 2026年3月2日 in every sentence; 2026-03-02 only where it stands alone, as in
the cell of a table. In forms and dossiers as they are shown, and in what the program is written to say
(pages: test_pages_in_browser.py); refusals and warnings are told so at the doors (words/days_told.py).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from situations import reached

from flows import office
from flows.path import forms
from flows.shown.dossier import dossier
from tests.databases import empty_register

ROOT = Path(__file__).resolve().parent.parent
DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
ALONE = re.compile(rf"(?:[^：。，]*：)?{DAY}(?:（暂定）)?(?: ?[至　、] ?{DAY}(?:（暂定）)?)*")
"""One day or several and nothing else, maybe after the name of a field."""
AS_TYPED = {"日期写作 2026-03-02"}
"""What tells how a day is typed."""
HIDDEN = re.compile(r"<(script|style|textarea|select)\b.*?</\1>|<!--.*?-->", re.DOTALL)
BLOCK = re.compile(
    r"</?(?:p|li|t[dhr]|d[dt]|h[1-6]|div|section|label|legend|option|summary|br)\b[^>]*>"
)


def in_sentences(blocks: Iterator[str]) -> list[str]:
    """What says a day as machines write it, and more than that."""
    said = {" ".join(one.split()) for one in blocks}
    return sorted(
        one for one in said - AS_TYPED if re.search(DAY, one) and not ALONE.fullmatch(one)
    )


def blocks(page: str) -> Iterator[str]:
    """What a page says, block by block."""
    for block in BLOCK.split(HIDDEN.sub("\n", page)):
        yield unescape(re.sub(r"<[^>]*>", "", block)).strip()


def texts(schema: Any) -> Iterator[str]:
    """Every text of a form: titles, hints, choices."""
    if isinstance(schema, str):
        yield from schema.replace("<br>", "\n").splitlines()
    elif isinstance(schema, dict | list):
        for one in schema.values() if isinstance(schema, dict) else schema:
            yield from texts(one)


PLAYED = (
    *(
        "等待补正，已过所给的期限",
        "征求意见，退回后无法联系",
        "待签发，第三方意见未到",
        "等待缴费，通知已送达",
    ),
    *(
        "理由合理，已告知延迟答复",
        "待起草，已请处室提供材料",
        "待发出，第三方不同意",
        "责令重新答复，重新办理",
    ),
    *("待起草，已延期", "已办结，当面送达", "台账所载、已办结"),
)
"""Situations of whose days the most is told."""


def shown_of(name: str, folder: Path, patch: pytest.MonkeyPatch) -> Iterator[str]:
    """What is shown of a situation: its form, and its dossier."""
    (folder / name).mkdir()
    with empty_register(folder / name, patch), office.writing() as session:
        case = reached(session, name).case()
        put = forms.point(session, case)
        whole = dossier(session, case.number, office.circumstances(""))
        yield from (*put.description.splitlines(), *texts(put.schema))
        yield from (one for part in whole.sections for one in part.lines)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("<td>2026-03-30（暂定）</td><td>2026-03-01 至 2026-03-02</td>", []),
        ("<li>到件日期：2026-03-02</li>", []),
        ("<p>应于<b>2026-03-30</b>以前移交。</p>", ["应于2026-03-30以前移交。"]),
        ("<h1>打印 2026-03-30</h1>", ["打印 2026-03-30"]),
    ],
)
def test_a_day_in_a_sentence_is_told_from_one_that_stands_alone(
    said: str, found: list[str]
) -> None:
    assert in_sentences(blocks(said)) == found


def test_no_form_or_dossier_says_a_day_as_machines_write_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {one: in_sentences(shown_of(one, tmp_path, monkeypatch)) for one in PLAYED}
    assert {name: said for name, said in found.items() if said} == {}


# ── what the program is written to say ──────────────────────────────────────────────────────────
A_DAY = re.compile(
    r"(?:^|_)(?:on|day|today|since|until|due|latest|earliest)$|^(?:last|closed)_day$"
)
CHINESE = re.compile("[一-鿿]")
TELLS = {"told", "written"}
FOR_MACHINES = {
    "frequent_command.py": "what stands in the log of readings",
    "frequent_pages.py": "what stands in the log of readings",
    "print_pages.py": "what stands in the log of readings",
    "supervision.py": "names of files and of artifacts",
    "demo.py": "a column of days",
    "enrolment.py": "how often a code was wrong since",
    "ledger_corrections.py": "cells as the ledger has them",
    "ledger_days.py": "cells as the ledger has them",
    "ledger_results.py": "cells as the ledger has them",
    "ledger_months.py": "cells as the ledger has them",
    "holiday_notice.py": "days as the file has them",
    "alert_lines.py": "told as a whole where they are put together",
    "upkeep.py": "written before",
    "reviews.py": "answers are told as a whole",
}


MAYBE = re.compile(r"\{[\w.]*(?:on|today|until|due|latest|earliest|day|since)(?:![rs])?\}")


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return "" if node.attr == "day" else node.attr  # the day of a month
    return getattr(node, "id", "")


def raw_days(source: str) -> Iterator[str]:
    """Sentences in which a day is put as it is."""
    tree = ast.parse(source)
    calls = [
        one for one in ast.walk(tree) if isinstance(one, ast.Call) and _name(one.func) in TELLS
    ]
    told = {id(within) for call in calls for within in ast.walk(call)}
    for one in ast.walk(tree):
        if not isinstance(one, ast.JoinedStr) or id(one) in told:
            continue
        said = "".join(str(part.value) for part in one.values if isinstance(part, ast.Constant))
        held = [part for part in one.values if isinstance(part, ast.FormattedValue)]
        if CHINESE.search(said) and any(
            A_DAY.search(_name(part.value)) and part.format_spec is None for part in held
        ):
            yield f"{one.lineno} {said}"


def test_what_the_program_says_writes_its_days() -> None:
    found = {
        file.name: list(raw_days(source))
        for room in ("flows", "letters")
        for file in sorted((ROOT / room).rglob("*.py"))
        if MAYBE.search(source := file.read_text("utf-8"))
    }
    raw = {name: said for name, said in found.items() if said}
    assert {name: said for name, said in raw.items() if name not in FOR_MACHINES} == {}
    assert sorted(FOR_MACHINES.keys() - raw) == []
