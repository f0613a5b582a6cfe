"""What was given on request: screened at closing, published within 20 working days (26, 44)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from databases import empty_register
from histories import BEFORE_2027
from sqlmodel import select
from test_register import advance, receive

from flows import office
from flows.counter import publication
from flows.path import recording
from models.errors import ActRefused
from models.neighbours.publication import (
    AFTER,
    FINDINGS,
    GIVEN,
    PUBLICATIONS,
    PublicationStage,
    Screen,
    Screening,
    publish_by,
    screened_in,
    screening,
    tasks,
)
from models.register import neighbour
from models.store.tables import Publication

GRANTED = {
    "outcome": "granted",
    "information": "2025年专利资助名单（沪知局〔2025〕8号）",
    "whereabouts": "随本告知书附送",
}
PARTLY = {
    "outcome": "partly_granted",
    "information": "检查通报正文",
    "whereabouts": "随本告知书附送",
    "withheld": "附件2评议记录",
    "withheld_ground": "process_information",
    "reasons": "评议记录是形成结论前的讨论意见",
    "discretion": "公开会影响检查人员坦率发表意见",
    "open_by_law": "none",
}
PUBLIC = GRANTED | {"outcome": "already_public", "whereabouts": "本机关门户网站"}


@pytest.fixture(autouse=True)
def _empty_register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with empty_register(tmp_path, monkeypatch):
        yield


def closed(answer: dict[str, object]) -> str:
    """An application closed today with that reply."""
    number = receive(request="2025年专利资助名单")
    kind = "drafted_partly_granted" if answer is PARTLY else "drafted_granted"
    path: list[tuple[str, dict[str, object], str]] = [
        ("received", {"received_on": "2026-03-02"}, "陈静"),
        ("found_ours", {}, "陈静"),
        (kind, answer, "陈静"),
        ("approved", {}, "李明"),
        ("signed", {"signed_on": str(office.today())}, "王建国"),
        (
            "replied",
            {"delivery": "ems", "sent_on": str(office.today()), "proof": "1012345678901"},
            "陈静",
        ),
    ]
    for position, (act, fields, officer) in enumerate(path, 1):
        done = recording.perform(number, position, act, dict(fields), officer)
        assert done.reasons == ()
    return number


def screen(number: str, finding: str, **changed: Any) -> str:
    asked = {"screened_on": office.today(), "officer": "陈静"}
    return publication.screen.fn(number=number, finding=FINDINGS[finding], **(asked | changed))


def publish(number: str, **changed: Any) -> str:
    asked = {"published_on": office.today(), "place": "门户网站“政策文件”栏目", "officer": "陈静"}
    return publication.publish.fn(number=number, **(asked | changed))


def held(number: str) -> Screening:
    with office.reading() as session:
        return screening(session, number)


def owed() -> list[tuple[str, str, date | None]]:
    with office.reading() as session:
        return [
            (task.number, str(task.stage), task.due.day if task.due else None)
            for task in tasks(session, office.law())
        ]


def test_every_finding_leads_somewhere_and_every_outcome_that_gives_is_known():
    assert set(AFTER) == set(FINDINGS)
    assert set(GIVEN) <= set(office.law().outcomes)
    assert all(office.law().outcomes[key].row in ("3.1", "3.2") for key in GIVEN)


def test_what_was_given_wholly_or_in_part_is_owed_a_screening_and_nothing_else_is():
    given, part, public = closed(GRANTED), closed(PARTLY), closed(PUBLIC)
    elsewhere = receive()
    advance(elsewhere)  # 非本机关负责公开
    still_open = receive()
    assert owed() == [(given, "待审查", None), (part, "待审查", None)]
    for number in (public, elsewhere, still_open):
        with pytest.raises(ActRefused, match="没有以予以公开或者部分公开办结"):
            screen(number, "fit")
    with pytest.raises(ActRefused, match="没有编号为“SQ9”"):
        screen("SQ9", "fit")


def test_what_is_fit_is_to_be_published_within_20_working_days_of_the_finding(monkeypatch):
    number = closed(GRANTED)
    screen(number, "fit")
    assert owed() == [(number, "待公开", date(2026, 3, 30))]
    assert publication.owed(date(2026, 3, 30)) == [
        f"{number}　转主动公开，届满日2026年3月30日（条例第二十六条）"
    ]
    assert "已逾期" in publication.owed(date(2026, 3, 31))[0]
    monkeypatch.setenv("DISCLOSURE_TODAY", "2026-04-01")  # late, but it is recorded
    publish(number)
    case = held(number)
    assert (case.stage, case.published_on) == (PublicationStage.PUBLISHED, date(2026, 4, 1))
    assert owed() == []


def test_what_is_to_be_published_first_stands_first(monkeypatch):
    later, first, last = closed(GRANTED), closed(GRANTED), closed(GRANTED)
    for number, day in ((first, "2026-03-02"), (later, "2026-03-03"), (last, "2026-03-04")):
        monkeypatch.setenv("DISCLOSURE_TODAY", day)
        screen(number, "fit", screened_on=office.today())
    assert [(number, due and due.day) for number, _, due in owed()] == [
        (first, 30), (later, 31), (last, 1)
    ]  # fmt: skip


def test_a_limit_that_reaches_into_an_unpublished_year_is_provisional(monkeypatch):
    monkeypatch.setenv("DISCLOSURE_TODAY", "2026-12-14")
    monkeypatch.setattr(office, "law", lambda: BEFORE_2027)
    number = receive(request="名单", arrived_on=date(2026, 12, 14))
    case = Screening(number)
    now = office.circumstances("陈静")
    act = Screen(finding="fit", screened_on=date(2026, 12, 14))
    assert act.refusals(case, now) == []
    act.apply(case, date(2026, 12, 14), "陈静")
    due = publish_by(case, office.law())
    assert due is not None
    assert (due.day, due.provisional) == (date(2027, 1, 12), True)


def test_what_is_not_fit_needs_a_reason_and_owes_nothing_more():
    number = closed(PARTLY)
    with pytest.raises(ActRefused, match="请写明理由"):
        screen(number, "not_fit")
    screen(number, "not_fit", reason="只涉及申请人自身")
    assert owed() == []
    with pytest.raises(ActRefused, match="“不转主动公开”环节，不能办理“登记主动公开”"):
        publish(number)


def test_a_finding_may_be_revised_but_the_limit_is_not_started_afresh(monkeypatch):
    number = closed(GRANTED)
    screen(number, "not_fit", reason="涉及尚未公布的安排")
    monkeypatch.setenv("DISCLOSURE_TODAY", "2026-03-09")
    screen(number, "fit", proposed=True)
    assert owed() == [(number, "待公开", date(2026, 4, 7))]
    monkeypatch.setenv("DISCLOSURE_TODAY", "2026-03-16")
    with pytest.raises(ActRefused, match="不因再次审查重新计算"):
        screen(number, "fit")
    screen(number, "published_already")
    assert held(number).stage is PublicationStage.PUBLISHED
    assert held(number).proposed
    assert owed() == []


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"screened_on": date(2026, 3, 3)}, "晚于今天"),
        ({"screened_on": date(2026, 3, 1)}, "早于申请 .* 的办结日期"),
        ({"reason": "甲\x00"}, "控制字符"),
        ({"officer": "甲" * 61}, "“办理人”最多60个字"),
    ],
)
def test_a_screening_that_makes_no_sense_is_refused_and_nothing_is_written(changed, words):
    number = closed(GRANTED)
    with pytest.raises(ActRefused, match=words):
        screen(number, "fit", **changed)
    assert owed() == [(number, "待审查", None)]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"published_on": date(2026, 3, 10)}, "晚于今天"),
        ({"published_on": date(2026, 3, 5)}, "早于审查日期"),
        ({"place": "　"}, "请填写公开的网址"),
    ],
)
def test_a_publication_that_makes_no_sense_is_refused(changed, words, monkeypatch):
    number = closed(GRANTED)
    monkeypatch.setenv("DISCLOSURE_TODAY", "2026-03-06")
    screen(number, "fit")
    with pytest.raises(ActRefused, match=words):
        publish(number, **changed)
    assert held(number).stage is PublicationStage.TO_PUBLISH


def test_screenings_and_publications_are_counted_by_year_as_they_were_recorded(monkeypatch):
    monkeypatch.setenv("DISCLOSURE_TODAY", "2026-03-20")
    first, second = closed(GRANTED), closed(PARTLY)
    screen(first, "not_fit", reason="含个人信息")
    screen(second, "fit")
    monkeypatch.setenv("DISCLOSURE_TODAY", "2026-03-25")
    screen(first, "fit")
    publish(second)
    with office.reading() as session:
        assert screened_in(session, 2026, date(2026, 3, 25)) == (2, 1)
        assert screened_in(session, 2026, date(2026, 3, 24)) == (2, 0)
        assert screened_in(session, 2025, date(2026, 3, 25)) == (0, 0)


def test_screening_leaves_the_closed_application_as_it_was():
    number = closed(GRANTED)
    before = standing(number)
    screen(number, "fit")
    publish(number)
    assert standing(number) == before


def standing(number: str) -> tuple[int, str]:
    from models.register import register

    with office.reading() as session:
        case = register.case(session, number)
    return case.position, str(case.stage)


def test_the_rows_equal_their_rebuild_from_the_entries():
    first, second = closed(GRANTED), closed(PARTLY)
    screen(first, "fit")
    publish(first)
    screen(second, "not_fit", reason="只涉及申请人自身")
    with office.reading() as session:
        pairs = list(neighbour.rebuilt(session, PUBLICATIONS))
        assert len(session.exec(select(Publication)).all()) == len(pairs) == 2
    assert all(row.model_dump() == columns for row, columns in pairs)
