"""What does a form to begin with ask, once it is known of which case? Its facts, and only what is open.

The form is the flow's own; of its choices those are left that the case allows, and an entry to be put
right is picked from what was recorded. What is submitted is what the flow's form would have held.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlmodel import Session

from flows import office
from flows.counter.after_closing import ACT_OF
from flows.counter.reviews import STEPS
from flows.path.form_fields import OFFICER
from flows.server.offers import NUMBER
from flows.shown.pages import page_url
from flows.shown.review_brief import review_facts, review_url
from flows.shown.row_words import limit_words, masked
from flows.year.annual_report import drafted
from letters.report.named_figures import named_figures
from models.acts.afterwards.erratum import Erratum, entries
from models.acts.afterwards.redecision import OrderRedecision
from models.acts.afterwards.undoing import Undo, last_step
from models.acts.afterwards.voiding import WithdrawReply
from models.agency.officers import holding
from models.case.act import Act, Circumstances
from models.case.case import Case
from models.case.stage import Stage
from models.errors import ActRefused, DisclosureError, NoSuchCase, NotRegistered
from models.neighbours.publication import PublicationAct, Publish, Screen, screening
from models.neighbours.review_acts import REVIEWS, NoteCourse, RecordResult
from models.register import numbers_meant, register, same_applicant
from models.register.neighbour import state
from models.register.undone_steps import to_undo
from models.words.days_told import told
from models.words.names import one_name
from models.year.year_text import PARTS, recorded_texts

Fields = dict[str, dict[str, Any]]
SERVICE, ERRATUM, UNDO, WORDS = "补登送达", "勘误", "撤销刚才一步", "年度报告文字"
ACT: Final[Mapping[str, type[Act]]] = {
    "撤回答复": WithdrawReply,
    "责令重新答复": OrderRedecision,
    ERRATUM: Erratum,
    UNDO: Undo,
}
"""The forms that record one act of a case."""
SCREENING: Final[Mapping[str, type[PublicationAct]]] = {
    "转主动公开审查": Screen,
    "登记主动公开": Publish,
}
OF_CASE: Final = frozenset({SERVICE, *ACT, *SCREENING})
"""The forms that begin with the number of an application."""
RESULT, COURSE = "复议诉讼结果", "复议诉讼进展"
OF_REVIEW: Final = frozenset({RESULT, COURSE})
"""The forms that begin with the number of a review or suit."""
ENTRY: Final = "entry"
FIXED: Final = "fixed"
"""Marks a field that is known of the case and not asked: it is shown, and submitted as it stands."""
LONGEST: Final = 300


@dataclass(frozen=True)
class Narrowed:
    """A form for one case: what it still asks, the facts beside it, why it is not open ("" = it is).

    said = what is wrong with the number that was asked for; page = of the case, or review
    """

    fields: Fields
    facts: tuple[tuple[str, str], ...] = ()
    impeded: str = ""
    number: str = ""
    said: str = ""
    page: str = ""


def narrowed(
    session: Session, name: str, fields: Fields, given: Mapping[str, object], officer: str
) -> Narrowed:
    """The form as it is for the case, or the year, that is given in it; as it was without."""
    number = str(given.get(NUMBER, ""))
    if name == WORDS and str(given.get("year", "")).isdecimal():
        return _of_words(session, fields, int(str(given["year"])), str(given.get("part", "")))
    if name not in OF_CASE | OF_REVIEW or not number.strip():
        return Narrowed(fields)
    now = office.circumstances(officer)
    if name in OF_REVIEW:
        return _of_review(session, name, fields, number, now)
    meant = numbers_meant.number_meant(session, number)
    if meant is None:
        return Narrowed(fields, said=str(NoSuchCase(number)))
    case = register.case(session, meant)
    known = same_applicant.informed(session, case, now) if name == UNDO else now
    why, facts = impeded(session, name, case, known), tuple(_facts(case, now))
    made = Narrowed(dict(fields), facts, why, meant, page=page_url(meant))
    if name == SERVICE and not made.impeded:
        open_now = [str(fact) for fact, act in ACT_OF.items() if not act.impeded(case, now)]
        made.fields["fact"] = {**fields["fact"], "enum": open_now}
    if name == UNDO:
        made.fields["step"] = {**fields["step"], "default": last_step(case) + 1, FIXED: True}
    if name == ERRATUM:
        made = replace(made, fields=_with_entries(fields, case, now))
    if name in ACT and OFFICER in fields and fields[OFFICER].get("enum"):
        entitled = holding(now.agency.officers, ACT[name].roles_at(case.stage))
        kept = [one for one in fields[OFFICER]["enum"] if one in entitled]
        made.fields[OFFICER] = {**fields[OFFICER], "enum": kept or fields[OFFICER]["enum"]}
    return made


def _of_review(
    session: Session, name: str, fields: Fields, typed: str, now: Circumstances
) -> Narrowed:
    """The form of a review or suit: its facts, and only what its stage allows."""
    number = one_name(typed).upper()
    try:
        case = state(session, REVIEWS, number)
    except NotRegistered as fault:
        return Narrowed(fields, said=str(fault))
    made = dict(fields)
    if name == RESULT:
        choices = RecordResult.options(case, now)["result"]
        made["result"] = {**fields["result"], "enum": list(choices.values())}
        why = RecordResult.impeded(case, now)
    else:
        open_now = [str(step) for step, act in STEPS.items() if not act.impeded(case, now)]
        made["step"] = {**fields["step"], "enum": open_now}
        why = "" if open_now else NoteCourse.impeded(case, now)
    facts = tuple(review_facts(case, now))
    return Narrowed(made, facts, why, number, page=review_url(number))


def _of_words(session: Session, fields: Fields, year: int, part: str) -> Narrowed:
    """The form of a part of the year's words: the text as it stands, and the figures it may name."""
    today = office.today()
    try:
        figures, _ = drafted(session, year, today)
    except DisclosureError as fault:  # a year that no form or register covers
        return Narrowed(fields, said=str(fault))
    key = next((key for key, label in PARTS.items() if label == part), "")
    text = recorded_texts(session, year, today).get(key, "")
    named = named_figures(figures).items()
    facts = [("{{ " + name + " }}", str(figure)) for name, figure in named]
    return Narrowed({**fields, "text": {**fields["text"], "default": text}}, tuple(facts))


def impeded(session: Session, name: str, case: Case, now: Circumstances) -> str:
    """Why a form is not open for a case now; "" if it is. An undoing asks the applicant's others of
    `now`, too (models/register/same_applicant.py).
    """
    if name not in OF_CASE:
        return ""
    if name == UNDO:
        return Undo.impeded(case, to_undo(session, case, now, office.now()))
    if name in ACT:
        return ACT[name].impeded(case, now)
    if name == SERVICE:
        reasons = [act.impeded(case, now) for act in ACT_OF.values()]
        return "" if "" in reasons else _no_service(case, reasons)
    try:
        found = screening(session, case.number)
    except ActRefused as refusal:
        return str(refusal)
    return SCREENING[name].impeded(found, now)


def widened(given: dict[str, Any], number: str) -> dict[str, Any]:
    """What was filled in, as the flow's form asks it."""
    if ENTRY not in given:
        return given
    key = given.pop(ENTRY)
    with office.reading() as session:
        found = [one for one in entries(register.case(session, number)) if one.key == key]
    if found:
        given |= {"wrong": found[0].title, "step": found[0].place + 1}
    return given


def _no_service(case: Case, reasons: list[str]) -> str:
    """Why nothing can become of a letter: there is none out, or what stands in the way of the first."""
    out = (case.stage is Stage.CLOSED and case.reply_letter()) or case.opinions
    return reasons[0] if out else "没有已经发出的告知书、征求意见书，无从补登送达"


def _facts(case: Case, now: Circumstances) -> list[tuple[str, str]]:
    found = case.deadline(now.law) if case.stage is not Stage.CLOSED else None
    limit = [("届满日", limit_words(found, now))] if case.stage is not Stage.CLOSED else []
    reply = case.reply_letter()
    words = case.request if len(case.request) <= LONGEST else f"{case.request[:LONGEST]}……"
    return [
        ("申请编号", case.number),
        ("环节", str(case.stage)),
        ("申请人", f"{masked(case.applicant)}（{case.kind_now}）"),
        *limit,
        *([("告知书", f"{reply.number}，{reply.dated}")] if reply else []),
        *([("发出", f"{case.closed_on}")] if case.closed_on else []),
        ("上一步", told([case.last_act])),
        ("申请内容", words),
    ]


def _with_entries(fields: Fields, case: Case, now: Circumstances) -> Fields:
    """The form of an erratum with the case's entries to choose from, in place of title and step."""
    listed = {one.key: one.said(now.law) for one in entries(case)}
    entry = {
        **{k: v for k, v in fields["wrong"].items() if k != "enum"},
        "title": "登记有误的事项",
        "words": listed,
        "enum": list(listed),
    }
    made: Fields = {}
    for name, field in fields.items():
        if name == "wrong":
            made[ENTRY] = entry
        elif name != "step":
            made[name] = field
    return made
