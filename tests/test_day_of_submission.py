"""What an officer submits is of the day that he was shown as today, however late it is come to.

And what comes back to him proposes the day on which it comes back.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import col, select

from flows import office
from flows.path import desk as handling
from flows.path import forms, recording
from flows.prefect_side import stretch
from models.register import refusals, register
from models.store.tables import Event
from tests.running_office import RunningOffice, running_office

CLERK = "陈静"
POSTED = {"delivery": "ems", "proof": "1234567890123"}
SHANGHAI_MIDNIGHT = datetime(2026, 3, 2, 16, tzinfo=UTC)  # the third begins
SECOND = timedelta(seconds=1)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningOffice]:
    with running_office(tmp_path, monkeypatch) as running:
        yield running


def perform(desk: RunningOffice, kind: str, **fields: object) -> recording.Recorded:
    with office.reading() as session:
        at = register.case(session, desk.number).position
    return recording.perform(desk.number, at, kind, fields, CLERK)


def last_event(desk: RunningOffice) -> Any:
    with office.reading() as session:
        found = select(Event).where(Event.case_number == desk.number)
        return session.exec(found.order_by(col(Event.position).desc())).first()


# ── accepted before midnight, performed after ───────────────────────────────────────────────────
@pytest.mark.parametrize("late", [0, 1, 5])
def test_what_was_accepted_on_a_day_is_recorded_on_that_day(late: int, desk: RunningOffice) -> None:
    desk.put_up("待发出")
    day = desk.today
    desk.today += timedelta(days=late)
    with office.as_of(day):
        assert office.today() == day
        done = perform(desk, "replied", **POSTED, sent_on=day.isoformat())
    assert not done.refused
    assert last_event(desk).recorded_on == day
    assert office.today() == day + timedelta(days=late)


def test_a_day_that_was_to_come_when_it_was_submitted_is_refused_though_it_has_come(
    desk: RunningOffice,
) -> None:
    desk.put_up("待发出")
    day = desk.today
    desk.today += timedelta(days=1)
    tomorrow = desk.today.isoformat()
    with office.as_of(day):
        assert perform(desk, "replied", **POSTED, sent_on=tomorrow).refused
    assert not perform(desk, "replied", **POSTED, sent_on=tomorrow).refused


def test_the_clock_itself_is_guarded_as_before(desk: RunningOffice) -> None:
    """An earlier day of submission is no clock set back, and hides none (models/soundness/clock.py)."""
    desk.put_up("待发出")
    day = desk.today
    with office.writing():
        pass
    with office.as_of(day - timedelta(days=3)), office.writing():
        pass
    assert office.day_of_clock() == day


@pytest.mark.parametrize(
    ("resumed", "day"),
    [
        (SHANGHAI_MIDNIGHT - SECOND, date(2026, 3, 2)),
        (SHANGHAI_MIDNIGHT, date(2026, 3, 3)),
        (SHANGHAI_MIDNIGHT + SECOND, date(2026, 3, 3)),
    ],
)
@pytest.mark.parametrize("tried_again", [False, True])
def test_the_day_of_submission_is_that_of_the_last_answer(
    tried_again: bool, resumed: datetime, day: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Made days before, answered at midnight, come to at one o'clock; or tried again since then."""
    asked: list[object] = []
    states = [
        SimpleNamespace(name="Scheduled", timestamp=resumed - timedelta(days=5)),
        SimpleNamespace(name="Resuming", timestamp=resumed - timedelta(days=2)),
        SimpleNamespace(name="Resuming", timestamp=resumed),
        SimpleNamespace(name="Scheduled", timestamp=SHANGHAI_MIDNIGHT + timedelta(hours=1)),
    ]

    class Client:
        def __enter__(self) -> Client:
            return self

        def __exit__(self, *_: object) -> None: ...

        def read_flow_run_states(self, run: object) -> list[SimpleNamespace]:
            asked.append(run)
            return states[: 4 if tried_again else 3]

    run = SimpleNamespace(id=uuid4(), created=resumed - timedelta(days=5), idempotency_key=None)
    monkeypatch.setattr(stretch, "under_way", lambda: SimpleNamespace(flow_run=run))
    monkeypatch.setattr(handling, "connected", lambda **_: Client())
    monkeypatch.setattr(office, "day_of_clock", lambda: date(2026, 3, 3))
    monkeypatch.delenv("DISCLOSURE_TODAY", raising=False)
    monkeypatch.delenv("DISCLOSURE_TODAY_FILE", raising=False)
    taken_up: Any = states[3] if tried_again else states[2]
    token = stretch.TAKEN_UP.set(taken_up)
    try:
        assert handling.submitted_on() == day
        looked = list(asked)
        assert handling.submitted_at() == resumed
    finally:
        stretch.TAKEN_UP.reset(token)
    assert looked == ([run.id] if tried_again else []), "asked only where need be"


@pytest.mark.parametrize("hours", [-1, 0, 3, 7 * 24])
def test_a_clock_set_back_since_leaves_the_moment_as_it_was_and_the_day_is_todays(
    hours: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pass is of the moment at which the door took the form: judged by the clock that was set back
    since, it was none, and what had been accepted was asked for again.
    """
    given = SHANGHAI_MIDNIGHT + timedelta(hours=1)
    now = given - timedelta(hours=hours)
    run = SimpleNamespace(id=uuid4(), created=given, idempotency_key=None)
    client = SimpleNamespace(read_flow_run_states=lambda _: [SimpleNamespace(name="Scheduled")])
    monkeypatch.setattr(stretch, "under_way", lambda: SimpleNamespace(flow_run=run))
    monkeypatch.setattr(handling, "connected", lambda **_: nullcontext(client))
    monkeypatch.setattr(office, "now", lambda: now)
    monkeypatch.setattr(office, "day_of_clock", lambda: office.day_of(now))
    monkeypatch.setattr(office, "day_is_fixed", lambda: False)
    assert handling.submitted_at() == given
    assert handling.submitted_on() == min(office.day_of(now), date(2026, 3, 3))


@pytest.mark.parametrize("answered", [False, True])
def test_a_run_that_goes_on_for_another_does_the_form_of_that_one(
    answered: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other was begun, or answered, before midnight; it failed, and goes on an hour after."""
    before, run = uuid4(), SimpleNamespace(id=uuid4(), created=SHANGHAI_MIDNIGHT + 3600 * SECOND)
    run.idempotency_key = f"{handling.CONTINUES}{before}/{before}"
    given = SHANGHAI_MIDNIGHT - (SECOND if answered else 2 * SECOND)
    states = {
        before: [
            SimpleNamespace(name="Scheduled", timestamp=SHANGHAI_MIDNIGHT - 2 * SECOND),
            *([SimpleNamespace(name="Resuming", timestamp=given)] if answered else []),
        ],
        run.id: [SimpleNamespace(name="Scheduled", timestamp=run.created)],
    }
    client = SimpleNamespace(read_flow_run_states=states.__getitem__)
    monkeypatch.setattr(stretch, "under_way", lambda: SimpleNamespace(flow_run=run))
    monkeypatch.setattr(handling, "connected", lambda **_: nullcontext(client))
    monkeypatch.setattr(office, "day_is_fixed", lambda: False)
    for today in (date(2026, 3, 3), date(2026, 3, 4)):
        monkeypatch.setattr(office, "day_of_clock", lambda today=today: today)
        assert handling.submitted_at() == given
        assert handling.submitted_on() == date(2026, 3, 2)


# ── a form that comes back ──────────────────────────────────────────────────────────────────────
def shown(desk: RunningOffice, kind: str) -> dict[str, Any]:
    """What the fields of an act are filled in with, in the form as it is opened now."""
    with office.reading() as session:
        point = forms.point(session, register.case(session, desk.number))
    tabs = point.schema.get("anyOf", [point.schema])
    (found,) = [one for one in tabs if f"{kind}.officer" in one["properties"]]
    return {key.partition(".")[2]: one.get("default") for key, one in found["properties"].items()}


@pytest.mark.parametrize("later", [0, 1, 30])
@pytest.mark.parametrize("moved", [-1, 0])
def test_a_day_left_as_proposed_is_todays_when_the_form_comes_back(
    moved: int, later: int, desk: RunningOffice
) -> None:
    """One that the officer wrote himself, yesterday's, stays as he wrote it (Art. 33)."""
    desk.put_up("待发出")
    desk.today += timedelta(days=3)
    assert shown(desk, "replied")["sent_on"] == desk.today.isoformat()
    typed = desk.today + timedelta(days=moved)
    refused = perform(
        desk, "replied", sent_on=typed.isoformat(), delivery="in_person", signed_by="", proof="甲"
    )
    assert refused.refused
    desk.today += timedelta(days=later)
    again = shown(desk, "replied")
    assert again["sent_on"] == (desk.today if moved == 0 else typed).isoformat()
    assert again["proof"] == "甲"


def test_what_was_refused_before_its_day_was_kept_stays_as_typed(
    desk: RunningOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.put_up("待发出")
    day = desk.today.isoformat()
    keep = refusals.keep_answer
    monkeypatch.setattr(
        refusals,
        "keep_answer",
        lambda session, kept, answer: keep(
            session, kept, {k: v for k, v in answer.items() if k != recording.DAY}
        ),
    )
    assert perform(desk, "replied", sent_on=day, delivery="in_person", proof="甲").refused
    desk.today += timedelta(days=2)
    assert shown(desk, "replied")["sent_on"] == day
