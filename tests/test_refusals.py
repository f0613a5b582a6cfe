"""What may be done where, and why not elsewhere: every situation × every act (Arts. 27-45, 51).

The situations, and what each bars, are in tests/situations.py; all other acts of its stage can be
done with the usual answer. What is refused names the article, and changes nothing: neither the case
nor the register.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from databases import empty_register
from histories import AGENCY, DRAFTER, HEAD, LAW, usual_officer
from played import AT, FIRST, Played
from situations import FITTING, SITUATIONS, reached
from sqlalchemy import create_engine
from sqlmodel import Session, SQLModel, select

from flows import office
from flows.path import recording
from letters.letter.facts import letter_of
from models.acts import catalogue
from models.acts.reply.outcome import DraftReply
from models.case.act import Act, Circumstances
from models.case.case import UNDO, Case
from models.case.stage import Stage
from models.register import register, same_applicant
from models.store.sealing import Sealing, keyed, new_key
from models.store.tables import Event, Refusal

ACTS = {kind: act for kind, act in catalogue.ACTS.items() if kind != UNDO}
"""All but what undoes the last step: that goes by who did it, and when (tests/test_undoing.py)."""
DAY = timedelta(days=1)
NAMES_AN_ARTICLE = re.compile("第[一二三四五六七八九十]+条|（收费办法）")
ENGINE = keyed(create_engine("sqlite://"), Sealing([new_key()]))
SQLModel.metadata.create_all(ENGINE)

NOWHERE = {
    "extension_drafted": "没有办理人员名单的",  # tests/test_signoff.py
    "applicant_left": "只有一名申请人",  # tests/test_leaving.py
    "redecision_undone": "没有由复议诉讼案件登记的责令答复",  # tests/test_review.py
}
"""Barred wherever no officers are listed, and one alone applies: as in every situation here."""


def nothing_awaited(case: Case) -> dict[str, str]:
    """Nothing comes in that is not waited for; after an order it may: tests/test_redecision.py."""
    fee = dict.fromkeys(("fee_paid", "fee_cancelled"), "没有尚未缴纳的")
    return (fee if case.stage is not Stage.FEE else {}) | (
        {"corrected": "没有尚待补正的"} if case.stage is not Stage.CORRECTION else {}
    )


def allowed(case: Case, name: str) -> list[str]:
    """The acts of the stage that this situation does not bar."""
    stopped = SITUATIONS[name][1] | NOWHERE | nothing_awaited(case)
    return [k for k, act in ACTS.items() if case.stage in act.stages and k not in stopped]


@dataclass(frozen=True)
class Asked:
    """A situation, and every act in it with the usual answer and what it is judged by."""

    case: Case
    acts: dict[str, tuple[Circumstances, Act]]


@cache
def asked(name: str) -> Asked:
    """Reached once for all tests: none of them may change what it is given."""
    with Session(ENGINE) as session:
        return in_hand(reached(session, name))


def in_hand(play: Played) -> Asked:
    case = play.case()
    by = {kind: usual_officer(act, case.stage) for kind, act in ACTS.items()}
    known = {
        officer: same_applicant.informed(play.session, case, play.now(officer))
        for officer in {*by.values()}
    }
    acts = {}
    for kind, act in ACTS.items():
        now = known[by[kind]]
        answer = play.answer(act, deepcopy(case), now, {}) | FITTING.get(kind, {})
        acts[kind] = now, act.model_validate(answer)
    return Asked(case, acts)


# ── allowed and forbidden ───────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("name", SITUATIONS)
def test_what_the_law_allows_can_be_done(name: str) -> None:
    for kind in allowed(asked(name).case, name):
        case, (now, act) = deepcopy(asked(name).case), asked(name).acts[kind]
        assert act.refusals(case, now) == [], kind
        before = case.position
        catalogue.apply(case, event_of(case, act, now))
        assert case.position == before + 1
        for letter in act.letters(case):
            draft = case.draft.outcome if case.draft else ""
            key = draft if letter == "reply" else letter
            assert (
                letter_of(key, case, "文号", act.letter_on(now.today), LAW, AGENCY).paragraphs
                or key
            )


def event_of(case: Case, act: Act, now: Circumstances) -> Event:
    return Event(case_number=case.number, position=case.position, **register.stamp(act, now, AT))


@pytest.mark.parametrize("name", SITUATIONS)
def test_what_the_law_forbids_is_refused_by_its_article(name: str) -> None:
    case, acts = asked(name).case, asked(name).acts
    untouched = deepcopy(case)
    barred = SITUATIONS[name][1]
    everywhere = NOWHERE | nothing_awaited(case)
    unlisted = {k: why for k, why in everywhere.items() if case.stage in ACTS[k].stages}
    assert barred.keys() <= {k for k, act in ACTS.items() if case.stage in act.stages}
    for kind in ACTS.keys() - set(allowed(case, name)):
        now, act = acts[kind]
        reasons = act.refusals(case, now)
        assert len(reasons) == 1, (kind, reasons)
        assert NAMES_AN_ARTICLE.search(reasons[0]), (kind, reasons)
        words = (barred | unlisted).get(kind, f"处于“{case.stage}”环节")
        assert words in reasons[0], (kind, reasons)
        assert case == untouched


WHOLE = {
    *(
        "待确认收到",
        "待判断公开主体",
        "等待补正",
        "等待缴费",
        "待起草",
        "待审核",
        "待签发",
        "待发出",
    ),
    "已办结，邮寄",
}
"""One situation a stage, in which every act is submitted; in the others, those barred there."""


@pytest.mark.parametrize("name", SITUATIONS)
def test_the_register_is_untouched_by_what_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with empty_register(tmp_path, monkeypatch):
        with office.writing() as session:
            play = reached(session, name)
            numbers, today = play.numbers[FIRST], play.today
        monkeypatch.setenv("DISCLOSURE_TODAY", str(today))
        with office.reading() as session:
            play = Played(session, today=today, numbers={FIRST: numbers})
            before, case = play.everything(), play.case()
            forbidden = sorted(
                ACTS.keys() - set(allowed(case, name)) if name in WHOLE else SITUATIONS[name][1]
            )
            acts = in_hand(play).acts
            answers = {kind: acts[kind][1].model_dump(mode="json") for kind in forbidden}
        for kind, answer in answers.items():
            officer = HEAD if kind == "signed" else DRAFTER
            done = recording.perform(case.number, case.position, kind, answer, officer)
            assert done.refused, kind
            assert not done.letters
        with office.reading() as session:
            play = Played(session, today=today, numbers={FIRST: numbers})
            assert play.everything() == before
            assert play.case() == case
            kept = session.exec(select(Refusal).where(Refusal.case_number == case.number)).all()
            assert [one.kind for one in kept] == list(answers)
            assert list((tmp_path / "letters").glob("*/*")) == []


# ── the sense of an answer ──────────────────────────────────────────────────────────────────────
LATER_BY_NATURE = {
    ("deferred", "reply_by"),  # the day the reply is put off to
    ("records_asked", "supply_by"),
}
EARLIER_BY_NATURE = {
    ("drafted_not_handled", "earlier_reply_on"),
    ("particulars_destroyed", "kept_until"),  # FITTING: these cases are of this month
}


def sensible(name: str) -> Iterator[tuple[str, Case, Circumstances, dict[str, Any]]]:
    """The acts allowed in a situation, each with its usual answer."""
    case = asked(name).case
    for kind in allowed(case, name):
        now, act = asked(name).acts[kind]
        answer = act.model_dump()
        if isinstance(act, DraftReply):  # what else the form shows is another outcome's
            stated = {"outcome", *LAW.outcomes[act.outcome].requires}
            answer = {field: value for field, value in answer.items() if field in stated}
        yield kind, case, now, answer


@pytest.mark.parametrize("name", SITUATIONS)
def test_no_act_happened_tomorrow(name: str) -> None:
    for kind, case, now, answer in sensible(name):
        for field, value in answer.items():
            if not isinstance(value, date) or (kind, field) in LATER_BY_NATURE:
                continue
            act = ACTS[kind].model_validate(answer | {field: now.today + DAY})
            assert act.refusals(case, now), (kind, field)


@pytest.mark.parametrize("name", SITUATIONS)
def test_no_act_happened_before_the_application_came(name: str) -> None:
    for kind, case, now, answer in sensible(name):
        for field, value in answer.items():
            if isinstance(value, date) and (kind, field) not in EARLIER_BY_NATURE:
                act = ACTS[kind].model_validate(answer | {field: case.arrived_on - DAY})
                assert act.refusals(case, now), (kind, field)


@pytest.mark.parametrize("name", SITUATIONS)
def test_what_an_act_cannot_do_without_is_asked_for(name: str) -> None:
    for kind, case, now, answer in sensible(name):
        for field, info in ACTS[kind].model_fields.items():
            if info.is_required() and info.annotation is str:
                act = ACTS[kind].model_validate(answer | {field: " \n "})
                assert act.refusals(case, now), (kind, field)


# ── the world is closed ─────────────────────────────────────────────────────────────────────────
def test_every_act_is_allowed_somewhere_and_barred_somewhere() -> None:
    done = {kind for name in SITUATIONS for kind in allowed(asked(name).case, name)}
    never_offered = {"registered", "received_as_part", "imported_receipt", "imported_result"}
    assert ACTS.keys() - done == never_offered | NOWHERE.keys()
    stopped = set(nothing_awaited(Case(""))).union(*(barred for _, barred in SITUATIONS.values()))
    with_conditions = {k for k, a in ACTS.items() if a.barred.__func__ is not Act.barred.__func__}
    assert with_conditions - stopped == UNBARRED


UNBARRED = {
    "drafted_granted",  # every tab of outcomes has one that needs no condition
    "drafted_partly_granted",
    "drafted_refused",
    "drafted_unable",
    "drafted_not_handled",
    "drafted_other",
    "applicant_left",  # of several: tests/test_leaving.py
    "redecision_undone",  # after a review that ordered a reply: tests/test_review.py
    "extension_drafted",  # where officers are listed: tests/test_signoff.py
    "handed_to_archive",  # once only: tests/test_archive.py
    "particulars_destroyed",  # once only: tests/test_retention.py
    "consultation_started",  # not while the clock stands still: no stage of its own then
}


def test_every_stage_is_reached() -> None:
    assert {asked(name).case.stage for name in SITUATIONS} == set(Stage)
