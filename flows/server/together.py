"""Which acts are done for many cases at once, for which, and what became of each?

Each act is recorded by itself, by the entrance of all acts and judged as any other: one that is
refused is named, and stops none of the others. One code signs all that one officer does of a kind
within a few minutes (config/office/accounts.toml).
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlmodel import Session

from flows import office
from flows.path import desk, recording, signing
from flows.path.form_fields import picked, question
from flows.shown import brief, row_words
from flows.shown.bench import pressing
from flows.shown.pages import draft_url, is_drafted, letter_url, page_url
from models.acts.catalogue import ACTS
from models.acts.intake.assignment import Assign
from models.acts.intake.receipt import ConfirmReceipt
from models.acts.reply.signoff import Approve, Dispatch, Sign
from models.agency.officers import holding
from models.case.act import Act, Circumstances
from models.case.case import Case
from models.case.stage import Stage
from models.errors import NoSuchCase
from models.register import register, same_applicant
from models.register.codes import Signature
from models.store.tables import Application
from models.words.days_told import told
from models.words.numbers_in_order import in_order

LOG = logging.getLogger(__name__)
MOST: Final = 100
"""Cases of a page; the rest come when these are done."""
SHORT: Final = 60
PAST: Final = "本件已有新的进展，没有办理，请核对后再办"
AWAY: Final = "登记簿暂时没有回答（可能正在备份），请查看案卷，没有登记的再办一次"
NOT_TRIED: Final = "登记簿暂时没有回答，没有办理，请稍后再办"
CODES_APART: Final = "没有登录账户、以动态口令签字的，请逐件办理：每个口令只能用一次"


@dataclass(frozen=True)
class Batch:
    """An act that can be done for many: once = what is asked once for all, each = of every case;
    of_officer = the cases of one officer are shown at a time.
    """

    act: type[Act]
    once: tuple[str, ...] = ()
    each: tuple[str, ...] = ()
    of_officer: bool = False

    @property
    def name(self) -> str:
        return self.act.kind


BATCHES: Final = {
    one.name: one
    for one in (
        Batch(ConfirmReceipt, each=("received_on",)),
        Batch(Approve),
        Batch(Sign, once=("signed_on",)),
        Batch(Dispatch, once=("delivery", "sent_on"), each=("proof", "handed_to")),
        Batch(Assign, once=("handler", "note"), of_officer=True),
    )
}
"""By the kind of the act, in the order of the path."""


@dataclass(frozen=True)
class Line:
    """A case that the act can be done for; answer = what is proposed, field by field.

    paper = where the letter can be read first; key = the case at the position that was shown;
    handler = whose case it is
    """

    number: str
    page: str
    key: str
    applicant: str
    request: str
    answer: str
    limit: str
    pressing: str
    paper: str
    handler: str
    proposed: Mapping[str, object]


@dataclass(frozen=True)
class Waiting:
    """All that waits for the act: lines, and the cases for which it is not open now, with the reason."""

    lines: tuple[Line, ...]
    not_open: tuple[tuple[str, str], ...]
    more: int


@dataclass(frozen=True)
class Became:
    """What became of one of them; "" = it is recorded."""

    number: str
    page: str
    why_not: str = ""


def waiting(session: Session, batch: Batch, officer: str, of: str = "") -> Waiting:
    """The cases at the stage of an act, for an officer ("" = for anybody); of = whose cases alone."""
    found = [
        row
        for stage in Stage
        if stage in batch.act.stages
        for row in register.applications(session, stage=str(stage))
        if not batch.of_officer or not of or row.officer == of
    ]
    found.sort(key=lambda row: (row.last_day is None, row.last_day, in_order(row.number)))
    lines, not_open = list[Line](), list[tuple[str, str]]()
    for row in found[:MOST]:
        case = register.case(session, row.number)
        now = same_applicant.informed(session, case, office.circumstances(officer))
        proposed = batch.act.proposal(case, now)
        why = _why_not(session, batch, case, now, proposed)
        if why:
            not_open.append((row.number, why))
        else:
            lines.append(_line(row, case, now, proposed))
    return Waiting(tuple(lines), tuple(not_open), max(len(found) - MOST, 0))


def _why_not(
    session: Session, batch: Batch, case: Case, now: Circumstances, proposed: Mapping[str, object]
) -> str:
    """Why it cannot be done, as far as that does not hang on what is still to be filled in."""
    if why := batch.act.impeded(case, now):
        return why
    asks = {name for name, one in batch.act.model_fields.items() if one.is_required()}
    if not now.officer or asks - proposed.keys():
        return ""
    return "；".join(recording.judged(session, case, batch.name, dict(proposed), now.officer))


def _line(row: Application, case: Case, now: Circumstances, proposed: Mapping[str, object]) -> Line:
    request = " ".join(case.request.split())
    letter = case.reply_letter()
    paper = draft_url(case.number) if is_drafted(case) else ""
    return Line(
        case.number,
        page_url(case.number),
        f"{case.position} {case.number}",
        row_words.masked(case.applicant),
        request if len(request) <= SHORT else f"{request[:SHORT]}……",
        brief.label(case.draft.outcome, now) if case.draft else "",
        row_words.row_limit_words(row, now),
        pressing(row, now),
        letter_url(case.number, letter.number) if letter else paper,
        row.officer,
        proposed,
    )


def questions(batch: Batch, names: Iterable[str], of: str = "") -> dict[str, dict[str, Any]]:
    """The fields that an act asks, as a form has them; of = whose cases alone they are asked for."""
    now = office.circumstances("")
    choices = batch.act.options(Case("", officer=of), now)
    found = {}
    for name in names:
        asked = batch.act.model_fields[name]
        stands = now.today if name in ("signed_on", "sent_on") else None
        found[name] = question(asked, name, choices.get(name), stands, [])
    return found


def entitled(batch: Batch) -> tuple[str, ...]:
    """Who may do it, of those listed; () = nobody is listed, and everybody may."""
    roles = {role for stage in batch.act.stages for role in batch.act.roles_at(stage)}
    return holding(office.officers(), roles)


def code_asked(batch: Batch, officer: str) -> bool:
    """Whether the officer signs with a code here."""
    with office.reading() as session:
        return bool(officer) and signing.shown_for(session, batch.name)


def codes_apart(officer: str) -> bool:
    """Whether each act would need a code of its own: nobody logs in, and codes are asked for."""
    with office.reading() as session:
        return not office.officers_log_in(session) and signing.asked_for(session)


def all_done(
    batch: Batch, keys: Iterable[str], answers: Mapping[str, Mapping[str, str]], by: tuple[str, str]
) -> list[Became]:
    """Do the act for each of the cases picked, one after the other; what became of each.

    keys = cases at the positions shown (`Line.key`); answers = what was filled in, by key; by =
    officer and code. A code that is wrong signs none; where the register goes away meanwhile, the rest
    is not tried.
    """
    officer, code = by
    made, away = list[Became](), False
    with signing.logged_in(officer):
        for key in keys:
            position, _, number = key.partition(" ")
            at = int(position) if position.isdecimal() else -1
            if not made and (wrong := _wrong_code(batch, number, officer, code)):
                return [Became(number, page_url(number), wrong)]
            if away:
                made.append(Became(number, page_url(number), NOT_TRIED))
                continue
            try:
                why_not = _done(batch, number, at, dict(answers.get(key, {})), by)
            except office.REGISTER_FAULTS as fault:
                if not office.register_away(fault):
                    raise
                LOG.warning("%s 办理时登记簿没有回答：%s", number, type(fault).__name__)
                why_not, away = AWAY, True
            made.append(Became(number, page_url(number), why_not))
    return made


def _wrong_code(batch: Batch, number: str, officer: str, code: str) -> str:
    return signing.would_sign(Signature(officer, code, batch.name, number))


def _done(
    batch: Batch, number: str, position: int, said: dict[str, str], by: tuple[str, str]
) -> str:
    """Do it for one case: "" if it is recorded, or why not; what is refused is not kept."""
    officer, code = by
    try:
        with office.reading() as session:
            case = register.case(session, number)
            now = same_applicant.informed(session, case, office.circumstances(officer))
            choices = batch.act.options(case, now)
            given: dict[str, object] = dict(batch.act.proposal(case, now))
            given |= {name: picked(value, choices.get(name, {})) for name, value in said.items()}
            if case.position != position:
                whose = f"，承办人{case.officer}" if case.officer else ""
                return f"本件已有新的进展（{case.stage}{whose}），没有办理，请核对后再办"
            reasons = recording.judged(session, case, batch.name, given, officer)
    except NoSuchCase as fault:
        return str(fault)
    if reasons:
        return told(reasons)
    done = recording.perform(number, position, batch.name, given, officer, code)
    if done.refused or done.came_late:
        return told(done.reasons) or PAST
    desk.follow(done.case)
    return ""


def title_of(kind: str) -> str:
    """How an act is called on the page."""
    return ACTS[kind].tab
