"""What is only read is asked for in columns, and found as it stands at that moment."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import empty_register
from sqlalchemy import event, select
from test_register import receive

from flows import office
from models.register import refusals, register
from models.store.happened import objects, rows
from models.store.tables import Application


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with empty_register(tmp_path, monkeypatch):
        yield tmp_path


def test_it_finds_what_this_session_has_just_written() -> None:
    number = receive()
    mine = select(Application.officer).where(Application.number == number)
    with office.reading() as session:
        register.row(session, number).officer = "另一人"
        assert rows(session, mine).scalar() == "另一人"
        session.rollback()
        assert rows(session, mine).scalar() != "另一人"


def test_of_a_table_that_has_none_no_objects_are_made_ready() -> None:
    number, told = receive(), list[str]()
    with office.reading() as session:
        case = register.case(session, number)
        event.listen(office.engine(), "before_cursor_execute", lambda *said: told.append(said[2]))
        assert refusals.last(session, case) is None
        (made,) = objects(session, select(Application).where(Application.number == number))
    assert made.number == number
    assert [one.split()[:2] for one in told if "FROM refusal" in one] == [["SELECT", "1"]]
