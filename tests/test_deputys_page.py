"""All that an officer's own page shows as his: his deputy sees it while he is away, and no longer after."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from officers import OFFICERS, REVIEWER

from flows import office
from flows.counter import papers as counter
from flows.path.form_fields import By
from flows.shown import lists
from flows.shown.limits_calendar import entries
from flows.shown.lists import tags
from models.agency.officers import standing_in
from models.register import refused_forms, register
from tests.databases import empty_register
from tests.our_pages import CLERK, Desk, at, confirmed, part, received
from tests.test_away import AWAY, DAYS

OTHER = "钱七"


@pytest.fixture
def number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A case of the officer who is going to be away; it waits for its applicant."""
    with empty_register(tmp_path, monkeypatch):
        monkeypatch.setenv("DISCLOSURE_CODES", "off")
        confirmed(made := received())
        at(made, waiting="补正", waiting_until=date(2026, 3, 17))
        listed = [
            one.model_copy(update={"away": (AWAY,)}) if one.name == CLERK else one
            for one in OFFICERS
        ]
        other = OFFICERS[0].model_copy(update={"name": OTHER})
        agency = office.agency().model_copy(update={"officers": (*listed, other)})
        monkeypatch.setattr(office, "agency", lambda: agency)
        yield made


def page_of(officer: str, path: str = "/") -> str:
    desk = Desk()
    desk.officer = officer
    return desk.get(path)


@pytest.mark.parametrize(("day", "away"), DAYS)
def test_notes_to_the_absent_stand_on_his_deputys_page(
    day: str, away: bool, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter.note(number, "申请人来电，请回", CLERK, By(OTHER))
    counter.note(number, "给别人的", OTHER, By(CLERK))
    counter.note(number, "给大家的", "", By(CLERK))
    monkeypatch.setenv("DISCLOSURE_TODAY", day)
    notes = part(page_of(REVIEWER), "notes")
    assert (f"{OTHER}给{CLERK}：申请人来电，请回" in notes) == away
    assert "给别人的" not in notes
    assert "给大家的" not in notes
    assert f"{OTHER}：申请人来电，请回" in part(page_of(CLERK), "notes")
    assert "申请人来电" not in part(page_of(OTHER), "notes")


@pytest.mark.parametrize(("day", "away"), DAYS)
def test_what_waits_for_others_is_the_deputys_to_look_after(
    day: str, away: bool, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a department has answered leaves this list, for the one of what he is to do."""
    monkeypatch.setenv("DISCLOSURE_TODAY", day)
    outside = part(page_of(REVIEWER), "outside")
    assert (number in outside) == away
    assert (f"代{CLERK}" in outside) == away
    assert number in part(page_of(CLERK), "outside")
    assert number not in part(page_of(OTHER), "outside")
    at(number, stage="待签发", waiting="", waiting_until=None)
    others = part(page_of(REVIEWER), "others")
    assert (number in others, f"代{CLERK}" in others) == (away, away)


@pytest.mark.parametrize(("day", "away"), DAYS)
def test_calendar_and_feed_have_the_limits_of_whoever_is_away(
    day: str, away: bool, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCLOSURE_TODAY", day)
    month = page_of(REVIEWER, "/calendar?month=2026-03")
    assert (number in month) == away
    assert (f"答复期限（代{CLERK}）" in month) == away
    with office.reading() as session:
        deputys = [one.title for one in entries(session, office.circumstances(REVIEWER))]
        his = [one.title for one in entries(session, office.circumstances(CLERK))]
    said = [f"答复期限　{number}（代{CLERK}）", f"等补正　{number}（代{CLERK}）"]
    assert deputys == (said if away else [])
    assert his == [f"答复期限　{number}", f"等补正　{number}"]


@pytest.mark.parametrize(("day", "away"), DAYS)
def test_forms_that_were_refused_filters_and_hand_over_name_the_deputy(
    day: str, away: bool, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with office.writing() as session:
        why, typed = (1, "到件日期晚于今天"), {"officer": CLERK}
        refused_forms.keep(session, "1", "r", "登记申请", why, typed, office.now())
    monkeypatch.setenv("DISCLOSURE_TODAY", day)
    assert ("到件日期晚于今天" in part(page_of(REVIEWER), "refused")) == away
    now = office.circumstances("")
    with office.reading() as session:
        row = register.row(session, number)
        lines = {one.key: words for one, words in lists.pages(session, now)}
    assert (f"承办：{REVIEWER}" in tags(row, now)) == away
    assert f"承办：{CLERK}" in tags(row, now)
    assert (f"{CLERK}（{REVIEWER}代）" in lines["waiting"]) == away
    assert (f"{CLERK}（{REVIEWER}代）（1）" in page_of(OTHER, "/together/assigned")) == away


def test_for_whom_one_stands_in_is_told_with_the_last_day() -> None:
    officers = [one.model_copy(update={"away": (AWAY,)}) for one in OFFICERS[:1]]
    assert standing_in(officers, REVIEWER, date(2026, 3, 12)) == {CLERK: date(2026, 3, 12)}
    assert standing_in(officers, REVIEWER, date(2026, 3, 13)) == {}
    assert standing_in(officers, "", date(2026, 3, 12)) == {}
