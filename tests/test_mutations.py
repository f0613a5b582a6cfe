"""The search for small changes that no test notices: it makes them, and notices what they do.

The search itself takes its time: python -m tests.mutations --files models/law --count 200 --seed 1
"""

from __future__ import annotations

import ast
from datetime import date
from pathlib import Path

import pytest
from histories import LAW, RECEIVED, standing

from models.acts.procedure.excess import reasons_due, reasons_overdue
from models.case.stage import Stage
from tests.mutations import Change, There, _forked, changes, equal, files, instead, is_equal

EXCESS = "models/acts/procedure/excess.py"
EQUAL = equal()


@pytest.mark.parametrize(
    ("said", "instead_of_it"),
    [
        ("day < last", ["day <= last"]),
        ("first <= day <= last", ["first < day <= last", "first <= day < last"]),
        ("day is None", ["day is not None"]),
        ("late and told", ["late or told", "told", "late"]),
        ("case and case.fee", ["case or case.fee", "case"]),  # mypy refuses case.fee alone
        ("not late", ["late"]),
        ("15", ["16", "14"]),
        ("True", ["False"]),
        ("day + 1", ["day - 1"]),
        ("min(first, last)", ["max(first, last)"]),
        ("late if told else due", ["late if not told else due"]),
        ("(Stage.FEE, Stage.CLOSED)", ["(Stage.CLOSED,)", "(Stage.FEE,)"]),
        ("one", []),
    ],
)
def test_what_an_expression_might_have_said(said: str, instead_of_it: list[str]) -> None:
    found = instead(ast.parse(said, mode="eval").body)
    assert [ast.unparse(ast.fix_missing_locations(one)) for one in found] == instead_of_it


def the(before: str, after: str, where: str) -> Change:
    (found,) = (
        one
        for one in changes(EXCESS)
        if (one.before, one.after, one.where) == (before, after, where)
    )
    return found


def test_a_change_is_put_into_the_function_that_is_there() -> None:
    history = standing(Stage.DRAFTING).usual("reasons_asked", delivered_on=RECEIVED)
    assert history.case.excess is not None
    due = reasons_due(history.case.excess, LAW)
    assert due == (date(2026, 3, 11), ())

    def told_on_the_last_day() -> int:
        change = the("today <= due.day", "today < due.day", "reasons_overdue")
        done = There.now().install(change)
        return 7 if done and reasons_overdue(history.case, due.day, LAW) else 1

    assert _forked(told_on_the_last_day, 60) == 7
    assert reasons_overdue(history.case, due.day, LAW) is None  # nothing is changed here


def test_what_loops_for_ever_is_ended() -> None:
    def for_ever() -> int:
        while True:
            pass

    assert _forked(for_ever, 0.2) < 0


@pytest.mark.parametrize("row", EQUAL, ids=lambda row: f"{row['file']}:{row['where']}")
def test_every_change_said_to_be_equal_could_be_made_and_has_its_reason(
    row: dict[str, str],
) -> None:
    assert row.keys() == {"file", "where", "before", "after", "reason"}
    assert any(is_equal(change, [row]) for change in changes(row["file"])), row
    assert row["reason"].strip()


def test_files_are_those_of_the_rooms_named() -> None:
    found = files(["models", "flows/morning/outbox.py"])
    assert {"models/law/deadline.py", "flows/morning/outbox.py"} <= set(found)
    assert not any("migrations" in path for path in found)
    assert all(Path(path).suffix == ".py" for path in found)
