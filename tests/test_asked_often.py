"""A statement that is asked again and again finds the same by the short way as by SQLAlchemy's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import empty_register
from sqlalchemy import bindparam, event, func, select, text
from sqlalchemy.exc import OperationalError
from sqlmodel import col
from test_register import advance, receive

from flows import office
from models.errors import DisclosureError
from models.register import refusals, register
from models.store import asked_often
from models.store.happened import objects, rows
from models.store.tables import Applicant, Application, Event

OFTEN = asked_often.OFTEN + 2


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with empty_register(tmp_path, monkeypatch):
        yield tmp_path


EVENTS = (  # words, a day, a moment, JSON, several values that are given, and several that are not
    select(Event.case_number, Event.on, Event.recorded_at, Event.facts, Event.position)
    .where(
        col(Event.case_number).in_(bindparam("numbers", expanding=True)),
        col(Event.kind).in_(["registered", "received"]),
        Event.officer != "无此人",
        Event.on <= bindparam("until"),
    )
    .order_by(Event.case_number, Event.position)
)
SEALED = select(Applicant.contact).where(Applicant.case_number == bindparam("number"))
MOST = select(func.max(Event.position), func.count())
WORDS = text("SELECT number FROM application WHERE number >= :low ORDER BY number")


def test_it_finds_the_same() -> None:
    numbers = [receive(), receive()]
    advance(numbers[0], steps=2)
    today = office.today()
    asked = (
        (EVENTS, {"numbers": numbers, "until": today}),
        (EVENTS, {"numbers": numbers[:1], "until": today}),
        (EVENTS, {"numbers": [], "until": today}),
        (SEALED, {"number": numbers[0]}),
        (MOST, {}),
        (WORDS, {"low": numbers[1]}),
    )
    for statement, params in asked:
        for _ in range(OFTEN):
            with office.reading() as session:
                expected = [tuple(one) for one in session.connection().execute(statement, params)]
                found = rows(session, statement, params)
                assert [*found.keys()] == [*session.connection().execute(statement, params).keys()]
                assert [tuple(one) for one in found] == expected
    with office.reading() as session:
        assert rows(session, EVENTS, asked[0][1]).first().position == 0
        assert rows(session, WORDS, {"low": numbers[1]}).scalar_one() == numbers[1]


def test_it_finds_what_this_session_has_just_written() -> None:
    number = receive()
    mine = select(Application.officer).where(Application.number == number)
    for n in range(OFTEN):
        with office.reading() as session:
            register.row(session, number).officer = f"办理人{n}"
            assert rows(session, mine).scalar() == f"办理人{n}"
            session.rollback()
            assert rows(session, mine).scalar() != f"办理人{n}"


def test_whoever_listens_is_told_of_each() -> None:
    number, told = receive(), list[str]()
    event.listen(office.engine(), "before_cursor_execute", lambda *said: told.append(said[2]))
    with office.reading() as session:
        for _ in range(OFTEN):
            rows(session, SEALED, {"number": number})
    assert len([one for one in told if "contact" in one]) == OFTEN


def test_what_fails_says_so_as_ever() -> None:
    gone = text("SELECT number FROM application")
    for _ in range(OFTEN):
        with office.reading() as session:
            rows(session, gone).all()
    with office.reading() as session:
        session.connection().exec_driver_sql("ALTER TABLE application RENAME TO gone")
        with pytest.raises((OperationalError, DisclosureError)):
            rows(session, gone)
        session.rollback()


def test_of_a_table_that_has_none_no_objects_are_made_ready() -> None:
    number, told = receive(), list[str]()
    with office.reading() as session:
        case = register.case(session, number)
        for _ in range(OFTEN):
            assert refusals.last(session, case) is None
        event.listen(office.engine(), "before_cursor_execute", lambda *said: told.append(said[2]))
        assert refusals.last(session, case) is None
        (made,) = objects(session, select(Application).where(Application.number == number))
    assert made.number == number
    assert [one.split()[:2] for one in told if "FROM refusal" in one] == [["SELECT", "1"]]
