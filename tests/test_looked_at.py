"""Cases that are only looked at are replayed once for as long as nothing is recorded in them, and stand
as they stand: after a further act, after one that was taken back with its transaction.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import empty_register
from histories import DRAFTER
from sqlalchemy import event
from sqlmodel import Session
from test_register import PATH, advance, receive

from flows import office
from flows.path import recording
from models.alerts import looked_at as kept
from models.alerts.looked_at import Looked, looked_at
from models.case.stage import Stage
from models.register import register, same_applicant


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with empty_register(tmp_path, monkeypatch):
        yield tmp_path


def looked(number: str) -> Looked:
    with office.reading() as session:
        (found,) = looked_at(session, [number])
    assert found is not None
    return found


def test_a_case_in_which_nothing_was_done_is_read_once() -> None:
    number, asked = receive(), list[str]()
    first = looked(number)
    event.listen(office.engine(), "before_cursor_execute", lambda *said: asked.append(said[2]))
    assert looked(number) is first
    assert not [one for one in asked if "facts" in one]


def test_after_an_act_it_stands_where_the_act_has_brought_it() -> None:
    number = receive()
    assert looked(number).case.stage is Stage.CONFIRMING
    advance(number, steps=1)
    assert (looked(number).case.stage, len(looked(number).events)) == (Stage.JURISDICTION, 2)


def test_what_was_seen_of_an_act_that_was_rolled_back_is_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    number, seen = receive(), list[Stage]()
    note = register.record

    def cut_off(session: object, *given: object, **how: object) -> object:
        note(session, *given, **how)  # type: ignore[arg-type]
        (found,) = looked_at(session, [number])  # type: ignore[arg-type]
        seen.append(found.case.stage)  # type: ignore[union-attr]
        raise OSError("the power went")

    with monkeypatch.context() as patch:
        patch.setattr(register, "record", cut_off)
        with pytest.raises(OSError, match="power"):
            advance(number, steps=1)
    assert seen == [Stage.JURISDICTION]
    contact = {"tried_on": "2026-03-02", "how": "电话", "result": "无人接听"}
    done = recording.perform(number, 1, "contact_tried", contact, DRAFTER)
    assert done.reasons == ()
    assert looked(number).case.stage is Stage.CONFIRMING
    assert looked(number).case.steps[-1].act.kind == "contact_tried"


def test_each_is_found_at_its_place_and_nothing_of_a_number_without_a_case() -> None:
    numbers = [receive(), receive()]
    advance(numbers[0])
    with office.reading() as session:
        found = looked_at(session, [numbers[1], "SQ202699999", numbers[0]])
    stages = [one and one.case.stage for one in found]
    assert stages == [Stage.CONFIRMING, None, Stage.CLOSED]


def test_of_more_than_are_kept_the_last_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "KEPT", 2)
    numbers = [receive() for _ in range(3)]
    before = [looked(number) for number in numbers]
    assert looked(numbers[2]) is before[2]
    assert looked(numbers[0]) is not before[0]
    assert looked(numbers[0]).case.number == numbers[0]


def test_a_case_that_is_closed_is_kept_no_longer() -> None:
    number, still_open = receive(), receive()
    advance(number, steps=len(PATH) - 1)
    last = looked(number)
    assert looked(number) is last
    assert looked(still_open) is looked(still_open)
    kind, answer, officer = PATH[-1]
    assert recording.perform(number, len(PATH), kind, dict(answer), officer).reasons == ()
    closed = looked(number)
    assert closed.case.stage is Stage.CLOSED
    assert looked(number) is not closed
    assert looked(number).case == closed.case
    ((_, held),) = [(pool, held) for pool, held in kept._KEPT.items() if still_open in held]
    assert number not in held


# ── the other applications of the same applicant ────────────────────────────────────────────────
def others(number: str) -> list[tuple[str, str]]:
    with office.reading() as session:
        case = register.case(session, number)
        now = same_applicant.informed(session, case, office.circumstances(DRAFTER))
    return [(one.number, one.stage) for one in now.others]


def test_the_others_of_an_applicant_are_looked_for_once_while_nothing_is_recorded() -> None:
    first, other, asked = receive(), receive(), list[str]()
    assert others(first) == [(other, Stage.CONFIRMING)]
    event.listen(office.engine(), "before_cursor_execute", lambda *said: asked.append(said[2]))
    assert others(first) == [(other, Stage.CONFIRMING)]
    assert not [one for one in asked if "applicant" in one]


def test_the_others_are_as_they_are_after_each_act() -> None:
    first, other = receive(), receive()
    assert others(first) == [(other, Stage.CONFIRMING)]
    advance(other, steps=1)
    assert others(first) == [(other, Stage.JURISDICTION)]
    third = receive()
    assert others(first) == [(other, Stage.JURISDICTION), (third, Stage.CONFIRMING)]


def test_what_is_being_recorded_counts_among_the_others_in_its_own_transaction(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, other, seen = receive(), receive(), list[str]()
    assert others(first) == [(other, Stage.CONFIRMING)]
    note = register.record

    def cut_off(session: Session, *given: object, **how: object) -> None:
        note(session, *given, **how)  # type: ignore[arg-type]
        now = office.circumstances(DRAFTER)
        seen.extend(
            one.stage
            for one in same_applicant.informed(session, register.case(session, first), now).others
        )
        raise OSError("the power went")

    with monkeypatch.context() as patch:
        patch.setattr(register, "record", cut_off)
        with pytest.raises(OSError, match="power"):
            advance(other, steps=1)
    assert seen == [Stage.JURISDICTION]
    assert others(first) == [(other, Stage.CONFIRMING)]
