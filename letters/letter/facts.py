"""The facts that a letter states, from a case: what its template writes (条例第三十至四十二条)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import date
from typing import Final

from letters.letter.charges import deferral, fee_notice, fee_refund, fee_unpaid, reasons_asked
from letters.letter.phrases import LACK, length, lines_of, one_line
from letters.letter.titles import naming, title_of
from letters.letter.words import Letter, compose, compose_parts, passage
from models.acts.intake.receipt import submitted
from models.acts.procedure.opinions import OBJECTING, VIEWS, awaited, said
from models.acts.procedure.withholding import RELEASING, for_third_party, protected, refs
from models.acts.reply.given_or_kept import FOUND
from models.acts.reply.serving import AGAIN
from models.agency.agency import Agency
from models.agency.remedy import RemedyClauses, remedy_of, remedy_of_parts
from models.agency.wording import REPLY, called
from models.case.case import Case
from models.case.matters import Opinion, Part
from models.case.stage import ApplicantKind
from models.errors import FactMissing
from models.law.consultation import PARTY_LABEL, Consultation, lapse, lapses
from models.law.rules import Outcome
from models.law.statute import Statute
from models.words.names import same_name

Facts = dict[str, object]


def letter_of(
    kind: str,
    case: Case,
    number: str,
    dated: date,
    law: Statute,
    agency: Agency,
    borne: tuple[tuple[str, str], ...] = (),
) -> Letter:
    """The letter `kind` of a case, after the act that issues it: under this number, of this date.

    kind = a key of letters.toml (receipt, correction, extension) or of outcomes.toml (the reply);
    borne = the titles of the letters before it, as they went out (`Circumstances.borne`).
    Raises FactMissing when the case does not tell what the letter must state.
    """
    facts = _case(case, law, dated, agency) | {
        "agency": agency.model_dump(),
        **naming(kind, law, agency, borne),
        "number": number,
        "decided_on": dated,
    }
    if kind in law.outcomes:
        return _reply_letter(kind, case, facts, law, agency, dated)
    facts |= _notice(case, law)
    if kind in _MORE:
        facts |= _MORE[kind](case, law, agency, dated)
    if kind == "service_receipt":
        facts["served_title"] = dict(borne).get("reply") or _title_of_reply(case, law, agency)
    return compose(kind, facts)


def _case(case: Case, law: Statute, dated: date, agency: Agency) -> Facts:
    """What every letter may say of the application and its course."""
    return {
        "case_number": case.number,
        **_addressed(case, agency),
        "received_on": case.received_on,
        "request": case.request,
        "corrected_on": case.correction.corrected_on if case.correction else None,
        "lacking": LACK[case.correction.lacking][0] if case.correction else None,
        "extended_on": case.extension.told_on if case.extension else None,
        "consulted": tuple(_consulted(case, law, dated)),
        **_correction(case, law),
    }


def _addressed(case: Case, agency: Agency) -> Facts:
    """To whom the letter goes: the applicant, by an agent who has shown that he may act for him, or
    who took the place of one that is no more.
    """
    applicant = "、".join((case.applicant, *case.co_applicants))
    over = case.draft if case.draft and case.draft.outcome == "otherwise_closed" else None
    recipient = one_line(over.particulars.get("recipient", "")) if over else ""
    if not recipient:
        agent = f"（代理人：{case.agent}）" if case.authority else ""
        return {"applicant": applicant + agent, "you": _you(case, agency)}
    you = _you(replace(case, co_applicants=()), agency)
    return {"applicant": recipient, "you": you, "asker": applicant}


def _you(case: Case, agency: Agency) -> str:
    """How the applicant is addressed; several who apply together, as several."""
    how, person = agency.addressed, case.kind_now in ("", ApplicantKind.NATURAL_PERSON)
    if case.co_applicants:
        return how.persons if person else how.units
    return how.person if person else how.unit


def _consulted(case: Case, law: Statute, dated: date) -> Iterator[Facts]:
    """The consultations that are over: by the answer, at the latest by lapse (Arts. 32-34).

    ended_on = None where no delivery is recorded: who has not had the letter was not asked
    """
    answers = {event.ref: event.on for event in case.clock if event.kind == "consultation_ended"}
    limit = case.deadline(law)
    counted = limit.counted if limit else frozenset[str]()
    for event in case.clock:
        if event.kind != "consultation_started" or event.party is None:
            continue
        answer = answers.get(event.ref)
        one = Consultation(event.ref, event.party, event.on, event.delivered_on, answer)
        over = lapse(one, law).day if lapses(one, law) else None
        ended = min((day for day in (answer, over) if day), default=None)
        if ended and ended <= dated:
            whom, had = PARTY_LABEL[one.party], answer or event.delivered_on
            over_on = ended if had else None
            free = one.ref not in counted
            yield {"whom": whom, "started_on": one.sent, "ended_on": over_on, "not_counted": free}


def _correction(case: Case, law: Statute) -> Facts:
    """The correction asked for (Art. 30): what, how, and how long from the receipt of the notice."""
    asked = case.correction
    if asked is None:
        return {}
    return {
        "correction_basis": LACK[asked.lacking][1],
        "unclear": one_line(asked.unclear),
        "guidance": one_line(asked.guidance),
        "correction_requested_on": asked.requested_on,
        "correction_days": asked.days,
    }


def _notice(case: Case, law: Statute) -> Facts:
    """What the letters of the procedure say besides: channel, limit, extension (Arts. 31, 33)."""
    limit = case.deadline(law)
    facts: Facts = {
        "channel": submitted(case, law) if case.channel in law.channels else None,
        "form_wanted": one_line(case.form_wanted),
        "limit": limit.last_day if limit else None,
        "provisional": limit is not None and limit.provisional,
        "suspended": limit is not None and limit.suspended,
        "movable": limit is not None and limit.movable,
        "remedy": (),
    }
    if case.received_on:
        facts["reply_days"] = law.period("reply", case.received_on).days
    if case.extension:
        facts["extension_days"] = case.extension.days
        facts["extension_reasons"] = one_line(case.extension.reasons)
    return facts


def _reply(part: Part, case: Case, law: Statute, dated: date) -> Facts:
    """What a reply says, or one part of it: its basis and the particulars drafted (Art. 36)."""
    kind, particulars = part.outcome, part.particulars
    outcome = law.outcomes[kind]
    stated = {name: one_line(text) for name, text in particulars.items() if one_line(text)}
    for name in outcome.requires:
        if name not in stated:
            raise FactMissing(kind, name)
    withheld = _withheld(kind, stated, law)
    return {
        **stated,
        "outcome": kind,
        "basis": outcome.basis,
        "withheld_basis": withheld.basis if withheld else None,
        "checked": _checked(withheld or outcome, stated),
        **_heard(part, case, law, dated),
        "attachments": tuple(map(one_line, lines_of(particulars.get("attachments", "")))),
        "superseded": tuple(_superseded(case)),
        "ordered": tuple(_ordered(case)),
        "together": tuple(_together(case)),
        **(fee_unpaid(case, stated, law) if kind == "fee_unpaid" else {}),
        **(_not_corrected(case, stated, law) if kind == "not_corrected" else {}),
    }


def _not_corrected(case: Case, stated: Mapping[str, str], law: Statute) -> Facts:
    """The day on which the time to correct was over, counted from the receipt stated (Art. 30)."""
    if case.correction is None:
        return {}
    noticed = date.fromisoformat(stated["noticed_on"])
    return {"correction_over": law.calendar.latest(noticed, case.correction.days).day}


def _checked(ground: Outcome, stated: Mapping[str, str]) -> str:
    """yes, if somebody answered what must be found out before refusing (Arts. 15, 16)."""
    answered = [stated.get(name) == FOUND[name] for name in ground.asks]
    return "yes" if answered and all(answered) else "no"


def _heard(part: Part, case: Case, law: Statute, dated: date) -> Facts:
    """What those said for whose sake a part is kept, as recorded (Arts. 32-34).

    unreached = yes, if one of them could not be reached
    """
    kept = protected(case, part)
    third = [one for one in kept if one.party == "third_party"] if for_third_party(part) else []
    heard = [one for one in third if not one.unreachable and not awaited(one, dated, law)]
    refused = law.outcomes[part.outcome].family == "refused" or part.outcome in RELEASING
    alone = case.draft is None or len(case.draft.pieces) == 1
    agencies = [
        one
        for one in case.opinions
        if one.party != "third_party" and one.view in OBJECTING and one.reasonable != "no"
        if refused and (one in kept or (alone and not refs(part.particulars.get("protected", ""))))
    ]
    return {
        "third_party_view": "；".join(f"{_named(one)}：{_view(one)}" for one in heard) or None,
        "unreached": "yes" if any(one.unreachable for one in third) else "no",
        "agency_view": "；".join(f"{one.name}：{_view(one)}" for one in agencies) or None,
    }


def _view(one: Opinion) -> str:
    return one_line(said(one)) if one.view else "逾期未提出意见"


def _named(one: Opinion) -> str:
    """A third party as the applicant reads of it: a person's name is kept, like what it protects."""
    return "该自然人" if one.nature == "person" else one.name


def _third(one: Opinion, agency: Agency) -> str:
    """How a third party is addressed: as the person or unit that it is, by name if nobody said."""
    how = {"person": agency.addressed.person, "unit": agency.addressed.unit}
    return how.get(one.nature, one.name)


def _withheld(kind: str, stated: Mapping[str, str], law: Statute) -> Outcome | None:
    """The ground on which a part of the information is withheld (Art. 37)."""
    ground = one_line(stated.get("withheld_ground", ""))
    if ground and ground not in law.outcomes:
        raise FactMissing(kind, "withheld_ground")
    return law.outcomes[ground] if ground else None


def _reply_letter(
    kind: str, case: Case, facts: Facts, law: Statute, agency: Agency, dated: date
) -> Letter:
    """The reply: of one piece, or part by part where it says several things."""
    draft = case.draft
    first = Part(draft.item if draft else "", kind, draft.particulars if draft else {})
    parts = [first, *(draft.parts if draft else [])]
    grounds = [
        (law.outcomes[one.outcome], _withheld(one.outcome, one.particulars, law)) for one in parts
    ]
    if len(parts) > 1:  # one letter for several results bears the title of replies
        facts = facts | naming(REPLY, law, agency) | {"named_before": facts["named_before"]}
    clauses = remedy_of_parts(grounds, dated, law, agency)
    facts = facts | {"remedy": remedy_words(clauses, str(facts["you"]), str(facts["called"]))}
    said = [(one, facts | _reply(one, case, law, dated)) for one in parts]
    if len(said) == 1:
        return compose(kind, said[0][1])
    return compose_parts([(one.item, one.outcome, stated) for one, stated in said])


def _superseded(case: Case) -> Iterator[Facts]:
    """The reply before: withdrawn by us, or set aside by a decision that orders this one."""
    for first in case.first_replies[-1:]:
        order = first.order
        yield {
            "number": first.number,
            "dated": first.dated,
            "reason": one_line(first.reason),
            "ordered_on": order.received_on if order else "",
            "holds": order.holds if order else "no",
        }


def _ordered(case: Case) -> Iterator[Facts]:
    """The decisions that order the reply itself, received while none was out (Art. 51)."""
    last = case.first_replies[-1] if case.first_replies else None
    since = last.withdrawn_on if last else date.min
    for one in case.redecisions:
        if one.received_on >= since and not (last and one == last.order):
            term = bool(one.days or one.until)
            yield {"on": one.received_on, "decision": one_line(one.cited), "term": term}


def _together(case: Case) -> Iterator[Facts]:
    """The other applications of the applicant that this reply answers, too."""
    for one in case.together:
        stated = {"number": one.number, "received_on": one.received_on}
        yield {**stated, "request": one_line(one.request)}


def _asked(case: Case, law: Statute, agency: Agency, dated: date) -> Facts:
    """What a letter asks for an opinion on, of whom and why (Arts. 11, 32-34)."""
    one = case.opinions[-1]
    named = one_line(one.applicant_named)
    return {
        "party_name": one.name,
        "you": _third(one, agency) if one.party == "third_party" else agency.addressed.unit,
        "joint": "yes" if one.party == "joint_agency" else "no",
        "information": one_line(one.information),
        "why": one_line(one.why),
        "opinion_days": law.period("consultation", one.sent_on).days,
        "named": case.applicant if named else None,
        "named_why": named or None,
    }


def _asked_told(case: Case, law: Statute, agency: Agency, dated: date) -> Facts:
    """That an opinion is being asked for: to the applicant, without saying whose (Art. 33)."""
    one = case.opinions[-1]
    days, limit = law.period("consultation", one.sent_on).days, case.deadline(law)
    return {
        "whom": PARTY_LABEL[one.party],
        "asked_on": one.sent_on,
        "opinion_days": days,
        "not_counted": limit is None or one.ref not in limit.counted,
    }


def _told(case: Case, law: Statute, agency: Agency, dated: date) -> Facts:
    """That we disclose against its objection, what and why: to the third party (Art. 32)."""
    told = case.told[-1]
    one = case.opinion(told.ref)
    if one is None or (one.answered_on is None and not one.unreachable):
        raise FactMissing("third_party_told", "view")
    clauses = remedy_of(law.letters["third_party_told"].remedy, dated, law, agency)
    title = title_of("third_party_told", law, agency)
    return {
        "party_name": one.name,
        "you": _third(one, agency),
        "asked_on": one.sent_on,
        "answered_on": one.answered_on,
        "view": VIEWS[one.view] if one.view else None,
        "view_reasons": one_line(one.reasons) or None,
        "told_ground": told.ground,
        "told_reasons": one_line(told.reasons),
        "content": one_line(told.content),
        "given_on": told.given_on,
        "remedy": remedy_words(clauses, _third(one, agency), called(title)),
    }


def _extended(case: Case, law: Statute, agency: Agency, dated: date) -> Facts:
    """The last day that held before this letter; the extension it tells of is not yet told (33)."""
    before = deepcopy(case)
    before.clock.remove([event for event in case.clock if event.kind == "extended"][-1])
    limit = before.deadline(law)
    certain = limit is not None and not (limit.movable or limit.suspended or limit.provisional)
    return {"extended_on": None, "limit_before": limit.last_day if limit and certain else None}


def _title_of_reply(case: Case, law: Statute, agency: Agency) -> str:
    """The title that the reply bears today: of its outcome, or of replies if it says several."""
    draft = case.draft
    return title_of(draft.outcome if draft and len(draft.pieces) == 1 else REPLY, law, agency)


def _served(case: Case, law: Statute, agency: Agency, dated: date) -> Facts:
    """What is handed over, to whom, by whom (送达回证)."""
    letter, handed = case.reply_letter(), case.handover
    if letter is None or handed is None:
        raise FactMissing("service_receipt", "served_number")
    made_out_before = not handed.person and not handed.refusal
    named = ("", case.applicant, *case.co_applicants)
    return {
        "served_number": letter.number,
        "served_on": None if made_out_before else handed.on,
        "place": one_line(handed.note) or None,
        "handed_to": None if any(same_name(handed.person, one) for one in named) else handed.person,
        "served_by": None if made_out_before else handed.officer,
        "way": None if made_out_before else AGAIN[handed.delivery].partition("（")[0],
        "refusal": one_line(handed.refusal) or None,
    }


_MORE: Final[Mapping[str, Callable[[Case, Statute, Agency, date], Facts]]] = {
    "consultation_third_party": _asked,
    "consultation_agency": _asked,
    "consultation_told": _asked_told,
    "third_party_told": _told,
    "extension": _extended,
    "service_receipt": _served,
    "fee": fee_notice,
    "fee_refund": fee_refund,
    "reasons": reasons_asked,
    "deferral": deferral,
}


def remedy_words(clauses: RemedyClauses, you: str, called: str) -> tuple[str, ...]:
    """The paragraphs on remedies, in the words of templates/_remedy.j2; called = 告知书, 答复书 …"""
    return passage(
        "_remedy",
        {
            "you": you,
            "called": called,
            "clauses": clauses.clauses,
            "review": length(clauses.review),
            "suit": length(clauses.suit),
            "suit_after_review": length(clauses.suit_after_review),
            "authorities": "或者".join(clauses.authorities),
            "court": clauses.court,
            "online_review": clauses.online_review,
        },
    )
