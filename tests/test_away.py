"""Whoever is away is stood in for: to-do, alerts and rights follow for those days, and the record says so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from officers import CLEARER, OFFICERS, REVIEWER
from sqlmodel import select

from flows import office
from flows.counter import papers as counter
from flows.morning.outbox import _to_deputies
from flows.path import recording
from flows.path.form_fields import By
from flows.shown.bench import is_his, turn_of
from flows.shown.brief import brief
from flows.shown.dossier import dossier
from flows.shown.trail import trail
from models.acts.intake.assignment import Assign
from models.agency.officers import (
    Absence,
    Officer,
    Role,
    acted_for,
    by_whom,
    load_officers,
    on_duty,
)
from models.alerts import digests
from models.alerts.alert_tables import Alert, Recipient
from models.alerts.recipients import recipients
from models.case.case import Case
from models.errors import ConfigFault
from models.neighbours.enquiry import advise
from models.neighbours.papers import papers
from models.register import closed_years, register
from models.store.tables import Enquiry, Event, ReportText, YearCorrection
from models.year.year_text import enter_text
from tests.databases import empty_register
from tests.our_pages import CLERK, Desk, confirmed, part, received

FIRST, LAST = date(2026, 3, 10), date(2026, 3, 12)
AWAY = Absence(since=FIRST, until=LAST, deputy=REVIEWER)
ABSENT = tuple(
    one.model_copy(update={"away": (AWAY,)}) if one.name == CLERK else one for one in OFFICERS
)
DAY = timedelta(days=1)
TABLES = '{"year": 2025}'
DAYS = [("2026-03-09", False), ("2026-03-10", True), ("2026-03-12", True), ("2026-03-13", False)]


@pytest.fixture
def number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A case of the officer who is going to be away."""
    with empty_register(tmp_path, monkeypatch):
        monkeypatch.setenv("DISCLOSURE_CODES", "off")
        made = received()
        confirmed(made)
        agency = office.agency().model_copy(update={"officers": ABSENT})
        monkeypatch.setattr(office, "agency", lambda: agency)
        yield made


@pytest.mark.parametrize(("day", "away"), DAYS)
def test_to_do_alerts_and_rights_follow_on_those_days(
    day: str, away: bool, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCLOSURE_TODAY", day)
    his, deputys = office.circumstances(CLERK), office.circumstances(REVIEWER)
    with office.reading() as session:
        row = register.row(session, number)
    acts = (REVIEWER,) if away else (CLERK,)
    assert turn_of(row, his) == acts
    assert (is_his(row, his), is_his(row, deputys)) == (not away, away)
    assert recipients(alert(number), his) == acts
    done = recording.perform(number, 2, "found_ours", {}, REVIEWER)
    assert done.refused != away
    if not away:
        assert "没有“承办”的职责" in "".join(done.reasons)
        return
    with office.reading() as session:
        event = session.exec(select(Event).where(Event.kind == "found_ours")).one()
        shown = "".join(
            line for one in dossier(session, number, his).sections for line in one.lines
        )
        said = [line[1] for line in trail(session, date(2020, 1, 1), date(2100, 1, 1))]
    assert (event.officer, event.facts["acted_for"]) == (REVIEWER, CLERK)
    assert f"{REVIEWER}（代{CLERK}）" in shown
    assert f"{REVIEWER}（代{CLERK}）" in said


def test_whoever_is_away_is_not_locked_out(number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCLOSURE_TODAY", "2026-03-11")
    assert not recording.perform(number, 2, "found_ours", {}, CLERK).refused
    with office.reading() as session:
        event = session.exec(select(Event).where(Event.kind == "found_ours")).one()
    assert "acted_for" not in event.facts


def test_the_deputys_page_says_for_whom_he_works(
    number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCLOSURE_TODAY", "2026-03-10")
    desk = Desk()
    desk.officer = REVIEWER
    page = desk.get("/")
    assert number in part(page, "mine")
    assert f"代理{CLERK}，至3月12日" in page
    assert f"{REVIEWER}（代{CLERK}）" in part(page, "mine")
    assert "不在岗" not in page
    desk.officer = CLERK
    page = desk.get("/")
    assert number not in part(page, "mine")
    assert f"名单上您不在岗，至3月12日由{REVIEWER}代理，您的待办归代理人" in page
    with office.reading() as session:
        told = brief(register.case(session, number), office.circumstances(""))
    assert f"**承办人**　{CLERK}，不在岗至2026年3月12日，由{REVIEWER}代理" in told
    monkeypatch.setenv("DISCLOSURE_TODAY", "2026-03-13")
    assert "不在岗" not in desk.get("/")
    with office.reading() as session:
        told = brief(register.case(session, number), office.circumstances(""))
    assert "承办人" not in told


def test_whoever_hands_a_case_on_is_told_who_is_away(
    number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCLOSURE_TODAY", "2026-03-12")
    now = office.circumstances(REVIEWER)
    case = Case("", officer=REVIEWER)
    away = f"{CLERK}（政务公开办公室，不在岗至2026年3月12日，由{REVIEWER}代理）"
    assert Assign.options(case, now)["handler"] == {CLERK: away}
    monkeypatch.setenv("DISCLOSURE_TODAY", "2026-03-13")
    back = Assign.options(case, office.circumstances(REVIEWER))
    assert back["handler"] == {CLERK: f"{CLERK}（政务公开办公室）"}


def alert(number: str) -> Alert:
    return Alert(
        subject=number, rule="reply-3", version="2026-03-30", kind="reply", left=3,
        last_day=date(2026, 3, 30), due_on=FIRST, found_on=FIRST, officer=CLERK, stage="权属判断",
        found_at=datetime(2026, 3, 9, tzinfo=UTC),
    )  # fmt: skip


@pytest.mark.parametrize(("day", "away"), DAYS)
def test_what_was_still_to_be_told_is_told_to_the_deputy(
    day: str, away: bool, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCLOSURE_TODAY", day)
    with office.writing() as session:
        one = alert(number)
        told = Recipient(subject=one.subject, rule=one.rule, version=one.version, person=CLERK)
        session.add_all([one, told])
        session.flush()
        _to_deputies(session, office.circumstances(""))
        assert list(digests.untold(session)) == [REVIEWER if away else CLERK]


def test_one_acts_in_his_own_right_where_he_has_it() -> None:
    """For the absent only in their cases, or by their rights."""
    away = Absence(since=FIRST, until=LAST, deputy=CLEARER)
    officers = on_duty(
        [
            one.model_copy(update={"away": (away,)}) if one.name in (CLERK, REVIEWER) else one
            for one in OFFICERS
        ],
        FIRST,
    )
    assert acted_for(officers, CLEARER, [Role.SECRECY]) == ()
    assert acted_for(officers, CLEARER, [Role.REVIEW]) == (REVIEWER,)
    assert acted_for(officers, CLEARER, [Role.HANDLE], CLERK) == (CLERK,)
    assert acted_for(officers, CLEARER, [Role.HANDLE, Role.REVIEW]) == (CLERK, REVIEWER)
    assert acted_for(officers, CLERK, [Role.HANDLE]) == ()
    assert acted_for(officers, CLEARER, [Role.SIGN]) == ()


LISTED = """
[[officer]]
name = "甲"
roles = ["handle", "review", "secrecy", "head", "sign"]
{away}

[[officer]]
name = "乙"
roles = ["handle"]
away = [{{ from = 2026-05-01, to = 2026-05-05, deputy = "甲" }}]

[[officer]]
name = "丙"
department = "业务处"
roles = ["supply"]
"""


@pytest.mark.parametrize(
    ("away", "said"),
    [
        ('[{ from = 2026-04-01, to = 2026-04-30, deputy = "乙" }]', ""),
        ('[{ from = 2026-04-01, to = 2026-04-01, deputy = "乙" }]', ""),
        ('[{ from = 2026-04-02, to = 2026-04-01, deputy = "乙" }]', "早于开始日期"),
        ('[{ from = 2026-04-01, to = 2026-05-01, deputy = "乙" }]', "乙在2026-04-01至2026-05-01之间也不在岗"),
        ('[{ from = 2026-05-05, to = 2026-05-09, deputy = "乙" }]', "也不在岗"),
        ('[{ from = 2026-05-06, to = 2026-05-09, deputy = "乙" }]', ""),
        ('[{ from = 2026-04-01, to = 2026-04-02, deputy = "甲" }]', "应为名单中的另一人"),
        ('[{ from = 2026-04-01, to = 2026-04-02, deputy = "丁" }]', "应为名单中的另一人"),
        ('[{ from = 2026-04-01, to = 2026-04-02, deputy = "丙" }]', "只提供材料"),
        ('[{ from = 2026-04-01, deputy = "乙" }]', "away"),
        (
            '[{ from = 2026-04-01, to = 2026-04-02, deputy = "乙" }, '
            '{ from = 2026-04-02, to = 2026-04-03, deputy = "乙" }]',
            "重叠",
        ),
    ],
)  # fmt: skip
def test_days_away_are_judged_when_the_list_is_read(away: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "officers.toml"
    file.write_text(LISTED.format(away=f"away = {away}"), "utf-8")
    if not said:
        assert len(load_officers(file)[0].away) == 1
        return
    with pytest.raises(ConfigFault, match=said):
        load_officers(file)


# ── what keeps no facts of its own ──────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("day", "away"), DAYS)
def test_who_acted_for_whom_stands_in_figures_words_advice_and_notes(
    day: str, away: bool, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCLOSURE_TODAY", day)
    name = REVIEWER if away else CLERK  # who may: by the roles of the absent
    said = f"{REVIEWER}（代{CLERK}）" if away else CLERK
    now = office.circumstances(name)
    when = {"recorded_on": now.today, "recorded_at": office.now(), "officer": name}
    with office.writing() as session:
        advised = advise(session, Enquiry(on=FIRST - DAY, channel="现场接待", **when), now)
        words = enter_text(session, ReportText(year=2026, part="preamble", text="甲", **when), now)
        assert (advised.officer, words.officer) == (said, said)
    counter.note(number, "请核对", "", By(name))
    with office.reading() as session:
        own = [one.officer for one in papers(session, number).notes]
    assert own == [name], "a note he writes in his own right"


def test_the_years_report_is_signed_in_the_name_of_whoever_is_away(
    number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signed, corrected, overruled: as a deputy, in the name of the head."""
    heads = Officer(
        name="王主任", roles=(Role.SIGN,), away=(AWAY.model_copy(update={"deputy": CLEARER}),)
    )
    listed = [
        heads,
        Officer(name=CLEARER, roles=(Role.SECRECY,)),
        Officer(name=CLERK, roles=(Role.SIGN,)),
    ]
    for name, said in (
        (CLEARER, f"{CLEARER}（代王主任）"), (CLERK, CLERK), ("王主任", "王主任")
    ):  # fmt: skip
        agency = office.agency().model_copy(update={"officers": tuple(listed)})
        monkeypatch.setattr(office, "agency", lambda agency=agency: agency)
        monkeypatch.setenv("DISCLOSURE_TODAY", str(FIRST))
        now = office.circumstances(name)
        with office.writing() as session:
            report = closed_years.sign(session, 2025, TABLES, (), now, office.now(), "更正")
            entry = YearCorrection(
                year=2025, number=number, reason="漏计", officer=name,
                recorded_on=now.today, recorded_at=office.now(),
            )  # fmt: skip
            entry = closed_years.correct(session, entry, now)
            assert (report.officer, entry.officer) == (said, said)


@pytest.mark.parametrize(("long", "said"), [(28, True), (29, False)])
def test_two_long_names_stay_within_what_is_kept(long: int, *, said: bool) -> None:
    name, absent = "甲" * 29, "乙" * long
    shown = by_whom(name, absent)
    assert len(shown) <= 60
    assert (absent in shown) is said
    assert shown.startswith(name)
    assert "（代" in shown
